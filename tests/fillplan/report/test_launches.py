"""Launches: copies are those of the video, wherever they are counted; a title held without its video says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from fillplan.report.content import Content
from fillplan.report.gather import gather_content
from fillplan.report.markdown import render_markdown
from fillplan.report.page import render
from fillplan.runs import Run
from fillplan_data.tables import Tables
from tests.fillplan.report.conftest import GB, summary, write_run_folder

ASSETS = """asset_id,title_id,kind,bitrate_kbps,language,size_bytes
a1,t1,video,5800,,10000000000
a2,t2,video,2000,,20000000000
a2en,t2,audio,,en,1000000000
a2de,t2,subtitle,,de,1000000
a2fr,t2,subtitle,,fr,1000000
"""
VIDEO = ("e1", "a2", "add", 1, "origin", 20, 20, 18)
AUDIO = ("e1", "a2en", "add", 2, "origin", 1, 2, 1.9)
SUBTITLES = [("mid", name, "add", 1, "origin", 0.001, 1, 0.1) for name in ("a2de", "a2fr")]
DEMAND = [("DE", "a2", 40), ("DE", "a2en", 5), ("DE", "a2de", 1), ("DE", "a2fr", 1)]


@pytest.mark.parametrize(
    ("plan", "places", "copies", "nowhere"),
    [
        ([VIDEO, AUDIO, *SUBTITLES], ("e1",), 1, "nowhere"),
        ([AUDIO, *SUBTITLES], (), 0, "audio and subtitles only"),
        (SUBTITLES, (), 0, "subtitles only"),
        ([], (), 0, "nowhere"),
    ],
)
def test_copies_and_places_are_those_of_the_video(
    make_tables: Callable[..., Tables],
    make_run: Callable[..., Run],
    plan: list[tuple[object, ...]],
    places: tuple[str, ...],
    copies: int,
    nowhere: str,
) -> None:
    content = gather_content(make_run(plan=plan, demand_gb=DEMAND), make_tables(assets=ASSETS))
    (launch,) = content.launches
    assert (launch.places, launch.copies, launch.nowhere) == (places, copies, nowhere)
    assert launch.sure_copies is not None and launch.sure_copies <= copies
    if not copies:
        assert f"| {nowhere} | – | – |" in render_markdown(content)
        assert f">{nowhere}</td>" in render(content)


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
