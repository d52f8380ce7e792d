"""Hours before the plan date, with days that are missing or late in mind."""

import numpy as np
import pandas as pd
import pytest

from fillplan.report.watched import LOOK_BACK_DAYS, Watched, watched_hours

PLAN_DAY = np.datetime64("2026-07-01")
WEEK = np.array([6.0, 7, 8, 9, 13, 15, 12])


def watched(hours: np.ndarray) -> Watched:
    """Of one region whose only title is watched for so many hours a day until the plan date; none: no row."""
    days = PLAN_DAY - np.arange(len(hours), 0, -1)
    some = hours > 0
    views = pd.DataFrame({"date": days[some], "region": "DE", "title_id": "t", "view_hours": hours[some]})
    views["date"] = views["date"].astype("datetime64[us]")
    return watched_hours(views, ("DE",), pd.Index(["t"]), PLAN_DAY, 7)


def test_the_days_of_the_horizon_before_the_plan_date_are_summed() -> None:
    found = watched(np.tile(WEEK, 12))
    assert found.recent == pytest.approx(WEEK.sum()) and found.late == ()
    assert found.by_day.shape == (1, LOOK_BACK_DAYS)
    assert found.by_day[0] == pytest.approx(np.tile(WEEK, 4))


@pytest.mark.parametrize(("last", "late"), [(4.0, ((0, 1),)), (0.0, ())])
def test_a_late_or_missing_day_counts_as_that_a_week_before(last: float, late: tuple[tuple[int, int], ...]) -> None:
    """Else demand that stands still would seem to rise."""
    hours = np.tile(WEEK, 12)
    hours[-1] = last
    found = watched(hours)
    assert found.recent == pytest.approx(WEEK.sum())
    assert found.late == late
    assert np.isnan(found.by_day[0, -1]) == (last == 0), "what came is shown as it came"


def test_without_views_there_is_nothing() -> None:
    found = watched(np.zeros(0))
    assert found.recent.sum() == 0 and found.late == () and np.isnan(found.by_day).all()
