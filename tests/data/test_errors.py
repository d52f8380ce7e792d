from __future__ import annotations

import pickle

import pytest

from fillplan_data.errors import FillplanError, GateStopped, InputFaults, ScenarioError


@pytest.mark.parametrize(
    "error",
    [
        InputFaults(("first", "second"), "two faults"),
        ScenarioError((), "none"),
        GateStopped("stopped", ("verdict",)),
        FillplanError("plain"),
    ],
)
def test_errors_survive_the_way_between_processes(error: FillplanError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error) and str(back) == str(error) and vars(back) == vars(error)
