"""`Decomposition`: the placer for trees."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from fillplan_data.errors import SolverFailure
from fillplan_optimizer.decomposition.bound import NodePrices, upper_bound
from fillplan_optimizer.decomposition.cascade import recover_deep
from fillplan_optimizer.decomposition.descent import Descent, Effort, descend, node_prices, refine
from fillplan_optimizer.decomposition.plan import Recovery
from fillplan_optimizer.decomposition.polish import polish
from fillplan_optimizer.decomposition.primal import go_on, improve, recover, recover_edges_first
from fillplan_optimizer.decomposition.tree import Tree, read_tree
from fillplan_optimizer.decomposition.whole import Whole, WholeFiles
from fillplan_optimizer.feasibility import check_pins
from fillplan_optimizer.greedy import DensityGreedy, keep_what_is_there
from fillplan_optimizer.groups import Group, split
from fillplan_optimizer.mending import or_mended
from fillplan_optimizer.merging import merge
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement, PlacementResult, Prices
from fillplan_optimizer.service import net_value
from fillplan_optimizer.standing import Standing
from fillplan_optimizer.start import Start

_ROUNDING = 1e-11
"""Relative difference of two float64 sums over all pairs that is rounding."""
_LEAST_BOUND = 1e-100
"""Instead of a bound of 0, so that a gap can be told without overflow."""
_TIERS = 8
"""Most tiers: each one doubles the sets of holders that a sweep goes through."""
_STATES = 2.5e8
"""Most worths by (cache, set of holders above it, file) that a deep tree may keep: 2 GiB."""


@dataclass(frozen=True)
class Decomposition:
    """Certified placement for trees of any size."""

    tolerance: float = 1e-6
    """Largest gap at which a result is called optimal."""
    effort: Effort = field(default_factory=Effort)
    recovery: Recovery = field(default_factory=Recovery)
    enough: float = 3e-5
    """Gap of a group, as the core sees it, at which neither its prices nor its plan are worked on further."""
    whole: Whole = field(default_factory=Whole)
    workers: int = 2
    """Groups solved at the same time; the result does not depend on it."""
    name: str = "decomposition"

    def place(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """Solve group by group, from an earlier solution if one is given."""
        begin = time.perf_counter()
        check_pins(problem)
        groups = split(problem)
        first = None if start is None else start.on(problem)

        def place(group: Group) -> PlacementResult:
            part = group.problem(problem)
            if first is None:
                return self.place_group(part)
            return first.unchanged(group, part, self.name) or self.place_group(part, first.part(group, part))

        # threads, not processes: the kernels run outside the interpreter's lock, and nothing is copied
        with ThreadPoolExecutor(max(1, self.workers)) as pool:
            results = list(pool.map(place, groups))
        merged = merge(problem, groups, results, self.name)
        details = {
            "groups": len(groups),
            "sweeps": sum(int(result.details["sweeps"]) for result in results),
            "worst_gap": max((result.gap for result in results), default=0.0),
        }
        return replace(merged, seconds=time.perf_counter() - begin, details=details)

    def place_group(self, problem: PlacementProblem, start: Start | None = None) -> PlacementResult:
        """Solve one group: a pure function of the problem and the start, to be run wherever there is room."""
        begin = time.perf_counter()
        tree = read_tree(problem)
        if tree is None:
            raise SolverFailure(
                f"expected a tree, found demand that asks caches across it around cache {problem.cache_ids[0]}; "
                "choose `auto` or another solver for meshes"
            )
        if not tree.two_tiers:
            _check_depth(tree)
        descent = descend(tree, self.effort, None if start is None else prices_on(tree, start.prices))
        descent, placement, bound = (self._recover if tree.two_tiers else self._recover_deep)(tree, descent, start)
        prices = node_prices(descent.core, descent.levels)
        bound = min(bound, upper_bound(tree, prices))
        if tree.two_tiers and _wide(problem, placement, bound, self.whole.gap):
            placement, bound = self._closer(tree, descent, prices, placement, bound)
        placement = keep_what_is_there(Standing.of(problem, placement))
        value = net_value(problem, placement)
        bound = _at_least(bound, value)
        result = PlacementResult(
            status="optimal" if bound - value <= self.tolerance * abs(bound) else "feasible",
            placement=placement,
            value=value,
            bound=bound,
            solver=self.name,
            seconds=time.perf_counter() - begin,
            prices=_by_cache(tree, prices),
            details={"sweeps": descent.sweeps, "core_pairs": len(descent.core.at)},
        )
        return result if start is None or tree.two_tiers else or_mended(problem, result, start)

    def _recover(self, tree: Tree, descent: Descent, start: Start | None) -> tuple[Descent, Placement, float]:
        """The plan, and the prices as they are in the end: after one turn for most groups, else after all of it."""
        known = None if start is None else start.placement
        plan = recover(tree, descent, self.recovery, known)
        if plan.loss(descent.dual) > self.enough:
            finer = refine(tree, self.effort, descent)
            if descent.dual - finer.dual > self.effort.search_gain * abs(finer.dual):
                plan = recover(tree, finer, self.recovery, plan.placement(tree))
            plan, descent = go_on(plan), finer
        return descent, plan.placement(tree), np.inf

    def _recover_deep(self, tree: Tree, descent: Descent, _: Start | None) -> tuple[Descent, Placement, float]:
        """The same; of deep trees with serve limits the density greedy's plan and bound may be the closer ones."""
        descent = refine(tree, self.effort, descent)
        greedy = DensityGreedy().place(tree.problem)
        return descent, recover_deep(tree, descent, self.recovery, greedy.placement), greedy.bound

    def _closer(
        self, tree: Tree, descent: Descent, prices: NodePrices, placement: Placement, bound: float
    ) -> tuple[Placement, float]:
        """A gap that is not small is tried from both sides: plans from other ends, and the bound with whole files."""
        problem = tree.problem
        plans = [placement, recover_edges_first(descent, self.recovery).placement(tree)]
        best = max(plans, key=lambda plan: net_value(problem, plan))
        if not _wide(problem, best, bound, self.whole.gap):
            return best, bound
        whole = self.whole.for_gap(_gap(problem, best, bound))
        files = WholeFiles(tree, descent, prices, whole)
        files.visit_all()
        bound = min(bound, files.bound())
        other = improve(tree, descent, self.recovery, files.placement()).placement(tree)
        best = max((best, other), key=lambda plan: net_value(problem, plan))
        if not _wide(problem, best, bound, self.whole.gap):
            return best, bound
        plan = improve(tree, descent, self.recovery, best)
        polish(tree, plan, self.whole.polish * abs(bound), self.whole.search)
        other = plan.placement(tree)
        return max((best, other), key=lambda plan: net_value(problem, plan)), bound


def _wide(problem: PlacementProblem, placement: Placement, bound: float, gap: float) -> bool:
    return _gap(problem, placement, bound) > gap


def _gap(problem: PlacementProblem, placement: Placement, bound: float) -> float:
    return (bound - net_value(problem, placement)) / max(abs(bound), _LEAST_BOUND)


def _check_depth(tree: Tree) -> None:
    """Raise SolverFailure for trees whose sets of holders above a node are too many to keep in mind."""
    tiers = max(len(chain) for chain in tree.chains)
    states = tree.file_count * sum(2.0 ** len(chain) for chain in tree.chains)
    if tiers > _TIERS or states > _STATES:
        raise SolverFailure(
            f"expected at most {_TIERS} tiers and {_STATES:.1e} states (files x sets of caches above each cache), "
            f"found {tiers} tiers and {states:.1e} states around cache {tree.problem.cache_ids[0]}; "
            "choose `auto` or `greedy`"
        )


def prices_on(tree: Tree, prices: Prices) -> NodePrices | None:
    """A group's prices on its tree; None without companion prices, for a descent from the others alone would stall
    higher than one from none.
    """
    if prices.companion is None:
        return None
    blank = np.zeros(0, dtype=np.int64), np.zeros(0)
    pairs = [blank if cache < 0 else prices.companion[cache] for cache in tree.cache]
    storage, fill, serve = (
        np.where(tree.cache < 0, 0.0, np.nan_to_num(price[tree.cache]))
        for price in (prices.storage, prices.fill, prices.serve)
    )
    limited = np.isfinite(tree.serve)
    return NodePrices(
        storage,
        fill,
        np.where(limited, np.minimum(serve, tree.value), 0.0),
        tuple(files for files, _ in pairs),
        tuple(paid for _, paid in pairs),
    )


def _by_cache(tree: Tree, prices: NodePrices) -> Prices:
    order = np.argsort(tree.cache)[np.count_nonzero(tree.cache < 0) :]
    companion = tuple((prices.tie_files[node], prices.tie[node]) for node in order)
    return Prices(prices.storage[order], prices.fill[order], prices.serve[order], companion)


def _at_least(bound: float, value: float) -> float:
    """The bound, not below the value by rounding; a real difference is a defect and shall be seen."""
    return value if bound < value <= bound + _ROUNDING * abs(bound) else bound
