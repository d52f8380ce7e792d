"""What surprises share, measured from what came."""

import numpy as np
import pytest

from fillplan_models.dependence import USUAL, Dependence, Shares, measure_dependence
from fillplan_models.scenarios import sample_demand


def test_what_was_sampled_is_measured_again(forecast):
    planted = Dependence(warm=Shares(0.3, 0.1, 0.2, 0.1), cold=Shares(0.6, 0.1, 0.1, 0.0))
    drawn = [hours.astype(np.float64) for hours in sample_demand(forecast, 60, 9, planted)]
    found = measure_dependence([forecast] * 60, drawn, [forecast.open] * 60)
    for name in Shares.__dataclass_fields__:
        assert getattr(found.warm, name) == pytest.approx(getattr(planted.warm, name), abs=0.05)
        assert getattr(found.cold, name) == pytest.approx(getattr(planted.cold, name), abs=0.07)


def test_too_little_evidence_leaves_the_usual_shares(forecast):
    nothing = np.zeros_like(forecast.open)
    assert measure_dependence([forecast], [forecast.view_hours], [nothing]) == USUAL
