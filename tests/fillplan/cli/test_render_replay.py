"""A scorecard on a terminal of 80 columns: no head and no id is cut or broken."""

from typing import Any

import pytest

from fillplan.cli import render_replay
from tests.fillplan.cli.conftest import whole


def _scored(day: str) -> dict[str, Any]:
    offloads = {f"{name}_offload": 0.8642 for name in ("expected", "realised", "foresight", "popularity", "keep")}
    return {"plan_date": day, "days_scored": 7, "wape": 0.6, **offloads}


@pytest.mark.usefixtures("narrow")
def test_a_scorecard_fits_and_says_what_its_heads_mean(capsys: pytest.CaptureFixture[str]) -> None:
    total = {**_scored("2026-04-22"), "plans": 14, "regret_offload": dict.fromkeys(render_replay.REGRET_WORDS, 0.01)}
    made = {"rows": [_scored("2026-04-22")], "total": total, "without_views": []}
    render_replay.replayed(made, as_json=False)
    told = capsys.readouterr().out
    assert whole(told, "2026-04-22", "expected", "realised", "foresight", "popularity", "keep", "error")
    assert "(WAPE)" in told and all(len(line) <= 80 for line in told.splitlines())
    rules = "as far as the plan's own rules let it stay (storage, rights, pins, audio with its video)"
    assert f"keep: what was there before, {rules}, with nothing new but pins." in " ".join(told.split())
