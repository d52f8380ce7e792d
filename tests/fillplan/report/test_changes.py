"""What comes in and goes out of the small network, and why, reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fillplan.report import changes
from fillplan.report.changes import holding
from fillplan.report.content import Content
from fillplan.report.facts import gather_facts
from fillplan.report.gather import gather_content
from fillplan.runs import Run
from fillplan_data.tables import Tables
from tests.fillplan.report.conftest import GB, TABLES, MakeRun, MakeTables


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
    assert audio.price_per_gb is None, "what is known of one cache only is not the price of both"


def test_files_that_go_out(content: Content) -> None:
    a4, a3, unknown = content.files_out
    assert (a4.asset_id, a4.caches, a4.total_bytes, a4.value) == ("a4", 2, 16 * GB, 4.0)
    assert a4.reason.endswith("(1 of 2 copies)")
    assert (a3.asset_id, a3.reason, a3.price_per_gb) == ("a3", "out of rights", pytest.approx(0.9))
    assert (unknown.asset_id, unknown.name, unknown.size_bytes, unknown.value_per_gb) == ("xx", "", None, None)


ONE = [("e1", "a1", "add", 1, "origin", 10, 50, 50)]
"""t1 is expected to be watched for 24 hours in DE."""


def views(hours: float) -> str:
    """So many hours of t1 in DE within the two days before, and others so that no day is missing."""
    days = "".join(f"2026-06-{d},DE,t4,1\n" for d in (29, 30))
    return f"date,region,title_id,view_hours\n{days}" + (f"2026-06-30,DE,t1,{hours}\n" if hours else "")


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.0, "not watched lately, expected now"),
        (21.8, "demand up"),
        (21.9, "steady demand, was not held"),
        (26.6, "steady demand, was not held"),
        (26.7, "demand down, still worth its place"),
    ],
)
def test_demand_counts_as_up_or_down_from_a_tenth_on(
    make_run: MakeRun, make_tables: MakeTables, hours: float, words: str
) -> None:
    (reason,) = gather_content(make_run(plan=ONE), make_tables(views=views(hours))).reasons_in
    assert reason.words == words


@pytest.mark.parametrize(
    ("start", "words", "told"),
    [
        ("t1,DE,2026-07-02", "launch within the horizon", "launch on 2 Jul 2026"),
        ("t1,DE,2026-07-01", "launch within the horizon", "launch on 1 Jul 2026"),
        ("t1,DE,2026-06-25", "launched in the last two weeks", "launched on 25 Jun 2026"),
        ("t1,FR,2026-07-02", "demand up", "demand up +28\u202f%"),
    ],
)
def test_launches_where_the_cache_is_asked(
    make_run: MakeRun, make_tables: MakeTables, start: str, words: str, told: str
) -> None:
    elsewhere = "FR" if ",DE," in start else "DE"
    availability = f"title_id,region,start_date,end_date\nt1,{elsewhere},2026-01-01,\n{start},\n"
    content = gather_content(make_run(plan=ONE), make_tables(availability=availability))
    assert [reason.words for reason in content.reasons_in] == [words]
    assert [title.reason for title in content.titles_in] == [told]


@pytest.mark.parametrize(("value", "words"), [(0.8, "main audio of a video held here"), (1.0, "demand up")])
def test_a_main_audio_that_does_not_earn_its_place_comes_with_its_video(
    make_run: MakeRun, tables: Tables, value: float, words: str
) -> None:
    """A GB of e1's storage is worth 0.9."""
    plan = [("e1", "a1en", "add", 1, "origin", 1, 2.5, value)]
    assert [reason.words for reason in gather_content(make_run(plan=plan), tables).reasons_in] == [words]


@pytest.mark.parametrize(
    ("asked_gb", "words"),
    [(0.0079, "nobody is expected to ask for it"), (0.0081, "other files are worth more here")],
)
def test_nobody_asks_for_a_file_below_a_thousandth_of_its_size(
    make_run: MakeRun, tables: Tables, asked_gb: float, words: str
) -> None:
    run = make_run(plan=[("e2", "a4", "evict", None, None, 8, 0, 0)], demand_gb=[("FR", "a4", asked_gb)])
    (reason,) = gather_content(run, tables).reasons_out
    assert (reason.words, reason.value) == (words, pytest.approx(asked_gb))


@pytest.mark.parametrize(
    ("holder", "words", "worth"),
    [
        # DE asks mid past e1 for 50 GB, FR past e2 for 20; a GB from mid is worth 0.4
        (("e1", 50), "the caches below hold it", 20 * 0.4),
        (("e2", 20), "other files are worth more here", 50 * 0.4),
    ],
)
def test_a_parents_copy_is_superfluous_where_the_caches_below_serve_most(
    make_run: MakeRun, tables: Tables, holder: tuple[str, int], words: str, worth: float
) -> None:
    cache, asked = holder
    plan = [("mid", "a1", "evict", None, None, 10, 0, 0), (cache, "a1", "keep", None, None, 10, asked, asked)]
    (reason,) = gather_content(make_run(plan=plan), tables).reasons_out
    assert (reason.words, reason.value) == (words, pytest.approx(worth))


@pytest.mark.parametrize(
    ("value", "words"), [(0.49, "other files are worth more here"), (0.51, "a cache behind this one holds it")]
)
def test_a_copy_is_superfluous_where_the_next_holder_is_worth_half_as_much(
    make_run: MakeRun, make_tables: MakeTables, value: float, words: str
) -> None:
    plan = [("mid", "a4", "keep", None, None, 8, 4, 1), ("e2", "a4", "evict", None, None, 8, 0, 0)]
    tables = make_tables(caches=TABLES["caches"].replace(",,0.4,0", f",,{value},0"))
    (reason,) = gather_content(make_run(plan=plan), tables).reasons_out
    assert (reason.words, reason.value) == (words, pytest.approx(4 * (1 - value)))


def test_what_may_not_be_held_is_worth_nothing_here_however_much_it_is_asked_for(
    make_run: MakeRun, make_tables: MakeTables
) -> None:
    tables = make_tables(pins="cache_id,asset_id,title_id,rule\ne1,a1,,block\n")
    (reason,) = gather_content(make_run(plan=[("e1", "a1", "evict", None, None, 10, 0, 0)]), tables).reasons_out
    assert (reason.words, reason.value) == ("blocked", 0.0)


def test_a_file_that_nobody_knows_is_in_no_list(run: Run, tables: Tables) -> None:
    problem = gather_facts(run, tables).problem
    last = problem.file_count - 1
    lists = (np.array([0, last]), np.array([1]), np.array([], dtype=np.int64))
    cache, file = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, -1, 0])
    assert holding(lists, cache, file, problem).tolist() == [True, False, True, False, False]


def test_only_the_first_are_shown_and_of_equals_the_one_listed_first(
    make_run: MakeRun, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = [
        ("e1", "a2", "add", 1, "origin", 20, 20, 5),
        ("e1", "a1", "add", 2, "origin", 10, 50, 5),
        ("e1", "a4", "evict", None, None, 8, 0, 0),
        ("e2", "a3", "evict", None, None, 8, 0, 0),
    ]
    run = make_run(plan=plan)
    content = gather_content(run, tables)
    assert [title.title_id for title in content.titles_in] == ["t1", "t2"]
    assert [file.asset_id for file in content.files_in] == ["a1", "a2"]
    assert [file.asset_id for file in content.files_out] == ["a3", "a4"]
    assert [reason.size_bytes // GB for reason in content.reasons_in] == [20, 10], "the most bytes first"
    monkeypatch.setattr(changes, "TITLES_SHOWN", 1)
    monkeypatch.setattr(changes, "FILES_SHOWN", 1)
    fewer = gather_content(run, tables)
    assert fewer.titles_in == content.titles_in[:1]
    assert (fewer.files_in, fewer.files_out) == (content.files_in[:1], content.files_out[:1])
    assert fewer.reasons_in == content.reasons_in, "the sums are of all"


def test_a_video_that_does_not_earn_its_place_is_no_main_audio(make_run: MakeRun, tables: Tables) -> None:
    plan = [("e1", "a1", "add", 1, "origin", 10, 50, 5)]
    assert [reason.words for reason in gather_content(make_run(plan=plan), tables).reasons_in] == ["demand up"]


def test_files_that_go_are_listed_by_the_storage_that_they_free(make_run: MakeRun, tables: Tables) -> None:
    plan = [("e1", "a1en", "evict", None, None, 1, 0, 0), ("e1", "a3", "evict", None, None, 5, 0, 0)]
    content = gather_content(make_run(plan=plan), tables)
    assert [(file.asset_id, file.value) for file in content.files_out] == [("a3", 0.0), ("a1en", 2.5)]


@pytest.mark.parametrize(
    ("here", "elsewhere", "told"),
    [
        ("2026-07-02", "2026-07-01", "launch on 1 Jul 2026"),
        ("2026-06-20", "2026-06-25", "launched on 25 Jun 2026"),
    ],
)
def test_of_several_launches_the_next_or_the_last_is_told(
    make_run: MakeRun, make_tables: MakeTables, here: str, elsewhere: str, told: str
) -> None:
    availability = f"title_id,region,start_date,end_date\nt1,DE,{here},\nt1,FR,{elsewhere},\n"
    content = gather_content(make_run(plan=ONE), make_tables(availability=availability))
    assert [title.reason for title in content.titles_in] == [told]


def test_a_launch_is_no_reason_to_go(make_run: MakeRun, make_tables: MakeTables) -> None:
    tables = make_tables(pins="cache_id,asset_id,title_id,rule\ne1,a2,,block\n")
    content = gather_content(make_run(plan=[("e1", "a2", "evict", None, None, 20, 0, 0)]), tables)
    assert [file.reason for file in content.files_out] == ["blocked"]
