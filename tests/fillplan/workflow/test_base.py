"""The base of what-if questions: the run as it stands."""

import numpy as np
import pytest

from fillplan.stages import Stages
from fillplan.workflow.base import Base, base_solution


def test_the_base_is_the_runs_own_plan_and_proof(base: Base) -> None:
    solution, notes = base_solution(base, Stages("test"))
    assert notes == ()
    assert solution.solved == 0
    assert solution.value == pytest.approx(base.run.summary["value"], rel=1e-12)
    assert solution.bound == base.run.summary["bound"]
    whole = base.run.plan().placement(base.problem)
    for mine, stored in zip(solution.placement.files, whole.files, strict=True):
        np.testing.assert_array_equal(mine, stored)
