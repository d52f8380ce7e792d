"""Compiled packing of one cache: whole files in falling reduced density."""

from __future__ import annotations

from fillplan_optimizer.decomposition.core import Core
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.problem import Bools, Floats, Ints


@kernel
def admit(core: Core, n: int, order: Ints, gain: Floats, hold: Bools, spare: Floats) -> None:
    """Hold entries in the given order where they fit; a follower brings its leader if both together gain.

    gain: [M] worth net of fill cost. spare: [2] storage and fill left, changed in place.
    """
    for i in order:
        if hold[i]:
            continue
        size = core.size[core.at[i]]
        fresh = size if i >= core.fresh[n] else 0.0
        value, a = gain[i], core.audio[i]
        brings = a >= 0 and not hold[a]
        if brings:
            size += core.size[core.at[a]]
            fresh += core.size[core.at[a]] if a >= core.fresh[n] else 0.0
            value += gain[a]
        if value > 0.0 and size <= spare[0] and fresh <= spare[1]:
            hold[i] = True
            if brings:
                hold[a] = True
            spare[0] -= size
            spare[1] -= fresh


@kernel
def drop_idle_leaders(core: Core, n: int, gain: Floats, hold: Bools, spare: Floats) -> None:
    """Let go of leaders, with their followers, that together lose worth."""
    for j in range(core.leaders[n], core.leaders[n + 1]):
        a = core.leader[j]
        if not hold[a]:
            continue
        total = gain[a]
        for c in range(core.followers[j], core.followers[j + 1]):
            if hold[core.follower[c]]:
                total += gain[core.follower[c]]
        if total >= 0.0:
            continue
        release(core, n, a, hold, spare)
        for c in range(core.followers[j], core.followers[j + 1]):
            if hold[core.follower[c]]:
                release(core, n, core.follower[c], hold, spare)


@kernel
def release(core: Core, n: int, i: int, hold: Bools, spare: Floats) -> None:
    """Stop holding an entry."""
    hold[i] = False
    spare[0] += core.size[core.at[i]]
    if i >= core.fresh[n]:
        spare[1] += core.size[core.at[i]]
