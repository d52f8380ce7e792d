from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fillplan_models.forecasters.seasonal_naive import SeasonalNaive
from fillplan_models.panel import build_panel
from fillplan_models.scorecard import age_classes, figures, real_hours, score_rows, volume_classes
from tests.models.worlds import day, tables_of

HORIZON = 7


@pytest.fixture(scope="module")
def full(small_world):
    return build_panel(tables_of(**small_world), day(70), HORIZON)


@pytest.fixture(scope="module")
def judged(full):
    past = full.cut(full.history_days - HORIZON)
    forecast = SeasonalNaive().forecast(past)
    return past, forecast, *real_hours(full, forecast)


def test_what_came_is_found_for_every_series(full, judged):
    past, forecast, hours, counted = judged
    for i in range(0, len(forecast.region), 7):
        same = (full.region == forecast.region[i]) & (full.title == forecast.title[i])
        assert (hours[i] == full.hours[same, past.history_days :][0]).all()
    assert not counted[~forecast.open].any() and counted.any()


def test_rows_of_classes_add_up_to_all(judged):
    rows = pd.DataFrame(score_rows(judged[1], *judged[2:], judged[0]))
    for by in ("volume", "age", "day ahead"):
        assert rows[rows["by"] == by]["hours"].sum() == pytest.approx(rows["hours"][0])
        assert rows[rows["by"] == by]["error_day"].sum() == pytest.approx(rows["error_day"][0])
    for classes in (volume_classes(judged[0]), age_classes(judged[0])):
        assert (np.sum(list(classes.values()), axis=0) == 1).all()


def test_figures_are_ratios_of_sums_over_origins(judged):
    past, forecast, hours, counted = judged
    rows = score_rows(forecast, hours, counted, past)
    double = replace(forecast, view_hours=2 * forecast.view_hours, high=2 * forecast.high, method="double")
    table = figures(pd.DataFrame(rows + rows + score_rows(double, hours, counted, past)))
    one = table[(table["by"] == "all")].set_index("method")
    wape = np.abs(forecast.view_hours - hours)[counted].sum() / hours[counted].sum()
    assert one.loc["seasonal_naive", "wape_day"] == pytest.approx(wape)
    assert one.loc["seasonal_naive", "of_naive"] == 1.0
    assert one.loc["double", "bias"] == pytest.approx(2 * (1 + one.loc["seasonal_naive", "bias"]) - 1)


def test_a_perfect_forecast_errs_by_nothing_and_is_always_inside(judged):
    past, forecast, hours, counted = judged
    perfect = replace(forecast, view_hours=hours, low=hours, high=hours, method="perfect")
    row = figures(pd.DataFrame(score_rows(perfect, hours, counted, past))).iloc[0]
    assert row["wape_day"] == row["wape_horizon"] == row["interval_score"] == 0.0 and row["coverage"] == 1.0
