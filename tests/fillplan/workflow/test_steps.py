"""What every command that writes does around its recipe."""

from pathlib import Path

from fillplan.workflow.steps import nightly_step
from fillplan.workspace import Workspace


def test_a_large_log_becomes_the_one_before(night_copy: Path) -> None:
    settings = night_copy / "fillplan.toml"
    settings.write_text(settings.read_text() + "[retention]\nlog_bytes = 10000\n")
    log = Workspace(night_copy).log
    log.write_text("x" * 20_000)
    nightly_step(night_copy, None)
    assert log.with_name("fillplan.jsonl.1").read_text() == "x" * 20_000
    assert log.read_text().startswith("{")
