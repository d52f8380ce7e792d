"""Byte and companion prices of one node against everything near them."""

from __future__ import annotations

import numpy as np
import pytest

from fillplan_optimizer.decomposition import kernels
from fillplan_optimizer.decomposition.byte_prices import settle_ties
from fillplan_optimizer.decomposition.core import copy
from tests.optimizer.decomposition.cases import isolated


@pytest.mark.parametrize("seed", range(6))
def test_no_byte_prices_are_better_than_the_settled_ones(seed: int) -> None:
    core, levels, node, off, on = isolated(seed, limited=False)
    scratch, worth, short = np.zeros((6, len(core.at))), np.zeros(len(core.at)), np.zeros(9, dtype=np.bool_)
    kernels.settle_node(core, levels, node, off, on, short, scratch, worth)
    settled = kernels.node_dual(core, levels, node, off, on)
    rng = np.random.default_rng(seed)
    at, best = (float(levels.storage[node]), float(levels.fill[node])), copy(levels)
    for step in (1e-4, 1e-2, 0.3, 3.0):
        for _ in range(60):
            levels.storage[node] = max(0.0, at[0] + step * sum(at) * rng.normal())
            levels.fill[node] = max(0.0, at[1] + step * sum(at) * rng.normal())
            settle_ties(core, levels, node, worth)
            assert kernels.node_dual(core, levels, node, off, on) >= settled * (1 - 1e-9)
    assert best.storage[node] == at[0]


@pytest.mark.parametrize("seed", range(4))
def test_no_companion_prices_are_better_than_the_settled_ones(seed: int) -> None:
    core, levels, node, off, on = isolated(seed, limited=False)
    scratch, worth, short = np.zeros((6, len(core.at))), np.zeros(len(core.at)), np.zeros(9, dtype=np.bool_)
    kernels.settle_node(core, levels, node, off, on, short, scratch, worth)
    settled, tie = kernels.node_dual(core, levels, node, off, on), levels.tie.copy()
    assert tie.any()
    rng = np.random.default_rng(seed)
    for _ in range(200):
        levels.tie[:] = tie
        for j in rng.integers(core.leaders[node], core.leaders[node + 1], 3):
            entries = core.follower[core.followers[j] : core.followers[j + 1]]
            levels.tie[entries] = np.maximum(0.0, tie[entries] + rng.normal(size=len(entries)) * settled * 1e-3)
            levels.tie[core.leader[j]] = -levels.tie[entries].sum()
        assert kernels.node_dual(core, levels, node, off, on) >= settled * (1 - 1e-12)
