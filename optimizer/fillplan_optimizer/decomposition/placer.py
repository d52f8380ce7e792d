"""`Decomposition`: the placer for trees."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from fillplan_data.errors import SolverFailure
from fillplan_optimizer.decomposition.bound import upper_bound
from fillplan_optimizer.decomposition.descent import Effort, descend, node_prices
from fillplan_optimizer.decomposition.primal import Plan, Recovery, recover
from fillplan_optimizer.decomposition.tree import Tree, read_tree
from fillplan_optimizer.feasibility import check_pins
from fillplan_optimizer.groups import merge, split
from fillplan_optimizer.problem import Ints, PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult, Prices
from fillplan_optimizer.verifier import verify


@dataclass(frozen=True)
class Decomposition:
    """Certified placement for trees of any size."""

    tolerance: float = 1e-6
    """Largest gap at which a result is called optimal."""
    effort: Effort = field(default_factory=Effort)
    recovery: Recovery = field(default_factory=Recovery)
    workers: int = 2
    """Groups solved at the same time; the result does not depend on it."""
    name: str = "decomposition"

    def place(self, problem: PlacementProblem) -> PlacementResult:
        """Solve group by group."""
        begin = time.perf_counter()
        check_pins(problem)
        groups = split(problem)
        # threads, not processes: the kernels run outside the interpreter's lock, and nothing is copied
        with ThreadPoolExecutor(max(1, self.workers)) as pool:
            results = list(pool.map(lambda group: self.place_group(group.problem(problem)), groups))
        merged = merge(problem, groups, results, self.name)
        return replace(merged, seconds=time.perf_counter() - begin)

    def place_group(self, problem: PlacementProblem) -> PlacementResult:
        """Solve one group: a pure function of the problem, to be run wherever there is room."""
        begin = time.perf_counter()
        tree = read_tree(problem)
        if tree is None or not tree.two_tiers:
            raise SolverFailure(
                f"expected trees of two tiers, found another shape around cache {problem.cache_ids[0]}; "
                "choose another solver for it"
            )
        descent = descend(tree, self.effort)
        prices = node_prices(descent.core, descent.levels)
        bound = upper_bound(tree, prices)
        plan = recover(descent, self.recovery)
        placement = _placement(tree, plan)
        verdict = verify(problem, placement)
        if verdict.violations:
            raise SolverFailure(str(verdict.violations[0]))
        real = np.flatnonzero(tree.cache >= 0)
        order = real[np.argsort(tree.cache[real])]
        gap = (bound - verdict.value) / bound if bound else 0.0
        return PlacementResult(
            "optimal" if gap <= self.tolerance else "feasible",
            placement,
            verdict.value,
            bound,
            self.name,
            time.perf_counter() - begin,
            Prices(prices.storage[order], prices.fill[order], prices.serve[order]),
            {"sweeps": descent.sweeps},
        )


def _placement(tree: Tree, plan: Plan) -> Placement:
    core = plan.core
    files: list[Ints] = [np.zeros(0, dtype=np.int64)] * tree.problem.cache_count
    for node, cache in enumerate(tree.cache):
        if cache >= 0:
            segment = plan.segment(node)
            files[cache] = np.sort(core.file[core.at[segment][plan.hold[segment]]])
    return Placement(tuple(files))
