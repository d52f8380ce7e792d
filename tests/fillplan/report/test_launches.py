"""Launches: copies are those of the video, wherever they are counted; a title held without its video says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fillplan.report.gather import gather_content
from fillplan.report.markdown import render_markdown
from fillplan.report.page import render
from fillplan.runs import Run
from fillplan_data.tables import Tables

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
