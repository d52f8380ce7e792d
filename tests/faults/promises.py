"""A workspace after good nights, a night run on it, and what must hold after it (`Broken` says what did not)."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fillplan.pointers import pointers
from fillplan.publication import verify_run
from fillplan.runs import latest_run
from fillplan.sets import set_faults
from fillplan.stages import Stages
from fillplan.workflow.inputs import FOR_PLAN, Inputs, load_inputs
from fillplan.workflow.night import _problem_of
from fillplan.workflow.steps import nightly_step, rollout_step
from fillplan.workspace import Workspace
from fillplan_optimizer.problem import PlacementProblem
from tests.faults.feeds import Tables
from tests.faults.machine import Killed, struck
from tests.faults.world import World, write_settings, write_tables

NIGHTS_BEFORE = 2
"""Good nights of a world before the bad one."""
UNEXPECTED = 1


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
    base.problem, base.value = _problem_of(run, inputs_at(trial, base.plan_date)), float(run.summary["value"])
    base.plan = (run.folder / "plan.parquet").read_bytes()
    shutil.rmtree(trial)
    return base


def inputs_at(root: Path, plan_date: date) -> Inputs:
    return load_inputs(root, FOR_PLAN, plan_date, Stages("judge"))


def copy_of(base: Base, folder: Path) -> Path:
    """The base's workspace, to be spoilt."""
    return Path(shutil.copytree(base.folder, folder, symlinks=True))


def run_night(root: Path, plan_date: date | None, allow: Iterable[str] = ()) -> int | None:
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
    folder = first_pointer(root).resolve()
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))} if folder.is_dir() else {}


def first_pointer(root: Path) -> Path:
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
    verify_run(run, _problem_of(run, inputs_at(root, run.plan_date)))
    manifests = {path.name: path.read_bytes() for path in (run.folder / "manifests").iterdir()}
    if not manifests.items() <= in_force(root).items():
        raise Broken("what is in force is not what the last run planned")


def check_litter(root: Path) -> None:
    """Nothing hidden but the lock, and no stage that waits to be taken up."""
    litter = [str(p.relative_to(root)) for p in root.rglob(".*") if p.name != ".fillplan.lock"]
    litter += [str(p.relative_to(root)) for p in root.glob("unfinished")]
    if litter:
        raise Broken(f"litter: {', '.join(litter)}")
