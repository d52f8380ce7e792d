"""Second arrow: history -> forecast -> bytes per region and file."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from fillplan.model_store import champion_folder, usable_model
from fillplan.resumption import Once, compute_only
from fillplan.runs import Run, sha256_of
from fillplan.stages import Stages
from fillplan.workflow.inputs import Inputs
from fillplan_data.arrays import Floats
from fillplan_data.columns import Place, read_column, read_feature
from fillplan_data.declarations import ASSETS, ID_PATTERN, VIEWS, Severity
from fillplan_data.errors import InputFaults, ModelError, NotFound, VerificationFailed
from fillplan_data.faults import EXAMPLES, Fault, FaultLog, Unreadable, show
from fillplan_data.parquet import read_parquet
from fillplan_data.tables import Tables, regions_of
from fillplan_data.units import BYTES_PER_TB
from fillplan_data.wording import counted
from fillplan_models.demand import asset_demand
from fillplan_models.forecast import AssetDemand, Forecast
from fillplan_models.forecasters.choice import SIMPLE_METHODS, best_simple
from fillplan_models.model import MODEL_FILE, TrainedModel
from fillplan_models.panel import Panel, build_panel

MOST_BYTES = 1e18
"""Of one file in one region over one horizon; more is a unit gone wrong."""
IDS = {"region": VIEWS.column("region"), "asset_id": ASSETS.column("asset_id")}
REMEDY = "correct the file given with --demand"
BOUNDS = f"a number of bytes from 0 to {MOST_BYTES:g}"


@dataclass(frozen=True, eq=False)
class Demand:
    """Bytes per region and file, and where they come from."""

    assets: AssetDemand
    forecast: Forecast | None
    """None where the demand was given."""
    model: dict[str, object]
    """plan.json's `model`."""
    warnings: tuple[Fault, ...] = ()
    """About the demand file, where one was given."""


def forecast_demand(inputs: Inputs, stages: Stages, once: Once = compute_only) -> Forecast:
    """Expected hours per region, title and day of the horizon, by the method that the settings name.

    once: `Resumption.once` of a night.
    """

    def compute() -> Forecast:
        panel = panel_of(inputs)
        for note in panel.notes:
            stages.tell("data_note", note=note)
        return _forecast(inputs, panel, stages)

    with stages.stage("forecast") as stage:
        forecast = once("forecast", compute)
        stage.note(f"{forecast.method}, {len(forecast.region):,} series", method=forecast.method)
    return forecast


def demand_of(inputs: Inputs, forecast: Forecast, stages: Stages) -> Demand:
    """Hours -> bytes per region and file, by shares of rung, audio and subtitle language."""
    with stages.stage("demand") as stage:
        assets = asset_demand(inputs.tables, forecast)
        stage.note(f"{assets.expected_bytes.sum() / BYTES_PER_TB:,.1f} TB requested")
    return Demand(assets, forecast, provenance(inputs, forecast))


def provenance(inputs: Inputs, forecast: Forecast) -> dict[str, object]:
    """Which method forecast, and for a trained model which one exactly."""
    folder = champion_folder(inputs.workspace)
    if folder is None or not forecast.method.startswith("boosted:"):
        return {"name": forecast.method}
    return {"name": forecast.method, "trained_for": folder.name, "sha256": sha256_of(folder / MODEL_FILE)}


def panel_of(inputs: Inputs) -> Panel:
    """The history of the tables as a panel for the horizon."""
    return build_panel(inputs.tables, inputs.plan_date, inputs.settings.plan.horizon_days)


def _forecast(inputs: Inputs, panel: Panel, stages: Stages) -> Forecast:
    method = inputs.settings.forecast.method
    simple = {forecaster.name: forecaster for forecaster in SIMPLE_METHODS}
    if method in simple:
        return simple[method].forecast(panel)
    model = _champion(inputs, stages) if method != "best_simple" else None
    if model is not None:
        return model.with_threads(inputs.settings.run.threads).forecast(panel)
    if method == "model":
        raise ModelError(f"{inputs.workspace.models}: no model trained up to {inputs.plan_date}; run: fillplan train")
    return best_simple(panel).forecast(panel)


def _champion(inputs: Inputs, stages: Stages) -> TrainedModel | None:
    """The champion; a damaged one is told of, and serves only who asks for nothing but it: `method = "model"`."""
    try:
        return usable_model(inputs.workspace, inputs.plan_date)
    except ModelError as error:
        if inputs.settings.forecast.method == "model":
            raise
        stages.tell("champion_unreadable", message=str(error))
        return None


def given_demand(inputs: Inputs, path: Path, stages: Stages) -> Demand:
    """Demand from a file in the form of demand.parquet (`plan --demand`).

    Raises NotFound, and InputFaults with every unknown id, doubled key and bad number.
    """
    with stages.stage("demand") as stage:
        if not path.exists():
            raise NotFound(f"{path}: no such file; expected a demand.parquet (region, asset_id, expected_bytes)")
        frame = _read_demand(path)
        copies = frame.duplicated().to_numpy()
        assets = dense_demand(frame[~copies], inputs.tables, path)
        stage.note(f"{assets.expected_bytes.sum() / BYTES_PER_TB:,.1f} TB given")
    warnings = _faults(frame, path, "asset_id", copies, "each row once", "delete the copy; it is used once", "warning")
    return Demand(assets, None, {"name": "given", "file": path.name}, tuple(warnings))


def _read_demand(path: Path) -> pd.DataFrame:
    columns = [*IDS, "expected_bytes"]
    try:
        file = read_parquet(path.read_bytes(), columns.__contains__)
    except (Unreadable, OSError) as error:
        found = error.found if isinstance(error, Unreadable) else str(error)
        raise _refused([_fault(path, None, None, "a readable Parquet file", found)]) from error
    missing = [c for c in columns if c not in file.columns]
    if missing:
        raise _refused([_fault(path, None, c, "a column of this name", "none") for c in missing])
    frame, faults = pd.DataFrame(), []
    for name, stored in ((c, file.columns[c]) for c in columns):
        try:
            frame[name] = _read_ids(name, stored) if name in IDS else read_feature(stored).to_numpy()
        except TypeError as error:
            expected = IDS[name].expected if name in IDS else BOUNDS
            faults.append(_fault(path, None, name, expected, f"a column of type {error}"))
    if faults:
        raise _refused(faults)
    return frame


def _read_ids(name: str, stored: pa.ChunkedArray) -> pd.Series:
    """As in the tables: of any type that holds them, blank ones ""; text is never refused value by value."""
    return read_column(IDS[name], stored, Place(FaultLog(), "demand", range(0)))[0].astype("str")


def dense_demand(frame: pd.DataFrame, tables: Tables, path: Path, most_bytes: float = MOST_BYTES) -> AssetDemand:
    """Rows (region, asset_id, expected_bytes up to `most_bytes`) as a matrix over all regions and assets.

    Raises InputFaults with every unknown id, doubled key and bad number.
    """
    asset_ids = tuple(tables.assets["asset_id"])
    known, expected = regions_of(tables), "a region of views, caches or routes"
    if tables.views.empty:
        # without views any region may ask; those that no cache serves go to the origin
        asked = [name for name in frame["region"].dropna().unique() if re.match(ID_PATTERN, name)]
        known, expected = tuple(sorted({*known, *asked})), IDS["region"].expected
    region = pd.Index(known).get_indexer(frame["region"])
    asset = pd.Index(asset_ids).get_indexer(frame["asset_id"])
    number = _numbers(frame["expected_bytes"])
    faults = [
        *_faults(frame, path, "region", region < 0, expected),
        *_faults(frame, path, "asset_id", asset < 0, "an asset_id of the assets table"),
        *_faults(frame, path, "expected_bytes", ~((number >= 0) & (number <= most_bytes)), BOUNDS),
        *_faults(frame, path, "asset_id", frame.duplicated(["region", "asset_id"]).to_numpy(), "one row per key"),
    ]
    if faults:
        raise _refused(faults)
    dense = np.zeros((len(known), len(asset_ids)))
    dense[region, asset] = number
    return AssetDemand(known, asset_ids, dense, "given")


def demand_of_run(run: Run, tables: Tables) -> AssetDemand:
    """A run's own demand, read back. Raises VerificationFailed where the tables no longer know its files or regions."""
    path = run.folder / "demand.parquet"
    try:
        return dense_demand(run.demand(), tables, path, sys.float_info.max)  # whatever the tables made of it
    except InputFaults as error:
        (fault, *_) = (fault for fault in error.faults if isinstance(fault, Fault))
        raise VerificationFailed(
            f"{path}: {fault.column}: expected {fault.expected}, found {fault.found}. Tables have changed since the "
            "run was made, or it is damaged: put those back whose sha256 plan.json names, or plan that date again"
        ) from error


def _numbers(column: pd.Series) -> Floats:
    """The column as float64; what is no number (dates and truth values among it) is NaN."""
    if column.dtype.kind not in "iuf":
        return np.full(len(column), np.nan)
    return column.to_numpy(np.float64, na_value=np.nan)


def _faults(
    frame: pd.DataFrame,
    path: Path,
    column: str,
    bad: np.ndarray,
    expected: str,
    remedy: str = REMEDY,
    severity: Severity = "fault",
) -> list[Fault]:
    """The first rows one by one, the others by their number."""
    rows, most = frame[column][bad], EXAMPLES[severity]
    told = [(row, show(value), 1) for row, value in zip(rows.index[:most] + 1, rows, strict=False)]
    if (rest := len(rows) - most) > 0:
        told.append((None, f"{rest:,} more rows like these (the first of them row {rows.index[most] + 1})", rest))
    return [Fault(severity, "demand", path.name, row, column, expected, found, remedy, n) for row, found, n in told]


def _fault(path: Path, row: int | None, column: str | None, expected: str, found: str) -> Fault:
    return Fault("fault", "demand", path.name, row, column, expected, found, REMEDY)


def _refused(faults: list[Fault]) -> InputFaults:
    told = [
        f"{counted(sum(fault.count for fault in faults), 'fault')} in the demand file:",
        *(f"  {fault}" for fault in faults),
    ]
    return InputFaults(tuple(faults), "\n".join(told))
