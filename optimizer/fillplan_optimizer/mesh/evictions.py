"""What must go where something comes: the cheapest files of a cache to free so much room, and a bound on their loss."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_optimizer.decomposition.jit import kernel
from fillplan_optimizer.mesh.draw import draw
from fillplan_optimizer.mesh.jit import inlined
from fillplan_optimizer.mesh.network import FORCED, FRESH, Mesh
from fillplan_optimizer.mesh.state import State

WINDOW = 64
"""Slots looked at when something must go; larger caches show a random stretch of so many."""
MOST = 24
"""Evictions that one insertion may cause."""


@kernel
def victims(
    mesh: Mesh,
    state: State,
    cache: int,
    room: int,
    fill: int,
    spared: int,
    most: float,
    rng: Ints,
    out: Ints,
    density: Floats,
) -> tuple[float, int]:
    """Files whose dropping frees `room` units and `fill` fresh units at least loss found; inf if there are none.

    `spared` must stay. Either one file, or the least dense one after the other; nothing that loses over `most`.
    """
    slots, keep, size, flag = state.slot[cache], state.keep[cache], mesh.size, mesh.flag[cache]
    count = state.amount[cache]
    first = int(draw(rng) * count) if count > WINDOW else 0
    last = min(count, first + WINDOW)
    first = max(0, last - WINDOW)
    single, single_loss = _alone(mesh, state, cache, first, last, room, fill, spared, most, density)
    n, loss = 0, 0.0
    while (room > 0 or fill > 0) and n < MOST and loss < single_loss:
        pick = int(np.argmin(density[: last - first])) if last > first else -1
        if pick < 0 or density[pick] == np.inf or (room > 0 and loss + density[pick] * room >= single_loss):
            break
        density[pick] = np.inf
        file = slots[first + pick]
        fresh = flag[file] & FRESH != 0
        if room <= 0 and not fresh:
            continue
        out[n] = file
        n += 1
        loss += keep[first + pick]
        room -= size[file]
        fill -= size[file] if fresh else 0
    if room <= 0 and fill <= 0 and loss < single_loss:
        return loss, n
    if single < 0:
        return np.inf, 0
    out[0] = single
    return single_loss, 1


@kernel
def _alone(
    mesh: Mesh,
    state: State,
    cache: int,
    first: int,
    last: int,
    room: int,
    fill: int,
    spared: int,
    most: float,
    density: Floats,
) -> tuple[int, float]:
    """The file whose dropping alone is enough at least loss, -1 if none is; also what each slot loses per unit."""
    slots, keep, size, flag = state.slot[cache], state.keep[cache], mesh.size, mesh.flag[cache]
    needed = state.needed[cache] if state.needed.shape[0] > 1 else state.needed[0]
    tied = len(needed) == len(size)
    single, single_loss = -1, most
    for slot in range(first, last):
        file = slots[slot]
        if flag[file] & FORCED or file == spared or (tied and needed[file] > 0):
            density[slot - first] = np.inf
            continue
        density[slot - first] = keep[slot] / size[file]
        enough = size[file] >= room and (fill <= 0 or (flag[file] & FRESH and size[file] >= fill))
        if enough and keep[slot] < single_loss:
            single, single_loss = file, keep[slot]
    return single, single_loss


@inlined
def stairs_of(mesh: Mesh, state: State, cache: int, stairs: Floats) -> int:
    """Least loss at which room can be freed, as a convex curve: [2 k] units up to step k, [2 k + 1] loss per unit.

    Returns the number of steps; free room comes first. Only as many steps as the scratch takes, then flat.
    """
    slots, keep, size = state.slot[cache], state.keep[cache], mesh.size
    count = state.amount[cache]
    stairs[0] = min(mesh.storage[cache] - state.used[cache], mesh.budget[cache] - state.filled[cache])
    stairs[1] = 0.0
    steps = 1
    most = len(stairs) // 2 - 1
    for slot in range(count):
        units = size[slots[slot]]
        density = max(0.0, keep[slot] / units)
        if steps > most and density >= stairs[2 * steps - 1]:
            continue
        at = min(steps, most)
        while at > 1 and stairs[2 * at - 1] > density:
            stairs[2 * at] = stairs[2 * at - 2]
            stairs[2 * at + 1] = stairs[2 * at - 1]
            at -= 1
        stairs[2 * at] = units
        stairs[2 * at + 1] = density
        steps = min(steps + 1, most + 1)
    return steps


@inlined
def least_loss(stairs: Floats, steps: int, room: float) -> float:
    """What freeing `room` units loses at least."""
    loss = 0.0
    for k in range(steps):
        if room <= stairs[2 * k]:
            return loss + room * stairs[2 * k + 1]
        loss += stairs[2 * k] * stairs[2 * k + 1]
        room -= stairs[2 * k]
    return loss + room * stairs[2 * steps - 1]
