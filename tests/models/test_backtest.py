"""Rolling origins by hand: their days, and what came of a forecast."""

import numpy as np
import pytest

from fillplan_models.backtest import holdout_cuts, outcome, outcome_at
from tests.models.worlds import day, panel_of


@pytest.mark.parametrize(("holdout", "cuts"), [(14, [26, 33]), (20, [20, 27]), (7, [33]), (6, [])])
def test_horizons_lie_within_the_last_days_and_do_not_overlap(holdout, cuts):
    assert holdout_cuts(panel_of({("R", "a"): [1.0] * 40}), holdout) == cuts


def test_horizons_end_with_the_views_not_with_the_history():
    panel = panel_of({("R", "a"): [1.0] * 36 + [0.0] * 4})
    assert holdout_cuts(panel, 14) == [22, 29]


def test_what_came_is_counted_where_it_was_open_and_seen():
    """a is watched everywhere, b from day 20 on in R and in S as well, c opens on day 23; S is not seen on day 24."""
    hours = {
        ("R", "a"): [5.0] * 30,
        ("R", "b"): [0] * 20 + [2.0] * 10,
        ("S", "a"): [3.0] * 24 + [0] + [3.0] * 5,
        ("S", "b"): [0] * 22 + [4.0] * 2 + [0] + [4.0] * 5,
        ("R", "c"): [0] * 23 + [7.0] * 7,
    }
    windows = [{"title_id": "c", "region": "R", "start_date": day(23)}]
    panel = panel_of(hours, availability=windows)
    past = panel.cut(21)
    found = outcome(panel, past, np.zeros((len(past.live), 7)))
    rows = {(past.regions[past.region[s]], past.titles[past.title[s]]): n for n, s in enumerate(past.live)}
    assert found.actual[rows["R", "a"]].tolist() == [5.0] * 7
    assert found.actual[rows["S", "b"]].tolist() == [0, 4, 4, 0, 4, 4, 4]
    assert found.counted[rows["R", "c"]].tolist() == [False] * 2 + [True] * 5
    assert found.counted[rows["S", "a"]].tolist() == [True] * 3 + [False] + [True] * 3
    classes = {name: {pair for pair, n in rows.items() if members[n]} for name, members in found.classes.items()}
    assert {("R", "a"), ("S", "a"), ("R", "b")} == classes["warm"]
    assert ("S", "b") in classes["cold in the region"] and ("S", "b") not in classes["new everywhere"]
    assert ("R", "c") in classes["new everywhere"] and ("R", "c") in classes["cold in the region"]


def test_a_forecast_is_made_of_the_past_alone():
    panel = panel_of({("R", "a"): [float(d) for d in range(1, 31)]})
    asked = []
    found = outcome_at(panel, 20, lambda past: asked.append(past) or np.full((1, 7), 9.0))
    assert asked[0].history_days == 20 and asked[0].hours.max() == 20.0
    assert found.mean.tolist() == [[9.0] * 7]
    assert found.actual.tolist() == [[21.0, 22, 23, 24, 25, 26, 27]]
