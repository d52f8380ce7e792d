"""The model against simple methods as anybody would pick them, at earlier plan dates of any workspace.

    python -m tests.benchmarks.earlier WORKSPACE [--origins 6] [--every-days 7] [--threads 2] [--offload] [--dependence]

`fillplan backtest` gives the simple methods our launch profile; here they come as they are, with nothing for series
that have no views yet. The model is trained anew at each date. Errors are WAPE over the region-days with any row; pairs
without views before the plan date are cold, those of titles without views anywhere new. Means over the dates.
`--offload` also plans from every forecast, as `fillplan backtest` does, and tells what these plans lost against plans
from the real demand. `--dependence` tells what the model's surprises have in common, as shares of their variance.
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from fillplan.settings import read_settings
from fillplan.workflow.regret import Regret
from fillplan_data.arrays import Bools, Floats
from fillplan_data.history import before, default_plan_date
from fillplan_data.reading import read_tables
from fillplan_data.tables import Tables
from fillplan_models.dependence import measure_dependence
from fillplan_models.forecast import Forecast
from fillplan_models.forecasters.choice import SIMPLE_METHODS
from fillplan_models.panel import Panel, build_panel
from fillplan_models.spec import load_spec
from tests.benchmarks.demand import HORIZON_DAYS, by_decile, hours_in, interval_score, trained, wape

Judged = tuple[Forecast, Floats, Bools]
"""A forecast, the hours that came [N, H], and where they are known."""
LATE_DAYS = 2
"""Last days that may be incomplete: no horizon reaches into them."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--origins", type=int, default=6)
    parser.add_argument("--every-days", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--offload", action="store_true")
    parser.add_argument("--dependence", action="store_true")
    options = parser.parse_args()
    tables, _ = read_tables(options.workspace / "input")
    regret = regret_of(options.workspace, options.threads) if options.offload else None
    latest = default_plan_date(tables) - timedelta(days=HORIZON_DAYS + LATE_DAYS)
    rows, judged = [], list[Judged]()
    for back in reversed(range(options.origins)):
        rows += measure(tables, latest - timedelta(days=options.every_days * back), options.threads, regret, judged)
    means = pd.DataFrame(rows).drop(columns="hours").groupby("method", sort=False).mean(numeric_only=True)
    means.insert(2, "of best simple, day", means["day"] / means["day"].iloc[1:].min())
    means.insert(3, "of best simple, week", means["week"] / means["week"].iloc[1:].min())
    print("| method | " + " | ".join(means.columns) + " |\n|---|" + "---:|" * len(means.columns))
    for name, row in means.iterrows():
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in row) + " |")
    if regret is not None:
        print("\n" + regret.table().to_string(index=False, float_format="%.5f"))
    if options.dependence:
        shares = measure_dependence(*map(list, zip(*judged, strict=True)))
        for name, part in (("series with views", shares.warm), ("without", shares.cold)):
            print(f"\n{name}: " + ", ".join(f"{key} {value:.2f}" for key, value in vars(part).items()))


def regret_of(workspace: Path, threads: int) -> Regret:
    """What plans by the workspace's own settings."""
    settings = read_settings(workspace)
    settings = settings.model_copy(update={"run": settings.run.model_copy(update={"threads": threads})})
    return Regret(settings, settings.plan.model_copy(update={"horizon_days": HORIZON_DAYS}))


def measure(
    tables: Tables,
    plan_date: date,
    threads: int,
    regret: Regret | None = None,
    judged: list[Judged] | None = None,
) -> list[dict[str, float | str]]:
    """One row per method for one plan date; the model's forecast joins `judged`, with what came of it."""
    panel = build_panel(tables, plan_date, HORIZON_DAYS)
    actual = hours_in(tables.views, panel)
    known = actual.any(axis=1, keepdims=True)  # a region's day without any row is missing, not zero
    forecasts = {"model": trained(panel, load_spec("default"), threads)}
    forecasts |= {method.name: bare(method.forecast(panel)) for method in SIMPLE_METHODS}
    place = panel.region[panel.live], panel.title[panel.live]
    hours, counted = (actual * known)[place], np.broadcast_to(known, actual.shape)[place]
    if judged is not None:
        judged.append((forecasts["model"], hours, counted))
    if regret is not None:
        regret.judge(before(tables, plan_date), list(forecasts.values()), hours)
    return [{"method": name, **figures(forecast, actual, known, panel)} for name, forecast in forecasts.items()]


def bare(forecast: Forecast) -> Forecast:
    """The same with nothing for series without views."""
    warm = ~forecast.cold[:, None]
    hours = {name: getattr(forecast, name) * warm for name in ("view_hours", "low", "high")}
    return Forecast(**{**vars(forecast), **hours})


def figures(forecast: Forecast, actual: np.ndarray, known: np.ndarray, panel: Panel) -> dict[str, float]:
    """Errors of one method at one date."""
    mean, low, high = (np.zeros_like(actual) for _ in range(3))
    for array, values in ((mean, forecast.view_hours), (low, forecast.low), (high, forecast.high)):
        array[forecast.region, forecast.title] = values
        array *= known
    everything, cold = np.ones(actual.shape[:2], dtype=bool), np.ones(actual.shape[:2], dtype=bool)
    cold[panel.region[~panel.cold], panel.title[~panel.cold]] = False
    new = cold & cold.all(axis=0)
    big = (mean >= 5.0) & known
    inside = (actual >= low) & (actual <= high)
    return {
        "hours": float(actual.sum()),
        "day": wape(mean, actual, everything),
        "week": wape(mean, actual, everything, True),
        "bias": float(mean.sum() / actual.sum() - 1),
        "cold, week": wape(mean, actual, cold & ~new, True),
        "new, week": wape(mean, actual, new, True),
        "coverage": float(inside[big].mean()),
        "coverage, cold": float(inside[big & cold[..., None]].mean()) if (big & cold[..., None]).any() else np.nan,
        **by_decile(inside[big], mean[big]),
        "interval score": interval_score(actual, low, high),
    }


if __name__ == "__main__":
    main()
