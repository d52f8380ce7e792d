from xml.etree import ElementTree

import numpy as np
import pytest

from fillplan_models.accuracy import Outcome
from fillplan_models.calibration import calibration, calibration_svg, coverage


def horizon(seed, spread=0.3, series=3000):
    rng = np.random.default_rng(seed)
    mean = np.exp(rng.uniform(-1, 6, (series, 7)))
    actual = mean * np.exp(spread * rng.standard_normal(mean.shape))
    return Outcome(mean, actual, np.ones(mean.shape, dtype=bool), {})


KINDS = [np.zeros(3000, dtype=np.int64)] * 2
REACHES = [np.ones((2, 3000, 7))] * 2


def test_alike_horizons_hold_at_every_level():
    bins = calibration([horizon(1), horizon(2)], KINDS, REACHES, 1)
    assert len(bins) == 10 and all(one["within"] == pytest.approx(0.8, abs=0.03) for one in bins)
    assert all(one["below"] + one["within"] + one["above"] == pytest.approx(1) for one in bins)
    assert coverage(bins) == pytest.approx(0.8, abs=0.01)
    assert [one["forecast_hours"] for one in bins] == sorted(one["forecast_hours"] for one in bins)


def test_a_wilder_week_shows_as_days_outside():
    bins = calibration([horizon(1), horizon(2, spread=0.9)], KINDS, REACHES, 1)
    assert coverage(bins) < 0.75


def test_one_horizon_cannot_judge_itself():
    assert calibration([horizon(1)], KINDS[:1], REACHES[:1], 1) == [] and coverage([]) is None


def test_the_plot_is_well_formed_and_says_its_figures():
    bins = calibration([horizon(1), horizon(2)], KINDS, REACHES, 1)
    root = ElementTree.fromstring(calibration_svg(bins))
    rects = root.findall("{http://www.w3.org/2000/svg}rect")
    assert len(rects) == 1 + 3 * len(bins)
    assert f"{bins[0]['within']:.1%} within" in root[0].text
