"""What a feed does to the plan: bad feeds with the gates open and shut, healthy ones night after night."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fillplan.plan import Plan
from fillplan.runs import latest_run
from fillplan.workflow.gating import GATES
from fillplan.workflow.steps import rollout_step
from fillplan.workspace import Workspace
from fillplan_optimizer.verifier import verify
from tests.faults.feeds import FEEDS, FILES, HARM
from tests.faults.laboratory import date_for, spoil
from tests.faults.promises import (
    Base,
    copy_of,
    in_force,
    make_base,
    run_night,
)
from tests.faults.quick import quick_nights
from tests.faults.world import World, write_settings, write_tables


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
        codes.append(run_night(root, date_for(base, kind), allow))
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
