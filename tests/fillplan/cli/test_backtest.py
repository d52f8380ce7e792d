"""`fillplan backtest` in a process of its own."""

import json
from pathlib import Path

from .test_app import fillplan


def test_judges_for_people_and_refuses_too_short_a_history(night_copy: Path) -> None:
    spec = 'name = "quick"\n[sampling]\ncutoffs = 7\nrows = 3000\n[booster]\nrounds = 5\n'
    (night_copy / "quick.toml").write_text(spec)
    (night_copy / "fillplan.toml").write_text('[train]\nspec = "quick.toml"\n')
    told = fillplan("backtest", night_copy, "--origins", "1", "--no-offload")
    assert told.returncode == 0, told.stderr
    assert "Plan date 2026-" in told.stdout and "1 plan dates" not in told.stdout
    assert "seasonal" in told.stdout and "too few dates" in told.stdout
    assert Path(told.stdout.rsplit("Page: ", 1)[1].strip()).exists()
    short = fillplan("backtest", night_copy, "--horizon", "56", "--json")
    assert short.returncode == 6
    assert "shorten the horizon" in json.loads(short.stdout)["message"]
