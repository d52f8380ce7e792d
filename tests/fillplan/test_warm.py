"""A stored night as a start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fillplan.runs import read_run
from fillplan.warm import companion_price_rows, start_of_run
from fillplan_optimizer.result import Prices
from tests.optimizer.instances import network


@pytest.fixture(scope="module")
def folder(night_workspace: Path) -> Path:
    return next((night_workspace / "runs").glob("????-??-??"))


def test_prices_and_plan_come_back_from_disk(folder: Path) -> None:
    run = read_run(folder)
    start = start_of_run(run)
    rows = run.plan().rows
    held = rows[rows["action"] != "evict"]
    assert sum(len(files) for files in start.placement.files) == len(held)
    named = {(start.cache_ids[c], start.file_ids[f]) for c, files in enumerate(start.placement.files) for f in files}
    assert named == set(zip(held["cache_id"].astype(str), held["asset_id"].astype(str), strict=True))
    assert start.prices.storage.tolist() == [cache["storage_price"] for cache in run.summary["caches"]]
    paying = run.companion_prices()
    assert paying is not None and start.prices.companion is not None
    assert sum(len(files) for files, _ in start.prices.companion) == len(paying) > 0
    assert sum(paid.sum() for _, paid in start.prices.companion) == pytest.approx(paying["price"].sum())


def test_a_run_without_companion_prices_gives_none(folder: Path, tmp_path: Path) -> None:
    run = replace(read_run(folder), folder=tmp_path)
    for name in ("plan.parquet",):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    assert start_of_run(run).prices.companion is None


def test_prices_that_a_solver_does_not_know_are_not_written() -> None:
    problem = network(3, 2, 1)
    assert companion_price_rows(problem, Prices.unknown(problem.cache_count)) is None
    blank = np.zeros(0, dtype=np.int64), np.zeros(0)
    rows = companion_price_rows(
        problem, replace(Prices.unknown(3), companion=(blank, (np.array([1]), np.array([2.0])), blank))
    )
    assert rows is not None
    assert rows.astype(str).to_numpy().tolist() == [["c1", "f1", "2.0"]]
