"""Series without views: the mean hours of past series in the same state, by age, kind and region.

The state is the age on the target day since the declared launch. What series without views did in the week
after earlier cut-offs is the estimate for what they will do in the coming one, launches included.
"""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_models.panel import NEVER, Panel

AGE_EDGES = np.array([1, 2, 3, 5, 7, 10, 14, 28, 90])
UNDECLARED = len(AGE_EDGES) + 1
"""State of series without a declared window; the states before it are ages."""
STATES = UNDECLARED + 1
CUTS, STEP_DAYS = 12, 5
"""Look back over this many cut-offs, this many days apart."""
PRIOR_ROWS = 20.0
"""Series-days that the wider group counts for beside the narrower one."""


def cold_hours(panel: Panel, series: Ints) -> Floats:
    """[len(series), H] mean hours of past cold series in the same state."""
    profile = launch_profile(panel)
    days = np.arange(panel.history_days, panel.history_days + panel.horizon_days)
    kind = _kind(panel)[series]
    return profile[panel.region[series][:, None], kind[:, None], _state(panel, series, days)]


def launch_profile(panel: Panel) -> Floats:
    """[R, kinds, states] mean hours per open day of series that had no views at the cut-off.

    Narrow groups (region and kind) are drawn towards wider ones (state times the region's scale).
    """
    kinds = int(_kind(panel).max(initial=0)) + 1
    hours = np.zeros((len(panel.regions), kinds, STATES))
    rows = np.zeros_like(hours)
    first = panel.history_days - panel.horizon_days
    for cut in range(first, max(0, first - CUTS * STEP_DAYS), -STEP_DAYS):
        _add_cut(panel, cut, hours, rows)
    by_state = _ratio(hours.sum(axis=(0, 1)), rows.sum(axis=(0, 1)))
    scale = _region_scale(panel)
    by_kind = (hours.sum(axis=0) + PRIOR_ROWS * by_state) / (rows.sum(axis=0) + PRIOR_ROWS)
    prior = scale[:, None, None] * by_kind
    return (hours + PRIOR_ROWS * prior) / (rows + PRIOR_ROWS)


def _add_cut(panel: Panel, cut: int, hours: Floats, rows: Floats) -> None:
    """Add what cold series did in the horizon after `cut`."""
    days = np.arange(cut, cut + panel.horizon_days)
    series = np.flatnonzero((panel.first_view >= cut) & panel.open[:, days].any(axis=1))
    counted = panel.open[np.ix_(series, days)] & panel.observed[np.ix_(panel.region[series], days)]
    place = np.broadcast_arrays(
        panel.region[series][:, None], _kind(panel)[series][:, None], _state(panel, series, days)
    )
    flat = np.ravel_multi_index(tuple(axis[counted] for axis in place), hours.shape)
    actual = panel.hours[np.ix_(series, days)][counted]
    hours += np.bincount(flat, actual, hours.size).reshape(hours.shape)
    rows += np.bincount(flat, minlength=rows.size).reshape(rows.shape)


def _state(panel: Panel, series: Ints, days: Ints) -> Ints:
    """[len(series), len(days)] class of age since the declared launch."""
    start = panel.window_start[series].astype(np.int64)[:, None]
    state = np.searchsorted(AGE_EDGES, days[None, :] - start, side="right")
    return np.where(start == NEVER, UNDECLARED, state)


def _kind(panel: Panel) -> Ints:
    """[N] code of the title's kind, blanks as a kind of their own."""
    return panel.catalogue.groups["kind"][panel.title] + 1


def _region_scale(panel: Panel) -> Floats:
    """[R] hours per observed day of each region relative to the mean region; 0 for a region without views."""
    totals: Floats = np.bincount(panel.region, panel.hours.sum(axis=1, dtype=np.float64), len(panel.regions)).astype(
        np.float64
    )
    level = _ratio(totals, np.count_nonzero(panel.observed, axis=1).astype(np.float64))
    return level / max(level[level > 0].mean() if (level > 0).any() else 1.0, 1e-12)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
