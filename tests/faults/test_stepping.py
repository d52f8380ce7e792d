"""Some of the kills at system calls; `python -m tests.faults --stepping 1` does all of them."""

import shutil
from pathlib import Path

import pytest

from tests.faults.stepping import step_through


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is absent")
def test_killed_at_a_system_call_the_next_night_recovers(tmp_path: Path) -> None:
    steps = list(step_through(2, tmp_path, stride=20))
    assert len(steps) > 5
    assert [step for step in steps if step[1]] == []
