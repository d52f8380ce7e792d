"""Answers in their folders: found again while nothing that decides them changed, replaced as a whole."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fillplan.runs import Run, latest_run
from fillplan.scenarios import store
from fillplan.scenarios.store import answer_folder, code_digest, content_key, store_answer, stored_answer
from fillplan.summary import versions
from fillplan.workspace import Workspace, locked
from fillplan_data.errors import WorkspaceBusy

QUESTION = {"scenarios": ["half"], "samples": None}


def page(folder: Path) -> None:
    (folder / "report.html").write_text("page")


@pytest.fixture
def run(planned: Path) -> Run:
    return latest_run(Workspace(planned))


def append(name: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(b"\n")

    return change


@pytest.mark.parametrize(
    "name",
    [
        "input/caches.csv",
        "input/deeper/new.csv",
        "fillplan.toml",
        "runs/2026-03-08/plan.json",
        "runs/2026-03-08/plan.parquet",
        "runs/2026-03-08/demand.parquet",
        "runs/2026-03-08/forecast.parquet",
        "models/champion/model.json",
    ],
)
def test_the_key_changes_with_whatever_decides_an_answer(planned: Path, run: Run, name: str) -> None:
    workspace = Workspace(planned)
    before = content_key(workspace, run, QUESTION)
    assert content_key(workspace, run, dict(reversed(QUESTION.items()))) == before, "the order of words is none"
    append(name)(planned)
    assert content_key(workspace, run, QUESTION) != before


def test_the_parts_of_a_table_count_where_their_folder_is_a_link(planned: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (planned / "input" / "routes").symlink_to(tmp_path / "parts")
    append("parts/a.parquet")(tmp_path)
    before = content_key(Workspace(planned), run, QUESTION)
    append("parts/a.parquet")(tmp_path)
    assert content_key(Workspace(planned), run, QUESTION) != before


def test_the_key_changes_with_a_library(planned: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content_key(Workspace(planned), run, QUESTION)
    monkeypatch.setattr(store, "versions", lambda: {**versions(), "highspy": "another"})
    assert content_key(Workspace(planned), run, QUESTION) != before


def test_another_question_has_another_key_and_the_log_has_no_part(planned: Path, run: Run) -> None:
    workspace = Workspace(planned)
    before = content_key(workspace, run, QUESTION)
    append("logs/fillplan.jsonl")(planned)
    append("runs/2026-03-08/report.html")(planned)
    assert content_key(workspace, run, QUESTION) == before
    assert content_key(workspace, run, {**QUESTION, "samples": 5}) != before


@pytest.mark.parametrize(
    "name", ["fillplan/report/templates/whatif.html.j2", "fillplan/cli/app.py", "optimizer/policies/premiere.toml"]
)
def test_the_digest_of_the_program_is_of_all_its_files(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    code_digest.cache_clear()
    before, read = code_digest(), Path.read_bytes
    changed = Path(__file__).parents[3] / name
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b" " * (path.resolve() == changed))
    code_digest.cache_clear()
    assert code_digest() != before
    code_digest.cache_clear()


def test_an_answer_is_found_under_its_key_alone(tmp_path: Path) -> None:
    folder = answer_folder(Workspace(tmp_path), "asked")
    assert folder == tmp_path / "whatif" / "asked"
    assert stored_answer(folder, "k") is None
    store_answer(folder, {"key": "k", "value": 1}, page)
    assert stored_answer(folder, "k") == {"key": "k", "value": 1}
    assert stored_answer(folder, "other") is None


@pytest.mark.parametrize("content", ["{", "[1]", "[" * 100_000, "null", '{"no": "key"}'])
def test_an_answer_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    store_answer(tmp_path / "whatif" / "asked", {"key": "k"}, page)
    (tmp_path / "whatif" / "asked" / "result.json").write_text(content)
    assert stored_answer(tmp_path / "whatif" / "asked", "k") is None


def test_an_answer_without_its_page_is_none(tmp_path: Path) -> None:
    store_answer(tmp_path / "whatif" / "asked", {"key": "k"}, lambda _: None)
    assert stored_answer(tmp_path / "whatif" / "asked", "k") is None


def test_one_that_fails_half_way_leaves_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "whatif" / "asked"
    store_answer(folder, {"key": "old"}, page)

    def fail(made: Path) -> None:
        page(made)
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        store_answer(folder, {"key": "new"}, fail)
    assert stored_answer(folder, "old") == {"key": "old"}
    store_answer(folder, {"key": "new"}, page)
    assert json.loads((folder / "result.json").read_text()) == {"key": "new"}
    assert [path.name for path in folder.parent.iterdir() if path.is_dir() and path.name[0] != "."] == ["asked"]


def test_two_questions_are_not_written_at_once_and_the_night_is_not_held_up(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with locked(workspace):
        store_answer(answer_folder(workspace, "asked"), {"key": "k"}, page)
    with locked(Workspace(tmp_path / "whatif")), pytest.raises(WorkspaceBusy):
        store_answer(answer_folder(workspace, "asked"), {"key": "k"}, page)
