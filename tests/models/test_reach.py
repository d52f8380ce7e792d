"""Reaches of intervals: who is nervous is told, kept where it pays, and survives being saved."""

from dataclasses import replace

import numpy as np
import pytest

from fillplan_models.accuracy import Outcome
from fillplan_models.intervals import fit_bands
from fillplan_models.reach import crossed, fit_reach, pays, residuals, with_past_launches
from fillplan_models.sampling import TrainingRows
from fillplan_models.spec import load_spec

KINDS = [np.zeros(2000, dtype=np.int64)] * 2


def horizon(seed: int, spread: np.ndarray) -> Outcome:
    rng = np.random.default_rng(seed)
    mean = np.exp(rng.uniform(1, 5, (2000, 7)))
    actual = mean * np.exp(spread[:, None] * rng.standard_normal(mean.shape))
    return Outcome(mean, actual, np.ones(mean.shape, dtype=bool), {})


def as_reach(spread: np.ndarray) -> np.ndarray:
    return np.broadcast_to(spread[None, :, None], (2, 2000, 7)).copy()


MIXED = np.where(np.arange(2000) % 2 == 0, 0.1, 0.6)
ALIKE = np.full(2000, 0.3)


def test_reaches_pay_where_series_differ_and_not_where_they_are_alike() -> None:
    differing = [horizon(seed, MIXED) for seed in (1, 2)]
    alike = [horizon(seed, ALIKE) for seed in (1, 2)]
    assert pays(differing, KINDS, [as_reach(MIXED)] * 2, 1)
    assert not pays(differing, KINDS, [as_reach(ALIKE)] * 2, 1)
    assert not pays(alike, KINDS, [as_reach(MIXED)] * 2, 1)
    hardly = np.where(np.arange(2000) % 2 == 0, 0.27, 0.33)
    assert not pays([horizon(seed, hardly) for seed in (1, 2)], KINDS, [as_reach(hardly)] * 2, 1), "below one per cent"
    assert not pays(differing[:1], KINDS[:1], [as_reach(MIXED)], 1), "a single horizon cannot judge itself"


def test_bands_in_units_of_reach_cover_steady_and_nervous_series_alike() -> None:
    outcomes, reaches = [horizon(seed, MIXED) for seed in (1, 2)], [as_reach(MIXED)] * 2
    for outcome, low, high in crossed(outcomes, KINDS, reaches, 1):
        inside = (outcome.actual >= low) & (outcome.actual <= high)
        for spread in (0.1, 0.6):
            assert inside[spread == MIXED].mean() == pytest.approx(0.8, abs=0.03)
    plain = fit_bands(*residuals(outcomes, KINDS, [np.ones((2, 2000, 7))] * 2), kinds=1)
    low, high = plain.apply(outcomes[0].mean, KINDS[0])
    assert ((outcomes[0].actual >= low) & (outcomes[0].actual <= high))[MIXED == 0.1].mean() > 0.9


def test_a_reach_beyond_everything_keeps_the_interval_in_order() -> None:
    bands = fit_bands(np.full(50, 10.0), np.linspace(0, 40, 50), np.zeros(50, dtype=np.int64), kinds=1)
    low, high = bands.apply(np.array([[10.0, 0.0]]), np.zeros(1, dtype=np.int64), np.full((2, 1, 2), 1e6))
    assert 0.0 == low[0, 0] < 10.0 < high[0, 0] and low[0, 1] == high[0, 1] == 0.0


def test_boosters_tell_nervous_series_by_their_features() -> None:
    rng = np.random.default_rng(0)
    count = 6000
    nervous = rng.random(count) < 0.5
    baseline = np.exp(rng.uniform(0, 4, count))
    rows = TrainingRows(
        names=("nervous", "chance"),
        values=np.stack([nervous, rng.random(count)], axis=1).astype(np.float32),
        baseline=baseline,
        hours=baseline * np.exp(np.where(nervous, 0.8, 0.1) * rng.standard_normal(count)),
        weight=np.ones(count),
        noise=np.ones(count),
        title=np.zeros(count, dtype=np.int64),
        age=np.zeros(count, dtype=np.int64),
        cold=np.zeros(count, dtype=bool),
        day=np.zeros(count, dtype=np.int64),
    )
    spec = load_spec()
    reach = fit_reach(rows, spec, 0)
    asked = np.array([[0.0, 0.5], [1.0, 0.5]], dtype=np.float32)

    class Asked:
        names, values = rows.names, asked

    down, up = reach.of(Asked, 1)  # type: ignore[arg-type]
    assert down[0] == pytest.approx(1 - np.exp(-0.1 * 1.2816), abs=0.05)
    assert down[1] == pytest.approx(1 - np.exp(-0.8 * 1.2816), abs=0.08)
    assert up[1] > 5 * up[0] > 0
    again = fit_reach(replace(rows), spec, 0).of(Asked, 1)  # type: ignore[arg-type]
    assert again.tobytes() == np.stack([down, up]).tobytes()


def test_past_launches_widen_the_bands_of_series_without_views_and_no_others() -> None:
    """Held-out weeks in which launches went as foretold, after months in which they did not."""
    quiet = [horizon(seed, np.full(2000, 0.05)) for seed in (1, 2)]
    kinds = [np.repeat([0, 2], 1000)] * 2
    known = residuals(quiet, kinds, [np.ones((2, 2000, 7))] * 2)
    rng = np.random.default_rng(0)
    n = 30_000
    cold = np.arange(n) % 2 == 0
    baseline = np.exp(rng.uniform(1, 5, n))
    hours = baseline * np.exp(np.where(cold, 1.0, 5.0) * rng.standard_normal(n))
    nothing, whole = np.zeros(n), np.zeros(n, dtype=np.int64)
    rows = TrainingRows((), np.zeros((n, 0), np.float32), baseline, hours, nothing, nothing, whole, whole, cold, whole)
    plain, wider = (fit_bands(*x, kinds=3) for x in (known, with_past_launches(known, rows, 2)))
    mean = np.full((2, 1), 20.0)
    (settled, launch), (settled_then, launch_then) = (
        (high - low)[:, 0] for low, high in (bands.apply(mean, np.array([0, 2])) for bands in (plain, wider))
    )
    assert settled_then == settled
    assert launch_then > 3 * launch
