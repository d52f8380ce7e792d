"""What comes in and goes out of the small network, and why, reckoned by hand."""

from __future__ import annotations

import pytest

from fillplan.report.content import Content
from fillplan.report.gather import gather_content
from fillplan.runs import Run
from fillplan_data.tables import Tables
from tests.fillplan.report.conftest import GB, MakeRun, MakeTables


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
