"""What the gates promise: harmful feeds are held, healthy nights pass. Longer runs: `python -m tests.faults --help`."""

from pathlib import Path

import numpy as np
import pytest

from fillplan.runs import latest_run
from fillplan.workspace import Workspace
from tests.faults.feeds import FEEDS, FILES, UNDATED
from tests.faults.judging import healthy_nights, judge_feed, judge_feeds
from tests.faults.promises import Base, make_base, run_night
from tests.faults.world import World, write_settings, write_tables


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    return make_base(4, tmp_path_factory.mktemp("world") / "base")


@pytest.mark.parametrize(
    "kind", [*("half the catalogue", "most titles blocked", "availability emptied"), *sorted(UNDATED)]
)
def test_a_harmful_feed_is_held(base: Base, tmp_path: Path, kind: str) -> None:
    feed = judge_feed(base, kind, 4, tmp_path / "feed")
    assert (feed.code, feed.held) == (15, True)


def test_a_first_night_whose_last_day_came_in_part_is_planned_and_told(tmp_path: Path) -> None:
    """The same feed stops a later night: then the set in force is better than a plan on half a day."""
    world, root = World(4), tmp_path / "first"
    write_settings(root, world)
    tables = world.tables(0)
    FEEDS["part of last day"](tables, np.random.default_rng(1))
    write_tables(root, tables)
    assert run_night(root, world.plan_date(0)) == 0
    verdicts = latest_run(Workspace(root)).summary["gates"]["verdicts"]
    assert {v["gate"] for v in verdicts if v["verdict"] == "warn"} >= {"hours_level"}
    tables = world.tables(1)
    FEEDS["part of last day"](tables, np.random.default_rng(1))
    write_tables(root, tables)
    assert run_night(root, world.plan_date(1)) == 15


@pytest.mark.slow
def test_nearly_all_harmful_feeds_are_held(tmp_path: Path) -> None:
    feeds = list(judge_feeds(2 * len(FEEDS | FILES), 5, tmp_path))
    harmful = [feed for feed in feeds if feed.harmful]
    assert len({feed.kind for feed in harmful}) >= 20
    assert sum(feed.held for feed in harmful) >= 0.99 * len(harmful)


@pytest.mark.slow
def test_healthy_nights_pass(tmp_path: Path) -> None:
    nights = list(healthy_nights(20, 10, 1, tmp_path))
    assert len(nights) == 200
    assert sum(bool(code) for _, _, code in nights) <= 2
