"""Files of a run that are damaged are refused by name; old runs go, but never the one in force."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fillplan.runs import prune_runs, read_table
from fillplan.workspace import Workspace
from fillplan_data.errors import VerificationFailed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plan.parquet"
    pd.DataFrame({"cache_id": ["a"], "bytes": [1]}).to_parquet(path, index=False)
    return path


def test_tables_come_back_with_the_columns_asked_for(path: Path) -> None:
    assert list(read_table(path, ["bytes"])) == ["bytes"]
    assert list(read_table(path, None)) == ["cache_id", "bytes"]


def test_a_lacking_column_and_a_cut_file_are_refused(path: Path) -> None:
    with pytest.raises(VerificationFailed, match=r"plan.parquet: damaged.*Plan that date again"):
        read_table(path, ["other"])
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(VerificationFailed, match="Ask again"):
        read_table(path, None, "Ask again")


def test_damaged_notes_of_pandas_are_refused(path: Path) -> None:
    """The notes name a type that is none; the columns themselves are sound."""
    table = pq.read_table(path)
    notes = table.schema.metadata[b"pandas"].replace(b'"int64"', b'"i^t8"')
    pq.write_table(table.replace_schema_metadata({b"pandas": notes}), path)
    assert pa.types.is_integer(pq.read_schema(path).field("bytes").type)
    with pytest.raises(VerificationFailed, match="damaged"):
        read_table(path, None)


def test_a_changed_byte_anywhere_in_the_pages_is_read_or_refused(tmp_path: Path) -> None:
    """Places in a dictionary of words may point behind its end (found by fuzzing), lengths behind the page's."""
    path = tmp_path / "plan.parquet"
    words = pd.Categorical([f"cache-{i}" for i in range(40)])
    pd.DataFrame({"cache_id": words}).to_parquet(path, index=False, compression=None)
    sound, refused = path.read_bytes(), 0
    for at in range(120):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 0x40]) + sound[at + 1 :])
        try:
            read_table(path, None)
        except VerificationFailed:
            refused += 1
    assert refused > 0


def test_old_runs_go_but_not_what_is_in_force(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for day, version in ((1, 4), (2, 3), (3, None), (4, None), (5, 5)):
        folder = workspace.runs / f"2026-01-0{day}"
        folder.mkdir(parents=True)
        if version:
            (folder / "published.json").write_text(json.dumps({"version": version}))
    prune_runs(workspace, keep=2, in_force=4)
    assert sorted(f.name for f in workspace.runs.iterdir()) == ["2026-01-01", "2026-01-04", "2026-01-05"]
