"""`init`: tables that depend on size and seed alone, and nothing overwritten."""

from pathlib import Path

import pytest

from fillplan.settings import read_settings
from fillplan.workflow.checking import check_workspace
from fillplan.workflow.starting import SIZES, start_workspace
from fillplan.workspace import open_workspace, synthetic_label
from fillplan_data.errors import AlreadyExists, StorageFailure


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "input").iterdir()}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("init") / "one"
    told = start_workspace(folder, "tiny", 5, truth=False)
    assert told == {"ok": True, "workspace": str(folder), "synthetic": True, "size": "tiny", "seed": 5}
    return folder


def test_what_is_made_passes_every_check_and_is_called_synthetic(started: Path) -> None:
    assert check_workspace(started, None).faults == ()
    assert read_settings(started)
    assert synthetic_label(open_workspace(started)) is not None


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(started: Path, tmp_path: Path) -> None:
    start_workspace(tmp_path / "same", "tiny", 5, truth=False)
    start_workspace(tmp_path / "other", "tiny", 6, truth=False)
    assert tables(tmp_path / "same") == tables(started)
    assert tables(tmp_path / "other")["views.csv"] != tables(started)["views.csv"]


def test_tables_that_are_there_already_stay(started: Path) -> None:
    before = tables(started)
    with pytest.raises(AlreadyExists):
        start_workspace(started, "tiny", 6, truth=False)
    assert tables(started) == before


def test_a_place_that_cannot_be_written_is_a_failure_of_storage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailure, match="making the workspace"):
        start_workspace(tmp_path / "file" / "new", "tiny", 5, truth=False)


def test_sizes_rise() -> None:
    assert SIZES == ("tiny", "small", "medium", "large")
