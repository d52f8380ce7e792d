"""Which simple method is the best."""

import numpy as np

from fillplan_models.forecasters.choice import best_simple, simple_accuracy
from tests.models.worlds import panel_of


def test_the_best_simple_method_is_the_one_with_the_least_error():
    rng = np.random.default_rng(1)
    week = np.array([1, 1, 1, 1, 1, 6, 9.0])
    hours = {("R", f"t{i}"): np.tile(np.roll(week, i), 12) * (1 + 0.01 * rng.random(84)) for i in range(7)}
    panel = panel_of(hours)  # every title has a weekday of its own: only seasonal naive sees it
    errors = simple_accuracy(panel)
    assert best_simple(panel).name == "seasonal_naive" == min(errors, key=errors.get)
    assert errors["seasonal_naive"] < 0.05 < errors["ewma"]


def test_with_too_little_history_to_choose_it_is_ewma():
    assert best_simple(panel_of({("R", "a"): [1.0] * 5})).name == "ewma"
