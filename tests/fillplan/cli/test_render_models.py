"""What `models` shows of models: good ones, unreadable ones, none."""

import json
from typing import Any

import pytest

from fillplan.cli.render_models import models_shown
from fillplan.model_store import StoredModel
from tests.fillplan.cli.conftest import whole

FIGURES = {"wape_day": 0.1234, "wape_week": 0.1, "bias": None}
CARD: dict[str, Any] = {
    "history_days": 90,
    "plan_date": "2026-03-08",
    "accuracy": {"model": {"all": FIGURES}, "ewma": {"all": {**FIGURES, "wape_day": 0.2346}}},
}
GOOD = StoredModel("2026-03-08", True, {"promoted": True, "reason": "beats ewma"}, CARD)
UNREADABLE = StoredModel("2026-03-01", False, {}, {})

Capture = pytest.CaptureFixture[str]


def shown(capsys: Capture, *models: StoredModel, as_json: bool = False, cards: bool = False) -> str:
    models_shown(models, as_json, cards)
    return capsys.readouterr().out


@pytest.mark.usefixtures("narrow")
def test_a_row_per_model_with_champion_history_error_and_trial(capsys: Capture) -> None:
    _, good, unreadable = shown(capsys, GOOD, UNREADABLE).splitlines()
    assert whole(good, "2026-03-08", "champion", "90 days to 2026-03-08", "  0.123", "beats ewma")
    assert whole(unreadable, "2026-03-01", "card unreadable", "none on record")
    assert "champion" not in unreadable


@pytest.mark.usefixtures("narrow")
def test_cards_add_the_accuracy_of_every_method_and_a_dash_for_the_unknown(capsys: Capture) -> None:
    assert "Accuracy" not in shown(capsys, GOOD)
    told = [line.split() for line in shown(capsys, GOOD, cards=True).splitlines()]
    assert ["all", "model", "0.123", "0.100", "-"] in told
    assert ["all", "ewma", "0.235", "0.100", "-"] in told


def test_a_name_is_never_broken(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    trial = {"promoted": False, "reason": "does not beat the champion by more than chance " * 4}
    assert "2026-03-08.challenger" in shown(capsys, StoredModel("2026-03-08.challenger", False, trial, CARD))


def test_an_error_that_is_not_known_is_left_blank(capsys: Capture) -> None:
    unknown = {**CARD, "accuracy": {"model": {"all": {**FIGURES, "wape_day": None}}}}
    told = shown(capsys, StoredModel(GOOD.name, False, GOOD.trial, unknown))
    assert "None" not in told and "beats ewma" in told


def test_without_models_the_way_to_one_is_told(capsys: Capture) -> None:
    assert "fillplan train" in " ".join(shown(capsys).split())
    assert json.loads(shown(capsys, as_json=True)) == {"ok": True, "models": []}


def test_as_json_cards_come_only_where_asked_for(capsys: Capture) -> None:
    (plain,) = json.loads(shown(capsys, GOOD, as_json=True))["models"]
    assert plain == {"name": "2026-03-08", "champion": True, "trial": GOOD.trial}
    (full,) = json.loads(shown(capsys, GOOD, as_json=True, cards=True))["models"]
    assert full == {**plain, "card": CARD}
