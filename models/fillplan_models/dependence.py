"""How the surprises of series and days hang together: shares that were measured once on what forecasts missed.

Each day's hours are told as a standard normal score: the probability that the forecast gave to no more than what
came. The score is modelled as a sum of parts that are shared (one-factor Gaussian copulas, nested): by all days and
regions of a title, by the days of a series, by a title's regions on one day, by the titles of a region; the rest is
the day's own. Shares of variance follow from the correlations of pairs that have just these parts in common (method
of moments; models/CARD.md has the measurements).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shares:
    """Shares of a score's variance; what they leave of 1 is the day's own."""

    title: float
    """Common to all regions and days of the title."""
    series: float
    """Common to the days of the title in the region."""
    title_day: float
    """Common to the title's regions on a day."""
    region: float
    """Common to all titles of the region and all days."""


WARM = Shares(title=0.11, series=0.18, title_day=0.03, region=0.01)
"""Of series with views: means over the worlds of models/CARD.md."""
COLD = Shares(title=0.25, series=0.35, title_day=0.15, region=0.0)
"""Of series without (launches)."""
