"""How far the booster is trusted: as far as held-out weeks bear it out, and by half where they say nothing."""

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


def test_without_hours_it_is_the_usual_half() -> None:
    assert chosen(1.0, actual=np.zeros(SERIES)) == 0.5


def test_each_class_has_its_own_and_few_titles_move_it_less() -> None:
    """Class 0: sixty titles that the booster has right; class 1: two, by a hair; class 2: nobody."""
    rng = np.random.default_rng(6)
    baseline, boosted = rng.gamma(4.0, 5.0, SERIES), rng.gamma(4.0, 5.0, SERIES)
    kinds = np.zeros(SERIES, dtype=np.int64)
    kinds[:2] = 1
    baseline[:2], boosted[:2] = 100.0, 101.0
    outcomes = [outcome(mean, boosted) for mean in (baseline, boosted)]
    trust = choose_trust([outcomes[0]], [outcomes[1]], [kinds], [np.arange(SERIES)], 3)
    assert trust == (1.0, 0.5, 0.5)


def test_mixed_is_the_geometric_mean() -> None:
    assert mixed(np.array([1.0, 0.0]), np.array([4.0, 0.0]), 0.5) == pytest.approx([2.0, 0.0])
