"""How far the booster is trusted: as far as held-out weeks bear it out title by title, else not at all."""

import numpy as np
import pytest

from fillplan_models.accuracy import Outcome
from fillplan_models.trust import choose_trust, mixed

SERIES = 60


def outcome(mean: np.ndarray, actual: np.ndarray) -> Outcome:
    shape = (len(mean), 7)
    spread = [np.repeat(values[:, None], 7, axis=1) for values in (mean, actual)]
    return Outcome(*spread, counted=np.ones(shape, dtype=bool), classes={})


def chosen(true_power: float, actual: np.ndarray | None = None) -> float:
    rng = np.random.default_rng(5)
    baseline, boosted = rng.gamma(4.0, 5.0, SERIES), rng.gamma(4.0, 5.0, SERIES)
    came = mixed(baseline, boosted, true_power) if actual is None else actual
    kinds, titles = [np.zeros(SERIES, dtype=np.int64)], [np.arange(SERIES)]
    return choose_trust([outcome(baseline, came)], [outcome(boosted, came)], kinds, titles, 1)[0]


@pytest.mark.parametrize("power", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_the_power_that_foretold_the_held_out_week_is_found(power: float) -> None:
    assert chosen(power) == power


def test_without_titles_or_hours_it_is_not_trusted() -> None:
    assert chosen(1.0, actual=np.zeros(SERIES)) == 0.0
    nobody = outcome(np.zeros(0), np.zeros(0))
    assert choose_trust([nobody], [nobody], [np.zeros(0, int)], [np.zeros(0, int)], 2) == (0.0, 0.0)


def test_one_hit_that_went_its_way_does_not_speak_for_all() -> None:
    """The booster is a little wrong on sixty titles, and right on one that is worth more than all of them."""
    rng = np.random.default_rng(7)
    baseline = rng.gamma(4.0, 5.0, SERIES)
    boosted, came = baseline * 1.1, baseline.copy()
    baseline[0], boosted[0], came[0] = 1e4, 2e4, 2e4
    kinds, titles = [np.zeros(SERIES, dtype=np.int64)], [np.arange(SERIES)]
    assert choose_trust([outcome(baseline, came)], [outcome(boosted, came)], kinds, titles, 1) == (0.0,)


def test_the_week_counts_beside_its_days() -> None:
    """The booster errs a little less by day, but all to one side, where the errors of the baseline cancel."""
    came, rest = np.full((SERIES, 7), 20.0), np.ones(5)
    factors = np.r_[1.2, 0.8, rest], np.r_[1.3, 0.95, rest]
    made = [Outcome(came * factor, came, np.ones(came.shape, dtype=bool), {}) for factor in factors]
    kinds, titles = [np.zeros(SERIES, dtype=np.int64)], [np.arange(SERIES)]
    assert choose_trust([made[0]], [made[1]], kinds, titles, 1) == (0.0,)


def test_each_class_has_its_own() -> None:
    """Class 0: fifty titles that the booster has right; class 1: ten that it has wrong; class 2: nobody."""
    rng = np.random.default_rng(6)
    baseline, boosted = rng.gamma(4.0, 5.0, SERIES), rng.gamma(4.0, 5.0, SERIES)
    kinds = np.where(np.arange(SERIES) < 10, 1, 0)
    came = np.where(kinds == 1, baseline, boosted)
    outcomes = [outcome(mean, came) for mean in (baseline, boosted)]
    trust = choose_trust([outcomes[0]], [outcomes[1]], [kinds], [np.arange(SERIES)], 3)
    assert trust == (1.0, 0.0, 0.0)


def test_a_title_in_two_horizons_and_many_regions_is_one_title() -> None:
    """What the booster gains by it is one surprise, however many series it fills."""
    rng = np.random.default_rng(8)
    baseline, came = np.full(SERIES, 20.0), np.full(SERIES, 20.0)
    came[:] = 22.0
    boosted = baseline * np.exp(rng.normal(0.05, 0.01, SERIES))
    plain, full, kinds = outcome(baseline, came), outcome(boosted, came), [np.zeros(SERIES, dtype=np.int64)] * 2
    alone, many = ([title] * 2 for title in (np.zeros(SERIES, dtype=np.int64), np.arange(SERIES)))
    assert choose_trust([plain] * 2, [full] * 2, kinds, alone, 1) == (0.0,)
    assert choose_trust([plain] * 2, [full] * 2, kinds, many, 1) == (1.0,)


def test_mixed_is_the_geometric_mean() -> None:
    assert mixed(np.array([1.0, 0.0]), np.array([4.0, 0.0]), 0.5) == pytest.approx([2.0, 0.0])
