"""A run of one small network, every figure of which can be checked by hand.

Two regions: DE, half of which asks edge e1, and FR, all of which asks e2; both edges stand under the parent
mid. Titles: t1 is watched everywhere, t2 launches in DE on the second day, t3 is out of rights, t4 is
watched a little in FR, t5 has no files. The plan was written by hand, not by the solver.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fillplan.report.content import Content
from fillplan.report.gather import gather_content
from fillplan.runs import Run, read_run
from fillplan.settings import Settings
from fillplan_data.reading import read_tables
from fillplan_data.tables import Tables

PLAN_DATE = date(2026, 7, 1)
GB = 10**9
MakeTables = Callable[..., Tables]
MakeRun = Callable[..., Run]

CACHE_COLUMNS = (
    "cache_id,parent_id,region,region_share,storage_bytes,fill_rate_bps,fill_start,fill_hours,timezone,"
    "serve_rate_bps,value_per_gb,fill_cost_per_gb"
)

TABLES = {
    "titles": """title_id,name,kind,original_language,runtime_minutes
t1,Old & Gold,movie,en,60
t2,New <script>alert(1)</script>,movie,en,60
t3,Gone,movie,en,60
t4,Little seen,movie,fr,60
t5,Ghost,movie,en,60
""",
    "assets": """asset_id,title_id,kind,bitrate_kbps,language,size_bytes
a1,t1,video,5800,,10000000000
a1en,t1,audio,,en,1000000000
a2,t2,muxed,2000,en,20000000000
a3,t3,video,5800,,5000000000
a4,t4,video,5800,,8000000000
""",
    "caches": CACHE_COLUMNS
    + """
mid,,,,100000000000,8000000,01:00,10,Europe/Berlin,,0.4,0
e1,mid,DE,0.5,31000000000,8000000,01:00,10,Europe/Berlin,,1.0,0.1
e2,mid,FR,1.0,12000000000,8000000,01:00,10,Europe/Paris,,1.0,0.1
""",
    "availability": """title_id,region,start_date,end_date
t2,DE,2026-07-02,
t3,,2026-01-01,2026-06-30
""",
    "inventory": """cache_id,asset_id
mid,a1en
e1,a1
e1,a3
e1,a4
e1,xx
e2,a4
""",
    "views": """date,region,title_id,view_hours
2026-06-29,DE,t1,10
2026-06-30,DE,t1,10
2026-06-30,FR,t1,5
2026-06-30,FR,t4,5
""",
}

DEMAND = [("DE", "a1", 100), ("DE", "a1en", 5), ("DE", "a2", 40), ("FR", "a1", 20), ("FR", "a4", 4)]

# cache, asset, action, priority, source, GB, expected GB, value
PLAN = [
    ("mid", "a1en", "keep", None, None, 1, 0, 0),
    ("e1", "a2", "add", 1, "origin", 20, 20, 18),
    ("e1", "a1en", "add", 2, "mid", 1, 2.5, 2.4),
    ("e1", "a3", "evict", None, None, 5, 0, 0),
    ("e1", "a4", "evict", None, None, 8, 0, 0),
    ("e1", "xx", "evict", None, None, None, 0, 0),
    ("e1", "a1", "keep", None, None, 10, 50, 50),
    ("e2", "a1", "add", 1, "origin", 10, 20, 19),
    ("e2", "a1en", "add", 2, "mid", 1, 0, -0.1),
    ("e2", "a4", "evict", None, None, 8, 0, 0),
]

# cache: storage, used, fill, expected, offload, storage price per byte, fill price per byte
CACHES = {
    "mid": (100, 1, 0, 0, 0.0, 0.0, None),
    "e1": (31, 31, 21, 72.5, 1.0, 0.9e-9, 0.0),
    "e2": (12, 11, 11, 20, 20 / 24, None, None),
}

# date, region, title, mean, low, high, cold
FORECAST = [
    ("2026-07-01", "DE", "t1", 12, 8, 20, False),
    ("2026-07-02", "DE", "t1", 12, 9, 16, False),
    ("2026-07-02", "DE", "t2", 30, 26, 42, True),
    ("2026-07-01", "FR", "t1", 4, 3, 5, False),
    ("2026-07-02", "FR", "t1", 4, 3, 5, False),
    ("2026-07-01", "FR", "t4", 1, 0, 2, False),
    ("2026-07-01", "DE", "t5", 2, 2, 2, True),
]


def plan_frame(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    columns = ["cache_id", "asset_id", "action", "priority", "source", "size_bytes", "expected_bytes", "value"]
    frame = pd.DataFrame(rows, columns=columns)
    sizes = [None if row[5] is None else int(row[5] * GB) for row in rows]
    return frame.assign(
        cache_id=pd.Categorical(frame["cache_id"], categories=list(CACHES)),
        asset_id=frame["asset_id"].astype("category"),
        action=pd.Categorical(frame["action"], categories=["add", "evict", "keep"]),
        priority=frame["priority"].astype("Int64"),
        source=frame["source"].astype("category"),
        size_bytes=pd.array(sizes, dtype="Int64"),
        expected_bytes=frame["expected_bytes"].astype(float) * GB,
        value=frame["value"].astype(float),
    )


def summary() -> dict[str, object]:
    names = ("storage_bytes", "used_bytes", "fill_bytes", "expected_bytes")
    caches = [
        {
            "cache_id": cache_id,
            **{name: int(x * GB) for name, x in zip(names, figures, strict=False)},
            "fill_budget_bytes": 36 * GB,
            "expected_offload": figures[4],
            "storage_price": figures[5],
            "fill_price": figures[6],
            "serve_price": None,
        }
        for cache_id, figures in CACHES.items()
    ]
    settings = Settings.model_validate({"plan": {"horizon_days": 2}}).model_dump(exclude={"run": {"threads"}})
    return {
        "plan_date": PLAN_DATE.isoformat(),
        "horizon_days": 2,
        "status": "feasible",
        "solver": "by hand",
        "value": 89.3,
        "bound": 90.0,
        "gap": 0.7 / 90,
        "expected_offload": 92.5 / 169,
        "requested_bytes": 169e9,
        "caches": caches,
        "inputs": {"views": "ab" * 32},
        "model": {"name": "recent_mean"},
        "settings": settings,
        "seconds": {"check": 0.25, "place": 65.0},
    }


def write_run_folder(
    folder: Path,
    plan: Sequence[tuple[object, ...]] = PLAN,
    demand_gb: Sequence[tuple[str, str, float]] = DEMAND,
    with_forecast: bool = True,
    **changed: object,
) -> Run:
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text(json.dumps({**summary(), **changed}))
    plan_frame(plan).to_parquet(folder / "plan.parquet", index=False)
    demand = pd.DataFrame(demand_gb, columns=["region", "asset_id", "expected_bytes"])
    demand["expected_bytes"] = demand["expected_bytes"] * float(GB)
    demand.astype({"region": "category", "asset_id": "category"}).to_parquet(folder / "demand.parquet", index=False)
    if with_forecast:
        columns = ["date", "region", "title_id", "view_hours", "low", "high", "cold"]
        forecast = pd.DataFrame(FORECAST, columns=columns)
        forecast["date"] = pd.to_datetime(forecast["date"])
        numbers = dict.fromkeys(("view_hours", "low", "high"), float)
        forecast = forecast.astype({"region": "category", "title_id": "category", **numbers})
        forecast.to_parquet(folder / "forecast.parquet", index=False)
    return read_run(folder)


def read_small_tables(folder: Path, **changed: str) -> Tables:
    folder.mkdir(parents=True)
    for name, text in {**TABLES, **changed}.items():
        (folder / f"{name}.csv").write_text(text)
    tables, _ = read_tables(folder)
    return tables


@pytest.fixture
def make_tables(tmp_path: Path) -> MakeTables:
    """Tables of the small network; keywords replace the CSV text of tables."""
    return lambda **changed: read_small_tables(tmp_path / "input", **changed)


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """The run of the small network; `plan`, `demand_gb`, `with_forecast` change it, other keywords plan.json."""
    return lambda **changed: write_run_folder(tmp_path / "runs" / PLAN_DATE.isoformat(), **changed)


@pytest.fixture
def tables(make_tables: MakeTables) -> Tables:
    return make_tables()


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    return make_run()


@pytest.fixture
def content(run: Run, tables: Tables) -> Content:
    return gather_content(run, tables)
