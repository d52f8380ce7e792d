"""Settings as overrides, and the faults of a file all at once."""

import numpy as np
import pytest

from fillplan.workflow.supposed import Supposing
from fillplan_data.errors import ScenarioError

from .conftest import Suppose


def test_settings(suppose: Suppose, supposing: Supposing) -> None:
    world = suppose('kind = "settings"\nplan = { peak_to_mean = 4.0 }')
    before, after = supposing.problem(supposing.base.world), supposing.problem(world)
    np.testing.assert_allclose(after.serve_limit_bytes, before.serve_limit_bytes / 2)
    assert not world.new_forecast
    assert suppose('kind = "settings"\nplan = { horizon_days = 3 }').new_forecast
    with pytest.raises(ScenarioError, match=r"peak_too_mean; did you mean `peak_to_mean`"):
        suppose('kind = "settings"\nplan = { peak_too_mean = 4.0 }')


def test_a_policy_by_name_or_in_full(suppose: Suppose, supposing: Supposing) -> None:
    world = suppose('kind = "settings"\nplan = { policy = "offload" }')
    assert world.settings.plan.policy.name == "offload"
    half = suppose('kind = "settings"\nplan = { policy = { reserve = { storage_share = 0.5 } } }')
    before = supposing.problem(supposing.base.world)
    np.testing.assert_array_equal(supposing.problem(half).storage_bytes, before.storage_bytes // 2)
    with pytest.raises(ScenarioError, match="did you mean 'offload'"):
        suppose('kind = "settings"\nplan = { policy = "ofload" }')


def test_one_override_tells_all_its_misfits(suppose: Suppose) -> None:
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "new_cache"\ncache_id = "edge-br-1"\nlike = "edge-br-22"\nregion = "XX"')
    assert [fault.row for fault in caught.value.faults] == [5, 6, 7]
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "add_launch"\ntitle_id = "t002"\nlike = "none"\nstart = 2026-06-01\nregions = ["XX", "YY"]')
    assert len(caught.value.faults) == 4
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "settings"\nplan = { horizn_days = 3, solvr = "auto" }\nforecast = { metod = "ewma" }')
    assert [fault.found for fault in caught.value.faults] == ["horizn_days", "solvr", "metod"]
    with pytest.raises(ScenarioError) as caught:
        suppose('kind = "offline"\nwhere = { cacheid = "x", regin = "BR" }')
    assert [fault.found for fault in caught.value.faults] == ["cacheid", "regin"]
