"""How big each synthetic workspace is, and its plan date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Size = Literal["tiny", "small", "medium", "large"]
FUTURE_DAYS = 14
"""Days simulated from the plan date on: the horizon and a week more."""
TRUTH_DAYS = 28
"""History days whose expected hours are written with the truth."""


@dataclass(frozen=True)
class SizeSpec:
    """What one size holds; the counts are exact unless said otherwise."""

    plan_date: date
    regions: int
    groups: int
    """Groups of neighbouring countries; windows open and caches are parented group by group."""
    titles: int
    history_days: int
    edges: int
    regions_per_parent: int
    """A group with more regions than this gets a second mid-tier cache."""
    ladder_kbps: tuple[int, ...]
    """Video rungs; the highest is made for big productions only."""
    audio_languages: int
    """Most audio languages of one title (the original among them)."""
    subtitle_languages: int
    variant_period: Literal["day", "week", "month"]
    variant_periods: int
    variant_titles: int
    """Titles per region (the most watched) that `variant_views` covers."""
    hours_per_title: float
    """Mean hours per title and day in a region of weight 1."""
    edge_storage: tuple[float, float]
    """Storage of an edge, as part of the bytes of the catalogue open in its region: lowest, highest."""
    fill: tuple[float, float]
    """Bytes that one night lets in, as part of a cache's storage: lowest, highest."""
    imperfect: bool
    """Whether records have gaps: missing region-days, a late last day, files nobody knows."""
    launches: float = 1.0
    """Part of the usual launches that happen; the other titles are older than the history."""


SIZES: dict[Size, SizeSpec] = {
    "tiny": SizeSpec(
        plan_date=date(2026, 4, 29), regions=5, groups=2, titles=72, history_days=100, edges=7,
        regions_per_parent=9, ladder_kbps=(450, 1000, 1900, 3600, 6800), audio_languages=4, subtitle_languages=5,
        variant_period="week", variant_periods=4, variant_titles=45, hours_per_title=8.0,
        edge_storage=(0.07, 0.14), fill=(0.08, 0.16), imperfect=False,
    ),
    "small": SizeSpec(
        plan_date=date(2026, 5, 20), regions=10, groups=3, titles=400, history_days=120, edges=24,
        regions_per_parent=9, ladder_kbps=(300, 600, 1200, 2400, 4500, 9000), audio_languages=8,
        subtitle_languages=10, variant_period="day", variant_periods=14, variant_titles=60,
        hours_per_title=7.0, edge_storage=(0.03, 0.14), fill=(0.03, 0.10), imperfect=False,
    ),
    "medium": SizeSpec(
        plan_date=date(2026, 9, 9), regions=30, groups=8, titles=3000, history_days=180, edges=101,
        regions_per_parent=5, ladder_kbps=(250, 400, 700, 1200, 2100, 3600, 6000, 14000), audio_languages=10,
        subtitle_languages=14, variant_period="week", variant_periods=6, variant_titles=120,
        hours_per_title=6.0, edge_storage=(0.02, 0.14), fill=(0.02, 0.08), imperfect=True,
    ),
    "large": SizeSpec(
        plan_date=date(2026, 11, 25), regions=60, groups=11, titles=8000, history_days=240, edges=332,
        regions_per_parent=4, ladder_kbps=(250, 400, 700, 1200, 2100, 3600, 6000, 14000), audio_languages=10,
        subtitle_languages=14, variant_period="month", variant_periods=2, variant_titles=250,
        hours_per_title=4.0, edge_storage=(0.02, 0.12), fill=(0.02, 0.06), imperfect=True,
    ),
}  # fmt: skip


def plan_date(size: Size) -> date:
    """The plan date of a size: the day after the last day of its history, the same for every seed."""
    return SIZES[size].plan_date
