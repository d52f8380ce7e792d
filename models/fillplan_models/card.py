"""The model card: what a model was trained on, what it goes by, and how good it was on weeks it had not seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from fillplan_models.accuracy import Accuracy
from fillplan_models.calibration import coverage
from fillplan_models.panel import Panel
from fillplan_models.sampling import TrainingRows
from fillplan_models.spec import ModelSpec

SHOWN_FEATURES = 25
CALIBRATION_FILE = "calibration.svg"
WORTH_TELLING = 0.05
"""A bias or a share beyond the interval's that is said among the weaknesses."""


@dataclass(frozen=True)
class ModelInfo:
    """Everything that the card says, as plain values."""

    spec: str
    seed: int
    plan_date: str
    """First day that the model has not seen."""
    first_day: str
    history_days: int
    horizon_days: int
    regions: int
    titles: int
    series: int
    rows: int
    """Rows trained on."""
    judged_from: str
    """First of the days kept aside for the figures below."""
    judged_horizons: int
    coverage: float | None
    """Share of days within the 80 % interval, each horizon by the bands of the others; None for one horizon."""
    accuracy: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """Method -> class of series -> figures of `Accuracy`."""
    gain: Mapping[str, float]
    """Feature -> share of the booster's gain, falling."""
    notes: tuple[str, ...]
    trust: Mapping[str, float]
    """Class of series -> power of the booster's correction, as held-out weeks chose it."""
    calibration: tuple[Mapping[str, float], ...] = ()
    """Per tenth of the judged days by forecast: days, forecast_hours, shares below, within, above the interval."""
    by_series: bool = False
    """Whether quantile boosters scale the intervals series by series, for that paid on the judged days."""


def describe(
    panel: Panel,
    spec: ModelSpec,
    seed: int,
    rows: TrainingRows,
    booster: Any,
    cuts: list[int],
    accuracy: Mapping[str, Mapping[str, Accuracy]],
    bins: list[dict[str, float]],
    trust: Mapping[str, float],
    by_series: bool,
) -> ModelInfo:
    """Collect the card's facts after training."""
    return ModelInfo(
        spec=spec.name,
        seed=seed,
        plan_date=panel.plan_date.isoformat(),
        first_day=panel.first_day.isoformat(),
        history_days=panel.history_days,
        horizon_days=panel.horizon_days,
        regions=len(panel.regions),
        titles=len(panel.titles),
        series=panel.series_count,
        rows=len(rows.hours),
        judged_from=(panel.first_day + timedelta(days=cuts[0])).isoformat(),
        judged_horizons=len(cuts),
        coverage=coverage(bins),
        accuracy={m: {c: asdict(figures) for c, figures in by.items()} for m, by in accuracy.items()},
        gain=_gain(booster),
        notes=panel.notes,
        trust=trust,
        calibration=tuple(bins),
        by_series=by_series,
    )


def _gain(booster: Any) -> dict[str, float]:
    gain = booster.feature_importance(importance_type="gain")
    total = float(gain.sum()) or 1.0
    ranked = sorted(zip(booster.feature_name(), gain, strict=True), key=lambda pair: (-pair[1], pair[0]))
    return {name: float(value) / total for name, value in ranked}


def card_json(info: ModelInfo) -> str:
    """The card as JSON."""
    return json.dumps(asdict(info), indent=1, ensure_ascii=False) + "\n"


def card_markdown(info: ModelInfo) -> str:
    """The card for people."""
    lines = [
        f"# Demand model `{info.spec}`, plan date {info.plan_date}",
        "",
        f"Trained on {info.history_days} days of views from {info.first_day} "
        f"({info.regions} regions, {info.titles} titles, {info.series} series; {info.rows} sampled rows, "
        f"seed {info.seed}), for a horizon of {info.horizon_days} days.",
        "",
        "## Accuracy on days it had not seen",
        "",
        f"A twin of this model that knew nothing from {info.judged_from} on; horizons judged: {info.judged_horizons}. "
        "WAPE = sum of absolute errors / hours, by region, title and day, and by region, title and horizon.",
        "",
        *_accuracy_table(info),
        "",
        _coverage_line(info),
        *(["", f"![calibration by forecast]({CALIBRATION_FILE})"] if info.calibration else []),
        "",
        "## What it goes by",
        "",
        "Power of the booster's correction of the baseline, as the judged days chose it (0: none): "
        + ", ".join(f"{name} series {power:.2f}" for name, power in info.trust.items())
        + ".",
        "",
        *_gain_table(info),
        "",
        "## Known weaknesses",
        "",
        *_weaknesses(info),
    ]
    return "\n".join(lines) + "\n"


def _accuracy_table(info: ModelInfo) -> list[str]:
    rows = ["| series | method | hours | WAPE day | WAPE horizon | bias |", "|---|---|---:|---:|---:|---:|"]
    for group in next(iter(info.accuracy.values())):
        for method, by_class in info.accuracy.items():
            figures = by_class[group]
            shown = (_show(figures[name]) for name in ("wape_day", "wape_week", "bias"))
            rows.append(f"| {group} | {method} | {figures['hours']:,.0f} | " + " | ".join(shown) + " |")
    return rows


def _show(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _coverage_line(info: ModelInfo) -> str:
    scaled = "Quantile boosters scale it series by series. " if info.by_series else ""
    if info.coverage is None:
        return "The 80 % interval was calibrated on a single horizon, so its coverage could not be checked on another."
    held = f"The 80 % interval held {info.coverage:.1%} of the days (each horizon judged by the others' residuals)."
    return f"{scaled}{held}"


def _gain_table(info: ModelInfo) -> list[str]:
    shown = list(info.gain.items())[:SHOWN_FEATURES]
    rest = len(info.gain) - len(shown)
    rows = ["| feature | share of gain |", "|---|---:|", *(f"| {name} | {share:.3f} |" for name, share in shown)]
    return rows + ([f"| {rest} more | {1 - sum(share for _, share in shown):.3f} |"] if rest > 0 else [])


def _weaknesses(info: ModelInfo) -> list[str]:
    known = [
        "- Sudden hits without a launch, promotion or first rise elsewhere are not foreseen.",
        "- Holidays share one lift; how each is celebrated is not told apart.",
    ]
    model, simple = info.accuracy["model"]["all"], _best_rival(info)
    if simple and model["wape_day"] is not None and model["wape_day"] > simple[1]:
        known.append(f"- On the judged days `{simple[0]}` was better (WAPE {simple[1]:.3f}): prefer it for now.")
    return known + _measured_weaknesses(info) + [f"- Data: {note}." for note in info.notes]


def _measured_weaknesses(info: ModelInfo) -> list[str]:
    """What the judged days showed: bias by class, errors of launches, levels whose interval does not hold."""
    found = []
    for name, figures in info.accuracy["model"].items():
        bias, error = figures["bias"], figures["wape_week"]
        if bias is not None and abs(bias) > WORTH_TELLING:
            found.append(f"- Bias of {bias:+.1%} over {figures['hours']:,.0f} hours of series: {name}.")
        if name != "all" and error is not None and error > 2 * (info.accuracy["model"]["all"]["wape_week"] or error):
            found.append(f"- Error by horizon of {error:.0%} for series: {name}.")
    for one in info.calibration:
        if abs(one["within"] - 0.8) > WORTH_TELLING:
            hours, within = one["forecast_hours"], one["within"]
            found.append(f"- Around a forecast of {hours:.3g} hours a day the 80 % interval held {within:.1%}.")
    return found


def _best_rival(info: ModelInfo) -> tuple[str, float] | None:
    errors = {
        method: by_class["all"]["wape_day"]
        for method, by_class in info.accuracy.items()
        if method not in ("model", "baseline") and by_class["all"]["wape_day"] is not None
    }
    return min(errors.items(), key=lambda item: item[1]) if errors else None
