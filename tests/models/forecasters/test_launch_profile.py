"""Launches begin as earlier launches did."""

import numpy as np
import pytest

from fillplan_models.forecasters.ewma import Ewma
from fillplan_models.forecasters.launch_profile import launch_profile
from tests.models.worlds import day, panel_of


def test_launches_start_at_what_earlier_launches_did():
    hours = {("R", f"t{i:02d}"): [0] * i + [8.0] * (40 - i) for i in range(2, 38, 3)}
    windows = [{"title_id": f"t{i:02d}", "start_date": day(i)} for i in range(2, 38, 3)]
    windows.append({"title_id": "new", "start_date": day(42)})
    forecast = Ewma().forecast(panel_of(hours, availability=windows))
    row = forecast.view_hours[forecast.titles.index("new")]
    assert row[:2].tolist() == [0, 0]
    assert row[2:] == pytest.approx(8.0, rel=0.35)  # drawn towards all cold series, silent ones too
    assert np.all(row[2:] > 0)


def test_the_launch_profile_scales_with_the_region():
    hours = {}
    for i in range(2, 40, 2):
        hours["big", f"t{i:02d}"] = [0] * i + [100.0] * (45 - i)
        hours["small", f"t{i:02d}"] = [0] * i + [1.0] * (45 - i)
    windows = [{"title_id": f"t{i:02d}", "start_date": day(i)} for i in range(2, 40, 2)]
    profile = launch_profile(panel_of(hours, availability=windows))
    assert profile[0, 1, 0] > 20 * profile[1, 1, 0]
