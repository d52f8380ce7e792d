"""How long a search may go on: a deadline on the wall clock, an order to stop, or neither."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Event


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
