"""How well the 80 % interval holds, by level of the forecast: figures and plot of the model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints
from fillplan_models.accuracy import Outcome
from fillplan_models.intervals import LOWER, UPPER
from fillplan_models.reach import crossed

BINS = 10
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 260, 46, 16, 44


def calibration(
    outcomes: Sequence[Outcome], kinds: Sequence[Ints], reaches: Sequence[Floats], classes: int
) -> list[dict[str, float]]:
    """Shares of days below, within and above the interval, per tenth of the days by forecast; [] for one horizon.

    Each horizon is judged by the bands of the others. Days whose forecast is 0 do not count.
    """
    means, below, above = [np.zeros(0)], [np.zeros(0, dtype=np.bool_)], [np.zeros(0, dtype=np.bool_)]
    for outcome, low, high in crossed(outcomes, kinds, reaches, classes):
        counted = outcome.counted & (outcome.mean > 0)
        means.append(outcome.mean[counted])
        below.append((outcome.actual < low)[counted])
        above.append((outcome.actual > high)[counted])
    return _bins(np.concatenate(means), np.concatenate(below), np.concatenate(above)) if len(means) > 1 else []


def _bins(mean: Floats, below: Bools, above: Bools) -> list[dict[str, float]]:
    parts = [part for part in np.array_split(np.argsort(mean, kind="stable"), BINS) if len(part)]
    return [
        {
            "days": float(len(part)),
            "forecast_hours": float(mean[part].mean()),
            "below": float(below[part].mean()),
            "within": float(1 - below[part].mean() - above[part].mean()),
            "above": float(above[part].mean()),
        }
        for part in parts
    ]


def coverage(bins: Sequence[Mapping[str, float]]) -> float | None:
    """Share of all days within the interval; None without any."""
    days = sum(one["days"] for one in bins)
    return sum(one["days"] * one["within"] for one in bins) / days if days else None


def calibration_svg(bins: Sequence[Mapping[str, float]]) -> str:
    """A bar per tenth of the days, the least forecasts first: below, within (between the lines if exact), above."""
    inner, step = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - 10) / max(len(bins), 1)
    words = "; ".join(f"forecast {b['forecast_hours']:.3g} h: {b['within']:.1%} within" for b in bins)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img"><title>Calibration of the 80 % interval. {words}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for i, one in enumerate(bins):
        x, top = LEFT + i * step + step * 0.1, float(TOP)
        for key, colour in (("above", "#c98a2b"), ("within", "#1d63c4"), ("below", "#6f4bc9")):
            height = one[key] * inner
            parts.append(
                f'<rect x="{x:.1f}" y="{top:.1f}" width="{step * 0.8:.1f}" height="{height:.1f}" fill="{colour}">'
                f"<title>{key} {one[key]:.1%}</title></rect>"
            )
            top += height
        label = f"{one['forecast_hours']:.3g}"
        parts.append(f'<text x="{x + step * 0.4:.1f}" y="{HEIGHT - 26}" text-anchor="middle">{label}</text>')
    for share in (LOWER, UPPER):
        y = TOP + inner * (1 - share)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" stroke="#15202e"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">mean forecast, hours a day</text></svg>')
    return "\n".join(parts) + "\n"
