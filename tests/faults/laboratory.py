"""One bad night after another: make the fault, run the night, judge what it left behind.

What must hold, whatever happens (`Broken` names what did not):

- the set in force is complete, and every digest in it is right;
- a night that fails leaves the set in force as it was (or, if it failed after the switch, the new one whole);
- it fails with a documented exit code, or the process is dead;
- a night that succeeds has in force what the verifier accepts against the tables;
- after a fault of the machine the next night succeeds, and no temporary litter stays.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from fillplan.pointers import pointers
from fillplan.runs import latest_run
from fillplan.workflow.steps import rollback_step, rollout_step
from fillplan.workspace import Workspace, locked
from fillplan_data.errors import WorkspaceBusy
from tests.faults.feeds import FEEDS, FILES, UNDATED
from tests.faults.machine import STATES, STRIKES, Killed, struck
from tests.faults.promises import (
    Base,
    Broken,
    check_in_force,
    check_litter,
    check_published,
    copy_of,
    first_pointer,
    in_force,
    make_base,
    run_night,
)
from tests.faults.quick import quick_nights
from tests.faults.world import write_tables

NIGHTS_PER_WORLD = 150
MENDED = 0.2
"""Share of bad feeds after which the mended feed is tried too."""


def bad_machine(base: Base, root: Path, kind: str, rng: np.random.Generator) -> int | None:
    """A night on a machine that fails, then one on a machine that is well again."""
    before = in_force(root)
    with STRIKES[kind](root, rng, base.changes):
        code = run_night(root, base.plan_date)
    check_in_force(root)
    if code and in_force(root) != before and "set.json" in before:
        check_published(root)
    _recover(base, root)
    if (latest_run(Workspace(root)).folder / "plan.parquet").read_bytes() != base.plan:
        raise Broken("what the next night took up has led to another plan than a night without a break")
    return code


def bad_state(base: Base, root: Path, kind: str, rng: np.random.Generator) -> int | None:
    """A night that finds the workspace damaged."""
    STATES[kind](root, rng)
    code = run_night(root, base.plan_date)
    if code:
        raise Broken(f"the night failed with exit code {code}")
    _recover(base, root)
    return code


def _recover(base: Base, root: Path) -> None:
    if code := run_night(root, base.plan_date):
        raise Broken(f"the night after failed with exit code {code}")
    check_in_force(root)
    check_published(root)
    check_litter(root)
    check_rest(base, root)


def check_rest(base: Base, root: Path) -> None:
    """The rest follows when the roll-out is finished; before, none that waits follows what nobody verified."""
    if not base.world.is_staged:
        return
    rollout_step(root, True, base.plan_date)
    check_in_force(root)
    if {link.resolve() for link in pointers(Workspace(root)).values()} != {first_pointer(root).resolve()}:
        raise Broken("the roll-out was finished, but not everybody follows the newest set")


def pointers_killed(
    move: Callable[[Path, date], object], base: Base, root: Path, rng: np.random.Generator
) -> int | None:
    """Killed while pointers move, all of them: each still points to a whole set, and the same command ends it."""
    if code := run_night(root, base.plan_date):
        raise Broken(f"the night failed with exit code {code}")
    with suppress(Killed), struck(root, int(rng.integers(1, 16)), Killed):
        move(root, base.plan_date)
    check_in_force(root)
    move(root, base.plan_date)
    check_in_force(root)
    check_litter(root)
    if len({link.resolve() for link in pointers(Workspace(root)).values()}) != 1:
        raise Broken("the pointers have not come together")
    _recover(base, root)
    return None


def _finish(root: Path, today: date) -> object:
    return rollout_step(root, True, today)


def _back(root: Path, today: date) -> object:
    return rollback_step(root)


def locked_out(base: Base, root: Path, rng: np.random.Generator) -> int | None:
    """Another command holds the workspace."""
    before = in_force(root)
    with locked(Workspace(root)):
        code = run_night(root, base.plan_date)
    if code != WorkspaceBusy.exit_code or in_force(root) != before:
        raise Broken(f"two nights at once: exit code {code}")
    _recover(base, root)
    return code


def clock_astray(base: Base, root: Path, rng: np.random.Generator) -> int | None:
    """The clock is set back or ahead by up to ten years, also between two nights."""
    shift = float(rng.uniform(-1, 1)) * 10 * 365 * 86_400
    real = time.time
    time.time = lambda: real() + shift
    try:
        code = run_night(root, base.plan_date)
    finally:
        time.time = real
    if code:
        raise Broken(f"the night failed with exit code {code}")
    _recover(base, root)
    return code


def date_for(base: Base, kind: str) -> date | None:
    """The plan date that the night of a bad feed is given, if any."""
    return None if kind in UNDATED else base.plan_date


def spoil(base: Base, root: Path, kind: str, rng: np.random.Generator) -> None:
    """Give a workspace a bad feed for its next night."""
    if kind in FILES:
        FILES[kind](root, rng)
        return
    tables = {name: [list(row) for row in rows] for name, rows in base.tables.items()}
    FEEDS[kind](tables, rng)
    shutil.rmtree(root / "input")
    write_tables(root, tables)


def bad_feed(base: Base, root: Path, kind: str, rng: np.random.Generator) -> int | None:
    """A night that is given a bad feed, then, now and then, one with the feed mended."""
    before = in_force(root)
    healthy = {path.name: path.read_bytes() for path in (root / "input").iterdir()}
    spoil(base, root, kind, rng)
    code = run_night(root, date_for(base, kind))
    check_in_force(root)
    if in_force(root) != before:
        check_published(root)
    elif code == 0:
        raise Broken("the night says that it was done, but nothing new is in force")
    check_litter(root)
    if code and rng.random() < MENDED:
        shutil.rmtree(root / "input")
        (root / "input").mkdir()
        for name, content in healthy.items():
            (root / "input" / name).write_bytes(content)
        _recover(base, root)
    return code


@dataclass(frozen=True)
class Night:
    """One bad night's outcome."""

    kind: str
    seed: int
    code: int | None
    broken: str | None


def kinds() -> dict[str, Callable[[Base, Path, np.random.Generator], int | None]]:
    """Every fault by name."""
    found: dict[str, Callable[[Base, Path, np.random.Generator], int | None]] = {}
    for kind in STRIKES:
        found[kind] = partial(_named, bad_machine, kind)
    for kind in STATES:
        found[kind] = partial(_named, bad_state, kind)
    for kind in (*FEEDS, *FILES):
        found[f"feed: {kind}"] = partial(_named, bad_feed, kind)
    return found | {
        "two nights at once": locked_out,
        "clock astray": clock_astray,
        "roll-out killed": partial(pointers_killed, _finish),
        "rollback killed": partial(pointers_killed, _back),
    }


def _named(run: Callable[..., int | None], kind: str, base: Base, root: Path, rng: np.random.Generator) -> int | None:
    return run(base, root, kind, rng)


def bad_nights(count: int, seed: int, folder: Path, first: int = 0) -> Iterator[Night]:
    """So many bad nights from number `first` on, the kinds in turn, a new world after every `NIGHTS_PER_WORLD`.

    Each follows from (seed, number) alone, so that a long run can be taken up again where it ended.
    """
    names, world = list(kinds()), -1
    with quick_nights():
        for number in range(first, first + count):
            if world != number // NIGHTS_PER_WORLD:
                world = number // NIGHTS_PER_WORLD
                base = make_base(seed + world, folder / f"world-{world}")
            yield one_night(base, names[number % len(names)], night_seed(seed, number), folder / "night")
            if number % NIGHTS_PER_WORLD == NIGHTS_PER_WORLD - 1:
                shutil.rmtree(base.folder)


def nights_between(first: int, end: int, seed: int, folder: Path) -> list[Night]:
    """Bad nights from one number up to another, for a process of their own."""
    return list(bad_nights(end - first, seed, folder / f"from-{first}", first))


def night_seed(seed: int, number: int) -> int:
    """Seed of one bad night of a run."""
    return seed * 1_000_003 + number


def one_night(base: Base, kind: str, seed: int, root: Path) -> Night:
    """A bad night of one kind on a copy of the base, judged."""
    copy_of(base, root)
    try:
        return Night(kind, seed, kinds()[kind](base, root, np.random.default_rng(seed)), None)
    except Exception as error:
        return Night(kind, seed, None, f"{type(error).__name__}: {error}")
    finally:
        shutil.rmtree(root)
