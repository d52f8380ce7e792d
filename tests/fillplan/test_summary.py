"""Who made a plan, in words, from its plan.json."""

import json
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from fillplan.cli.render import _proof
from fillplan.settings import Settings
from fillplan.summary import plan_summary, solver_words, versions
from fillplan_optimizer.exact.placer import Exact
from fillplan_optimizer.verifier import verify
from tests.optimizer.instances import tree

ROOT = Path(__file__).parents[2]
CHANGE_NO_PLAN = {"typer", "rich", "pydantic", "pandera", "jinja2", "filelock", "structlog"}
"""Dependencies that check, show or write."""


def test_the_versions_are_those_of_all_that_can_change_a_plan() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {match[0] for line in project["dependencies"] if (match := re.match(r"[\w-]+", line))}
    assert versions().keys() == {"python", "fillplan", *needed - CHANGE_NO_PLAN}


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


def test_storage_is_told_to_the_byte() -> None:
    """Doubles hold no whole number above 2**53 exactly."""
    storage = 2**53 + 1
    problem = tree([-1], [1.0], size=[1], demand=[[9]], storage=[storage])
    result = Exact().place(problem)
    told = plan_summary(problem, result, verify(problem, result.placement), date(2026, 7, 1), Settings(), {}, {})
    assert told["caches"][0]["storage_bytes"] == storage
