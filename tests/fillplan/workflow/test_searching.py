"""What a search refuses, and what it writes; the search end to end is in cli/test_search."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fillplan.stages import Stages
from fillplan.workflow import searching
from fillplan.workflow.inputs import FOR_DEMAND, load_inputs
from fillplan.workflow.searching import Budget, search_spec
from fillplan_data.errors import ModelError
from fillplan_models.search import Origin, Tried
from fillplan_models.spec import load_spec
from tests.models.worlds import panel_of


def test_without_optuna_it_says_what_to_install_and_writes_nothing(
    small_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name for path in small_workspace.iterdir()}
    monkeypatch.setattr(searching, "is_installed", lambda: False)
    with pytest.raises(ModelError, match=r"expected optuna to search with, found none: pip install fillplan\[search\]"):
        search_spec(small_workspace, (), None, Budget())
    assert {path.name for path in small_workspace.iterdir()} == before


def test_a_spec_without_a_search_space_is_refused_by_name(
    small_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small_workspace / "bare.toml").write_text('name = "bare"\n')
    (small_workspace / "fillplan.toml").write_text('[train]\nspec = "bare.toml"\n')
    monkeypatch.setattr(searching, "is_installed", lambda: True)
    with pytest.raises(ModelError, match=r"under \[search\] in the spec bare, found none"):
        search_spec(small_workspace, (), None, Budget())


def test_the_same_day_with_another_horizon_is_another_question(small_workspace: Path) -> None:
    inputs, panel = load_inputs(small_workspace, FOR_DEMAND, None, Stages("test")), panel_of({("R1", "a"): [1.0] * 30})
    origins = [Origin("small 2026-01-15", replace(panel, horizon_days=days), 10, (1.0, 1.0)) for days in (7, 7, 1)]
    week, same, day = (searching._study_name(load_spec(), [inputs], [origin]) for origin in origins)
    assert week == same != day


def test_what_is_found_is_written_as_a_spec_that_can_be_read(tmp_path: Path) -> None:
    spec = load_spec("default")
    best = Tried(number=0, score=0.5, values={"booster.rounds": 17}, by_origin={"here": 0.5})
    searching._write(tmp_path, spec, best, {"study": "default-123", "best": []})
    found = load_spec(tmp_path / "best.toml")
    assert (found.name, found.value("booster.rounds")) == ("default-found", 17)
    assert found.sampling == spec.sampling
    assert json.loads((tmp_path / "search.json").read_text())["study"] == "default-123"
