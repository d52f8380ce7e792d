"""What a search shows: the best trials side by side, and where the present values stand among them."""

import json
from typing import Any

import pytest

from fillplan.cli.render_search import searched

Capture = pytest.CaptureFixture[str]


def trial(number: int, score: float, rate: float) -> dict[str, Any]:
    return {"number": number, "score": score, "values": {"booster.learning_rate": rate, "booster.boosting": "gbdt"}}


BEST, SECOND, PRESENT = trial(3, 0.81234, 0.123456), trial(1, 0.9, 0.2), trial(0, 1.0, 0.05)
ANSWER: dict[str, Any] = {
    "study": "quick-abc",
    "origins": ["small 2026-02-01"],
    "trials": 4,
    "present": PRESENT,
    "best": [BEST, SECOND],
    "folder": "searches/quick",
}


def shown(capsys: Capture, **changed: Any) -> str:
    searched({**ANSWER, **changed}, as_json=False)
    return capsys.readouterr().out


@pytest.mark.usefixtures("narrow")
def test_the_present_values_stand_behind_the_best(capsys: Capture) -> None:
    told = shown(capsys).splitlines()
    assert told[0] == "4 trials at 1 past plan date (quick-abc)"
    assert told[-1] == "Best spec: searches/quick/best.toml"
    table = {line.split()[0]: line.split()[1:] for line in told[3:-1]}
    assert told[2].split() == ["trial", "3", "trial", "1", "trial", "0", "(present)"]
    assert table["score"] == ["0.8123", "0.9000", "1.0000"]
    assert table["booster.learning_rate"] == ["0.1235", "0.2", "0.05"]
    assert table["booster.boosting"] == ["gbdt"] * 3


@pytest.mark.usefixtures("narrow")
def test_present_values_among_the_best_are_marked_and_not_repeated(capsys: Capture) -> None:
    told = shown(capsys, best=[PRESENT, SECOND], trials=1)
    assert told.startswith("1 trial at")
    assert told.count("trial 0 (present)") == told.count("trial 0") == 1


@pytest.mark.usefixtures("narrow")
def test_without_present_values_nothing_is_marked(capsys: Capture) -> None:
    assert "(present)" not in shown(capsys, present=None)


def test_as_json_the_answer_is_all_that_is_printed(capsys: Capture) -> None:
    searched(ANSWER, as_json=True)
    assert json.loads(capsys.readouterr().out) == ANSWER
