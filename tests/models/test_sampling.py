"""Training rows: past cut-offs, and chances that leave the mean as it is."""

import numpy as np
import pytest

from fillplan_models.features import make_cutoff
from fillplan_models.panel import build_panel
from fillplan_models.sampling import LEAST_HISTORY_DAYS, observed_pairs, training_cuts, training_rows
from fillplan_models.spec import Sampling
from tests.models.worlds import day, panel_of, tables_of


def test_training_rows_lie_between_cut_off_and_plan_date_and_sum_to_the_hours_they_stand_for(small_world):
    panel = build_panel(tables_of(**small_world), day(70), 7)
    everything = training_rows(panel, Sampling(cutoffs=1, step_days=7, rows=10**7), seed=1)
    assert set(everything.day) == {69}  # the latest cut-off sees one day only
    assert everything.hours.sum() == pytest.approx(panel.hours[panel.live, 69].sum(dtype=float))
    sampled = [training_rows(panel, Sampling(cutoffs=1, step_days=7, rows=100), seed) for seed in range(60)]
    estimates = [(rows.hours * rows.weight).sum() for rows in sampled]
    assert len(sampled[0].hours) < len(everything.hours)
    assert np.mean(estimates) == pytest.approx(everything.hours.sum(), rel=0.1)


def test_cut_offs_go_back_from_the_last_day_with_views():
    assert training_cuts(70, Sampling(cutoffs=3, step_days=7)) == [69, 62, 55]
    assert training_cuts(LEAST_HISTORY_DAYS + 8, Sampling(cutoffs=9, step_days=7)) == [15, 8]
    assert training_cuts(LEAST_HISTORY_DAYS, Sampling(cutoffs=9, step_days=7)) == []


def test_rows_until_a_day_are_those_whose_target_lies_before_it(small_world):
    rows = training_rows(build_panel(tables_of(**small_world), day(70), 7), Sampling(cutoffs=3, rows=2000), seed=1)
    middle = int(np.median(rows.day))
    before = rows.until(middle)
    assert before.day.max() == middle - 1 and len(before.day) == np.count_nonzero(rows.day < middle)
    assert before.names == rows.names
    np.testing.assert_array_equal(before.hours, rows.hours[rows.day < middle])


def test_pairs_are_open_and_seen_days_of_the_horizon():
    hours = {("R", "a"): [5.0] * 30, ("S", "a"): [3.0] * 22 + [0] + [3.0] * 7, ("R", "c"): [0] * 23 + [7.0] * 7}
    panel = panel_of(hours, availability=[{"title_id": "c", "region": "R", "start_date": day(23)}])
    series, days = observed_pairs(panel, make_cutoff(panel.cut(20)), 20)
    names = [(panel.regions[panel.region[s]], panel.titles[panel.title[s]]) for s in series]
    found = {pair: [int(d) for s, d in zip(names, days, strict=True) if s == pair] for pair in hours}
    assert found[("R", "a")] == list(range(20, 27))
    assert found[("S", "a")] == [20, 21, 23, 24, 25, 26], "nothing was seen of S on day 22"
    assert found[("R", "c")] == [23, 24, 25, 26]
    assert observed_pairs(panel, make_cutoff(panel.cut(28)), 28)[1].max() == 29, "the history ends"


@pytest.mark.parametrize("before", [[], [300.0] * 3])
def test_a_region_without_views_yet_or_for_weeks_is_not_learnt_from(before):
    """Nothing is foretold there: what comes would be boundless beside it."""
    panel = panel_of({("R", "a"): [5.0] * 120, ("S", "a"): before + [None] * (112 - len(before)) + [300.0] * 8})
    for cut, regions in ((110, {0}), (112, {0}), (113, {0, 1})):
        series, _ = observed_pairs(panel, make_cutoff(panel.cut(cut)), cut)
        assert set(panel.region[series]) == regions


def test_chances_are_undone_by_weights_and_young_rows_are_taken_more_often(small_world):
    panel = build_panel(tables_of(**small_world), day(70), 7)
    rows = training_rows(panel, Sampling(cutoffs=1, rows=100, young_days=28, young_factor=8.0), seed=2)
    plain = training_rows(panel, Sampling(cutoffs=1, rows=100, young_days=28, young_factor=1.0), seed=2)
    assert (rows.weight >= 1).all()
    assert (rows.age < 28).mean() > 1.2 * (plain.age < 28).mean()
