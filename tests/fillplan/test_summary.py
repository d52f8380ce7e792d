"""Who made a plan, in words, from its plan.json."""

import json
from pathlib import Path

import pytest

from fillplan.cli.render import _proof
from fillplan.summary import solver_words


@pytest.mark.parametrize(
    ("solver", "groups", "words"),
    [
        ("auto", ["decomposition", "decomposition"], "decomposition, chosen by auto"),
        ("auto", ["greedy", "exact"], "exact and greedy, chosen by auto"),
        ("auto", [], "auto"),
        ("exact", ["exact"], "exact"),
        ("fallback", ["greedy"], "fallback"),
    ],
)
def test_the_solver_that_ran_is_named(solver: str, groups: list[str], words: str) -> None:
    assert solver_words({"solver": solver, "groups": [{"solver": name} for name in groups]}) == words


def test_plans_of_before_say_what_they_know() -> None:
    assert solver_words({"solver": "auto", "groups": [{"value": 1.0}]}) == "auto"
    assert solver_words({}) == ""


def test_the_headline_tells_the_gap_and_who_made_the_plan() -> None:
    plan = {"status": "feasible", "gap": 0.00017, "solver": "auto", "groups": [{"solver": "exact"}]}
    assert _proof(plan) == "proven within 0.017% of the best possible (by exact, chosen by auto)"
    assert _proof({**plan, "status": "optimal"}) == "proven best (by exact, chosen by auto)"


def test_a_night_names_its_solver(night_workspace: Path) -> None:
    (run,) = (night_workspace / "runs").iterdir()
    plan = json.loads((run / "plan.json").read_text())
    assert {group["solver"] for group in plan["groups"]} == {plan["solver"]} == {"decomposition"}
    assert solver_words(plan) in (run / "report.html").read_text()
