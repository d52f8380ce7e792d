"""The process: run the command line, turn every failure into its message and its exit code."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Entry point of `fillplan` and `python -m fillplan`."""
    from fillplan.cli.app import run

    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(run(sys.argv[1:]))


def _interrupt(*_: object) -> None:
    """A scheduler whose patience ends asks a command to end as Ctrl-C does: tidily, with a line in the log."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
