"""HiGHS finds the best holdings of a region, proves them, and never breaks a rule by its tolerances."""

from itertools import product

import numpy as np
import pytest

from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.mesh import program
from fillplan_optimizer.mesh.greedy import greedy
from fillplan_optimizer.mesh.network import FORCED, FRESH, network
from fillplan_optimizer.mesh.program import Effort, improve
from fillplan_optimizer.mesh.region import Core, everything, region_of
from fillplan_optimizer.mesh.state import empty, load
from tests.optimizer.hashcode.contest import make
from tests.optimizer.instances import tree
from tests.optimizer.mesh.cases import mesh_case

EXACT = Effort(gap=0.0)


def best_by_hand(mesh, region):
    """Most that any choice of the region's copies is worth under all rules."""
    best = -np.inf
    where = region.caches[region.cache]
    flags, size = mesh.flag[where, region.file], mesh.size[region.file]
    number = {pair: k for k, pair in enumerate(zip(region.cache.tolist(), region.file.tolist(), strict=True))}
    companion = [number.get((c, int(mesh.companion[f])), -1) for c, f in number]
    for bits in product((False, True), repeat=len(region.file)):
        hold = np.array(bits, dtype=bool)
        if (((flags & FORCED != 0) | region.stays) & ~hold).any():
            continue
        if any(hold[k] and other >= 0 and not hold[other] for k, other in enumerate(companion)):
            continue
        used = np.bincount(region.cache, size * hold, len(region.caches))
        fill = np.bincount(region.cache, size * (hold & (flags & FRESH != 0)), len(region.caches))
        if (used <= mesh.storage[region.caches]).all() and (fill <= mesh.budget[region.caches]).all():
            best = max(best, region.value(hold.astype(float)))
    return best


@pytest.mark.parametrize("seed", range(25))
def test_the_best_of_all_choices_of_some_caches_the_others_as_they_stand(seed):
    mesh = mesh_case(seed, files=5)[1]
    state, rng = greedy(mesh), np.random.default_rng(seed)
    caches = np.arange(len(mesh.storage))[:2]
    core = everything(mesh)._replace(sure=rng.random(mesh.flag.shape) < 0.2)
    region = region_of(mesh, state, caches, np.full(len(caches), -np.inf), core)
    answer = improve(mesh, region, 1.0, EXACT)
    before = region.value(region.held.astype(float))
    assert answer.solved
    assert before + answer.gain == pytest.approx(best_by_hand(mesh, region), abs=1e-5)
    assert before + answer.bound_gain >= best_by_hand(mesh, region) - 1e-5
    if answer.hold is not None:
        assert region.value(answer.hold.astype(float)) == pytest.approx(before + answer.gain)


def whole(mesh, state, core=None):
    caches = np.arange(len(mesh.storage))
    return region_of(mesh, state, caches, np.full(len(caches), -np.inf), core or everything(mesh))


def test_what_is_the_best_is_proven_and_left_alone():
    mesh = network(tree([-1], [1.0], [2, 3], [[5.0, 4.0]], storage=[3]))
    answer = improve(mesh, whole(mesh, load(mesh, (np.array([0]),))), 5.0, EXACT)
    assert answer.hold is None and answer.gain == 0.0 and answer.solved
    assert answer.bound_gain == pytest.approx(0.0, abs=1e-6)


def test_what_is_sure_stays_though_another_is_better():
    mesh = network(tree([-1], [1.0], [2, 2], [[5.0, 9.0]], storage=[2]))
    state = load(mesh, (np.array([0]),))
    assert improve(mesh, whole(mesh, state), 5.0, EXACT).gain == pytest.approx(4.0)
    sure = Core(np.ones((1, 2), dtype=bool), np.array([[True, False]]))
    assert improve(mesh, whole(mesh, state, sure), 5.0, EXACT).hold is None


def test_bytes_are_counted_whole_where_the_solver_sees_large_numbers():
    """A byte too many in ten million million is within its tolerances; such an answer is no answer."""
    half = 5 * 10**12 + 1
    problem = tree([-1], [1.0], [half, half - 1, half - 2], [[9.0, 8.0, 1.0]], storage=[2 * half - 2])
    mesh = network(problem)
    answer = improve(mesh, whole(mesh, empty(mesh)), 10.0, EXACT)
    if answer.hold is not None:
        held = whole(mesh, empty(mesh)).file[answer.hold]
        assert mesh.size[held].sum() <= mesh.storage[0] and answer.gain <= 10.0


@pytest.mark.parametrize(
    ("hold", "keeps"),
    [
        ([True, True, False], True),
        ([True, False, False], False),
        ([False, False, True], True),
        ([True, True, True], False),
        ([False, True, True], False),
        ([False, False, False], True),
    ],
)
def test_limits_in_whole_units(hold, keeps):
    """A video of 4 with its audio of 2, another file of 3: room for 8, and 6 of fill, of which the audio takes 2."""
    mesh = network(tree([-1], [1.0], [4, 2, 3], [[1.0, 1.0, 1.0]], companion=[1, -1, -1], storage=[8], budget=[6]))
    region = whole(mesh, empty(mesh))
    assert region.file.tolist() == [0, 1, 2]
    if hold == [False, True, True]:
        mesh = mesh._replace(budget=np.array([4]))
    assert program._keeps_limits(mesh, region, np.array(hold)) == keeps


def test_an_answer_that_breaks_a_limit_is_not_taken(monkeypatch):
    mesh = network(tree([-1], [1.0], [2, 3], [[5.0, 4.0]], storage=[3]))
    monkeypatch.setattr(program, "_keeps_limits", lambda *_: False)
    answer = improve(mesh, whole(mesh, empty(mesh)), 1.0, EXACT)
    assert (answer.hold, answer.gain, answer.solved) == (None, 0.0, False)
    assert answer.bound_gain >= 5.0 - 1e-6, "what was proven still holds"


def test_a_standing_of_no_worth_can_be_bettered():
    mesh = network(tree([-1], [1.0], [2], [[5.0]]))
    region = whole(mesh, empty(mesh))
    assert improve(mesh, region, 0.0, EXACT).gain == pytest.approx(5.0)


@pytest.mark.parametrize("seed", range(30))
def test_all_caches_as_one_region_give_the_optimum(seed):
    problem, mesh = mesh_case(seed)
    best = Exact(Limits(gap=0.0)).place(problem).value
    region = region_of(mesh, empty(mesh), np.arange(len(mesh.storage)), np.zeros(len(mesh.storage)), everything(mesh))
    answer = improve(mesh, region, 1.0, Effort(gap=0.0))
    assert answer.gain == pytest.approx(best, abs=1e-5) or (answer.hold is None and best <= 1e-5)
    assert answer.bound_gain >= best - 1e-5


def test_an_order_to_stop_ends_the_program_with_what_it_has():
    mesh = network(make(60, 20, 600, 8, 60, 30, (3, 8), seed=0).problem())
    caches = np.arange(len(mesh.storage))
    region = region_of(mesh, empty(mesh), caches, np.zeros(len(caches)), everything(mesh))
    asked = []
    answer = improve(mesh, region, 1.0, Effort(gap=0.0, nodes=50, stopped=lambda: bool(asked.append(1)) or True))
    patient = improve(mesh, region, 1.0, Effort(gap=0.0, nodes=50))
    assert asked and not answer.solved
    assert answer.gain <= patient.gain <= patient.bound_gain <= answer.bound_gain
