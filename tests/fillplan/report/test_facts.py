"""What the parts of a report share: names, and the run as codes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fillplan.report.facts import Facts, gather_facts
from fillplan.report.gather import gather_content
from fillplan.runs import Run
from fillplan_data.errors import VerificationFailed
from fillplan_data.tables import Tables
from tests.fillplan.report.conftest import DEMAND, GB, PLAN, MakeRun, MakeTables


@pytest.fixture
def facts(run: Run, tables: Tables) -> Facts:
    return gather_facts(run, tables)


def names(facts: Facts, mask: np.ndarray) -> list[set[str]]:
    """[C, F] as the files of each cache."""
    return [{facts.problem.file_ids[file] for file in np.flatnonzero(row)} for row in mask]


@pytest.mark.parametrize(("table", "key"), [("titles", "title_id"), ("assets", "asset_id"), ("caches", "cache_id")])
def test_tables_that_lost_what_the_run_names_are_refused(run: Run, tables: Tables, table: str, key: str) -> None:
    frame, named = getattr(tables, table), named_by(run, key)
    assert named <= set(frame[key])
    for lost in sorted(named):
        fewer = replace(tables, **{table: frame[(frame[key] != lost).to_numpy()].reset_index(drop=True)})
        with pytest.raises(VerificationFailed, match=f"found some without {key} '"):
            gather_facts(run, fewer)


def named_by(run: Run, key: str) -> set[str]:
    if key == "title_id":
        forecast = run.forecast()
        assert forecast is not None
        return set(forecast[key])
    rows = run.plan().rows
    return set(rows.loc[rows["action"] != "evict", key])


def test_who_may_be_asked_by_whom(facts: Facts) -> None:
    assert facts.regions == ("DE", "FR")
    assert facts.reach.tolist() == [[True, False], [False, True], [True, True]]
    assert not facts.is_mesh


def test_in_a_mesh_the_routes_say_who_may_be_asked(run: Run, make_tables: MakeTables) -> None:
    facts = gather_facts(run, make_tables(routes="region,cache_id,value_per_gb\nDE,e2,1.0\nFR,e2,1.0\nDE,mid,0.1\n"))
    assert facts.reach.tolist() == [[False, False], [True, True], [True, False]]
    assert facts.is_mesh


def test_what_is_held_after_tonight_is_what_is_kept_or_added(facts: Facts) -> None:
    assert names(facts, facts.held) == [{"a1", "a1en", "a2"}, {"a1", "a1en"}, {"a1en"}]


def test_pins_of_the_plans_own_rules(run: Run, make_tables: MakeTables) -> None:
    facts = gather_facts(run, make_tables(pins="cache_id,asset_id,title_id,rule\ne1,a2,,pin\n,,t1,pin\n"))
    assert names(facts, facts.is_pinned) == [{"a1", "a1en", "a2"}, {"a1", "a1en"}, {"a1", "a1en"}]


def test_rows_of_the_plan_are_codes_and_unknown_files_are_none(facts: Facts) -> None:
    rows = facts.rows
    assert [facts.problem.cache_ids[cache] for cache in rows.cache] == [row[0] for row in PLAN]
    assert [rows.asset_ids[asset] for asset in rows.asset] == [row[1] for row in PLAN]
    known = [row[1] != "xx" for row in PLAN]
    assert (rows.file >= 0).tolist() == (rows.title >= 0).tolist() == known
    assert [facts.problem.file_ids[file] for file in rows.file[rows.file >= 0]] == [r[1] for r in PLAN if r[1] != "xx"]
    assert rows.title[known].tolist() == facts.problem.title[rows.file[known]].tolist()
    assert rows.size_bytes.tolist() == [(row[5] or 0) * GB for row in PLAN]
    assert rows.is_add.tolist() == [row[2] == "add" for row in PLAN]
    assert rows.is_held.tolist() == [row[2] != "evict" for row in PLAN]
    assert rows.value.tolist() == [row[7] for row in PLAN]


def test_prices_that_are_not_known_are_not_zero(facts: Facts) -> None:
    np.testing.assert_array_equal(facts.storage_price, [0.9e-9, np.nan, 0.0])


def test_hours_by_title_and_by_day(facts: Facts) -> None:
    hours = facts.hours
    assert hours is not None
    # t1 to t5; the horizon and the days compared with are two each
    assert hours.expected.tolist() == [[24, 30, 0, 0, 2], [8, 0, 0, 1, 0]]
    assert hours.low.tolist() == [[17, 26, 0, 0, 2], [6, 0, 0, 0, 0]]
    assert hours.high.tolist() == [[36, 42, 0, 0, 2], [10, 0, 0, 2, 0]]
    assert hours.recent.tolist() == [[20, 0, 0, 0, 0], [5, 0, 0, 5, 0]]
    assert hours.cold_hours == 32
    np.testing.assert_array_equal(hours.watched[:, -2:], [[10, 10], [np.nan, 10]])


def test_without_a_forecast_there_are_no_hours(make_run: MakeRun, tables: Tables) -> None:
    assert gather_facts(make_run(with_forecast=False), tables).hours is None


def test_given_demand_may_come_from_a_region_that_no_table_knows(make_run: MakeRun, tables: Tables) -> None:
    run = make_run(demand_gb=[*DEMAND, ("AT", "a1", 7)], with_forecast=False)
    facts = gather_facts(run, tables)
    assert facts.regions == ("AT", "DE", "FR")
    by_region = facts.problem.demand_bytes.sum(axis=1) / GB
    assert by_region.tolist() == pytest.approx([7, 145, 24])
    assert not facts.reach[:, 0].any()


def test_starts_are_those_of_the_horizon_and_shortly_before(run: Run, make_tables: MakeTables) -> None:
    starts = ["t1,DE,2026-06-20", "t2,DE,2026-07-02", "t4,FR,2026-07-03", "t3,,2026-01-01"]
    availability = "title_id,region,start_date,end_date\n" + "".join(f"{start},\n" for start in starts)
    facts = gather_facts(run, make_tables(availability=availability))
    assert (facts.plan_day, facts.horizon_days) == (np.datetime64("2026-07-01"), 2)
    told = {(row.title, pd.Timestamp(row.date).date().isoformat()) for row in facts.starts.itertuples()}
    assert told == {(0, "2026-06-20"), (1, "2026-07-02")}, "the horizon ends on 2 July"


def test_files_are_named_by_kind_rung_and_language(facts: Facts) -> None:
    told = {name: facts.file_name(file) for file, name in enumerate(facts.problem.file_ids)}
    assert (told["a1"], told["a1en"], told["a2"]) == ("video 5,800 kbps", "audio en", "muxed 2,000 kbps en")


@pytest.mark.parametrize(
    ("season", "episode", "name", "expected"),
    [
        (2, 7, "Show", "Show · S2 E7"),
        (2, 7, "Show 17", "Show 17 · S2 E7"),
        (2, 7, "Show 7", "Show 7"),
        (2, 7, "Show 71", "Show 71 · S2 E7"),
        ("", 7, "Show", "Show"),
        (2, "", "Show", "Show"),
        (0, 7, "Show", "Show"),
        (2, 7, "", "t1 · S2 E7"),
    ],
)
def test_an_episode_is_told_by_season_and_number_where_its_name_does_not(
    run: Run, make_tables: MakeTables, season: object, episode: object, name: str, expected: str
) -> None:
    titles = "title_id,name,kind,season,episode,runtime_minutes\n"
    titles += f"t1,{name},episode,{season},{episode},60\n" + "".join(f"t{n},x,movie,,,60\n" for n in (2, 3, 4, 5))
    assert gather_facts(run, make_tables(titles=titles)).title_names[0] == expected


def test_episodes_say_which_they_are_once(make_tables: MakeTables, run: Run) -> None:
    titles = "title_id,name,kind,season,episode,runtime_minutes\n" + "".join(
        f"t{n},{name},episode,2,7,60\n"
        for n, name in enumerate(("The Trip", "Show S2 E7", "", "Area 57", "x"), start=1)
    )
    content = gather_content(run, make_tables(titles=titles))
    names = {change.name for change in (*content.files_in, *content.files_out)}
    assert names == {"The Trip · S2 E7", "Show S2 E7", "t3 · S2 E7", "Area 57 · S2 E7", ""}
