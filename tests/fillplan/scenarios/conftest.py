"""The shipped sample after one night as a base, and overrides applied to it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fillplan.scenarios.apply import Point, apply_file
from fillplan.scenarios.file import read_scenarios
from fillplan.scenarios.world import World
from fillplan.stages import Stages
from fillplan.workflow.base import Base
from fillplan.workflow.supposed import Supposing

Suppose = Callable[[str], World]


@pytest.fixture(scope="session")
def supposing(base: Base) -> Supposing:
    return Supposing(base, Stages("test"))


@pytest.fixture
def points(base: Base, tmp_path: Path) -> Callable[[str], list[Point]]:
    """Scenarios in TOML -> their points."""

    def read(text: str) -> list[Point]:
        path = tmp_path / "asked.toml"
        path.write_text(text)
        return apply_file(read_scenarios(path), base.world)

    return read


@pytest.fixture
def suppose(points: Callable[[str], list[Point]]) -> Suppose:
    """Lines of one override -> the world that it makes."""

    def one(lines: str) -> World:
        return points(f'[[scenario]]\nname = "one"\n[[scenario.override]]\n{lines}')[0].world

    return one
