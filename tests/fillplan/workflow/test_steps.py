"""What the commands say of a workspace."""

from pathlib import Path

from fillplan.workflow.steps import plan_step, report_step


def test_a_date_that_was_planned_again_is_not_what_is_in_force(night_copy: Path) -> None:
    outcome = report_step(night_copy, None)
    assert outcome.published is not None
    plan_step(night_copy, None, None)
    same = report_step(night_copy, None)
    assert same.published is not None, "the manifests are the same, byte for byte"
    settings = night_copy / "fillplan.toml"
    settings.write_text(settings.read_text() + '[forecast]\nmethod = "recent_mean"\n')
    plan_step(night_copy, None, None)
    other = report_step(night_copy, None)
    assert other.published is None
    day = outcome.run.plan_date
    assert other.other_in_force == f"set 000001 of {day}; this run was not published"
