"""Rows of the report: parts of nothing, and what a launch says where its video is nowhere."""

from datetime import date

import pytest

from fillplan.report.rows import CacheRow, Launch, share


@pytest.mark.parametrize(("part", "whole", "expected"), [(1, 4, 0.25), (0, 4, 0.0), (3, 2, 1.5), (5, 0, 0.0)])
def test_a_part_of_nothing_is_nothing(part: float, whole: float, expected: float) -> None:
    assert share(part, whole) == expected


def cache(**bytes_: int) -> CacheRow:
    names = ("storage_bytes", "used_bytes", "fill_budget_bytes", "fill_bytes")
    figures = {**dict.fromkeys(names, 0), **bytes_}
    return CacheRow(
        cache_id="c", region="", parent_id="", tier="edge", **figures, expected_bytes=0.0, expected_offload=0.0,
        hit_rate=0.0, added=0, evicted=0, kept=0, storage_price_per_tb=None, fill_price_per_tb=None, limited_by=(),
    )  # fmt: skip


def test_storage_and_fill_are_used_each_of_its_own() -> None:
    row = cache(storage_bytes=8, used_bytes=6, fill_budget_bytes=4, fill_bytes=1)
    assert (row.storage_use, row.fill_use) == (0.75, 0.25)


def test_a_cache_without_storage_or_window_uses_nothing() -> None:
    assert (cache().storage_use, cache().fill_use) == (0.0, 0.0)


@pytest.mark.parametrize(("only", "expected"), [("", "nowhere"), ("audio and subtitles", "audio and subtitles only")])
def test_a_launch_without_its_video_says_what_there_is_of_it(only: str, expected: str) -> None:
    launch = Launch("t", "T", "movie", date(2026, 7, 1), (), None, None, None, (), only, 0, None, 0.0, None)
    assert launch.nowhere == expected
