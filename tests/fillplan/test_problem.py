"""`build_problem` against a workspace reckoned by hand."""

import dataclasses
import datetime

import numpy as np
import pandas as pd
import pytest

from fillplan.problem import ancestors, build_problem, fill_budget_bytes
from fillplan.settings import PlanSettings
from fillplan_data.tables import Tables
from fillplan_models.forecast import AssetDemand
from fillplan_optimizer.policy import Floor, Launches, Policy, Reserve
from fillplan_optimizer.problem import PlacementProblem

from .conftest import PLAN_DATE


def names(problem: PlacementProblem, files: np.ndarray) -> set[str]:
    return {problem.file_ids[f] for f in files}


def test_fill_budget_is_rate_times_hours(problem: PlacementProblem) -> None:
    assert problem.fill_budget_bytes.tolist() == [3600, 1800, 1800]


@pytest.mark.parametrize(
    ("rate_bps", "hours", "budget"),
    [(1_000_000, 4.1, 1_845_000_000), (10**9, 4.1, 1_845_000_000_000), (0.3, 24, 3240), (1, 4.1, 1845), (1, 0.001, 0)],
)
def test_a_fill_budget_is_whole_to_the_last_byte(rate_bps: float, hours: float, budget: int) -> None:
    window = pd.DataFrame({"fill_rate_bps": [rate_bps], "fill_hours": [hours]})
    assert fill_budget_bytes(window).tolist() == [budget]


def test_serve_limit_is_peak_rate_over_the_horizon(problem: PlacementProblem) -> None:
    # 80 bit/s = 10 bytes/s, over 7 days of 86,400 s, at half of the peak on average
    assert problem.serve_limit_bytes.tolist() == [np.inf, 10 * 86_400 * 7 / 2, np.inf]


def test_points_ask_the_cache_then_its_parent(problem: PlacementProblem) -> None:
    asked = [problem.options(p)[0].tolist() for p in range(2)]
    assert asked == [[1, 0], [2, 0]]
    assert problem.points.share.tolist() == [0.8, 0.5]
    np.testing.assert_allclose(problem.options(0)[1], [1.5e-9, 0.5e-9])
    assert problem.point_demand(0)[problem.file_ids.index("m1v")] == pytest.approx(800)


def test_rights_follow_the_regions_below(problem: PlacementProblem) -> None:
    m1, m2, m3 = 0, 1, 2
    assert problem.rights[:, m1].all(), "no availability row: open everywhere"
    assert problem.rights[:, m2].tolist() == [True, False, True], "DE alone, and the parent above it"
    assert not problem.rights[:, m3].any(), "window over before the plan date"


def test_block_beats_pin_and_rights_beat_pin(problem: PlacementProblem) -> None:
    mid, fr1, de1 = (names(problem, files) for files in problem.pinned)
    assert mid == {"m1v"}
    assert fr1 == set(), "blocked there by title"
    assert de1 == {"m1v", "m1fr"}
    assert names(problem, problem.blocked[1]) == {"m1v", "m1fr", "m1en"}


@pytest.mark.parametrize("seed", range(5))
def test_many_pins_forbid_what_they_do_one_by_one(small_tables: Tables, small_demand: AssetDemand, seed: int) -> None:
    assets, caches = small_tables.assets, small_tables.caches["cache_id"].tolist()
    every = [(c, a, "", "block") for c in ("", *caches) for a in assets["asset_id"]]
    every += [(c, "", t, "block") for c in ("", *caches) for t in small_tables.titles["title_id"]]
    rows = pd.DataFrame(every, columns=small_tables.pins.columns).sample(4, random_state=seed).astype("str")
    tables = dataclasses.replace(small_tables, pins=rows)
    blocked = build_problem(tables, small_demand, PLAN_DATE, PlanSettings()).blocked
    for place, cache in enumerate(caches):
        here = rows[rows["cache_id"].isin(["", cache])]
        named = assets["asset_id"].isin(here["asset_id"]) | assets["title_id"].isin(here["title_id"])
        assert blocked[place].tolist() == np.flatnonzero(named).tolist()


def test_main_audio(problem: PlacementProblem) -> None:
    companion = dict(zip(problem.file_ids, problem.companion, strict=True))
    of = {video: problem.file_ids[companion[video]] for video in ("m1v", "m2v")}
    assert of == {"m1v": "m1fr", "m2v": "m2de"}, "original language; else the most requested"
    assert companion["m3v"] == companion["m1fr"] == -1


def test_main_audio_ties_go_to_the_smallest_id(small_tables: Tables, small_demand: AssetDemand) -> None:
    nothing = dataclasses.replace(small_demand, expected_bytes=np.zeros_like(small_demand.expected_bytes))
    problem = build_problem(small_tables, nothing, PLAN_DATE, PlanSettings())
    assert problem.file_ids[problem.companion[problem.file_ids.index("m2v")]] == "m2de"


def test_unknown_files_are_not_held(problem: PlacementProblem) -> None:
    assert [names(problem, files) for files in problem.held] == [set(), {"m1en"}, {"m2v"}]


def test_routes_replace_regions_and_parents(small_tables: Tables, small_demand: AssetDemand) -> None:
    routes = pd.DataFrame(
        {
            "region": ["DE", "DE", "DE", "FR"],
            "cache_id": ["mid", "fr1", "de1", "mid"],
            "value_per_gb": [1.0, 2.0, 0.0, 3.0],
        }
    )
    mesh = build_problem(dataclasses.replace(small_tables, routes=routes), small_demand, PLAN_DATE, PlanSettings())
    assert [mesh.options(p)[0].tolist() for p in range(2)] == [[1, 0], [0]], "by value; worthless routes serve nothing"
    assert mesh.points.share.tolist() == [1.0, 1.0]
    assert mesh.rights[:, 1].tolist() == [True, True, True], "every cache on DE's list may hold what is open in DE"


def test_ancestors() -> None:
    assert ancestors(2, np.array([-1, 0, 1])) == [2, 1, 0]


def test_the_default_policy_leaves_the_problem_alone(problem: PlacementProblem) -> None:
    assert problem.ruled is None


def test_a_policy_is_applied_last(small_tables: Tables, small_demand: AssetDemand) -> None:
    """The lowest rung and main audio of what DE watches, m2, go to DE's cache; m3 is closed, m1 nobody's there."""
    floor = PlanSettings(
        policy=Policy(floor=Floor(lowest_rung=True, min_plays=0.0), reserve=Reserve(storage_share=0.1))
    )
    problem = build_problem(small_tables, small_demand, PLAN_DATE, floor)
    assert problem.ruled is not None
    mid, fr1, de1 = (names(problem, files) for files in problem.ruled.floor)
    assert (mid, fr1) == (set(), set()), "nobody's nearest; blocked there"
    assert de1 == set(), "900 bytes cannot hold pinned m1 and m2 too"
    assert problem.storage_bytes.tolist() == [1800, 900, 960], "pins take part of the reserve"
    assert "floor: 0 of 1 lowest rungs" in problem.ruled.notes[1]


def test_launches_are_titles_that_open_within_the_horizon(small_tables: Tables, small_demand: AssetDemand) -> None:
    window = small_tables.availability.copy()
    window.loc[window["title_id"] == "m2", "start_date"] = pd.Timestamp(PLAN_DATE) + pd.Timedelta(days=2)
    tables = dataclasses.replace(small_tables, availability=window, pins=small_tables.pins.iloc[:0])
    launches = PlanSettings(policy=Policy(launches=Launches(min_share=1.0)))
    problem = build_problem(tables, small_demand, PLAN_DATE, launches)
    assert problem.ruled is not None
    assert [names(problem, files) for files in problem.ruled.launches] == [set(), set(), {"m2v", "m2de"}]
    late = build_problem(tables, small_demand, PLAN_DATE + datetime.timedelta(days=2), launches)
    assert late.ruled is not None
    assert not any(len(files) for files in late.ruled.launches), "open on the plan date: no launch any more"
