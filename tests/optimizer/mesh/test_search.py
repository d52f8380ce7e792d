"""The search as a whole: legal, as good as the exact program, the same for a seed, stopped by a clock."""

import time

import numpy as np
import pytest

from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.exact.pulp_highs import Limits
from fillplan_optimizer.mesh.clock import Clock
from fillplan_optimizer.mesh.effort import Effort
from fillplan_optimizer.mesh.greedy import greedy
from fillplan_optimizer.mesh.network import network
from fillplan_optimizer.mesh.program import improve
from fillplan_optimizer.mesh.search import search
from fillplan_optimizer.mesh.state import total
from fillplan_optimizer.result import Placement
from fillplan_optimizer.verifier import verify
from tests.optimizer.hashcode.contest import make
from tests.optimizer.mesh.cases import mesh_case

QUICK = Effort(relax_steps=60, visits=20, regions=2)
BY_PIECES = Effort(relax_steps=60, visits=40, regions=4, whole_pairs=0)
"""As in large networks, where no program states the whole."""


@pytest.mark.parametrize("effort", [QUICK, BY_PIECES], ids=["whole", "by pieces"])
@pytest.mark.parametrize("seed", range(80))
def test_a_legal_plan_under_a_bound_that_holds(seed, effort):
    problem, mesh = mesh_case(seed)
    found = search(mesh, effort, 1, Clock())
    verdict = verify(problem, Placement(found.files))
    assert verdict.violations == ()
    assert verdict.value == pytest.approx(found.worth, abs=1e-9)
    exact = Exact(Limits(gap=0.0)).place(problem)
    assert found.bound >= exact.value - 1e-6
    assert found.worth >= total(mesh, greedy(mesh)) - 1e-9
    if effort is QUICK:
        assert found.worth == pytest.approx(exact.value, abs=1e-5)


def test_every_piece_of_work_only_adds():
    mesh = network(make(300, 20, 1_500, 15, 400, 60, (2, 8), seed=1).problem())
    seen = []
    found = search(mesh, BY_PIECES, 0, Clock(), lambda work, now: seen.append((work, now.worth, now.bound)))
    assert seen[0][0] == "greedy"
    assert {"relaxation", "recreation", "regions", "gathering"} <= {work for work, _, _ in seen}
    worth, bound = np.array([row[1:] for row in seen]).T
    assert (np.diff(worth) >= 0).all() and (np.diff(bound) <= 0).all()
    assert worth[0] < found.worth <= found.bound < bound[0]


def test_the_seed_decides():
    mesh = network(make(300, 20, 1_500, 15, 400, 60, (2, 8), seed=3).problem())
    first, second = (search(mesh, BY_PIECES, 4, Clock()) for _ in range(2))
    assert (first.worth, first.bound) == (second.worth, second.bound)
    assert all(map(np.array_equal, first.files, second.files))


def test_a_flag_is_set_when_the_clock_is_over_or_stopped():
    with Clock.of(0.05).watched() as halt:
        assert halt[0] == 0
        time.sleep(0.3)
        assert halt[0] == 1
    clock = Clock()
    with clock.watched() as halt:
        time.sleep(0.05)
        assert halt[0] == 0
        clock.stopped.set()
        time.sleep(0.3)
        assert halt[0] == 1
    with clock.watched() as halt:
        assert halt[0] == 1


def test_an_order_to_stop_ends_the_search():
    mesh = network(make(300, 20, 1_500, 15, 400, 60, (2, 8), seed=3).problem())
    clock = Clock(time.perf_counter() + 3600)

    def stop(work, found):
        clock.stopped.set()

    found = search(mesh, Effort(regions=10**6), 0, clock, stop)
    assert found.rounds == 0 and found.worth > 0


def test_the_program_of_the_whole_hears_an_order_to_stop(monkeypatch):
    """It may take most of the time there is; nobody would wait for that after Ctrl-C."""
    clock, heard = Clock(), []

    def stopping(mesh, region, worth, limit):
        heard.append(limit.stopped())
        clock.stopped.set()
        heard.append(limit.stopped())
        return improve(mesh, region, worth, limit)

    monkeypatch.setattr("fillplan_optimizer.mesh.search.improve", stopping)
    mesh = network(make(60, 20, 600, 8, 60, 30, (3, 8), seed=0).problem())
    found = search(mesh, QUICK, 0, clock)
    assert heard == [False, True] and found.rounds == 0 and 0 < found.worth <= found.bound
