import numpy as np
import pytest

from fillplan_models.accuracy import Outcome, accuracy, by_class, joined


def outcome(mean, actual, counted=None):
    mean, actual = np.array(mean, dtype=float), np.array(actual, dtype=float)
    counted = np.ones(mean.shape, dtype=bool) if counted is None else np.array(counted)
    return Outcome(mean, actual, counted, {"first": np.arange(len(mean)) == 0})


def test_by_hand():
    figures = accuracy(outcome([[2, 2], [0, 4]], [[1, 3], [0, 2]]), np.array([True, True]))
    assert figures.hours == 6 and figures.series == 2
    assert figures.wape_day == pytest.approx(4 / 6)
    assert figures.wape_week == pytest.approx(2 / 6)
    assert figures.bias == pytest.approx(2 / 6)


def test_days_that_do_not_count_do_not_count():
    figures = accuracy(outcome([[2, 99]], [[1, 50]], [[True, False]]), np.array([True]))
    assert (figures.hours, figures.wape_day) == (1, 1)


def test_nothing_watched_is_unknown_not_perfect():
    figures = accuracy(outcome([[1.0]], [[0.0]]), np.array([True]))
    assert figures.wape_day is None and figures.bias is None


def test_classes_and_horizons_join():
    both = joined([outcome([[1]], [[1]]), outcome([[2], [5]], [[1], [5]])])
    figures = by_class(both)
    assert figures["all"].series == 3 and figures["first"].series == 2
    assert figures["first"].wape_day == pytest.approx(1 / 2)
