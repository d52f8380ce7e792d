"""Worlds and one written workspace, made once: most tests only look at them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fillplan_data.reading import read_tables
from fillplan_data.synthetic import make_workspace, plan_date
from fillplan_data.synthetic.demand import RegionViews, region_views
from fillplan_data.synthetic.editions import Editions, make_editions
from fillplan_data.synthetic.files import Files, make_files
from fillplan_data.synthetic.sizes import SIZES
from fillplan_data.synthetic.world import World, make_world
from fillplan_data.tables import Tables

SEEDS = (1, 2, 3)


@pytest.fixture(scope="session", params=SEEDS)
def world(request: pytest.FixtureRequest) -> World:
    return make_world(SIZES["tiny"], request.param)


@pytest.fixture(scope="session")
def small_world() -> World:
    """Big enough for statistics."""
    return make_world(SIZES["small"], 5)


@pytest.fixture(scope="session")
def small_views(small_world: World) -> list[RegionViews]:
    return [region_views(small_world, r) for r in range(len(small_world.regions))]


@pytest.fixture(scope="session")
def editions(world: World) -> Editions:
    return make_editions(world.spec, world.catalogue, world.regions)


@pytest.fixture(scope="session")
def files(world: World, editions: Editions) -> Files:
    return make_files(world.catalogue, editions, world.seed)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny workspace with truth and future; not to be changed."""
    folder = tmp_path_factory.mktemp("synthetic") / "tiny"
    make_workspace(folder, "tiny", 1, truth=True)
    return folder


@pytest.fixture(scope="session")
def tiny_tables(tiny: Path) -> Tables:
    return read_tables(tiny / "input", plan_date=plan_date("tiny"))[0]
