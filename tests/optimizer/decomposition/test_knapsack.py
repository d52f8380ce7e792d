"""One cache's whole files against every choice of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplan_data.arrays import Bools, Floats
from fillplan_optimizer.decomposition import knapsack
from fillplan_optimizer.decomposition.knapsack import Search, best_choice, choice_of
from fillplan_optimizer.decomposition.tree import Tree
from tests.optimizer.decomposition.cases import tiny_trees, trees
from tests.optimizer.instances import tree

EXACT = Search(gap=0.0, nodes=1000)


def _choices(tree: Tree, node: int) -> list[Bools]:
    """Every choice that keeps the limits of a node."""
    kept = []
    for bits in product((False, True), repeat=tree.file_count):
        hold = np.array(bits, dtype=np.bool_)
        fresh = hold & ~tree.held[node]
        needs = np.flatnonzero(hold & (tree.companion >= 0))
        audio = tree.companion[needs]
        sound = (hold <= tree.allowed[node]).all() and (hold >= tree.pinned[node]).all()
        fits = tree.size[hold].sum() <= tree.storage[node] and tree.size[fresh].sum() <= tree.fill[node]
        if sound and fits and (hold[audio] | ~tree.allowed[node][audio]).all():
            kept.append(hold)
    return kept


def _case(seed: int) -> tuple[Tree, int, Floats, list[Bools]]:
    """A cache with a worth per file, some of it negative, and its choices by falling worth."""
    trees = tiny_trees(seed, files=6) or tiny_trees(seed + 2, files=6)
    if not trees:
        return _case(seed + 1)
    tree, rng = trees[0], np.random.default_rng(seed)
    node = int(np.flatnonzero(tree.cache >= 0)[-1])
    worth = np.round(rng.normal(4.0, 6.0, tree.file_count), 1)
    return tree, node, worth, sorted(_choices(tree, node), key=lambda hold: -worth[hold].sum())


@settings(max_examples=150)
@given(st.integers(0, 10**6), st.integers(0, 3))
def test_what_is_settled_beforehand_loses_no_better_choice(seed: int, rank: int) -> None:
    """At any price of bytes: the best choice is found, from any known one."""
    tree, node, worth, choices = _case(seed)
    best, known = choices[0], choices[min(rank, len(choices) - 1)]
    price = float(np.random.default_rng(seed + 1).exponential(2.0))
    reduced = worth - price * tree.size
    may = tree.allowed[node] & ~tree.pinned[node]
    most = price * tree.storage[node] + reduced[tree.pinned[node]].sum() + np.maximum(reduced[may], 0.0).sum()
    loss = float(most - worth[known].sum())
    if loss <= 1e-9:
        return
    bound, hold = best_choice(tree, node, worth, choice_of(tree, node, reduced, loss), known, loss, EXACT)
    assert bound >= worth[best].sum() - 1e-9
    assert bound <= worth[best].sum() + 1e-4 * max(1.0, loss)
    assert hold is not None
    assert worth[hold].sum() == pytest.approx(worth[best].sum(), abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_where_a_start_misleads_highs_it_searches_again_without(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in `exact.pulp_highs`: then its objective is not that of its values."""
    asked: list[bool] = []
    monkeypatch.setattr(knapsack, "adds_up", lambda model: asked.append(True))
    tree, node, worth, choices = _case(seed)
    least = np.full(tree.file_count, -1e-9)
    loss = float(worth[choices[0]].sum() - worth[choices[-1]].sum()) + 1.0
    choice = choice_of(tree, node, least, loss)
    bound, hold = best_choice(tree, node, worth, choice, choices[-1], loss, EXACT)
    assert asked == [True]
    assert hold is not None
    assert worth[hold].sum() == pytest.approx(worth[choices[0]].sum(), abs=1e-9)
    assert bound == pytest.approx(worth[choices[0]].sum(), abs=1e-4 * loss)


def test_a_settled_video_brings_its_audio_and_a_settled_audio_keeps_its_videos_out() -> None:
    tree = next(tree for seed in range(100) for tree in tiny_trees(seed, files=6) if _company(tree) is not None)
    node, video = _company(tree) or (0, 0)
    audio = int(tree.companion[video])
    tree.pinned[node] = False
    reduced = np.zeros(tree.file_count)
    reduced[video] = 10.0
    choice = choice_of(tree, node, reduced, 1.0)
    assert choice.taken[video]
    assert choice.least[choice.free.tolist().index(audio)]
    reduced[video], reduced[audio] = 0.0, -10.0
    choice = choice_of(tree, node, reduced, 1.0)
    assert not choice.taken[audio]
    assert not choice.most[choice.free.tolist().index(video)]


def test_a_choice_without_main_audio_is_none() -> None:
    """The video is settled in, its audio out: no choice is better than the known one, and what is left is unsound."""
    tree = next(tree for seed in range(100) for tree in tiny_trees(seed, files=6) if _company(tree) is not None)
    node, video = _company(tree) or (0, 0)
    audio = int(tree.companion[video])
    tree.pinned[node] = False
    roomy = replace(tree, storage=tree.storage + 10**9, fill=tree.fill + 10**9)
    reduced = np.zeros(tree.file_count)
    reduced[video], reduced[audio] = 10.0, -10.0
    choice = choice_of(roomy, node, reduced, 1.0)
    known = np.zeros(tree.file_count, dtype=np.bool_)
    assert choice.taken[video] and not choice.taken[audio]
    assert best_choice(roomy, node, reduced, choice, known, 1.0, EXACT)[1] is None


def _company(tree: Tree) -> tuple[int, int] | None:
    """A node and a video whose main audio it may hold too."""
    for node in np.flatnonzero(tree.cache >= 0).tolist():
        for video in np.flatnonzero(tree.allowed[node] & (tree.companion >= 0)).tolist():
            if tree.allowed[node][tree.companion[video]]:
                return node, video
    return None


def test_a_choice_that_is_a_byte_too_large_is_none() -> None:
    """HiGHS takes a row for kept that is over by a millionth of the largest file."""
    (one,) = trees(tree([-1], [1.0], [10**9, 10**9], [[3.0, 2.0]], storage=[2 * 10**9 - 1]))
    worth, known = np.array([3.0, 2.0]), np.array([True, False])
    node = int(np.flatnonzero(one.cache >= 0)[0])
    bound, hold = best_choice(one, node, worth, choice_of(one, node, np.zeros(2), 5.0), known, 5.0, EXACT)
    assert bound >= 3.0
    assert hold is None
