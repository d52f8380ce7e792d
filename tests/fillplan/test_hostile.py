"""Hostile files and words beyond the tables: refused by name, shown as text, never followed and never fatal."""

import re
from pathlib import Path

import pytest

from fillplan.report.page import environment
from fillplan.scenarios.file import read_scenarios
from fillplan.settings import read_settings
from fillplan_data.errors import FillplanError
from fillplan_models.spec import load_spec
from fillplan_optimizer.policy import load_policy

DEEP = "a = " + "[" * 100_000


@pytest.mark.parametrize("content", [DEEP.encode(), b"\xff\xfe", b"a = 1e", b"\x00" * 100])
def test_settings_specs_policies_and_scenarios_refuse_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fillplan.toml"
    path.write_bytes(content)
    for read in (lambda: read_settings(tmp_path), lambda: load_spec(path), lambda: load_policy(path)):
        with pytest.raises(FillplanError, match=r"fillplan\.toml"):
            read()
    with pytest.raises(FillplanError):
        read_scenarios(path)


def test_nothing_that_a_night_writes_is_opened_by_a_spreadsheet(night_workspace: Path) -> None:
    """Formulas in names cannot run where no CSV is written; ids cannot be formulas."""
    folders = [night_workspace / name for name in ("runs", "published", "metrics", "logs")]
    written = {path.suffix for folder in folders for path in folder.rglob("*") if path.is_file()}
    assert written <= {".json", ".jsonl", ".parquet", ".html", ".prom"}


def test_every_page_escapes_and_none_lets_markup_through() -> None:
    pages = environment()
    assert pages.from_string("{{ name }}").render(name="<script>") == "&lt;script&gt;"
    for name in pages.list_templates(extensions=["j2"]):
        source = pages.loader.get_source(pages, name)[0]  # type: ignore[union-attr]
        assert "autoescape" not in source
        assert not re.search(r"\|\s*safe|Markup", source), name
