"""Tables on a terminal of 80 columns: no head and no id is cut or broken."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fillplan.cli import render_backtest, render_replay, render_whatif
from fillplan.workflow.whatif import Answer


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


def _whole(text: str, *words: str) -> bool:
    return "…" not in text and all(word in text for word in words)


def _scored(day: str) -> dict[str, Any]:
    offloads = {f"{name}_offload": 0.8642 for name in ("expected", "realised", "foresight", "popularity", "keep")}
    return {"plan_date": day, "days_scored": 7, "wape": 0.6, **offloads}


def test_a_scorecard_fits_and_says_what_its_heads_mean(capsys: pytest.CaptureFixture[str]) -> None:
    total = {**_scored("2026-04-22"), "plans": 14, "regret_offload": dict.fromkeys(render_replay.REGRET_WORDS, 0.01)}
    made = {"rows": [_scored("2026-04-22")], "total": total, "without_views": []}
    render_replay.replayed(made, as_json=False)
    told = capsys.readouterr().out
    assert _whole(told, "2026-04-22", "expected", "realised", "foresight", "popularity", "keep", "error")
    assert "(WAPE)" in told and all(len(line) <= 80 for line in told.splitlines())
    rules = "as far as the plan's own rules let it stay (storage, rights, pins, audio with its video)"
    assert f"keep: what was there before, {rules}, with nothing new but pins." in " ".join(told.split())


def test_a_backtest_fits(capsys: pytest.CaptureFixture[str]) -> None:
    keys = ("wape_day", "of_naive", "wape_horizon", "bias", "coverage", "interval_score")
    row = {"by": "all", "method": "mlforecast_lightgbm", **dict.fromkeys(keys, 0.123456)}
    rival = {"opponent": "seasonal_naive", "by": "horizon", "ratio": 0.7, "low": 0.612, "high": 0.8}
    rival |= {"p_value": 0.01, "better": 2, "origins": 2}
    answer = {"origins": ["2026-04-15", "2026-04-22"], "horizon_days": 7, "folder": "there", "notes": []}
    render_backtest.judged({**answer, "accuracy": [row], "comparisons": [rival], "offload": []}, as_json=False)
    told = capsys.readouterr().out
    assert _whole(told, "of naive", "horizon", "in 80 %", "score", "mlforecast_lightgbm", "0.612 to 0.800")


@pytest.mark.parametrize("width", [80, 110])
def test_outages_keep_their_ids_whole(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
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
    assert _whole(told, "mid-latin-america-1", "mid-south-america-1", "6.16", "1.11", "parent")
    assert ("edge-br-1" in told) == (width == 110)
