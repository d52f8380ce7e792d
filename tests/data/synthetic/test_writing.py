from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from fillplan_data.synthetic.writing import Form, RegionWriter, long_table, named, write_table


def test_codes_become_names_and_minus_one_is_blank() -> None:
    assert named(np.array([1, -1, 0]), ["de", "en", ""]).to_pylist() == ["en", "", "de"]


def test_days_are_counted_from_the_plan_date() -> None:
    table = long_table(date(2026, 3, 1), np.array([-1, 0, 31]), hours=np.array([1.0, 2.0, 3.0]))
    assert table.column_names == ["date", "hours"]
    assert table["date"].to_pylist() == [date(2026, 2, 28), date(2026, 3, 1), date(2026, 4, 1)]


def _region_table(region: str, days: list[int]) -> pa.Table:
    codes = np.zeros(len(days), dtype=np.int64)
    return long_table(date(2026, 3, 1), np.array(days), region=named(codes, [region]), hours=np.array(days) + 0.5)


@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet", "parts"])
def test_all_forms_hold_the_same_rows(form: Form, tmp_path: Path) -> None:
    writer = RegionWriter(tmp_path, "views", form)
    writer.add("NA", _region_table("NA", [0, 1]))
    writer.add("DE", _region_table("DE", [0, 2]))
    writer.close()
    if form in ("csv", "csv.gz"):
        back = pd.read_csv(tmp_path / f"views.{form}", keep_default_na=False, parse_dates=["date"])
        assert back["date"].is_monotonic_increasing
    else:
        back = pd.read_parquet(tmp_path / ("views" if form == "parts" else "views.parquet"))
        back = back.assign(date=pd.to_datetime(back["date"]), region=back["region"].astype(str))
    rows = sorted(zip(back["region"], back["date"].dt.day.tolist(), back["hours"].tolist(), strict=True))
    assert rows == [("DE", 1, 0.5), ("DE", 3, 2.5), ("NA", 1, 0.5), ("NA", 2, 1.5)]


def test_gzip_has_no_time_stamp(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": range(100)})
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_table(tmp_path / name, "t", table, "csv.gz")
    assert (tmp_path / "one" / "t.csv.gz").read_bytes() == (tmp_path / "two" / "t.csv.gz").read_bytes()
    assert (tmp_path / "one" / "t.csv.gz").read_bytes()[4:8] == b"\x01\0\0\0"  # RFC 1952: MTIME
