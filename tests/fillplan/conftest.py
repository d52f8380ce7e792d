"""A workspace small enough to reckon by hand, and one planned night on the shipped sample."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fillplan.model_store import list_models, promote
from fillplan.problem import build_problem
from fillplan.runs import latest_run
from fillplan.scenarios.world import World
from fillplan.settings import PlanSettings, Settings
from fillplan.stages import Stages
from fillplan.workflow.base import Base, open_base
from fillplan.workspace import Workspace, open_workspace
from fillplan_data.reading import read_tables
from fillplan_data.tables import Tables
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.problem import PlacementProblem

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
PLAN_DATE = date(2026, 3, 8)

SMALL = {
    "views": "date,region,title_id,view_hours\n"
    + "".join(f"2026-03-0{d},{r},{t},{h}\n" for d in range(1, 8) for r, t, h in [("FR", "m1", 9), ("DE", "m2", 5)]),
    "titles": "title_id,name,kind,original_language,runtime_minutes\n"
    "m1,One,movie,fr,60\nm2,Two,movie,en,60\nm3,Three,movie,fr,60\n",
    "availability": "title_id,region,start_date,end_date\nm2,DE,2026-01-01,\nm3,,2026-01-01,2026-03-01\n",
    "assets": "asset_id,title_id,kind,bitrate_kbps,language,size_bytes\n"
    "m1v,m1,video,2000,,900\nm1fr,m1,audio,,fr,60\nm1en,m1,audio,,en,50\n"
    "m2v,m2,video,2000,,800\nm2de,m2,audio,,de,40\nm2es,m2,audio,,es,40\nm3v,m3,video,2000,,700\n",
    "caches": "cache_id,parent_id,region,region_share,storage_bytes,fill_rate_bps,fill_start,fill_hours,timezone,"
    "serve_rate_bps,value_per_gb,fill_cost_per_gb\n"
    "mid,,,,2000,8,02:00,1,Europe/Paris,,0.5,\n"
    "fr1,mid,FR,0.8,1000,8,02:00,0.5,Europe/Paris,80,1.5,0.1\n"
    "de1,mid,DE,0.5,1000,8,02:00,0.5,Europe/Paris,,1.0,0.1\n",
    "inventory": "cache_id,asset_id\nfr1,m1en\nde1,m2v\nde1,ghost\n",
    "pins": "cache_id,asset_id,title_id,rule\nde1,m1fr,,pin\n,m1v,,pin\nfr1,,m1,block\n",
}


def quick(workspace: Path) -> Path:
    """Settings for tests: one thread, the fast solver, and a model of few trees by a spec in the workspace."""
    (workspace / "fillplan.toml").write_text(
        '[run]\nthreads = 1\n[train]\nspec = "quick.toml"\n[plan]\nsolver = "decomposition"\n'
    )
    (workspace / "quick.toml").write_text(
        'name = "quick"\n[sampling]\ncutoffs = 12\nrows = 5000\n[booster]\nrounds = 20\nnum_leaves = 7\n'
    )
    return workspace


@pytest.fixture
def small_workspace(tmp_path: Path) -> Path:
    """Two regions, an edge each under one parent, three titles, one of them out of its window."""
    folder = tmp_path / "small"
    (folder / "input").mkdir(parents=True)
    for name, content in SMALL.items():
        (folder / "input" / f"{name}.csv").write_text(content)
    return folder


@pytest.fixture
def small_tables(small_workspace: Path) -> Tables:
    """Its tables, with the caches as they are listed there: tests by hand count them so."""
    tables, _ = read_tables(small_workspace / "input", plan_date=PLAN_DATE)
    caches = tables.caches.set_index("cache_id", drop=False).loc[["mid", "fr1", "de1"]]
    return replace(tables, caches=caches.reset_index(drop=True))


@pytest.fixture
def small_demand(small_tables: Tables) -> AssetDemand:
    """Bytes by hand: m1 asked for in FR, m2 in DE and, a little, by nobody else."""
    wanted = {("FR", "m1v"): 1000.0, ("FR", "m1fr"): 100.0, ("DE", "m2v"): 600.0, ("DE", "m2de"): 40.0}
    regions, ids = ("DE", "FR"), tuple(small_tables.assets["asset_id"])
    dense = np.zeros((2, len(ids)))
    for (region, asset), count in wanted.items():
        dense[regions.index(region), ids.index(asset)] = count
    return AssetDemand(regions, ids, dense, "by hand")


@pytest.fixture
def problem(small_tables: Tables, small_demand: AssetDemand) -> PlacementProblem:
    """What a night of it is to solve."""
    return build_problem(small_tables, small_demand, PLAN_DATE, PlanSettings())


@pytest.fixture
def small_world(small_tables: Tables, small_workspace: Path) -> World:
    """The workspace by hand, without a run."""
    return World(small_tables, Settings(), PLAN_DATE, ("DE", "FR"), small_workspace)


@pytest.fixture
def planned(small_workspace: Path) -> Path:
    """The workspace by hand, planned for a demand by hand."""
    from fillplan.workflow.steps import plan_step

    rows = [("FR", "m1v", 1000.0), ("FR", "m1fr", 100.0), ("DE", "m2v", 600.0), ("DE", "m2de", 40.0)]
    path = small_workspace / "demand.parquet"
    pd.DataFrame(rows, columns=["region", "asset_id", "expected_bytes"]).to_parquet(path, index=False)
    plan_step(small_workspace, PLAN_DATE, path)
    return small_workspace


@pytest.fixture(scope="session")
def night_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped sample, synthetic, after one whole night; read-only, tests that write take a copy."""
    from fillplan.workflow.steps import nightly_step

    folder = tmp_path_factory.mktemp("night") / "sample"
    nightly_step(quick(Path(shutil.copytree(SAMPLE, folder))), None)
    return folder


@pytest.fixture(scope="session")
def base(night_workspace: Path) -> Base:
    """Read-only; with views."""
    run = latest_run(open_workspace(night_workspace))
    return open_base(night_workspace, run, True, Stages("test"))


@pytest.fixture(scope="session")
def replayed(tmp_path_factory):
    """Plans of two dates whose horizons the views cover in part."""
    from fillplan.cli.app import run

    folder = tmp_path_factory.mktemp("replay") / "small"
    (folder / "input").mkdir(parents=True)
    for name, content in SMALL.items():
        content = content.replace("de1,m1fr,,pin\n,m1v,,pin\n", "fr1,m1fr,,pin\n") if name == "pins" else content
        (folder / "input" / f"{name}.csv").write_text(content)
    (folder / "fillplan.toml").write_text('[run]\nthreads = 1\n[plan]\nsolver = "greedy"\n')
    for day in ("2026-03-04", "2026-03-06", "2026-03-08"):
        assert run(["plan", str(folder), "--date", day, "--json"]) == 0
    return folder


@pytest.fixture
def night_copy(night_workspace: Path, tmp_path: Path) -> Path:
    """The same to write in, for one test."""
    return Path(shutil.copytree(night_workspace, tmp_path / "copy", symlinks=True))


@pytest.fixture(scope="module")
def shared_copy(night_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy for all tests of a file; questions may lie beside it."""
    return Path(shutil.copytree(night_workspace, tmp_path_factory.mktemp("shared") / "copy", symlinks=True))


@pytest.fixture
def workspace(night_copy: Path) -> Workspace:
    """The same as a value, with one stored model by whatever outcome of its trial."""
    return Workspace(night_copy)


@pytest.fixture
def model_name(workspace: Workspace) -> str:
    """Of its only model, made the champion."""
    (model,) = list_models(workspace)
    promote(workspace, model.name)
    return model.name


@pytest.fixture
def rewrite() -> Callable[[Path, str, Callable[[pd.DataFrame], pd.DataFrame]], None]:
    """Change one CSV table of a workspace: rewrite(folder, "caches", lambda frame: ...)."""

    def change(folder: Path, name: str, how: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        path = folder / "input" / f"{name}.csv"
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        how(frame).to_csv(path, index=False)

    return change
