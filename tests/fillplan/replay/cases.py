"""Real problems made at random from the small workspace's network."""

from dataclasses import replace

import numpy as np

from fillplan.problem import build_problem
from fillplan.settings import PlanSettings
from fillplan_optimizer.greedy import DensityGreedy
from tests.fillplan.conftest import PLAN_DATE


def night_of(tables, demand, seed):
    """(hoped problem, plan's placement, real problem): real demand is the hoped one disturbed, serve limits bind."""
    rng = np.random.default_rng(seed)
    settings = PlanSettings()
    hoped_demand = replace(demand, expected_bytes=rng.gamma(0.3, 500, demand.expected_bytes.shape))
    real_demand = replace(demand, expected_bytes=hoped_demand.expected_bytes * rng.gamma(1.0, 1.0, (2, 1)))
    real_demand.expected_bytes[:, rng.integers(0, 7)] += 800
    hoped, real = (build_problem(tables, d, PLAN_DATE, settings) for d in (hoped_demand, real_demand))
    limit = np.where(rng.random(3) < 0.5, np.inf, rng.uniform(0, 900, 3))
    hoped, real = (
        replace(p, pinned=tuple(f[:0] for f in p.pinned), serve_limit_bytes=limit, fill_budget_bytes=np.full(3, 1000))
        for p in (hoped, real)
    )
    return hoped, DensityGreedy().place(hoped).placement, real
