"""What `explain` shows a person: words and units, no codes."""

from pathlib import Path

import pandas as pd
import pytest

from fillplan.cli.app import run
from fillplan_optimizer.why import MEANING


def test_a_subtitle_left_out_is_told_in_words(
    night_workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    assets = pd.read_csv(night_workspace / "input" / "assets.csv", keep_default_na=False)
    plan = pd.read_parquet(next((night_workspace / "runs").glob("*/plan.parquet")))
    here = plan[(plan["cache_id"] == "edge-br-1") & (plan["action"] != "evict")]
    subtitles = assets[(assets["kind"] == "subtitle") & ~assets["asset_id"].isin(here["asset_id"].astype(str))]
    asset = subtitles["asset_id"].iloc[0]
    assert run(["explain", str(night_workspace), "--cache", "edge-br-1", "--asset", asset]) == 0
    told = capsys.readouterr().out
    assert "does not hold" in told and "Plan for 2026-04-29 ─" in told
    assert "in the unit of value_per_gb over 7 days" in told
    assert "0.00 GB" not in told and "\N{NARROW NO-BREAK SPACE}kB" in told
    assert not [code for code in MEANING if "_" in code and code in told]


def test_the_headline_counts_bytes_as_the_report_does(
    night_workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", str(night_workspace)]) == 0
    told = capsys.readouterr().out
    assert "GB of" in told.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "0.06 TB" not in told
