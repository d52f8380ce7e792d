"""A small good workspace, made here, into which tests plant faults one at a time."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fillplan_data.declarations import NEEDED_TO_FORECAST, TABLES
from fillplan_data.errors import InputFaults
from fillplan_data.faults import Fault
from fillplan_data.reading import read_tables
from fillplan_data.tables import Tables

GOOD = {
    "views": """\
date,region,title_id,view_hours
2026-06-01,DE,t1,10
2026-06-01,DE,t2,2.5
2026-06-01,NA,t1,3
2026-06-02,DE,t1,11
2026-06-02,NA,t3,0.5
""",
    "variant_views": """\
date,region,title_id,bitrate_kbps,audio,subtitle,view_hours
2026-05-04,DE,t1,1000,de,,6
2026-05-04,DE,t1,1000,en,de,4
2026-05-11,NA,t1,235,en,,2
2026-05-11,DE,t1,1000,de,,3
2026-05-25,DE,t1,1000,de,,7
""",
    "titles": """\
title_id,name,kind,series_id,season,episode,original_language,runtime_minutes,genres,studio,star_power
t1,"Night, falling",movie,,,,en,90,drama;crime,NA,0.5
t2,Short one,short,,,,de,3.3,,A,
t3,Show: S1 E2,episode,s1,1,2,pt-BR,45,comedy,B,-1
""",
    "availability": """\
title_id,region,start_date,end_date
t1,,2026-01-01,
t3,NA,2026-05-01,2026-12-31
t3,DE,2026-06-20,
""",
    "promotions": """\
title_id,region,start_date,end_date,strength
t1,DE,2026-06-01,2026-06-03,1.5
t3,,2026-06-20,2026-06-25,0
""",
    "calendar": """\
region,date,name
DE,2026-05-01,Labour Day
NA,2026-05-04,Cassinga Day
""",
    "assets": """\
asset_id,title_id,kind,bitrate_kbps,language,size_bytes,url
t1-v,t1,video,1000,,675000000,https://origin.example/t1-v
t1-en,t1,audio,,en,86400000,
t1-de,t1,audio,,de,86400000,
t1-s,t1,subtitle,,de,112500,
t2-m,t2,muxed,1000,de,25000000,
t3-v,t3,video,235,,79312500,
""",
    "caches": """\
cache_id,parent_id,region,region_share,storage_bytes,fill_rate_bps,fill_start,fill_hours,timezone,serve_rate_bps,value_per_gb,fill_cost_per_gb
mid,,,,2000000000,1000000,01:00,8,Europe/Berlin,,0.4,0.01
de-1,mid,DE,0.6,800000000,200000,02:00,6,Europe/Berlin,100000000,1,0.02
de-2,mid,DE,0.4,800000000,200000,02:30,6.5,Europe/Berlin,,1,
na-1,mid,NA,1,800000000,200000,23:59,6,Africa/Windhoek,,1.2,0.02
""",
    "inventory": """\
cache_id,asset_id
mid,t1-v
mid,t1-en
de-1,t1-de
""",
    "pins": """\
cache_id,asset_id,title_id,rule
,t1-en,,pin
na-1,,t2,block
""",
}

ROUTES = """\
region,cache_id,value_per_gb
DE,de-1,1
DE,de-2,0.9
NA,na-1,1.2
NA,mid,0.3
"""


@dataclass
class PlantedWorkspace:
    """Tables as text; edit them, write them in any form, read them."""

    folder: Path
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def set(self, table: str, row: int, column: str, value: str) -> None:
        """Change a field of the row that a spreadsheet numbers so (the header is row 1)."""
        self.tables[table].loc[row - 2, column] = value

    def add(self, table: str, *fields: str) -> int:
        """Append a row; gives its number."""
        frame = self.tables[table]
        frame.loc[len(frame)] = list(fields)
        return len(frame) + 1

    def keep(self, *tables: str) -> PlantedWorkspace:
        """Drop all tables but these, what they refer to, and what a forecast needs: reading is quicker."""
        wanted, more = set(), {*tables, *NEEDED_TO_FORECAST}
        while more - wanted:
            wanted |= more
            more = {column.references for table in wanted for column in TABLES[table].columns} - {""}
        self.tables = {name: frame for name, frame in self.tables.items() if name in wanted}
        return self

    def csv(self, table: str) -> str:
        return self.tables[table].to_csv(index=False, lineterminator="\n")

    def write(self) -> Path:
        """All tables as CSV, but those whose files were written by hand."""
        self.folder.mkdir(exist_ok=True)
        for table in self.tables:
            if not list(self.folder.glob(f"{table}*")):
                (self.folder / f"{table}.csv").write_text(self.csv(table), encoding="utf-8")
        return self.folder

    def raw(self, file: str, data: bytes | str) -> None:
        """Write one file by hand, in place of the table's CSV."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)

    def gz(self, table: str) -> bytes:
        return gzip.compress(self.csv(table).encode())

    def parquet(self, table: str, frame: pd.DataFrame, part: str = "") -> None:
        path = self.folder / (f"{table}/{part}.parquet" if part else f"{table}.parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path, index=False)

    def read(
        self,
        needed: frozenset[str] = NEEDED_TO_FORECAST,
        plan_date: date | None = None,
        horizon_days: int | None = None,
    ) -> tuple[Tables, tuple[Fault, ...]]:
        return read_tables(self.write(), needed, plan_date, horizon_days=horizon_days)

    def tables_read(self) -> Tables:
        return self.read()[0]

    def warnings(self, plan_date: date | None = None) -> tuple[Fault, ...]:
        return self.read(plan_date=plan_date)[1]

    def faults(self, **options: object) -> list[Fault]:
        """The faults that reading raises; fails if it raises none."""
        with pytest.raises(InputFaults) as raised:
            self.read(**options)  # type: ignore[arg-type]
        found: list[Fault] = [fault for fault in raised.value.faults if fault.severity == "fault"]  # type: ignore[attr-defined]
        for fault in found:
            assert fault.expected and fault.found and fault.remedy and fault.table, fault
        return found


def text_frame(csv: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(csv), dtype=object, keep_default_na=False)


@pytest.fixture
def workspace(tmp_path: Path) -> PlantedWorkspace:
    """The good workspace: no fault, no warning."""
    return PlantedWorkspace(tmp_path / "input", {name: text_frame(csv) for name, csv in GOOD.items()})


@pytest.fixture
def mesh(workspace: PlantedWorkspace) -> PlantedWorkspace:
    """The same with routes."""
    workspace.tables["routes"] = text_frame(ROUTES)
    return workspace


@pytest.fixture
def typed() -> Callable[[str], pd.DataFrame]:
    """A good table with the dtypes that pandas gives it, dates parsed: what users write to Parquet."""

    def frame(table: str) -> pd.DataFrame:
        dates = [name for name in text_frame(GOOD[table]) if "date" in name]
        return pd.read_csv(io.StringIO(GOOD[table]), keep_default_na=False, na_values=[""], parse_dates=dates)

    return frame


@pytest.fixture(scope="session")
def good_tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The good workspace, read once; for tests that only look."""
    folder = tmp_path_factory.mktemp("good") / "input"
    return PlantedWorkspace(folder, {name: text_frame(csv) for name, csv in GOOD.items()}).tables_read()
