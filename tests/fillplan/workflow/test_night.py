"""A night's arrows in their order: a run written and not published, judged from disk, and put in force."""

from pathlib import Path

import pandas as pd
import pytest

from fillplan.publication import current_set
from fillplan.stages import Stages
from fillplan.workflow.night import Night, nightly, plan_night, verify_and_publish
from fillplan_data.errors import NotFound, VerificationFailed

from ..conftest import PLAN_DATE


@pytest.fixture
def night(planned: Path) -> Night:
    return plan_night(planned, PLAN_DATE, Stages("test"), planned / "demand.parquet")[0]


def test_a_plan_is_written_with_its_report_and_is_not_in_force(night: Night) -> None:
    assert (night.published, night.failure) == (None, None)
    assert (night.run.folder / "report.html").is_file()
    assert current_set(night.inputs.workspace) is None


def test_warnings_about_given_demand_are_the_nights(planned: Path) -> None:
    path = planned / "demand.parquet"
    once = pd.read_parquet(path)
    pd.concat([once, once]).to_parquet(path, index=False)
    night, result = plan_night(planned, PLAN_DATE, Stages("test"), path)
    assert next(w.row for w in night.inputs.warnings if w.table == "demand") == len(once) + 1
    assert result.problem.requested_bytes == 1740


def test_what_stands_on_disk_is_judged_and_put_in_force(night: Night) -> None:
    published = verify_and_publish(night.run, night.inputs, Stages("test"))
    assert (published.version, published.waiting) == (1, ())
    info = current_set(night.inputs.workspace)
    assert info is not None and info.version == 1


def test_a_signing_key_that_is_not_there_is_told_before_the_work(planned: Path) -> None:
    (planned / "fillplan.toml").write_text('[publish]\nsigning_key = "none.pem"\n')
    stages = Stages("test")
    with pytest.raises(NotFound, match=r"none\.pem: no such key"):
        nightly(planned, PLAN_DATE, stages)
    assert "forecast" not in stages.seconds


def test_a_plan_that_breaks_a_limit_leaves_the_last_set_in_force(night: Night) -> None:
    verify_and_publish(night.run, night.inputs, Stages("test"))
    path = night.run.folder / "plan.parquet"
    rows = pd.read_parquet(path)
    rows[rows["asset_id"] != "m1v"].to_parquet(path, index=False)
    with pytest.raises(VerificationFailed):
        verify_and_publish(night.run, night.inputs, Stages("test"))
    info = current_set(night.inputs.workspace)
    assert info is not None and info.version == 1
