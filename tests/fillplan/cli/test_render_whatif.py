"""Outages on a terminal of 80 columns: no id is cut or broken."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fillplan.cli import render_whatif
from fillplan.workflow.whatif import Answer
from tests.fillplan.cli.conftest import whole


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("width", [80, 110])
def test_outages_keep_their_idswhole(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(render_whatif, "wide_console", lambda: render_whatif.Console(width=width))
    over = [{"cache_id": "edge-br-1", "over_bytes": 4e12}]
    takers = [{"cache_id": "mid-south-america-1", "more_bytes": 1e12}]
    row = {"name": "mid-latin-america-1", "kind": "parent", "lost_value": 6160.0, "served_bytes": 7e12}
    row |= {"lost_bytes": 4e12, "takers": takers, "overflows": over, "regained_value": 1110.0}
    content = {"replan": True, "failures": [row], "robust": None, "notes": []}
    render_whatif.failed(
        cast(Answer, SimpleNamespace(content=content, cached=False, folder=Path("there"))), as_json=False
    )
    told = capsys.readouterr().out
    assert whole(told, "mid-latin-america-1", "mid-south-america-1", "6.16", "1.11", "parent")
    assert ("edge-br-1" in told) == (width == 110)
