import numpy as np
import pytest

from fillplan_models.intervals import fit_bands


def test_bands_cover_eighty_percent_at_every_level_and_kind():
    rng = np.random.default_rng(0)
    mean = np.exp(rng.uniform(-2, 7, 60_000))
    kind = rng.integers(0, 2, 60_000)
    spread = np.where(kind == 1, 0.8, 0.1 + 0.5 / np.sqrt(mean))
    actual = mean * np.exp(spread * rng.standard_normal(60_000))
    half = slice(0, 30_000)
    bands = fit_bands(mean[half], actual[half], kind[half], kinds=2)
    low, high = bands.apply(mean[30_000:, None], kind[30_000:])
    inside = ((actual[30_000:, None] >= low) & (actual[30_000:, None] <= high))[:, 0]
    for k in (0, 1):
        for lowest, highest in ((0.2, 1), (1, 20), (20, 1000)):
            chosen = (kind[30_000:] == k) & (mean[30_000:] >= lowest) & (mean[30_000:] < highest)
            assert inside[chosen].mean() == pytest.approx(0.8, abs=0.03)


def test_low_is_never_above_nor_high_below_the_mean():
    mean, actual = np.full(100, 10.0), np.full(100, 30.0)  # a forecast that is always too low
    low, high = fit_bands(mean, actual, np.zeros(100, dtype=np.int64), kinds=1).apply(
        np.array([[10.0, 0.0]]), np.zeros(1, dtype=np.int64)
    )
    assert low[0, 0] == 10.0 and high[0, 0] == 30.0
    assert low[0, 1] == high[0, 1] == 0.0


def test_without_residuals_the_interval_is_wide_not_missing():
    empty = np.zeros(0)
    bands = fit_bands(empty, empty, np.zeros(0, dtype=np.int64), kinds=3)
    low, high = bands.apply(np.array([[5.0]]), np.array([2]))
    assert low[0, 0] < 5.0 < high[0, 0]


def test_a_kind_without_residuals_borrows_from_the_others():
    mean = np.full(200, 10.0)
    bands = fit_bands(mean, mean * np.linspace(0.9, 1.1, 200), np.zeros(200, dtype=np.int64), kinds=2)
    low, high = bands.apply(np.array([[10.0]]), np.array([1]))
    assert (low[0, 0], high[0, 0]) == pytest.approx((9.2, 10.8))


def test_in_units_of_reaches_neighbouring_levels_lend_each_other_more():
    """A hundred days of 1.5 hours that scatter little, a hundred of 3 hours that scatter much."""
    mean, sides = np.repeat([1.5, 3.0], 100), np.tile(np.linspace(-1, 1, 100), 2)
    actual = mean * (1 + sides * np.repeat([0.1, 0.6], 100))
    kind, asked = np.zeros(200, dtype=np.int64), np.array([[1.5, 3.0]])
    (plain,), (lent,) = (
        (fit_bands(mean, actual, kind, reach, kinds=1).apply(asked, kind[:1])[1] / asked)
        for reach in (None, np.full((2, 200), 2.0))
    )
    assert plain[1] > plain[0]
    assert lent[1] == lent[0]
