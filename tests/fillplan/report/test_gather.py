"""Every figure of the report against the small network of conftest.py, reckoned by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from fillplan.report.content import Content
from fillplan.report.gather import gather_content
from fillplan.report.network import gap_words
from fillplan.runs import Run
from fillplan_data.faults import Fault
from fillplan_data.tables import Tables
from tests.fillplan.report.conftest import summary, write_run_folder

GB = 10**9
MakeTables = Callable[..., Tables]
MakeRun = Callable[..., Run]


@pytest.fixture
def content(run: Run, tables: Tables) -> Content:
    return gather_content(run, tables)


def test_headline(content: Content) -> None:
    h = content.headline
    assert (h.added, h.kept, h.evicted) == (4, 2, 4)
    assert (h.added_bytes, h.kept_bytes, h.evicted_bytes) == (32 * GB, 11 * GB, 21 * GB)
    assert (h.fill_bytes, h.fill_budget_bytes) == (32 * GB, 108 * GB)
    assert (h.used_bytes, h.storage_bytes) == (43 * GB, 143 * GB)
    assert h.served_bytes == pytest.approx(92.5 * GB)
    assert h.churn == pytest.approx(32 / 43)
    assert h.fill_use == pytest.approx(32 / 108)
    assert "at most 0.8\u202f%" in h.gap_words


def test_tiers_add_up_to_what_is_requested(content: Content) -> None:
    tiers = content.headline.tiers
    assert [(t.name, t.caches, round(t.bytes / GB, 6)) for t in tiers] == [
        ("edge", 2, 92.5),
        ("parent", 1, 0.0),
        ("origin", 0, 76.5),
    ]
    assert sum(t.share for t in tiers) == pytest.approx(1)


def test_caches(content: Content) -> None:
    e1, e2, mid = content.caches
    assert [(c.cache_id, c.region, c.tier, c.parent_id) for c in content.caches] == [
        ("e1", "DE", "edge", "mid"),
        ("e2", "FR", "edge", "mid"),
        ("mid", "", "parent", ""),
    ]
    assert (e1.added, e1.kept, e1.evicted) == (2, 1, 3)
    assert (e1.storage_use, e1.fill_use) == (1.0, pytest.approx(21 / 36))
    assert (e1.storage_price_per_tb, e1.fill_price_per_tb) == (pytest.approx(900), 0.0)
    assert (e2.storage_price_per_tb, mid.fill_price_per_tb) == (None, None)
    # e1: full, and storage has a price; mid: not full; e2: 11 of 12 GB
    assert [c.limited_by for c in content.caches] == [("storage",), (), ()]
    # DE asks e1 for 72.5 GB and gets all; FR asks e2 for 24 and gets 20; mid sees the 4 that are left
    assert [c.hit_rate for c in content.caches] == [pytest.approx(1), pytest.approx(20 / 24), 0.0]


def test_regions(content: Content) -> None:
    de, fr = content.regions
    assert (de.region, de.caches, de.requested_bytes, de.own_bytes) == ("DE", 1, 145 * GB, 72.5 * GB)
    assert (fr.region, fr.caches, fr.requested_bytes, fr.own_bytes) == ("FR", 1, 24 * GB, 20 * GB)
    # two days before the plan date: DE 20 hours, FR 10
    assert (de.hours, de.change) == (56, pytest.approx(56 / 20 - 1))
    assert (fr.hours, fr.change) == (9, pytest.approx(9 / 10 - 1))


def test_reasons_in(content: Content) -> None:
    assert [(r.words, r.copies, r.size_bytes // GB, round(r.value, 6)) for r in content.reasons_in] == [
        ("launch within the horizon", 1, 20, 18.0),
        ("demand up", 2, 11, 21.4),
        ("main audio of a video held here", 1, 1, -0.1),
    ]


def test_reasons_out(content: Content) -> None:
    assert {(r.words, r.copies, r.size_bytes // GB, r.value) for r in content.reasons_out} == {
        ("nobody is expected to ask for it", 1, 8, 0.0),
        # 4 GB of FR at a worth of 1 per GB, and no cache behind e2 holds the file
        ("other files are worth more here", 1, 8, 4.0),
        ("out of rights", 1, 5, 0.0),
        ("not in the catalogue", 1, 0, 0.0),
    }


def test_blocked_comes_before_rights_and_pinned_before_all(make_tables: MakeTables, run: Run) -> None:
    tables = make_tables(pins="cache_id,asset_id,title_id,rule\n,a3,,block\ne1,a2,,pin\n")
    content = gather_content(run, tables)
    assert "blocked" in {r.words for r in content.reasons_out}
    assert "out of rights" not in {r.words for r in content.reasons_out}
    assert ("pinned", 1) in {(r.words, r.copies) for r in content.reasons_in}


def test_an_evicted_file_that_the_parent_holds_is_worth_less(make_run: MakeRun, tables: Tables) -> None:
    plan = [
        ("mid", "a4", "keep", None, None, 8, 4, 1.6),
        ("e2", "a4", "evict", None, None, 8, 0, 0),
    ]
    (reason,) = gather_content(make_run(plan=plan), tables).reasons_out
    # mid serves the same 4 GB at 0.4 instead of 1 per GB
    assert (reason.words, reason.value) == ("other files are worth more here", pytest.approx(4 * 0.6))


def test_an_evicted_file_of_a_parent_whose_edges_hold_it(make_run: MakeRun, tables: Tables) -> None:
    plan = [
        ("mid", "a1", "evict", None, None, 10, 0, 0),
        ("e1", "a1", "keep", None, None, 10, 50, 50),
        ("e2", "a1", "keep", None, None, 10, 20, 20),
    ]
    (reason,) = gather_content(make_run(plan=plan), tables).reasons_out
    assert (reason.words, reason.value) == ("the caches below hold it", 0.0)


def test_titles_and_files_that_come_in(content: Content) -> None:
    assert [(t.name, t.files, t.caches, t.fill_bytes // GB, round(t.value, 6)) for t in content.titles_in] == [
        ("Old & Gold", 2, 2, 12, 21.3),
        ("New <script>alert(1)</script>", 1, 1, 20, 18.0),
    ]
    # t1: 24 + 8 hours expected against 20 + 5
    assert [t.reason for t in content.titles_in] == ["demand up +28\u202f% (2 of 3 copies)", "launch on 2 Jul 2026"]
    best, launch, audio = content.files_in
    assert (best.asset_id, best.file, best.caches, best.value) == ("a1", "video 5,800 kbps", 1, 19.0)
    assert best.value_per_gb == pytest.approx(1.9)
    assert best.price_per_gb is None
    assert (launch.file, launch.price_per_gb) == ("muxed 2,000 kbps en", pytest.approx(0.9))
    assert (audio.file, audio.caches, audio.total_bytes) == ("audio en", 2, 2 * GB)


def test_files_that_go_out(content: Content) -> None:
    a4, a3, unknown = content.files_out
    assert (a4.asset_id, a4.caches, a4.total_bytes, a4.value) == ("a4", 2, 16 * GB, 4.0)
    assert a4.reason.endswith("(1 of 2 copies)")
    assert (a3.asset_id, a3.reason, a3.price_per_gb) == ("a3", "out of rights", pytest.approx(0.9))
    assert (unknown.asset_id, unknown.name, unknown.size_bytes, unknown.value_per_gb) == ("xx", "", None, None)


def test_forecast_beside_the_last_weeks(content: Content) -> None:
    assert content.total is not None
    days = {f"{day.date:%m-%d}": day for day in content.total.days}
    assert list(days) == ["06-29", "06-30", "07-01", "07-02"]
    assert [day.hours for day in days.values()] == [10, 20, 19, 46]
    assert (days["07-02"].low, days["07-02"].high) == (38, 63)
    # 1 July: low distances 4 (t1 in DE), 1 (t1 in FR), 1 (t4 in FR), high distances 8, 1, 1; see test_bands
    assert 19 - 6 < days["07-01"].inner_low < 19 - 18**0.5 < 19 + 66**0.5 < days["07-01"].inner_high < 19 + 10
    assert [series.name for series in content.region_series] == ["DE", "FR"]
    assert [day.hours for day in content.region_series[1].days] == [10, 5, 4]


def test_a_missing_day_of_a_region_is_not_zero(make_tables: MakeTables, run: Run) -> None:
    views = "date,region,title_id,view_hours\n2026-06-28,FR,t1,3\n2026-06-30,FR,t1,5\n2026-06-29,DE,t1,1\n"
    content = gather_content(run, make_tables(views=views))
    fr = next(series for series in content.region_series if series.name == "FR")
    assert [day.hours for day in fr.days[:3]] == [3, None, 5]
    assert any(note.text.startswith("3 region-days are missing") for note in content.notes)


def test_launches(content: Content) -> None:
    (launch,) = content.launches
    assert content.launch_count == 1
    assert (launch.title_id, launch.start, launch.regions) == ("t2", date(2026, 7, 2), ("DE",))
    assert (launch.hours, launch.low, launch.high) == (30, 26, 42)
    assert (launch.places, launch.requested_bytes, launch.held_share) == (("e1",), 40 * GB, 0.5)
    # at 26 of 30 hours the copy is worth 20 x 26 / 30 less 2 for the fill, but its bytes would win 18 elsewhere
    assert (launch.copies, launch.sure_copies) == (1, 0)


def test_a_copy_is_sure_where_it_would_be_worth_its_place_at_the_low_end(tables: Tables, tmp_path: Path) -> None:
    caches = [{**cache, "storage_price": 0.75e-9} for cache in summary()["caches"]]
    run = write_run_folder(tmp_path / "runs" / "2026-07-01", caches=caches)
    (launch,) = gather_content(run, tables).launches
    assert (launch.copies, launch.sure_copies) == (1, 1)


def test_notes(content: Content) -> None:
    texts = " ".join(note.text for note in content.notes)
    assert "1 copy that is evicted as not in the catalogue" in texts
    assert "1 copy that is evicted as out of rights" in texts
    assert "1 region-day is missing" in texts
    # t2 and t5 are 32 of 65 expected hours; t5 with 2 hours has no files
    assert "49.2\u202f% of the expected hours are of titles without history" in texts
    assert "1 title has no files in the assets table; 3.1\u202f%" in texts
    assert "72.5\u202fGB (42.9\u202f% of all requested bytes) come from regions or shares without a cache" in texts


def test_warnings_come_first_and_are_capped(run: Run, tables: Tables) -> None:
    fault = Fault("warning", "views", "input/views.csv", 7, "date", "a day", "none", "look at it")
    content = gather_content(run, tables, warnings=[fault] * 45)
    assert [note.text for note in content.notes[:2]] == [str(fault)] * 2
    assert content.notes[40].text.startswith("5 more warnings")


def test_episodes_say_which_they_are_once(make_tables: MakeTables, run: Run) -> None:
    titles = "title_id,name,kind,season,episode,runtime_minutes\n" + "".join(
        f"t{n},{name},episode,2,7,60\n"
        for n, name in enumerate(("The Trip", "Show S2 E7", "", "Area 57", "x"), start=1)
    )
    content = gather_content(run, make_tables(titles=titles))
    names = {change.name for change in (*content.files_in, *content.files_out)}
    assert names == {"The Trip · S2 E7", "Show S2 E7", "t3 · S2 E7", "Area 57 · S2 E7", ""}


def test_without_a_forecast(make_run: MakeRun, tables: Tables) -> None:
    content = gather_content(make_run(with_forecast=False), tables)
    assert (content.total, content.region_series) == (None, ())
    assert {region.hours for region in content.regions} == {None}
    assert {r.words for r in content.reasons_in} == {
        "launch within the horizon",
        "expected demand",
        "main audio of a video held here",
    }
    assert content.launches[0].hours is None
    assert content.launches[0].held_share == 0.5


def test_caches_that_hold_and_serve_nothing(make_run: MakeRun, tables: Tables) -> None:
    content = gather_content(make_run(plan=[], demand_gb=[], requested_bytes=0.0, expected_offload=0.0), tables)
    assert [(c.added, c.kept, c.evicted) for c in content.caches] == [(0, 0, 0)] * 3
    assert (content.reasons_in, content.titles_in, content.files_out) == ((), (), ())
    assert [t.share for t in content.headline.tiers] == [0, 0, 0]


def test_mesh(make_tables: MakeTables, run: Run) -> None:
    tables = make_tables(routes="region,cache_id,value_per_gb\nDE,e1,1.0\nDE,e2,0.5\nFR,e2,1.0\n")
    content = gather_content(run, tables)
    assert [(c.tier, c.region) for c in content.caches] == [("edge", "DE"), ("edge", "DE, FR"), ("edge", "")]
    assert [(r.caches, r.own_bytes) for r in content.regions] == [(2, None), (1, None)]
    assert "Nobody is expected to ask anything of mid." in [note.text for note in content.notes]


def test_content_is_plain_json(content: Content) -> None:
    plain = json.loads(json.dumps(content.as_json(), allow_nan=False))
    assert plain["plan_date"] == "2026-07-01"
    assert plain["launches"][0]["start"] == "2026-07-02"
    assert plain["caches"][0]["limited_by"] == ["storage"]


def test_same_run_same_content(content: Content, run: Run, tables: Tables) -> None:
    assert gather_content(run, tables) == content
    assert gather_content(run, tables, label="SYNTHETIC") == replace(content, label="SYNTHETIC")


def test_the_gap_in_words() -> None:
    assert gap_words("optimal", 0.0).startswith("Proven best")
    assert "at most 2.0\u202f%" in gap_words("feasible", 0.02)
    assert "60.0\u202f% of it" in gap_words("feasible", 0.4)
    assert gap_words("fallback", 0.02).startswith("The solver failed")
