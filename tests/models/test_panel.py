import dataclasses

import numpy as np
import pytest

from fillplan_data.errors import ModelError
from fillplan_models.panel import NEVER, build_panel
from tests.models.worlds import day, panel_of, simulate, tables_of, views_of


def flat(panel):
    """Every array of a panel by (region, title) of its series, for comparing panels with other series."""
    keys = [(panel.regions[r], panel.titles[t]) for r, t in zip(panel.region, panel.title, strict=True)]
    promotion = panel.promotion[panel.promotion_row]
    columns = (panel.hours, panel.open, panel.window_start, panel.cold, promotion)
    return {key: tuple(np.asarray(column[i]) for column in columns) for i, key in enumerate(keys)}


def test_a_day_without_any_row_in_a_region_is_missing_not_zero():
    panel = panel_of({("R1", "a"): [5, 0, 5, 5], ("R2", "a"): [5, 5, 5, 5]})
    assert panel.observed.tolist() == [[True, False, True, True], [True] * 4]


def test_zeros_before_the_first_view_of_a_region_are_no_days_on_which_nobody_watched():
    rows = simulate(regions=3, days=40)
    live = [row for row in rows["views"] if row["region"] != "R1" or row["date"] >= day(37)]
    zeros = [row | {"view_hours": 0.0} for row in rows["views"] if row["region"] == "R1" and row["date"] < day(37)]
    told, silent = (build_panel(tables_of(**rows | {"views": v}), day(40), 7) for v in (live + zeros, live))
    assert np.array_equal(told.observed, silent.observed) and told.observed[1].sum() == 3
    assert np.array_equal(told.hours, silent.hours) and told.observed[0].all()


def test_a_region_is_silent_once_nothing_was_watched_for_twelve_weeks():
    hours = {("R", "a"): [1] * 100, ("S", "a"): [1] * 16, ("S", "b"): [0] * 100, ("T", "a"): [1] * 17}
    panel = panel_of(hours, caches=[{"cache_id": "c", "region": "U"}])
    assert panel.silent.tolist() == [False, True, False, True]
    assert panel.cut(99).silent.tolist() == [False, False, False, True]


def test_a_title_without_a_row_on_an_observed_day_was_not_watched():
    panel = panel_of({("R1", "a"): [5, 5], ("R1", "b"): [5, 0]})
    assert panel.observed.all()
    assert panel.hours.tolist() == [[5, 5], [5, 0]]


def test_history_starts_with_the_first_view_and_ends_the_day_before_the_plan_date():
    panel = panel_of({("R1", "a"): [0, 3, 4, 0, 6]})
    assert (panel.first_day, panel.plan_date, panel.history_days) == (day(1), day(5), 4)


def test_rights_launches_and_cold_series():
    hours = {("R1", "old"): [1] * 10, ("R1", "new"): [0] * 10}
    windows = [
        {"title_id": "old", "start_date": day(-30), "end_date": day(11)},
        {"title_id": "new", "region": "R1", "start_date": day(12)},
        {"title_id": "far", "start_date": day(40)},
    ]
    panel = panel_of(hours, availability=windows)
    by_title = {panel.titles[t]: i for i, t in enumerate(panel.title)}
    assert set(by_title) == {"old", "new"}  # `far` opens after the horizon
    assert panel.open[by_title["old"], 10:].tolist() == [True] * 2 + [False] * 5
    assert panel.open[by_title["new"], 10:].tolist() == [False] * 2 + [True] * 5
    assert panel.launch[by_title["new"]] == 12 and panel.window_start[by_title["old"]] == -30
    assert panel.cold[by_title["new"]] and not panel.cold[by_title["old"]]


def test_without_a_window_the_first_view_is_the_launch_and_only_once_it_is_known():
    panel = panel_of({("R1", "a"): [1] * 10, ("R1", "b"): [0] * 6 + [2] * 4})
    assert panel.launch.tolist() == [0, 6]
    assert panel.cut(5).launch.tolist() == [0, NEVER]
    assert panel.cut(5).cold.tolist() == [False, True]


def test_the_strongest_of_overlapping_promotions_counts():
    promotions = [
        {"title_id": "a", "start_date": day(1), "end_date": day(3), "strength": 0.5},
        {"title_id": "a", "region": "R2", "start_date": day(3), "end_date": day(11), "strength": 2.0},
        {"title_id": "a", "region": "R1", "start_date": day(2), "end_date": day(4), "strength": 0.1},
    ]
    panel = panel_of({("R1", "a"): [1] * 10, ("R2", "a"): [1] * 10}, promotions=promotions)
    strength = panel.promotion[panel.promotion_row]
    assert strength[0, :5].tolist() == [0, 0.5, 0.5, 0.5, np.float32(0.1)]
    assert strength[1, :5].tolist() == [0, 0.5, 0.5, 2.0, 2.0]
    assert strength[1, 10:13].tolist() == [2.0, 2.0, 0.0]


def test_regions_come_from_views_caches_and_routes():
    rows = {
        "views": views_of({("R2", "a"): [1] * 5}),
        "titles": [{"title_id": "a", "runtime_minutes": 60.0}],
        "caches": [{"cache_id": "c", "region": "R1"}, {"cache_id": "mid", "region": ""}],
        "routes": [{"region": "R0", "cache_id": "c", "value_per_gb": 1.0}],
    }
    panel = build_panel(tables_of(**rows), day(5), 7)
    assert panel.regions == ("R0", "R1", "R2")
    assert any("R0, R1" in note for note in panel.notes)


@pytest.mark.parametrize("cut", [20, 41])
def test_cutting_a_panel_gives_the_panel_of_that_plan_date(cut):
    tables = tables_of(**simulate(days=60, launches=True))
    cut_panel = build_panel(tables, day(60), 7).cut(cut)
    built = build_panel(tables, day(cut), 7)
    live, built_live = set(cut_panel.live), flat(built)
    ours = flat(cut_panel)
    for i, key in enumerate(ours):
        if i in live:
            for mine, theirs in zip(ours[key], built_live[key], strict=True):
                assert np.array_equal(mine, theirs)
    assert np.array_equal(cut_panel.observed, built.observed)


def test_later_rows_change_nothing():
    rows = simulate(days=40)
    panel = build_panel(tables_of(**rows), day(30), 7)
    kept = [row for row in rows["views"] if row["date"] < day(30)]
    doubled = [{**row, "view_hours": 2 * row["view_hours"]} for row in rows["views"] if row["date"] >= day(30)]
    for views in (kept, kept + doubled):
        other = build_panel(tables_of(**rows | {"views": views}), day(30), 7)
        for field in dataclasses.fields(panel):
            mine, theirs = getattr(panel, field.name), getattr(other, field.name)
            if isinstance(mine, np.ndarray):
                assert np.array_equal(mine, theirs), field.name


def test_a_late_last_day_is_masked_and_reported():
    rng = np.random.default_rng(0)
    hours = {("R1", f"t{i}"): list(10 + rng.random(40)) for i in range(20)}
    for series in hours.values():
        series[-1] *= 0.4
    panel = panel_of(hours)
    assert panel.observed[0].tolist() == [True] * 39 + [False]
    assert not panel.hours[:, -1].any()
    assert any("R1 on 2026-02-13" in note for note in panel.notes)


def test_no_views_before_the_plan_date_is_an_error_that_says_what_to_do():
    tables = tables_of(**simulate(days=20))
    with pytest.raises(ModelError, match="--date"):
        build_panel(tables, day(-300), 7)


def test_a_cut_beyond_the_panel_is_refused():
    panel = panel_of({("R1", "a"): [1] * 10})
    for cut in (0, 11):
        with pytest.raises(ModelError, match=rf"1 \.\. 10, found day {cut}"):
            panel.cut(cut)
