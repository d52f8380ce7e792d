"""A score of a plan in a network by hand: what is served, missed and worth, with real demand other than hoped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fillplan.problem import build_problem
from fillplan.replay.actual import Actual
from fillplan.replay.score import Replayed, Score, score
from fillplan.runs import Run
from fillplan.settings import PlanSettings
from fillplan_data.tables import Tables
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.auto import placer
from fillplan_optimizer.result import Placement
from tests.fillplan.conftest import PLAN_DATE

SUMMARY: dict[str, Any] = {
    "plan_date": "2026-03-08",
    "horizon_days": 7,
    "requested_bytes": 1740.0,
    "expected_offload": 0.5,
    "value": 1e-7,
}


def replayed(
    tables: Tables, hoped: AssetDemand, real: np.ndarray, held: dict[str, list[str]], days: int = 7
) -> Replayed:
    """Nothing is pinned or blocked; every cache held nothing before."""
    demand = replace(hoped, expected_bytes=real)
    problems = [build_problem(tables, d, PLAN_DATE, PlanSettings()) for d in (demand, hoped)]
    nothing = tuple(np.zeros(0, dtype=np.int64) for _ in range(3))
    problem, wanted = (replace(p, pinned=nothing, blocked=nothing, held=nothing) for p in problems)
    files = tuple(
        np.array(sorted(problem.file_ids.index(name) for name in held.get(cache, [])), dtype=np.int64)
        for cache in problem.cache_ids
    )
    is_scored = np.arange(7) < days
    actual = Actual(
        *(PLAN_DATE, is_scored, 1, (), np.tile(is_scored, (2, 1)), np.ones((2, 3, 7)), 2.5, demand),
        np.array([[True, True, True], [False, False, False]]),
    )
    return Replayed(Run(Path("run"), SUMMARY), tables, actual, hoped, None, problem, wanted, Placement(files))


@pytest.fixture
def real(small_demand: AssetDemand) -> np.ndarray:
    """As hoped, but for m2v, of which DE asks a third more, 800 B."""
    found = small_demand.expected_bytes.copy()
    found[0, small_demand.asset_ids.index("m2v")] = 800.0
    return found


@pytest.fixture
def made(small_tables: Tables, small_demand: AssetDemand, real: np.ndarray) -> Score:
    """fr1 holds what is asked of m1, de1 m2v alone, mid nothing."""
    case = replayed(small_tables, small_demand, real, {"fr1": ["m1fr", "m1v"], "de1": ["m2v"]}, days=2)
    return score(case, placer("exact"), ("a note",))


def test_bytes_and_offload_by_hand(made: Score) -> None:
    content = made.content
    assert content["requested_bytes"] == 1000 + 100 + 800 + 40
    assert content["served_bytes"] == 0.8 * 1100 + 0.5 * 800
    assert content["realised_offload"] == pytest.approx(1280 / 1940)
    assert content["realised_value"] == pytest.approx(880 * 1.5e-9 + 400 * 1.0e-9 - (960 + 800) * 0.1e-9)
    assert (content["expected_requested_bytes"], content["expected_offload"]) == (1740.0, 0.5), "as the plan told"


def test_what_was_missed_adds_up_in_every_table(made: Score) -> None:
    content = made.content
    missed = content["requested_bytes"] - content["served_bytes"]
    assert sum(row["bytes"] for row in content["misses"].values()) == pytest.approx(missed)
    assert sum(row["share"] for row in content["misses"].values()) == pytest.approx(missed / 1940)
    assert content["misses"]["no_cache"]["bytes"] == pytest.approx(0.2 * 1100 + 0.5 * 840)
    columns = [name for name in made.misses if name.endswith("_bytes")]
    assert made.misses[columns].to_numpy().sum() == pytest.approx(missed)
    by_region = {row["region"]: row for row in content["regions"]}
    assert (by_region["DE"]["requested_bytes"], by_region["DE"]["expected_requested_bytes"]) == (840, 640)
    assert by_region["FR"]["no_cache_bytes"] == pytest.approx(220)


def test_titles_are_those_whose_misses_a_cache_was_asked_for(made: Score) -> None:
    (title,) = made.content["titles"]
    assert (title["title_id"], title["name"]) == ("m2", "Two")
    assert title["missed_bytes"] == pytest.approx(20), "half of DE asks de1 for m2de"


def test_caches_by_hand_and_the_unlimited_have_no_use_of_a_limit(made: Score) -> None:
    mid, fr1, de1 = made.content["caches"]
    assert (de1["requested_bytes"], de1["realised_bytes"], de1["expected_bytes"]) == (420, 400, 300)
    assert (de1["expected_offload"], de1["realised_offload"]) == (pytest.approx(300 / 320), pytest.approx(400 / 420))
    assert (mid["realised_bytes"], mid["realised_offload"]) == (0, 0)
    assert (mid["serve_limit_used"], de1["serve_limit_used"]) == (None, None)
    assert fr1["serve_limit_used"] == pytest.approx(880 / 3_024_000)


def test_days_shares_and_notes(made: Score) -> None:
    content = made.content
    assert (content["days"], content["complete"]) == (["2026-03-08", "2026-03-09"], False)
    assert content["shares"]["source"] == "variant_views of the horizon"
    assert content["shares"]["measured_part"] == pytest.approx(840 / 1940), "of DE alone"
    assert (content["notes"], content["forecast"]) == (["a note"], None)
    assert (content["unknown_title_view_hours"], content["missing_region_days"]) == (2.5, 1)


def test_regret_is_towards_foresight_and_what_stays_is_worth_nothing(made: Score) -> None:
    content = made.content
    assert content["foresight_value"] >= content["realised_value"]
    assert content["regret_value"]["total"] > 0
    assert content["alternatives"]["keep_inventory"] == {"offload": 0.0, "value": 0.0}, "nothing was held before"
    assert content["alternatives"]["popularity"]["offload"] > 0


def test_where_nothing_was_asked_for_every_share_is_nothing(small_tables: Tables, small_demand: AssetDemand) -> None:
    silent = np.zeros_like(small_demand.expected_bytes)
    made = score(replayed(small_tables, small_demand, silent, {}), placer("exact"), ())
    content = made.content
    assert (content["realised_offload"], content["shares"]["measured_part"], content["complete"]) == (0.0, 0.0, True)
    assert content["shares"]["source"] == "known at the plan date"
    assert {row["share"] for row in content["misses"].values()} == {0.0}
    assert (content["titles"], len(made.misses)) == ([], 0)
