"""The judge: recomputes every limit and the value of a placement from the problem alone.

It knows no solver and takes nothing on trust, so that exact, decomposed, greedy and simple placements are
all judged alike before anything is published.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import Service, serve

_NAMED = 5
"""Files named in one message; the count is always given."""


@dataclass(frozen=True)
class Violation:
    """One rule broken at one cache."""

    kind: str
    """index, duplicate, storage, fill, rights, blocked, pinned, companion, serve_limit or demand."""
    cache_id: str
    message: str

    def __str__(self) -> str:
        return f"{self.cache_id}: {self.message}"


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the verifier found; `violations` is empty for a placement that may be published."""

    violations: tuple[Violation, ...]
    value: float
    """Worth of served bytes minus fill cost."""
    offload: float
    """Share of all requested bytes that caches serve, 0 where nothing is requested."""
    used_bytes: Ints
    """[C] bytes held after the fill."""
    fill_bytes: Ints
    """[C] bytes newly written tonight."""
    service: Service
    """Aligned with the placement's files (sorted, unique and in range, if they were not)."""


def verify(problem: PlacementProblem, placement: Placement) -> Verdict:
    """Judge a placement: all violations, and value, offload and bytes as they really are.

    Raises ValueError if the placement has another number of caches than the problem.
    """
    if len(placement.files) != problem.cache_count:
        raise ValueError(
            f"expected files of {problem.cache_count} caches, found {len(placement.files)} in the placement"
        )
    violations: list[Violation] = []
    used = np.zeros(problem.cache_count, dtype=np.int64)
    fill = np.zeros(problem.cache_count, dtype=np.int64)
    sound = []
    for cache, raw in enumerate(placement.files):
        faults = _malformed(problem, cache, raw)
        files = np.unique(raw[(raw >= 0) & (raw < problem.file_count)]).astype(np.int64) if faults else raw
        violations += faults
        new = files[~problem.held_mask(cache)[files]]
        used[cache], fill[cache] = problem.size_bytes[files].sum(), problem.size_bytes[new].sum()
        violations += _over_limits(problem, cache, int(used[cache]), int(fill[cache]))
        violations += _broken_rules(problem, cache, files)
        sound.append(files)
    service = serve(problem, Placement(tuple(sound)))
    violations += check_service(problem, Placement(tuple(sound)), service)
    value = service.total_worth - float((problem.fill_cost_per_byte * fill).sum())
    offload = service.total_bytes / problem.requested_bytes if problem.requested_bytes else 0.0
    return Verdict(tuple(violations), value, offload, used, fill, service)


def check_service(problem: PlacementProblem, placement: Placement, service: Service) -> list[Violation]:
    """Serve limits kept, nothing negative, and no file served beyond the demand that can reach caches."""
    found = []
    for cache, load in enumerate(service.cache_bytes):
        limit = float(problem.serve_limit_bytes[cache])
        if load > limit * (1 + 1e-9) + 1e-3:
            found.append(_violation(problem, cache, "serve_limit", f"serves {load:,.0f} of at most {limit:,.0f} bytes"))
        if (service.served_bytes[cache] < 0).any():
            found.append(_violation(problem, cache, "demand", "serves a negative number of bytes"))
    served = np.zeros(problem.file_count)
    for files, load_bytes in zip(placement.files, service.served_bytes, strict=True):
        served[files] += load_bytes
    beyond = np.flatnonzero(served > _reachable_bytes(problem) * (1 + 1e-9) + 1e-3)
    if beyond.size:
        found.append(Violation("demand", "*", f"served beyond its demand: {_names(problem, beyond)}"))
    return [*found, *_shares_beyond_one(problem)]


def _shares_beyond_one(problem: PlacementProblem) -> Iterator[Violation]:
    """Points that together stand for more than their region asks; all bounds on bytes would be too wide."""
    for region in np.flatnonzero(_region_share(problem) > 1 + 1e-9):
        points = np.flatnonzero((problem.points.region == region) & (np.diff(problem.points.start) > 0))
        first = problem.points.cache[problem.points.start[points]]
        asked = ", ".join(problem.cache_ids[cache] for cache in first[:_NAMED])
        share = _region_share(problem)[region]
        message = f"expected shares of at most 1 in all of the region that asks {asked}, found {share:.9g}"
        yield Violation("demand", "*", message)


def _malformed(problem: PlacementProblem, cache: int, files: Ints) -> list[Violation]:
    if not files.size or (files[0] >= 0 and files[-1] < problem.file_count and (np.diff(files) > 0).all()):
        return []
    found = []
    outside = files[(files < 0) | (files >= problem.file_count)]
    if outside.size:
        message = f"{outside.size} file indices outside 0..{problem.file_count - 1}, such as {outside[0]}"
        found.append(_violation(problem, cache, "index", message))
    if (np.diff(files) < 0).any():
        found.append(_violation(problem, cache, "index", "file indices are not sorted"))
    if (extra := files.size - np.unique(files).size) > 0:
        found.append(_violation(problem, cache, "duplicate", f"{extra} files are listed more than once"))
    return found


def _over_limits(problem: PlacementProblem, cache: int, used: int, fill: int) -> Iterator[Violation]:
    storage, budget = int(problem.storage_bytes[cache]), int(problem.fill_budget_bytes[cache])
    if used > storage:
        message = f"holds {used:,} bytes, {used - storage:,} more than its storage of {storage:,}"
        yield _violation(problem, cache, "storage", message)
    if fill > budget:
        message = f"fills {fill:,} bytes, {fill - budget:,} more than tonight's window of {budget:,} lets in"
        yield _violation(problem, cache, "fill", message)


def _broken_rules(problem: PlacementProblem, cache: int, files: Ints) -> Iterator[Violation]:
    holds = np.zeros(problem.file_count, dtype=np.bool_)
    holds[files] = True
    allowed = problem.allowed(cache)
    blocked = np.intersect1d(files, problem.blocked[cache])
    closed = files[~problem.rights[cache][problem.title[files]]]
    pinned = problem.pinned[cache]
    missing = pinned[allowed[pinned] & ~holds[pinned]]
    companion = problem.companion[files]
    needs = companion >= 0
    needs[needs] = allowed[companion[needs]] & ~holds[companion[needs]]
    for kind, wrong, message in (
        ("blocked", blocked, "holds blocked files"),
        ("rights", closed, "holds files outside their rights window"),
        ("pinned", missing, "lacks pinned files"),
        ("companion", files[needs], "holds files without their title's main audio"),
    ):
        if wrong.size:
            yield _violation(problem, cache, kind, f"{message}: {_names(problem, wrong)}")


def _reachable_bytes(problem: PlacementProblem) -> Floats:
    """[F] demand of all points together."""
    reachable: Floats = np.einsum("r,rf->f", _region_share(problem), problem.demand_bytes)
    return reachable


def _region_share(problem: PlacementProblem) -> Floats:
    """[R] sum of the shares of each region's points."""
    points = problem.points
    share = np.bincount(points.region, weights=points.share, minlength=problem.demand_bytes.shape[0])
    return share.astype(np.float64)


def _names(problem: PlacementProblem, files: Ints) -> str:
    shown = ", ".join(problem.file_ids[file] for file in files[:_NAMED])
    return f"{files.size} ({shown}{', ...' if files.size > _NAMED else ''})"


def _violation(problem: PlacementProblem, cache: int, kind: str, message: str) -> Violation:
    return Violation(kind, problem.cache_ids[cache], message)
