"""Accuracy of the demand model on simulated workspaces whose true demand is known.

    python -m tests.benchmarks.demand --size small --seeds 1 2 3 [--launches 1] [--ablations] [--threads 2]

One table: errors (WAPE) by region, title and day, and by region, title and horizon, as a ratio to those of the true
expected demand (the noise floor), for the model, the model without some of its parts, what could be known at best
(`knowable`), and the simple methods. Seen = series with views before the plan date, cold = without, new = of titles
without views anywhere, not new = cold, but of titles with views elsewhere. `--launches 0.3`: workspaces in which so
many of the usual launches happen. Coverage is of the 80 % intervals of days with a forecast of 5 hours or more, also
by decile of the forecast and weighted by it, and of those below.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from fillplan_data.history import default_plan_date
from fillplan_data.lookup import positions
from fillplan_data.reading import read_tables
from fillplan_data.synthetic import make_workspace
from fillplan_data.synthetic.sizes import SIZES
from fillplan_data.synthetic.world import make_world
from fillplan_models.forecast import Forecast
from fillplan_models.forecasters.choice import SIMPLE_METHODS
from fillplan_models.panel import Panel, build_panel
from fillplan_models.scoring import predict_hours
from fillplan_models.spec import Features, ModelSpec, load_spec
from fillplan_models.training import train
from tests.benchmarks.knowable import knowable_hours

HORIZON_DAYS = 7
PARTS = {
    "without other regions": ("title_elsewhere", "appeal_elsewhere", "region_", "family_", "taste", "regions_watching"),
    "without launches": ("age", "launch_weekday", "title_lead", "usual", "open_days"),
    "without promotions": ("promotion",),
}
"""Ablation -> beginnings of the names of the features that it goes without."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="small")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--launches", type=float, default=1.0)
    parser.add_argument("--spec", default="default")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ablations", action="store_true")
    options = parser.parse_args()
    SIZES[options.size] = replace(SIZES[options.size], launches=options.launches)
    rows = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            make_workspace(Path(folder), options.size, seed, truth=True)
            rows += [{"seed": seed, **row} for row in measure(Path(folder), seed, options)]
    table = pd.DataFrame(rows)
    means = table.groupby("method", sort=False).mean(numeric_only=True).drop(columns="seed")
    print("| method | " + " | ".join(means.columns) + " |\n|---|" + "---:|" * len(means.columns))
    for name, row in means.iterrows():
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in row) + " |")


def measure(folder: Path, seed: int, options: argparse.Namespace) -> list[dict[str, float | str]]:
    """One row per method for one workspace."""
    tables, _ = read_tables(folder / "input")
    panel = build_panel(tables, default_plan_date(tables), HORIZON_DAYS)
    spec = load_spec(options.spec)
    actual = hours_of(folder / "future" / "views.parquet", panel)
    truth = hours_of(folder / "truth.parquet", panel)
    methods: dict[str, Callable[[], Forecast]] = {spec.name: lambda: trained(panel, spec, options.threads)}
    if options.ablations:
        methods["baseline alone"] = lambda: baseline_alone(panel)
        for name, beginnings in PARTS.items():
            methods[name] = lambda beginnings=beginnings: trained(  # type: ignore[misc]
                panel, without(spec, panel, beginnings), options.threads
            )
    world = make_world(SIZES[options.size], seed)
    for name, hours in knowable_hours(world, panel, truth).items():
        methods[name] = lambda hours=hours: as_forecast(panel, hours)  # type: ignore[misc]
    methods |= {method.name: lambda method=method: method.forecast(panel) for method in SIMPLE_METHODS}  # type: ignore[misc]
    return [figures(name, make, actual, truth, panel) for name, make in methods.items()]


def trained(panel: Panel, spec: ModelSpec, threads: int) -> Forecast:
    """Forecast of a model trained on the panel."""
    return train(panel, spec, seed=0, threads=threads).forecast(panel)


def baseline_alone(panel: Panel) -> Forecast:
    """The model's baseline."""
    mean, live = np.zeros((len(panel.regions), len(panel.titles), HORIZON_DAYS)), panel.live
    mean[panel.region[live], panel.title[live]] = predict_hours(None, panel, threads=1)
    return as_forecast(panel, mean)


def as_forecast(panel: Panel, hours: np.ndarray) -> Forecast:
    """A simple forecast with its hours replaced by these [R, T, H]; its intervals do not count."""
    forecast = SIMPLE_METHODS[0].forecast(panel)
    mean = hours[forecast.region, forecast.title]
    return Forecast(**{**vars(forecast), "view_hours": mean, "low": mean, "high": mean})


def without(spec: ModelSpec, panel: Panel, beginnings: tuple[str, ...]) -> ModelSpec:
    """The spec without the features whose names begin so."""
    from fillplan_models.features import feature_rows, make_cutoff

    names = feature_rows(make_cutoff(panel), panel.live[:1], np.array([panel.history_days])).names
    dropped = tuple(name for name in names if name.startswith(beginnings))
    return spec.model_copy(update={"features": Features(without=dropped)})


def hours_of(path: Path, panel: Panel) -> np.ndarray:
    """[R, T, H] hours of a table of dates, regions and titles."""
    return hours_in(pd.read_parquet(path), panel)


def hours_in(rows: pd.DataFrame, panel: Panel) -> np.ndarray:
    """[R, T, H] hours on the days of the panel's horizon."""
    first = np.datetime64(panel.plan_date)
    day = (rows["date"].to_numpy().astype("datetime64[D]") - first).astype(int)
    region, title = positions(rows["region"], panel.regions), positions(rows["title_id"], panel.titles)
    inside = (day >= 0) & (day < HORIZON_DAYS) & (region >= 0) & (title >= 0)
    hours = np.zeros((len(panel.regions), len(panel.titles), HORIZON_DAYS))
    np.add.at(hours, (region[inside], title[inside], day[inside]), rows["view_hours"].to_numpy()[inside])
    return hours


def figures(
    name: str, make: Callable[[], Forecast], actual: np.ndarray, truth: np.ndarray, panel: Panel
) -> dict[str, float | str]:
    """Errors of one method."""
    start = time.perf_counter()
    forecast = make()
    seconds = time.perf_counter() - start
    mean, low, high = (np.zeros_like(actual) for _ in range(3))
    for array, values in ((mean, forecast.view_hours), (low, forecast.low), (high, forecast.high)):
        array[forecast.region, forecast.title] = values
    cold = np.zeros(actual.shape[:2], dtype=bool)
    cold[forecast.region[forecast.cold], forecast.title[forecast.cold]] = True
    seen = np.zeros(len(panel.titles), dtype=bool)
    seen[panel.title[~panel.cold]] = True
    new = cold & ~seen
    everything = np.ones_like(cold)
    big = mean >= 5.0
    inside = (actual >= low) & (actual <= high)
    deciles = by_decile(inside[big], mean[big])
    return {
        "method": name,
        "day / floor": wape(mean, actual, everything) / wape(truth, actual, everything),
        "week / floor": wape(mean, actual, everything, True) / wape(truth, actual, everything, True),
        "seen, day / floor": wape(mean, actual, ~cold) / wape(truth, actual, ~cold),
        "seen, week / floor": wape(mean, actual, ~cold, True) / wape(truth, actual, ~cold, True),
        "bias": float((mean - actual).sum() / actual.sum()),
        "cold week": wape(mean, actual, cold, True),
        "cold week floor": wape(truth, actual, cold, True),
        "not new, week": wape(mean, actual, cold & ~new, True),
        "new week": wape(mean, actual, new, True),
        "new, of hours": float(actual[new].sum() / actual.sum()),
        "coverage": float(inside[big].mean()),
        "by decile, least": min(deciles.values()),
        "by decile, most": max(deciles.values()),
        **deciles,
        "weighted": float(np.average(inside[big], weights=mean[big])),
        "below 5 h": float(inside[(mean > 0) & ~big].mean()),
        "interval score": interval_score(actual, low, high),
        "seconds": seconds,
    }


def by_decile(inside: np.ndarray, mean: np.ndarray) -> dict[str, float]:
    """Part of the cells that intervals hold, by decile of the forecast, the lowest first."""
    parts = np.array_split(inside[np.argsort(mean, kind="stable")], 10)
    return {f"decile {k}": float(part.mean()) for k, part in enumerate(parts, start=1)}


def interval_score(actual: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Of central 80 % intervals, over hours (Gneiting and Raftery 2007): width + 10 x hours outside."""
    outside = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    return float(((high - low) + 10 * outside).sum() / actual.sum())


def wape(mean: np.ndarray, actual: np.ndarray, chosen: np.ndarray, week: bool = False) -> float:
    """Sum of absolute errors / hours over the chosen [R, T] pairs."""
    mean, actual = mean[chosen], actual[chosen]
    if week:
        mean, actual = mean.sum(axis=-1), actual.sum(axis=-1)
    return float(np.abs(mean - actual).sum() / actual.sum()) if actual.sum() > 0 else float("nan")


if __name__ == "__main__":
    main()
