"""The stages of a command: timed, logged for machines, shown to a person who watches a terminal."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging import ERROR, INFO
from pathlib import Path
from typing import Any, TextIO

import structlog
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from fillplan_data.errors import code_of, message_of

# ru_maxrss counts kilobytes on Linux and bytes on macOS
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Stages:
    """Times each stage of one command, writes a JSON line at its start and end, and shows progress on stderr.

    Nothing is shown where stderr is no terminal. `seconds` maps each finished stage to its wall-clock seconds.
    """

    def __init__(self, command: str, log_path: Path | None = None, console: Console | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._console = console or Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("[bold]{task.description:<10}[/]"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}[/]"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._file: TextIO | None = None
        if log_path is not None:
            log_path.parent.mkdir(parents=True, exist_ok=True)
            self._file = log_path.open("a", encoding="utf-8")
        self._log = _json_logger(self._file).bind(command=command) if self._file else None

    def __enter__(self) -> Stages:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._progress.stop()
        if error is not None:
            name = type(error).__name__
            self._write(ERROR, "command_failed", error=name, exit_code=code_of(error), message=message_of(error))
        if self._file:
            self._file.close()

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Time one stage. The yielded Stage takes notes for the person and figures for the log."""
        task = self._progress.add_task(name, total=1, note="")
        stage, start = Stage(self._progress, task), time.perf_counter()
        self.tell("stage_started", stage=name)
        yield stage
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - start, 3)
        self._progress.update(task, completed=1)
        figures = {"seconds": self.seconds[name], "peak_memory_bytes": peak_memory_bytes(), **stage.figures}
        self.tell("stage_finished", stage=name, **figures)

    def tell(self, event: str, **figures: Any) -> None:
        """One JSON line in the log."""
        self._write(INFO, event, **figures)

    def _write(self, level: int, event: str, **figures: Any) -> None:
        if self._log is not None:
            self._log.log(level, event, **figures)


class Stage:
    """One running stage."""

    def __init__(self, progress: Progress, task: Any) -> None:
        self._progress, self._task = progress, task
        self.figures: dict[str, Any] = {}

    def note(self, text: str, **figures: Any) -> None:
        """Say what is going on: `text` beside the stage's name, `figures` into the log."""
        self._progress.update(self._task, note=text)
        self.figures.update(figures)


def peak_memory_bytes() -> int:
    """Largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


def _json_logger(file: TextIO) -> Any:
    return structlog.wrap_logger(
        structlog.WriteLogger(file),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
    )
