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
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from fillplan.plan import Plan
from fillplan.pointers import pointers
from fillplan.publication import verify_run
from fillplan.runs import latest_run
from fillplan.sets import set_faults
from fillplan.stages import Stages
from fillplan.workflow.gating import GATES
from fillplan.workflow.inputs import FOR_PLAN, Inputs, load_inputs
from fillplan.workflow.night import _problem_of
from fillplan.workflow.steps import nightly_step, rollback_step, rollout_step
from fillplan.workspace import Workspace, locked
from fillplan_data.errors import WorkspaceBusy
from fillplan_optimizer.problem import PlacementProblem
from fillplan_optimizer.verifier import verify
from tests.faults.feeds import FEEDS, FILES, HARM, Tables
from tests.faults.machine import STATES, STRIKES, Killed, struck
from tests.faults.quick import quick_nights
from tests.faults.world import World, write_settings, write_tables

NIGHTS_BEFORE = 2
"""Good nights of a world before the bad one."""
NIGHTS_PER_WORLD = 150
UNEXPECTED = 1
MENDED = 0.2
"""Share of bad feeds after which the mended feed is tried too."""


class Broken(AssertionError):
    """A promise that did not hold."""


@dataclass
class Base:
    """A workspace after good nights, with the tables of the next one; copied for every bad night."""

    world: World
    folder: Path
    tables: Tables
    """Of the bad night, before anything spoils them."""
    changes: int = 0
    """Changes of files that a good night makes."""
    problem: PlacementProblem | None = None
    """What the night is truly about, by its healthy tables and the demand forecast from them."""
    value: float = 0.0
    """Of the healthy plan."""
    plan: bytes = b""
    """plan.parquet of the healthy plan."""

    @property
    def plan_date(self) -> date:
        """Of the bad night."""
        return self.world.plan_date(NIGHTS_BEFORE)


def make_base(seed: int, folder: Path) -> Base:
    """Live through the good nights, and see what the next one would change and plan if nothing went wrong."""
    world = World(seed)
    write_settings(folder, world)
    for night in range(NIGHTS_BEFORE):
        write_tables(folder, world.tables(night))
        nightly_step(folder, world.plan_date(night))
        rollout_step(folder, True, world.plan_date(night))
        world.fill_from(folder / "published" / "current", night)
    base = Base(world, folder, world.tables(NIGHTS_BEFORE))
    write_tables(folder, base.tables)
    trial = copy_of(base, folder.with_name(f"{folder.name}-trial"))
    with struck(trial, 0, None) as counter:
        nightly_step(trial, base.plan_date)
    base.changes = counter.changes
    run = latest_run(Workspace(trial))
    base.problem, base.value = _problem_of(run, _inputs(trial, base.plan_date)), float(run.summary["value"])
    base.plan = (run.folder / "plan.parquet").read_bytes()
    shutil.rmtree(trial)
    return base


def _inputs(root: Path, plan_date: date) -> Inputs:
    return load_inputs(root, FOR_PLAN, plan_date, Stages("judge"))


def copy_of(base: Base, folder: Path) -> Path:
    """The base's workspace, to be spoilt."""
    return Path(shutil.copytree(base.folder, folder, symlinks=True))


def run_night(root: Path, plan_date: date, allow: Iterable[str] = ()) -> int | None:
    """The exit code that the command would end with; None if the process was killed."""
    try:
        nightly_step(root, plan_date, allow)
    except Killed:
        return None
    except Exception as error:
        code = getattr(error, "exit_code", UNEXPECTED)
        if code == UNEXPECTED or not str(error):
            raise Broken(f"a failure that no exit code documents: {error!r}") from error
        return int(code)
    return 0


def in_force(root: Path) -> dict[str, bytes]:
    """What those see now who see a new set first."""
    folder = _first(root).resolve()
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))} if folder.is_dir() else {}


def _first(root: Path) -> Path:
    """The pointer that moves first."""
    canary = root / "published" / "groups" / "canary"
    return canary if canary.is_symlink() else root / "published" / "current"


def check_in_force(root: Path) -> None:
    """Every pointer points to a set that is whole and intact."""
    links = pointers(Workspace(root))
    for name, link in links.items():
        if faults := set_faults(link.resolve()):
            raise Broken(f"the set that {name} points to: {'; '.join(faults)}")


def check_published(root: Path) -> None:
    """What the last run put in force passes the verifier against the tables as they are."""
    run = latest_run(Workspace(root))
    verify_run(run, _problem_of(run, _inputs(root, run.plan_date)))
    manifests = {path.name: path.read_bytes() for path in (run.folder / "manifests").iterdir()}
    if not manifests.items() <= in_force(root).items():
        raise Broken("what is in force is not what the last run planned")


def check_litter(root: Path) -> None:
    """Nothing hidden but the lock, and no stage that waits to be taken up."""
    litter = [str(p.relative_to(root)) for p in root.rglob(".*") if p.name != ".fillplan.lock"]
    litter += [str(p.relative_to(root)) for p in root.glob("unfinished")]
    if litter:
        raise Broken(f"litter: {', '.join(litter)}")


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
    if {link.resolve() for link in pointers(Workspace(root)).values()} != {_first(root).resolve()}:
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
    code = run_night(root, base.plan_date)
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


def harm(base: Base, root: Path) -> float:
    """Share of the healthy plan's value that the last run's plan loses; infinite if it breaks a healthy rule."""
    assert base.problem is not None
    rows = latest_run(Workspace(root)).plan()
    cache = set(base.problem.cache_ids)
    known = rows.rows["cache_id"].astype(object).isin(cache) & rows.rows["asset_id"].astype(object).isin(
        set(base.problem.file_ids)
    )
    verdict = verify(base.problem, Plan(rows.rows[known.to_numpy()]).placement(base.problem))
    broken = {v.kind for v in verdict.violations} & {"rights", "blocked", "storage"}
    return float("inf") if broken else 1 - verdict.value / base.value


@dataclass(frozen=True)
class Feed:
    """What a bad feed did, with the gates shut and open."""

    kind: str
    harmful: bool
    """Refused by the reader, or the plan with all gates open is at least `HARM` worse."""
    code: int | None
    """With the gates shut."""
    held: bool
    """Stopped, or what was published is less than `HARM` worse."""


def judge_feed(base: Base, kind: str, seed: int, root: Path) -> Feed:
    """The same bad feed twice: once with every gate open, once as it would be."""
    codes, losses = [], []
    for allow in (GATES, ()):
        copy_of(base, root)
        spoil(base, root, kind, np.random.default_rng(seed))
        codes.append(run_night(root, base.plan_date, allow))
        losses.append(harm(base, root) if not codes[-1] else 0.0)
        shutil.rmtree(root)
    return Feed(kind, bool(codes[0]) or losses[0] >= HARM, codes[1], bool(codes[1]) or losses[1] < HARM)


def judge_feeds(count: int, seed: int, folder: Path, feeds_per_world: int = 55) -> Iterator[Feed]:
    """So many bad feeds, the kinds in turn."""
    names = [*FEEDS, *FILES]
    with quick_nights():
        for number in range(count):
            if number % feeds_per_world == 0:
                base = make_base(seed + number // feeds_per_world, folder / f"world-{number}")
            yield judge_feed(base, names[number % len(names)], seed * 1_000_003 + number, folder / "feed")


def healthy_nights(worlds: int, nights: int, seed: int, folder: Path) -> Iterator[tuple[int, int, int | None]]:
    """(seed, night, exit code) of worlds that live from night to night with their natural variation."""
    with quick_nights():
        for number in range(seed, seed + worlds):
            world, root = World(number), folder / f"healthy-{number}"
            write_settings(root, world)
            for night in range(nights):
                write_tables(root, world.tables(night))
                code = run_night(root, world.plan_date(night))
                if in_force(root):
                    rollout_step(root, True, world.plan_date(night))
                yield number, night, code
                world.fill_from(root / "published" / "current", night)
            shutil.rmtree(root)


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
