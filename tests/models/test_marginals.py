import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_models.marginals import marginals

GRID = (np.arange(20_000) + 0.5) / 20_000


@settings(max_examples=60)
@given(st.floats(0, 1), st.floats(1, 4), st.floats(0.01, 1e5))
def test_every_distribution_has_the_forecasts_mean_and_interval(lower, upper, mean):
    cell = marginals(np.array([mean]), np.array([mean * lower]), np.array([mean * upper]))
    hours = cell.hours(GRID)
    assert hours.min() >= 0 and (np.diff(hours) >= -1e-9 * mean).all()
    assert hours.mean() == pytest.approx(mean, rel=2e-3)
    if cell.scale[0] == pytest.approx(1.0, abs=1e-9):
        assert cell.hours(np.array([0.1, 0.9])) == pytest.approx([mean * lower, mean * upper])


def test_an_interval_too_wide_for_its_mean_gives_way_to_the_mean():
    cell = marginals(np.array([1.0]), np.array([0.0]), np.array([50.0]))
    assert cell.hours(GRID).mean() == pytest.approx(1.0, rel=1e-2)
    assert cell.scale[0] < 1


def test_probability_is_the_inverse_of_hours():
    cells = marginals(np.array([[5.0], [3.0]]), np.array([[2.0], [0.0]]), np.array([[9.0], [8.0]]))
    chances = np.array([0.02, 0.1, 0.3, 0.5, 0.9, 0.97])
    hours = cells.hours(np.broadcast_to(chances, (2, 6)))
    assert cells.probability(hours)[0] == pytest.approx(chances)
    assert cells.probability(hours)[1, 1:] == pytest.approx(chances[1:])
    assert cells.probability(np.array([[0.0], [1e9]])).ravel() == pytest.approx([0.0, 1.0])
