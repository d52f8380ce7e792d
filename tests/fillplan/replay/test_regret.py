"""Regret splits into parts that add up, are never negative, and are known by construction in small cases."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fillplan.replay.regret import PARTS, regret
from fillplan_optimizer.auto import placer
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import net_value
from tests.fillplan.replay.cases import night_of


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_parts_add_up_and_are_never_negative(small_tables, small_demand, seed):
    _, placement, real = night_of(small_tables, small_demand, seed)
    split = regret(real, placement, placer("greedy"))
    assert sum(split.value[part] for part in PARTS) == pytest.approx(split.value["total"], abs=1e-6)
    assert sum(split.offload[part] for part in (*PARTS, "no_cache")) == pytest.approx(split.offload["total"], abs=1e-9)
    assert min(split.value.values()) >= -1e-12
    assert min(split.offload[part] for part in PARTS[1:]) >= -1e-12


def test_a_plan_that_foresight_would_choose_has_no_forecast_error(small_tables, small_demand):
    _, _, real = night_of(small_tables, small_demand, 1)
    best = placer("exact").place(real).placement
    split = regret(real, best, placer("exact"))
    assert split.value["forecast_error"] == 0
    assert split.foresight_value == pytest.approx(net_value(real, best))


def test_empty_caches_without_window_lose_to_the_window_alone(small_tables, small_demand):
    _, _, real = night_of(small_tables, small_demand, 2)
    nothing = tuple(np.zeros(0, dtype=np.int64) for _ in real.cache_ids)
    roomy = replace(
        real,
        held=nothing,
        fill_budget_bytes=np.zeros(3, dtype=np.int64),
        storage_bytes=np.full(3, 10**9),
        serve_limit_bytes=np.full(3, np.inf),
        fill_cost_per_byte=np.zeros(3),
    )
    split = regret(roomy, Placement(nothing), placer("exact"))
    assert split.value["fill_window"] == pytest.approx(split.value["total"])
    assert split.value["total"] > 0
    assert split.offload["fill_window"] + split.offload["capacity"] + split.offload["no_cache"] == pytest.approx(1.0)
