"""From tables to plans: what decides them, and plans by policy, as plan.json tells them."""

from itertools import permutations
from pathlib import Path

import pandas as pd
import pytest

from fillplan.workflow.steps import plan_step
from tests.fillplan.conftest import PLAN_DATE, SMALL


def test_plan_json_tells_what_a_plan_for_outages_gives_up(night_copy: Path) -> None:
    settings = night_copy / "fillplan.toml"
    plain = plan_step(night_copy, None, None).run.summary
    settings.write_text(settings.read_text().replace("[plan]\n", '[plan]\npolicy = "resilient"\n'))
    robust = plan_step(night_copy, None, None).run.summary
    assert "robustness_cost" not in plain["policy"]
    assert robust["policy"]["robustness_cost"] == pytest.approx(plain["value"] - robust["value"])
    assert robust["policy"]["robustness_cost"] > 0
    assert robust["bound"] == pytest.approx(plain["bound"])
    assert sum(group["value"] for group in robust["groups"]) == pytest.approx(robust["value"])


def test_the_order_of_the_caches_rows_decides_nothing(small_workspace: Path) -> None:
    """Among caches that are worth the same, too."""
    table, rows = small_workspace / "input" / "caches.csv", SMALL["caches"].splitlines()
    (small_workspace / "input" / "routes.csv").write_text(
        "region,cache_id,value_per_gb\nFR,mid,1\nFR,fr1,1\nFR,de1,1\nDE,fr1,1\nDE,de1,1\n"
    )
    demand = small_workspace / "demand.parquet"
    asked = [("FR", "m1v", 1000.0), ("FR", "m1fr", 100.0), ("DE", "m2v", 600.0), ("DE", "m2de", 40.0)]
    pd.DataFrame(asked, columns=["region", "asset_id", "expected_bytes"]).to_parquet(demand, index=False)
    plans = []
    for order in permutations(rows[1:]):
        table.write_text("\n".join([rows[0], *order]) + "\n")
        folder = plan_step(small_workspace, PLAN_DATE, demand).run.folder
        files = [folder / "plan.parquet", *sorted((folder / "manifests").iterdir())]
        plans.append([file.read_bytes() for file in files])
    assert all(plan == plans[0] for plan in plans)
