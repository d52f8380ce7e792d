"""A backtest on a terminal of 80 columns: no head is cut or broken."""

import pytest

from fillplan.cli import render_backtest
from tests.fillplan.cli.conftest import whole


@pytest.mark.usefixtures("narrow")
def test_a_backtest_fits(capsys: pytest.CaptureFixture[str]) -> None:
    keys = ("wape_day", "of_naive", "wape_horizon", "bias", "coverage", "interval_score")
    row = {"by": "all", "method": "mlforecast_lightgbm", **dict.fromkeys(keys, 0.123456)}
    rival = {"opponent": "seasonal_naive", "by": "horizon", "ratio": 0.7, "low": 0.612, "high": 0.8}
    rival |= {"p_value": 0.01, "better": 2, "origins": 2}
    answer = {"origins": ["2026-04-15", "2026-04-22"], "horizon_days": 7, "folder": "there", "notes": []}
    render_backtest.judged({**answer, "accuracy": [row], "comparisons": [rival], "offload": []}, as_json=False)
    told = capsys.readouterr().out
    assert whole(told, "of naive", "horizon", "in 80 %", "score", "mlforecast_lightgbm", "0.612 to 0.800")
