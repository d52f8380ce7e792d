import numpy as np
import pytest
from scipy.stats import ttest_1samp

from fillplan_models.significance import compare, diebold_mariano

HOURS = np.full(12, 100.0)


def test_a_method_that_always_errs_a_tenth_less_is_told_apart():
    opponent = np.random.default_rng(0).uniform(20, 30, 12)
    found = compare(0.9 * opponent, opponent, HOURS, overlap=1)
    assert found.ratio == pytest.approx(0.9) and found.low == pytest.approx(0.9) and found.high == pytest.approx(0.9)
    assert found.better == found.origins == 12 and found.p_value < 1e-6


def test_noise_is_not_told_apart_more_often_than_its_level():
    rng = np.random.default_rng(1)
    p = [compare(rng.uniform(20, 30, 12), rng.uniform(20, 30, 12), HOURS, 1).p_value for _ in range(400)]
    assert 0.05 < np.mean(np.array(p) < 0.1) < 0.16


def test_without_overlap_it_is_nearly_the_paired_t_test():
    differences = np.random.default_rng(2).normal(0.3, 1, 15)
    assert diebold_mariano(differences, 1) == pytest.approx(ttest_1samp(differences, 0).pvalue, rel=1e-9)


def errors_by_chance(rng, origins, overlap):
    """Of two equally good methods: half of the error is the origin's, and `overlap` origins share days."""
    days = np.exp(rng.normal(0, 0.3, origins + overlap - 1) + rng.normal(0, 0.2, (2, origins + overlap - 1)))
    return np.lib.stride_tricks.sliding_window_view(days, overlap, axis=1).mean(axis=2)


@pytest.mark.parametrize(("origins", "overlap"), [(4, 1), (6, 1), (12, 1), (8, 2), (16, 4), (24, 4)])
def test_intervals_hold_the_true_ratio_as_often_as_they_say_and_p_values_err_as_seldom(origins, overlap):
    rng = np.random.default_rng(origins)
    found = [compare(*errors_by_chance(rng, origins, overlap), np.ones(origins), overlap) for _ in range(1000)]
    assert 0.86 < np.mean([one.low <= 1 <= one.high for one in found]) < 0.93
    assert 0.07 < np.mean([one.p_value < 0.1 for one in found]) < 0.13


def test_few_origins_give_a_ratio_and_no_claim():
    found = compare(np.array([1.0, 2.0]), np.array([2.0, 2.0]), HOURS[:2], overlap=1)
    assert found.ratio == 0.75 and found.low is None and found.p_value is None
    assert compare(np.ones(6), np.ones(6), HOURS[:6], overlap=2).low is None


def test_equal_methods_have_no_p_value_and_perfect_opponents_no_ratio():
    assert compare(np.ones(8), np.ones(8), HOURS[:8], 1).p_value is None
    assert compare(np.ones(8), np.zeros(8), HOURS[:8], 1).ratio is None
    assert compare(np.zeros(8), np.ones(8), HOURS[:8], 1).low is None
