"""What is set aside before the relaxation loses nothing, and the rest is laid out as the mesh has it."""

import numpy as np
import pytest

from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.mesh.copies import copies, floors, offer, stays, with_companions
from fillplan_optimizer.mesh.network import ALLOWED, FRESH
from fillplan_optimizer.problem import PlacementProblem
from tests.optimizer.mesh.cases import mesh_case


def with_pins(problem: PlacementProblem, kept) -> PlacementProblem:
    """The problem in which what stays must stay."""
    pinned = tuple(np.union1d(mine, np.flatnonzero(row)) for mine, row in zip(problem.pinned, kept, strict=True))
    values = {name: getattr(problem, name) for name in problem.__dataclass_fields__}
    return PlacementProblem(**(values | {"pinned": pinned}))


def test_keeping_what_stays_loses_nothing():
    some = 0
    for seed in range(60):
        problem, mesh = mesh_case(seed)
        kept = stays(mesh)
        some += kept.any()
        assert not (kept & ((mesh.flag & ALLOWED == 0) | (mesh.flag & FRESH != 0))).any()
        if kept.any():
            best = Exact(Limits(gap=0.0)).place(problem).value
            assert Exact(Limits(gap=0.0)).place(with_pins(problem, kept)).value == pytest.approx(best, abs=1e-6)
    assert some > 5


@pytest.mark.parametrize("seed", range(20))
def test_links_lead_to_whatever_serves_a_row_better_than_its_floor(seed):
    _, mesh = mesh_case(seed)
    rng = np.random.default_rng(seed)
    kept = stays(mesh)
    floor = floors(mesh, kept)
    chosen = with_companions(mesh, (rng.random(mesh.flag.shape) < 0.5) & (mesh.flag & ALLOWED != 0)) & ~kept
    opened = copies(mesh, chosen, floor, 3)
    owner = np.repeat(np.arange(len(mesh.size)), np.diff(mesh.start))
    seen = {
        (int(opened.row[r]), int(opened.cache[opened.copy[k]])): opened.worth[k]
        for r in range(len(opened.row))
        for k in range(opened.link[r], opened.link[r + 1])
    }
    expected = {
        (row, int(cache)): mesh.weight[row] * mesh.worth[cache, mesh.point[row]]
        for row in range(len(mesh.weight))
        for cache in np.flatnonzero(chosen[:, owner[row]])
        if mesh.weight[row] * mesh.worth[cache, mesh.point[row]] > floor[row]
    }
    assert seen == pytest.approx(expected)
    for row in range(len(mesh.weight)):
        served = mesh.worth[kept[:, owner[row]], mesh.point[row]]
        assert floor[row] == pytest.approx(mesh.weight[row] * served.max(initial=0.0))


@pytest.mark.parametrize("seed", range(20))
def test_companions_are_among_the_copies_of_their_videos(seed):
    _, mesh = mesh_case(seed)
    chosen = with_companions(mesh, (mesh.flag & ALLOWED != 0) & (mesh.companion >= 0))
    opened = copies(mesh, chosen, np.zeros(len(mesh.weight)), 2)
    for copy, mate in enumerate(opened.mate):
        cache, companion = opened.cache[copy], mesh.companion[opened.file[copy]]
        asked = companion >= 0 and mesh.flag[cache, companion] & ALLOWED
        assert (mate >= 0) == bool(asked)
        if asked:
            assert opened.file[opened.start[cache] + mate] == companion


def test_parts_of_rows_offer_to_copies_of_their_own():
    _, mesh = mesh_case(3)
    opened = copies(mesh, mesh.flag & ALLOWED != 0, np.zeros(len(mesh.weight)), 3)
    whole, touched = np.zeros(len(opened.file)), []
    offer(opened, np.zeros(len(opened.row)), whole, 0, len(opened.row))
    for first, last in zip(opened.part[:-1], opened.part[1:], strict=True):
        part = np.zeros(len(opened.file))
        offer(opened, np.zeros(len(opened.row)), part, first, last)
        touched.append(part > 0)
        whole -= part
    assert whole == pytest.approx(np.zeros(len(whole)), abs=1e-9)
    assert (np.sum(touched, axis=0) <= 1).all()
