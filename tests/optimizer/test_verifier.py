from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_optimizer.greedy import DensityGreedy
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import Service, net_value, serve
from fillplan_optimizer.verifier import check_service, verify
from tests.optimizer.instances import network, placement, tiny, tree

GOOD = {
    "parent": [1, -1],
    "value": [2.0, 1.0],
    "size": [4, 1, 3],
    "demand": [[8, 2, 3]],
    "companion": [1, -1, -1],
    "held": [[2], []],
}
"""File 0 is a video, file 1 its main audio; cache 0 holds file 2 already."""


def kinds(problem, chosen):
    return {violation.kind for violation in verify(problem, chosen).violations}


def test_a_sound_placement_has_no_violation_and_the_right_figures():
    problem = tree(**GOOD, fill_cost=0.5)
    verdict = verify(problem, placement([0, 1, 2], []))
    assert verdict.violations == ()
    assert verdict.used_bytes.tolist() == [8, 0]
    assert verdict.fill_bytes.tolist() == [5, 0], "file 2 is there already"
    assert verdict.value == 2 * 13 - 0.5 * 5
    assert verdict.offload == 1.0


def test_nothing_requested_is_an_offload_of_zero():
    problem = tree([-1], [1.0], [1], [[0.0]])
    assert verify(problem, placement([0])).offload == 0.0


@pytest.mark.parametrize(
    ("kind", "changes", "files"),
    [
        ("storage", {"storage": [7, 9]}, [0, 1, 2]),
        ("fill", {"budget": [4, 9]}, [0, 1, 2]),
        ("blocked", {"blocked": [[2], []]}, [2]),
        ("rights", {"closed": [(0, 2)]}, [2]),
        ("pinned", {"pinned": [[1], []]}, [2]),
        ("companion", {}, [0]),
        ("index", {}, [7]),
        ("index", {}, [-1]),
        ("index", {}, [2, 1]),
        ("duplicate", {}, [2, 2]),
    ],
)
def test_each_broken_rule_is_named_alone(kind, changes, files):
    problem = tree(**{**GOOD, **changes})
    assert kinds(problem, placement(files, [])) == {kind}


@pytest.mark.parametrize(
    ("changes", "files"),
    [
        ({"storage": [8, 9]}, [0, 1, 2]),
        ({"budget": [5, 9]}, [0, 1, 2]),
        ({"blocked": [[1], []]}, [0]),
        ({"closed": [(0, 1)]}, [0]),
        ({"pinned": [[1], []], "blocked": [[1], []]}, []),
        ({"pinned": [[1], []], "closed": [(0, 1)]}, []),
        ({"companion": [-1, -1, -1]}, [0]),
    ],
    ids=["storage", "fill", "audio blocked", "audio closed", "block beats pin", "rights beat pin", "exempt"],
)
def test_the_edge_of_each_rule_is_allowed(changes, files):
    problem = tree(**{**GOOD, **changes})
    assert kinds(problem, placement(files, [])) == set()


def test_messages_carry_the_cache_and_the_numbers():
    verdict = verify(tree(**{**GOOD, "storage": [7, 9]}), placement([0, 1, 2], []))
    assert str(verdict.violations[0]) == "c0: holds 8 bytes, 1 more than its storage of 7"


def test_another_number_of_caches_is_refused():
    with pytest.raises(ValueError, match="expected files of 2 caches, found 1"):
        verify(tree(**GOOD), placement([0]))


@pytest.mark.parametrize(("kind", "served"), [("serve_limit", [6.0]), ("demand", [-1e-9]), ("demand", [9.0])])
def test_a_wrong_service_is_caught(kind, served):
    limit = [5.0] if kind == "serve_limit" else [100.0]
    problem = tree([-1], [1.0], [1], [[8.0]], limit=limit)
    wrong = Service((np.array(served),), (np.array(served),))
    assert {violation.kind for violation in check_service(problem, placement([0]), wrong)} == {kind}


@pytest.mark.parametrize(("second", "kinds_found"), [(0.4, set()), (0.4 + 1e-10, set()), (0.4 + 1e-8, {"demand"})])
def test_points_that_stand_for_more_than_their_region_are_refused(second, kinds_found):
    """Else offload would exceed what is requested."""
    problem = tree([-1, -1], [1.0, 1.0], [1], [[8.0], [0.0]])
    points = replace(problem.points, region=np.array([0, 0]), share=np.array([0.6, second]))
    crowded = replace(problem, points=points)
    assert kinds(crowded, placement([0], [0])) == kinds_found
    if kinds_found:
        assert "the region that asks c0, c1" in str(verify(crowded, placement([0], [0])).violations[0])


@given(seed=st.integers(0, 10**6), data=st.data())
@settings(max_examples=100)
def test_every_mutation_of_a_sound_placement_that_breaks_a_rule_is_seen(seed, data):
    """Add or drop one file: the verdict must agree with the limits counted by hand."""
    problem = tiny(seed)
    sound = DensityGreedy().place(problem).placement
    assert verify(problem, sound).violations == ()
    cache = data.draw(st.integers(0, problem.cache_count - 1))
    file = data.draw(st.integers(0, problem.file_count - 1))
    files = set(sound.files[cache].tolist()) ^ {file}
    mutant = [held.tolist() for held in sound.files]
    mutant[cache] = sorted(files)
    size, now = problem.size_bytes, set(problem.held[cache].tolist())
    may = {f for f in range(problem.file_count) if problem.allowed(cache)[f]}
    expected = set()
    if sum(size[list(files)]) > problem.storage_bytes[cache]:
        expected.add("storage")
    if sum(size[list(files - now)]) > problem.fill_budget_bytes[cache]:
        expected.add("fill")
    if files & set(problem.blocked[cache].tolist()):
        expected.add("blocked")
    if any(not problem.rights[cache, problem.title[f]] for f in files):
        expected.add("rights")
    if (set(problem.pinned[cache].tolist()) & may) - files:
        expected.add("pinned")
    if any(problem.companion[f] in may - files for f in files):
        expected.add("companion")
    assert kinds(problem, placement(*mutant)) == expected


def test_the_value_is_the_same_by_another_path():
    problem = network(30, 6, 2, seed=4)
    chosen = Placement(tuple(held[problem.allowed(c)[held]] for c, held in enumerate(problem.held)))
    verdict = verify(problem, chosen)
    assert verdict.value == net_value(problem, chosen)
    assert verdict.service.total_worth == serve(problem, chosen).total_worth
