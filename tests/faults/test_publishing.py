"""Publications, roll-outs, ways back and deaths in any order, against a model that knows nothing of files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fillplan.pointers import pointers, waiting
from fillplan.publication import current_set, prune_sets, publish, roll_back, set_folders
from fillplan.receiving import receive
from fillplan.rollout import finish
from fillplan.sets import read_set_info, set_faults
from fillplan.settings import PublishSettings
from fillplan.workspace import Workspace, sweep_workspace
from fillplan_data.errors import NotFound
from tests.faults.machine import Killed, struck
from tests.fillplan.rollouts import STAGED, TODAY, made

KEPT = 3
ways = st.sampled_from(
    [
        STAGED,
        PublishSettings(),
        PublishSettings(groups=("canary", "west"), first_groups=("west",)),
        PublishSettings(groups=("canary", "south")),
    ]
)
"""Settings, which may change between any two commands."""
deaths = st.none() | st.integers(1, 40)
"""The change of a file at which a command dies."""


class Publishing(RuleBasedStateMachine):
    """A command that died is run again, and must then have done what it would have done at once."""

    def __init__(self) -> None:
        super().__init__()
        self.unsynced = patch("os.fsync")  # processes die here, not machines
        self.unsynced.start()
        self.workspace = Workspace(Path(tempfile.mkdtemp()))
        self.runs = {day: made(self.workspace, day) for day in range(8, 12)}
        self.in_force: int | None = None
        """The day whose manifests are in force everywhere."""
        self.ahead: int | None = None
        """The day that the first groups follow ahead of the rest."""
        self.before: list[tuple[int, set[int]]] = []
        """Days that were in force everywhere and not left by a way back, each with its sets."""
        self.sets: set[int] = set()
        """Those that hold what is in force."""
        self.seen: dict[str, int] = {}

    def teardown(self) -> None:
        self.unsynced.stop()
        shutil.rmtree(self.workspace.root)

    def command(self, death: int | None, run: Callable[[], object]) -> None:
        if death is not None:
            with suppress(Killed), struck(self.workspace.root, death, Killed):
                run()
        sweep_workspace(self.workspace)
        run()

    def settle(self, day: int) -> None:
        """A day has come in force everywhere."""
        if self.in_force is not None:
            self.before.append((self.in_force, self.sets))
        self.in_force, self.ahead, self.sets = day, None, set()

    @rule(day=st.integers(8, 11), way=ways, death=deaths)
    def publishing(self, day: int, way: PublishSettings, death: int | None) -> None:
        was_newest = day == (self.ahead or self.in_force)
        self.command(death, lambda: publish(self.workspace, self.runs[day], way))
        if way.first_groups and self.in_force is not None:
            self.ahead = self.ahead if was_newest else day
        elif day != self.in_force or self.ahead is not None:
            self.settle(day)

    @precondition(lambda self: self.in_force is not None)
    @rule(way=ways, death=deaths)
    def finishing(self, way: PublishSettings, death: int | None) -> None:
        self.command(death, lambda: finish(self.workspace, way, TODAY))
        if self.ahead is not None:
            self.settle(self.ahead)

    @precondition(lambda self: self.in_force is not None)
    @rule(way=ways)
    def going_back(self, way: PublishSettings) -> None:
        if self.ahead is None:
            kept = {int(folder.name) for folder in set_folders(self.workspace)}
            there = [at for at, (day, sets) in enumerate(self.before) if day != self.in_force and sets & kept]
            if not there:
                with suppress(NotFound):
                    raise AssertionError(f"went back to {roll_back(self.workspace, way).folder}")
                return
            self.in_force, self.sets = self.before[there[-1]]
            del self.before[there[-1] :]
        self.ahead = None
        roll_back(self.workspace, way)

    @rule()
    def forgetting(self) -> None:
        prune_sets(self.workspace, KEPT)

    @invariant()
    def what_is_in_force_is_known(self) -> None:
        info = current_set(self.workspace)
        assert (info and int(info.plan_date[-2:])) == self.in_force
        if info is not None:
            self.sets.add(info.version)

    @invariant()
    def every_pointer_leads_to_a_whole_set_and_never_back(self) -> None:
        links = {name: link for name, link in pointers(self.workspace).items() if link.is_symlink()}
        for name, link in links.items():
            assert set_faults(link.resolve()) == []
            assert read_set_info(link).version >= self.seen.get(name, 0)
            self.seen[name] = receive(link, TODAY, seen_file=self.workspace.root / f"{name}.json").version
        assert self.seen.get("current") == min(self.seen.values(), default=None)
        assert bool(waiting(self.workspace)) == (self.ahead is not None)


Publishing.TestCase.settings = settings(max_examples=40, stateful_step_count=15)
TestPublishing = Publishing.TestCase
