"""Features: one function for training and scoring, at any cut-off.

`make_cutoff` looks only at a panel, which ends at its cut-off; `feature_rows` then takes what was known about
pairs of series and target day. History features are logs of ratios to the baseline, so that one model fits a
series of a million hours and one of a tenth of an hour. Ratios are smoothed by `phi`, the noise of one hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fillplan_data.arrays import Floats, Ints, Singles
from fillplan_models.appeal import Appeal, fit_appeal, weighted_window
from fillplan_models.baseline import SMALLEST_LEVEL, baseline_hours, posterior_level
from fillplan_models.decay import OLDEST
from fillplan_models.history import Recent, make_recent, promotion_on
from fillplan_models.memory import best_memory, levels
from fillplan_models.panel import NEVER, Panel, trailing_gap
from fillplan_models.season import season

HALF_LIVES = {"now": 1.5, "fortnight": 10.0, "month": 30.0}
"""Memories beside the series' own ("main")."""
FAR_DAYS = 400.0
YOUNG_DAYS = 60
LAUNCH_KEY = 10**6
"""Larger than any day number: keys of (group, launch day) sort by group, then day."""


@dataclass(frozen=True, eq=False)
class CutOff:
    """Everything that is known on the eve of a plan date, ready to give features."""

    panel: Panel
    recent: Recent
    appeal: Appeal
    level: Floats
    """[N] the baseline's level."""
    per_series: Mapping[str, Singles]
    """Feature -> [N]."""


@dataclass(frozen=True, eq=False)
class FeatureRows:
    """Features of n pairs of series and target day."""

    names: tuple[str, ...]
    values: Singles
    """[n, len(names)], NaN where not known."""
    baseline: Floats
    """[n] hours that the booster starts from, > 0."""


def make_cutoff(panel: Panel) -> CutOff:
    """Prepare a panel, whose end is the cut-off, for features."""
    recent = make_recent(panel)
    appeal = fit_appeal(recent)
    windows = {name: weighted_window(recent, days) for name, days in HALF_LIVES.items()}
    level, windows["main"] = levels(recent, appeal, best_memory(recent, appeal))
    recent = replace(recent.with_crowds(level, appeal.launch_lift), season=season(panel, recent.holiday_effect))
    per_series = {
        **_level_features(appeal, windows, level),
        **_momentum_features(panel, recent, appeal, windows, level),
        **_habit_features(recent, appeal, level),
        **_title_features(panel, recent, appeal),
    }
    return CutOff(panel, recent, appeal, level, {k: v.astype(np.float32) for k, v in per_series.items()})


def feature_rows(cutoff: CutOff, series: Ints, day: Ints) -> FeatureRows:
    """Features of pairs (series [n], target day [n]); the days lie within the horizon."""
    baseline = baseline_hours(cutoff.recent, cutoff.level, series, day)
    columns = {name: values[series] for name, values in cutoff.per_series.items()}
    ahead = _target_features(cutoff, series, day, baseline)
    columns |= {name: column.astype(np.float32) for name, column in ahead.items()}
    values = np.stack(list(columns.values()), axis=1)
    return FeatureRows(tuple(columns), values, baseline)


def _log_ratio(part: Floats, whole: Floats, smoothing: float | Floats) -> Floats:
    return np.log((part + smoothing) / (whole + smoothing))


def _level_features(appeal: Appeal, windows: Mapping[str, tuple[Floats, Floats]], level: Floats) -> dict[str, Floats]:
    """Own levels of several memories and the prior, relative to the baseline's."""
    features = {
        f"level_{name}": np.log(posterior_level(appeal, *window) / level)
        for name, window in windows.items()
        if name != "main"
    }
    features |= {f"raw_{name}": _log_ratio(w, level * e, appeal.phi) for name, (w, e) in windows.items()}
    features["prior_level"] = np.log(np.maximum(appeal.prior_level, SMALLEST_LEVEL) / level)
    features["size"] = np.log(level / appeal.phi)
    features["evidence"] = np.log1p(windows["month"][1] * level / appeal.phi)
    return features


def _momentum_features(
    panel: Panel, recent: Recent, appeal: Appeal, windows: Mapping[str, tuple[Floats, Floats]], level: Floats
) -> dict[str, Floats]:
    """How the title elsewhere and the likes of the series lately did against their own levels."""
    title, region = panel.title, panel.region
    language = panel.catalogue.groups["original_language"][title] + 1
    family = panel.catalogue.groups["series_id"][title]
    groups = {
        "title_elsewhere": title,
        "region": region,
        "region_kind": region * recent.kinds + recent.kind,
        "region_language": region * (int(language.max(initial=0)) + 1) + language,
        "family": np.where(family < 0, int(family.max(initial=0)) + 1 + title, family),
    }
    features = {}
    slow = posterior_level(appeal, *windows["fortnight"])
    for name, group in groups.items():
        for memory, against in (("now", level), ("main", slow)):
            watched, usual = windows[memory]
            features[f"{name}_{memory}"] = _others(group, watched, usual * against, appeal.phi)
    watched, expected = appeal.watched, appeal.expected * appeal.region[region] * appeal.taste
    elsewhere = _others(title, watched, expected * appeal.title[title], appeal.phi)
    features["appeal_elsewhere"] = elsewhere + np.log(np.maximum(appeal.prior_level, SMALLEST_LEVEL) / level)
    return features


def _others(group: Ints, watched: Floats, expected: Floats, phi: float) -> Floats:
    """[N] log ratio of watched to expected over the rest of each series' group."""
    size = int(group.max(initial=0)) + 1
    up, down = np.bincount(group, watched, size), np.bincount(group, expected, size)
    return _log_ratio(np.maximum(up[group] - watched, 0), np.maximum(down[group] - expected, 0), 5 * phi)


def _habit_features(recent: Recent, appeal: Appeal, level: Floats) -> dict[str, Floats]:
    """How a series has been watched lately: how often, how steadily, since when."""
    panel, count = recent.panel, recent.panel.series_count
    active, hours, counted = recent.active, recent.hours, recent.counted
    width = hours.shape[1]
    features = {}
    for days in (7, 28):
        part = slice(max(0, width - days), width)
        features[f"open_days_{days}"] = _spread(active, np.count_nonzero(counted[:, part], axis=1), count, np.nan)
        features[f"watched_days_{days}"] = _spread(active, np.count_nonzero(hours[:, part] > 0, axis=1), count, 0)
    watched = hours[:, ::-1] > 0
    since = np.where(watched.any(axis=1), watched.argmax(axis=1), width)
    features["days_since_view"] = _spread(active, since, count, FAR_DAYS)
    part = slice(max(0, width - 14), width)
    expected = recent.usual[:, part] * level[active, None]
    surprise = np.where(counted[:, part], hours[:, part] - expected, 0)
    spread = np.sqrt((surprise**2).sum(axis=1)) / (expected.sum(axis=1) + appeal.phi)
    features["unsteadiness"] = _spread(active, spread, count, np.nan)
    promoted = promotion_on(panel, active[:, None], recent.days[part]).mean(axis=1)
    features["promotion_14"] = _spread(active, promoted, count, 0)
    return features


def _spread(active: Ints, values: npt.NDArray[np.generic], count: int, silent: float) -> Floats:
    """[N] values of the active series, `silent` elsewhere."""
    column = np.full(count, silent, dtype=np.float64)
    column[active] = values
    return column


def _title_features(panel: Panel, recent: Recent, appeal: Appeal) -> dict[str, Floats]:
    """Static and title-wide columns.

    The catalogue's columns speak through the prior level (`likeness`): as features of their own they would name
    single titles, and launches, a few dozen titles with thousands of rows, would be learnt by heart.
    """
    title, region = panel.title, panel.region
    titles = len(panel.titles)
    warm = np.bincount(title, ~panel.cold, titles)
    told = ~panel.silent[region]
    open_now = np.bincount(title, panel.open[:, panel.history_days - 1] & told, titles)
    first = np.full(titles, NEVER, dtype=np.int64)
    np.minimum.at(first, title, recent.launch)
    return {
        "cold": panel.cold.astype(np.float64),
        "kind": recent.kind.astype(np.float64),
        "region_size": np.log(np.maximum(appeal.region, 1e-9))[region] - np.log(appeal.phi),
        "taste": np.log(np.maximum(appeal.taste, 1e-9)),
        "regions_watching": (warm / np.maximum(open_now, 1))[title],
        "title_lead": np.clip(recent.launch - first[title], 0, FAR_DAYS),
        "region_gap": trailing_gap(panel.observed)[region].astype(np.float64),
    }


def _target_features(cutoff: CutOff, series: Ints, day: Ints, baseline: Floats) -> dict[str, Floats]:
    """What is known in advance about the target day, and the same weekday in the last weeks."""
    panel, recent = cutoff.panel, cutoff.recent
    end = panel.history_days + panel.horizon_days
    region = panel.region[series]
    age = np.where(recent.launch[series] <= -OLDEST, FAR_DAYS, np.clip(day - recent.launch[series], -1, FAR_DAYS))
    features = {
        "horizon": (day - panel.history_days + 1).astype(np.float64),
        "weekday": panel.weekday(day).astype(np.float64),
        "age": age,
        "age_in_week": np.where(age < YOUNG_DAYS, age % 7, np.nan),
        "sibling_age": _sibling_age(recent, series, day),
        "launch_weekday": panel.weekday(recent.launch[series]).astype(np.float64),
        "holiday": panel.holiday[region, day].astype(np.float64),
        "holiday_near": (panel.holiday[region, day - 1] | panel.holiday[region, np.minimum(day + 1, end - 1)]) * 1.0,
        "promotion": promotion_on(panel, series, day).astype(np.float64),
        "usual": np.log(np.maximum(recent.usual_on(series, day), 1e-9)),
        "baseline": np.log(baseline / cutoff.appeal.phi),
    }
    return features | _same_weekday(cutoff, series, day)


def _sibling_age(recent: Recent, series: Ints, day: Ints) -> Floats:
    """Days since the region's latest launch in the same series that came after the title's own, NaN without."""
    panel = recent.panel
    family = panel.catalogue.groups["series_id"][panel.title]
    groups = int(family.max(initial=0)) + 1
    group = panel.region * groups + family
    members = np.flatnonzero((family >= 0) & (recent.launch > -OLDEST) & (recent.launch < NEVER))
    launches = np.sort(group[members] * LAUNCH_KEY + recent.launch[members])
    at = np.searchsorted(launches, group[series] * LAUNCH_KEY + day, side="right") - 1
    latest = launches[np.maximum(at, 0)] if len(launches) else np.full(len(series), -1)
    # keys of other groups lie a whole LAUNCH_KEY away
    launch = latest - group[series] * LAUNCH_KEY
    found = (at >= 0) & (family[series] >= 0) & (launch > np.maximum(recent.launch[series], -OLDEST)) & (launch <= day)
    return np.where(found, day - launch, np.nan)


def _same_weekday(cutoff: CutOff, series: Ints, day: Ints) -> dict[str, Floats]:
    """Hours of the same weekday against the baseline of that day: last week, and the mean of four weeks."""
    recent, panel = cutoff.recent, cutoff.panel
    row = recent.place[series]
    watched, expected, last = np.zeros(len(series)), np.zeros(len(series)), np.full(len(series), np.nan)
    weeks_ahead = (day - panel.history_days) // 7 + 1
    for week in range(4):
        column = day - 7 * (weeks_ahead + week) - recent.days[0]
        known = (row >= 0) & (column >= 0)
        known[known] = recent.counted[row[known], column[known]]
        hours, usual = np.zeros(len(series)), np.zeros(len(series))
        hours[known] = recent.hours[row[known], column[known]]
        usual[known] = recent.usual[row[known], column[known]] * cutoff.level[series[known]]
        watched, expected = watched + hours, expected + usual
        if week == 0:
            last = np.where(known, _log_ratio(hours, usual, cutoff.appeal.phi), np.nan)
    return {"last_week": last, "same_weekday": _log_ratio(watched, expected, cutoff.appeal.phi)}
