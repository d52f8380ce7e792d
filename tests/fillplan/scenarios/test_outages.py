"""Caches out of service in a problem of two regions reckoned by hand."""

import numpy as np
import pytest

from fillplan.scenarios.outages import without
from fillplan.scenarios.world import Outage
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.result import Placement
from fillplan_optimizer.service import serve


def all_of(problem: PlacementProblem) -> Placement:
    return Placement(tuple(np.flatnonzero(problem.allowed(c)) for c in range(problem.cache_count)))


def test_an_outage_loses_what_the_cache_served_less_what_its_parent_takes_over(problem: PlacementProblem) -> None:
    everything = all_of(problem)
    before = serve(problem, everything).cache_bytes
    out = without(problem, [Outage(frozenset({"de1"}), "parent")])
    after = serve(out, Placement((everything.files[0], everything.files[1], everything.files[2][:0]))).cache_bytes
    mid, fr1, de1 = range(3)
    assert after[de1] == 0
    assert after[fr1] == before[fr1]
    assert after[mid] == before[mid] + before[de1], "the parent holds the same files, so nothing is lost"
    bare = serve(out, Placement(tuple(files[:0] for files in everything.files))).cache_bytes
    assert bare.sum() == 0, "with an empty parent all is lost"


def test_sent_to_the_origin_nothing_is_taken_over(problem: PlacementProblem) -> None:
    everything = all_of(problem)
    out = without(problem, [Outage(frozenset({"de1"}), "origin")])
    before, after = serve(problem, everything), serve(out, everything)
    assert after.cache_bytes[0] == before.cache_bytes[0]
    assert after.cache_bytes[2] == 0


def test_siblings_take_the_share_as_it_was_split_among_them(problem: PlacementProblem) -> None:
    from dataclasses import replace

    twice = replace(
        problem,
        points=replace(problem.points, region=np.array([1, 1]), share=np.array([0.6, 0.2])),
    )
    out = without(twice, [Outage(frozenset({"fr1"}), "siblings")])
    assert out.points.share.tolist() == pytest.approx([0.0, 0.8])
    alone = without(problem, [Outage(frozenset({"fr1"}), "siblings")])
    assert alone.points.share.tolist() == problem.points.share.tolist(), "without siblings the parent is asked"


def test_what_is_pinned_there_is_not_asked_for(problem: PlacementProblem) -> None:
    out = without(problem, [Outage(frozenset({"de1"}), "parent")])
    assert len(problem.pinned[2]) and not len(out.pinned[2])
    assert [a.tolist() for a in out.pinned[:2]] == [a.tolist() for a in problem.pinned[:2]]
