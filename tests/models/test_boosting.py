"""The booster's word is bounded: where it means to move a forecast by far, it is out of its depth."""

from types import SimpleNamespace

import numpy as np
import pytest

from fillplan_models.boosting import correction
from fillplan_models.features import FeatureRows


def test_no_forecast_is_moved_by_more_than_half() -> None:
    raw = np.log([0.01, 0.9, 1.2, 40.0])
    booster = SimpleNamespace(feature_name=lambda: ["size"], predict=lambda *_, **__: raw)
    rows = FeatureRows(("size",), np.zeros((4, 1), dtype=np.float32), np.ones(4))
    assert correction(booster, rows, threads=1) == pytest.approx([1 / 1.5, 0.9, 1.2, 1.5])
