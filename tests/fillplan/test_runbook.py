"""The runbook has an entry for every exit code and every gate, and none for what does not exist."""

import re
from pathlib import Path

from fillplan.cli.failures import exit_codes
from fillplan.metrics import HELP
from fillplan.workflow.gating import GATES

DOCS = Path(__file__).parents[2] / "docs"


def test_every_exit_code_and_gate_has_its_entry() -> None:
    text = (DOCS / "runbook.md").read_text()
    codes = [int(code) for code in re.findall(r"^### Exit code (\d+): \w", text, re.MULTILINE)]
    assert codes == list(exit_codes())
    gates = re.findall(r"^### `(\w+)`$", text, re.MULTILINE)
    assert len(gates) == len(set(gates))
    assert set(gates) == set(GATES)


def test_alerts_name_metrics_that_exist() -> None:
    named = set(re.findall(r"\bfillplan_[a-z_]+", (DOCS / "operations.md").read_text()))
    assert named
    assert named <= set(HELP)
