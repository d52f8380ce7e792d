"""Plans by policy, as plan.json tells them."""

from pathlib import Path

import pytest

from fillplan.workflow.steps import plan_step


def test_plan_json_tells_what_a_plan_for_outages_gives_up(night_copy: Path) -> None:
    settings = night_copy / "fillplan.toml"
    plain = plan_step(night_copy, None, None).run.summary
    settings.write_text(settings.read_text().replace("[plan]\n", '[plan]\npolicy = "resilient"\n'))
    robust = plan_step(night_copy, None, None).run.summary
    assert "robustness_cost" not in plain["policy"]
    assert robust["policy"]["robustness_cost"] == pytest.approx(plain["value"] - robust["value"])
    assert robust["policy"]["robustness_cost"] > 0
    assert robust["bound"] == pytest.approx(plain["bound"])
    assert sum(group["value"] for group in robust["groups"]) == pytest.approx(robust["value"])
