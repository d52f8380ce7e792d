"""One feature function for training and scoring, which cannot reach anything after its cut-off."""

import numpy as np
import pytest

from fillplan_models.features import feature_rows, make_cutoff
from fillplan_models.panel import build_panel
from tests.models.worlds import day, simulate, tables_of


def features_by_name(panel):
    """{(region, title): ([H, features], [H] baseline)} of all live series."""
    cutoff = make_cutoff(panel)
    days = panel.history_days + np.arange(panel.horizon_days)
    result = {}
    for i in panel.live:
        rows = feature_rows(cutoff, np.full(len(days), i), days)
        key = panel.regions[panel.region[i]], panel.titles[panel.title[i]]
        result[key] = rows.values, rows.baseline
    return result


def assert_same(mine, theirs):
    assert mine.keys() == theirs.keys()
    for key in mine:
        assert np.array_equal(mine[key][0], theirs[key][0], equal_nan=True), key
        assert np.array_equal(mine[key][1], theirs[key][1]), key


@pytest.mark.parametrize("cut", [25, 40, 58])
def test_training_features_at_a_past_cut_off_are_those_that_scoring_had_on_that_day(small_world, cut):
    tables = tables_of(**small_world)
    trained = features_by_name(build_panel(tables, day(70), 7).cut(cut))
    scored = features_by_name(build_panel(tables, day(cut), 7))
    assert_same(trained, scored)


def test_rows_after_the_cut_off_change_no_feature():
    rows = simulate(days=50, seed=3)
    kept = [row for row in rows["views"] if row["date"] < day(40)]
    other = [{**row, "view_hours": 9 * row["view_hours"] + 5} for row in rows["views"] if row["date"] >= day(40)]
    first, *rest = (
        features_by_name(build_panel(tables_of(**rows | {"views": views}), day(40), 7))
        for views in (kept, kept + other, rows["views"])
    )
    for later in rest:
        assert_same(first, later)


def test_a_later_history_does_change_features_of_a_later_cut_off():
    """The comparison above can fail."""
    tables = tables_of(**simulate(days=50, seed=3))
    panel = build_panel(tables, day(50), 7)
    mine, theirs = features_by_name(panel.cut(40)), features_by_name(panel.cut(41))
    assert any(not np.array_equal(mine[key][0], theirs[key][0], equal_nan=True) for key in mine.keys() & theirs.keys())


@pytest.mark.parametrize("zeros", [False, True])
def test_regions_in_which_nothing_was_watched_change_nothing_elsewhere(zeros):
    """Known by their caches, or by rows of zeros."""
    rows, more = simulate(regions=5), ("A", "R1x", "R3", "X", "Y", "Z")
    caches = [{"cache_id": f"c{r}", "region": region} for r, region in enumerate(more)]
    views = [row | {"region": f"{row['region']}x", "view_hours": 0.0} for row in rows["views"] if zeros]
    mine, theirs = (
        features_by_name(build_panel(tables_of(**rows | added), day(70), 7))
        for added in ({}, {"caches": caches, "views": rows["views"] + views})
    )
    assert {"A", "R1x", "X", "Y", "Z"} <= {region for region, _ in theirs.keys() - mine.keys()}
    for key, (values, baseline) in mine.items():
        # but for the order of sums of single precision
        assert theirs[key][0] == pytest.approx(values, rel=1e-4, abs=1e-5, nan_ok=True), key
        assert theirs[key][1] == pytest.approx(baseline, rel=1e-6), key


def test_a_row_does_not_depend_on_the_rows_beside_it(small_world):
    panel = build_panel(tables_of(**small_world), day(70), 7)
    cutoff = make_cutoff(panel)
    series = np.repeat(panel.live, 7)
    days = np.tile(70 + np.arange(7), len(panel.live))
    whole, part = feature_rows(cutoff, series, days), slice(11, 40)
    some = feature_rows(cutoff, series[part], days[part])
    assert np.array_equal(whole.values[part], some.values, equal_nan=True)


@pytest.mark.parametrize("column", ["stars", "studio", "runtime_minutes", "genres", "series_id", "kind"])
def test_every_catalogue_column_has_a_say_in_new_titles(small_world, column):
    values = [row[column] for row in small_world["titles"]]
    shuffled = [values[i] for i in np.random.default_rng(0).permutation(len(values))]
    titles = [row | {column: value} for row, value in zip(small_world["titles"], shuffled, strict=True)]
    baselines = []
    for rows in (small_world, small_world | {"titles": titles}):
        panel = build_panel(tables_of(**rows), day(70), 7)
        new = np.flatnonzero(panel.cold)
        baselines.append(feature_rows(make_cutoff(panel), new, np.full(len(new), 76)).baseline)
    assert not np.allclose(*baselines, rtol=1e-3)


def test_a_half_promoted_fortnight_is_half_a_promotion():
    rows = simulate(titles=30, days=60, seed=4)
    title = rows["views"][0]["title_id"]
    rows["promotions"] = [{"title_id": title, "start_date": day(53), "end_date": day(59), "strength": 0.8}]
    panel = build_panel(tables_of(**rows), day(60), 7)
    cutoff = make_cutoff(panel)
    watched = (panel.title == panel.titles.index(title)) & (cutoff.recent.place >= 0)
    assert watched.any()
    assert cutoff.per_series["promotion_14"][watched] == pytest.approx(0.4)
