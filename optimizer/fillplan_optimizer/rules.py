"""What a policy does to a placement problem: one function per choice, in the order of FORMULATION.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_data.units import BYTES_PER_GB
from fillplan_optimizer.feasibility import check_pins, forced_files, local_companion
from fillplan_optimizer.packing import bundle_density, pack
from fillplan_optimizer.policy import Policy
from fillplan_optimizer.problem import FilesPerCache, PlacementProblem, Ruled

NAMED = 5
"""Caches named in a note; the count is always given."""


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What policies ask of the catalogue beyond the problem itself."""

    lowest_rung: Ints
    """[T] the file of each title's lowest rung (video, or muxed), -1 for none."""
    plays: Bools
    """[F] whether a request for the whole file is a play of its title: video and muxed files."""
    launching: Bools
    """[R, T] whether the title opens in the region within the horizon, after the plan date."""


def ruled(problem: PlacementProblem, policy: Policy, catalogue: Catalogue) -> PlacementProblem:
    """The problem under a policy; the same object if the policy is neutral.

    What cannot be had in full (a floor that does not fit, a reserve that pins need) is had as far as it can, and
    `ruled.notes` says so. Raises Infeasible, as without a policy, if the pins alone cannot be met.
    """
    if policy.is_neutral:
        return problem
    check_pins(problem)
    notes: list[str] = []
    if policy.worth.basis == "bytes":
        problem = worth_of_bytes(problem)
    problem = churn_penalty(problem, policy.churn.penalty_per_gb)
    problem, reserve = free_space(problem, policy.reserve.storage_share, notes)
    floor = launches = _nothing(problem)
    if policy.launches.min_share > 0:
        problem, launches = launch_share(problem, policy.launches.min_share, catalogue, notes)
    if policy.floor.lowest_rung:
        problem, floor = lowest_rungs(problem, policy.floor.min_plays, catalogue, notes)
    return replace(problem, ruled=Ruled(policy.name, tuple(notes), reserve, floor, launches))


def worth_of_bytes(problem: PlacementProblem) -> PlacementProblem:
    """v(p,k) = 1 per GB: every byte that any cache serves counts the same."""
    value = np.full_like(problem.points.value_per_byte, 1 / BYTES_PER_GB)
    return replace(problem, points=replace(problem.points, value_per_byte=value))


def churn_penalty(problem: PlacementProblem, penalty_per_gb: float) -> PlacementProblem:
    """phi(n) + penalty: a new file must be worth the writing."""
    return replace(problem, fill_cost_per_byte=problem.fill_cost_per_byte + penalty_per_gb / BYTES_PER_GB)


def free_space(problem: PlacementProblem, share: float, notes: list[str]) -> tuple[PlacementProblem, Ints]:
    """S(n) x (1 - share), but not below what is pinned; also [C] bytes set aside."""
    forced = [int(problem.size_bytes[forced_files(problem, cache)].sum()) for cache in range(problem.cache_count)]
    wanted = np.floor(problem.storage_bytes * (1.0 - share)).astype(np.int64)
    kept = np.maximum(wanted, np.array(forced, dtype=np.int64))
    short = np.flatnonzero(kept > wanted)
    if short.size:
        notes.append(f"reserve: pins take part of it at {_names(problem, short)}")
    return replace(problem, storage_bytes=kept), problem.storage_bytes - kept


def launch_share(
    problem: PlacementProblem, share: float, catalogue: Catalogue, notes: list[str]
) -> tuple[PlacementProblem, FilesPerCache]:
    """Pin files of launches, the most requested per byte first, until `share` of the demand for launches is held."""
    wishes: dict[int, Wish] = {}
    for cache, points in _nearest(problem).items():
        demand = _demand(problem, points, catalogue.launching) * problem.allowed(cache)
        companion = local_companion(problem, problem.allowed(cache))
        usable = demand > 0
        audio = companion[usable & (companion >= 0)]
        usable[audio] = True
        density = bundle_density(demand / problem.size_bytes, problem.size_bytes, companion, usable)
        files = np.flatnonzero(usable)
        order = files[np.lexsort((companion[files] >= 0, -density[files]))]
        wishes[cache] = Wish(order, demand, share * float(demand.sum()))
    return _grant(problem, wishes, "launches: {have:.3e} of {target:.3e} bytes of demand", notes)


def lowest_rungs(
    problem: PlacementProblem, min_plays: float, catalogue: Catalogue, notes: list[str]
) -> tuple[PlacementProblem, FilesPerCache]:
    """Pin lowest rung and main audio of every title watched at a cache, by falling worth per byte, as far as fits."""
    wishes: dict[int, Wish] = {}
    for cache, points in _nearest(problem).items():
        demand = _demand(problem, points)
        full_plays = np.where(catalogue.plays, demand / problem.size_bytes, 0.0)
        plays = np.bincount(problem.title, weights=full_plays, minlength=len(catalogue.lowest_rung))
        rung = catalogue.lowest_rung[(plays > 0) & (plays >= min_plays)]
        rung = rung[rung >= 0]
        rung = rung[problem.allowed(cache)[rung]]
        audio = local_companion(problem, problem.allowed(cache))[rung]
        worth = demand[rung] + np.where(audio >= 0, demand[audio], 0.0)
        size = problem.size_bytes[rung] + np.where(audio >= 0, problem.size_bytes[audio], 0)
        order = np.argsort(-worth / size, kind="stable")
        pairs = np.stack([audio, rung], axis=1)[order].ravel()
        is_rung = np.zeros(problem.file_count)
        is_rung[rung] = 1.0
        wishes[cache] = Wish(pairs[pairs >= 0], is_rung, float(len(rung)))
    return _grant(problem, wishes, "floor: {have:,.0f} of {target:,.0f} lowest rungs", notes)


@dataclass(frozen=True, eq=False)
class Wish:
    """What a policy would have a cache hold."""

    files: Ints
    """In the order in which they are wanted, a main audio before its videos."""
    weight: Floats
    """[F] what each file counts for."""
    target: float
    """Weight that is enough."""


def _grant(
    problem: PlacementProblem, wishes: Mapping[int, Wish], says: str, notes: list[str]
) -> tuple[PlacementProblem, FilesPerCache]:
    """Pin what fits beside the pins there are; also the new pins. What falls short is noted with `says`."""
    pins, short = list(_nothing(problem)), []
    have = target = 0.0
    for cache, wish in wishes.items():
        forced = forced_files(problem, cache)
        pins[cache] = np.sort(_fitting(problem, cache, wish, forced))
        reached = float(wish.weight[forced].sum() + wish.weight[pins[cache]].sum())
        have, target = have + min(reached, wish.target), target + wish.target
        if reached < wish.target * (1 - 1e-9):
            short.append(cache)
    if short:
        found = says.format(have=have, target=target)
        notes.append(f"{found} fit beside the pins; storage or tonight's fill is short at {_names(problem, short)}")
    pinned = tuple(np.union1d(old, new) for old, new in zip(problem.pinned, pins, strict=True))
    return replace(problem, pinned=pinned), tuple(pins)


def _fitting(problem: PlacementProblem, cache: int, wish: Wish, forced: Bools) -> Ints:
    """The wanted files that fit storage and tonight's fill beside what is forced, until they are enough."""
    size, held = problem.size_bytes, problem.held_mask(cache)
    files = wish.files[~forced[wish.files]]
    window = int(problem.fill_budget_bytes[cache] - size[forced & ~held].sum())
    files = files[pack(np.where(held[files], 0, size[files]), window)]
    files = files[pack(size[files], int(problem.storage_bytes[cache] - size[forced].sum()))]
    present = forced.copy()
    present[files] = True
    audio = local_companion(problem, problem.allowed(cache))[files]
    files, audio = files[(audio < 0) | present[audio]], audio[(audio < 0) | present[audio]]
    files = files[(wish.weight[files] > 0) | np.isin(files, audio)]
    before = wish.weight[forced].sum() + np.cumsum(wish.weight[files]) - wish.weight[files]
    enough: Ints = files[before < wish.target]
    return enough


def _nearest(problem: PlacementProblem) -> dict[int, list[int]]:
    """Points by the cache that they ask first."""
    found: dict[int, list[int]] = {}
    for point in np.flatnonzero(np.diff(problem.points.start) > 0).tolist():
        found.setdefault(int(problem.points.cache[problem.points.start[point]]), []).append(point)
    return found


def _demand(problem: PlacementProblem, points: Sequence[int], titles: Bools | None = None) -> Floats:
    """[F] bytes that points request, of all titles or those given by region, [R, T]."""
    demand = np.zeros(problem.file_count)
    for point in points:
        part = problem.point_demand(point)
        demand += part if titles is None else part * titles[problem.points.region[point]][problem.title]
    return demand


def _nothing(problem: PlacementProblem) -> FilesPerCache:
    blank: Ints = np.zeros(0, dtype=np.int64)
    return (blank,) * problem.cache_count


def _names(problem: PlacementProblem, caches: Sequence[int] | Ints) -> str:
    shown = ", ".join(problem.cache_ids[cache] for cache in caches[:NAMED])
    return f"{len(caches)} caches ({shown}{', ...' if len(caches) > NAMED else ''})"
