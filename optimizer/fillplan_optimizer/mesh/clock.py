"""How long a search may go on: a deadline on the wall clock, an order to stop, or neither."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

import numpy as np

from fillplan_optimizer.mesh.network import Flags

GO_ON: Flags = np.zeros(1, dtype=np.uint8)
"""The flag of a clock that is never over."""
_LOOK_SECONDS = 0.02
"""How often a watched clock is read."""


@dataclass(frozen=True)
class Clock:
    """Asked between pieces of work. Without a deadline only the caller's counts of work decide."""

    deadline: float | None = None
    """As of `time.perf_counter`."""
    stopped: Event = field(default_factory=Event)
    """Set it to end the search early with what it has."""

    @classmethod
    def of(cls, seconds: float | None) -> Clock:
        """A clock that runs out in so many seconds; never, if None."""
        return cls(None if seconds is None else time.perf_counter() + seconds)

    @property
    def left_seconds(self) -> float:
        """Seconds until the deadline, inf without one; 0 if stopped."""
        if self.stopped.is_set():
            return 0.0
        return float("inf") if self.deadline is None else max(0.0, self.deadline - time.perf_counter())

    @property
    def over(self) -> bool:
        """Whether to end now."""
        return self.left_seconds <= 0.0

    def share(self, part: float) -> Clock:
        """A clock for a part of the time that is left, stopped together with this one."""
        if self.deadline is None:
            return self
        now = time.perf_counter()
        return Clock(now + part * max(0.0, self.deadline - now), self.stopped)

    @contextmanager
    def watched(self) -> Iterator[Flags]:
        """[1] flag for kernels, which cannot read a clock: set once this one is over."""
        halt = np.zeros(1, dtype=np.uint8)
        done = Event()

        def watch() -> None:
            while not self.over:
                if done.wait(min(_LOOK_SECONDS, self.left_seconds)):
                    return
            halt[0] = 1

        halt[0] = self.over
        thread = Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield halt
        finally:
            done.set()
            thread.join()
