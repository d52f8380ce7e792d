"""Shares drawn towards what is usual, by hand."""

import numpy as np
import pytest

from fillplan_models.shares.bayes import STRENGTHS, USUAL_STRENGTH, best_strength, posterior, table


def test_evidence_outweighs_the_prior_as_hours_grow() -> None:
    hours, prior = np.array([[0.0, 0.0], [10.0, 0.0], [1e6, 0.0]]), np.array([0.25, 0.75])
    assert posterior(hours, prior, 10.0) == pytest.approx(np.array([[0.25, 0.75], [0.625, 0.375], [1, 0]]), abs=1e-4)


def test_the_strength_is_the_one_that_foretells_best_and_the_usual_one_where_none_does() -> None:
    assert best_strength(lambda strength: -abs(strength - 100.0)) == 100.0
    assert best_strength(lambda strength: float(strength < 100.0)) == STRENGTHS[0], "the smaller at equality"
    assert best_strength(lambda strength: 0.0) == USUAL_STRENGTH


def test_hours_are_summed_by_codes_and_unknown_ones_left_out() -> None:
    region, rung = np.array([0, 1, 1, -1, 0]), np.array([1, 0, 0, 1, -1])
    assert table((2, 2), (region, rung), np.array([1.0, 2.0, 4.0, 8.0, 16.0])).tolist() == [[0, 1], [6, 0]]
