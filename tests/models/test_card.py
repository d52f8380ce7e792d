"""The card of a model."""

import json

import pytest

from fillplan_models.model import CARD_FILE


def test_the_card_says_what_was_learnt_and_how_good_it_was(model, tmp_path):
    model.save(tmp_path)
    card = (tmp_path / CARD_FILE).read_text()
    facts = json.loads((tmp_path / "card.json").read_text())
    assert "plan date 2026-03-16" in card and "seasonal_naive" in card and "share of gain" in card
    assert facts["rows"] > 1000 and facts["regions"] == 3 and facts["history_days"] == 70
    assert sum(facts["gain"].values()) == pytest.approx(1)
    assert facts["accuracy"]["model"]["all"]["hours"] == facts["accuracy"]["ewma"]["all"]["hours"] > 0
