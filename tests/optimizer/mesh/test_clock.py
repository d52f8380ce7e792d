"""Clocks of a search, on a time that the test sets."""

import time
from threading import Event

import pytest

from fillplan_optimizer.mesh import clock as module
from fillplan_optimizer.mesh.clock import GO_ON, Clock


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set."""
    time = [100.0]
    monkeypatch.setattr(module.time, "perf_counter", lambda: time[0])
    return time


def test_a_clock_runs_out_at_its_deadline(now: list[float]) -> None:
    clock = Clock.of(10.0)
    assert (clock.left_seconds, clock.over) == (10.0, False)
    now[0] = 109.5
    assert (clock.left_seconds, clock.over) == (0.5, False)
    for later in (110.0, 500.0):
        now[0] = later
        assert (clock.left_seconds, clock.over) == (0.0, True)


def test_a_clock_without_a_deadline_ends_only_if_stopped(now: list[float]) -> None:
    clock = Clock.of(None)
    now[0] = 1e9
    assert (clock.left_seconds, clock.over) == (float("inf"), False)
    part = clock.share(0.1)
    clock.stopped.set()
    assert clock.over and part.over


def test_a_share_is_a_part_of_what_is_left_and_is_stopped_together(now: list[float]) -> None:
    clock = Clock.of(10.0)
    now[0] = 104.0
    part = clock.share(0.5)
    assert part.left_seconds == 3.0
    now[0] = 107.0
    assert part.over and not clock.over
    now[0] = 120.0
    assert clock.share(0.5).left_seconds == 0.0
    now[0] = 104.0
    clock.stopped.set()
    assert part.left_seconds == 0.0


def test_no_clock_is_stopped_by_another() -> None:
    Clock.of(None).stopped.set()
    assert not Clock.of(None).over


def test_a_watched_clock_raises_its_flag_when_it_is_over() -> None:
    stopped = Event()
    with Clock(None, stopped).watched() as halt:
        assert halt.tolist() == [0]
        stopped.set()
        for _ in range(1000):  # the clock is looked at now and then, by another thread
            if halt[0]:
                break
            time.sleep(0.01)
        assert halt.tolist() == [1]
    with Clock(None, stopped).watched() as halt:
        assert halt.tolist() == [1], "over from the beginning"
    assert GO_ON.tolist() == [0]
