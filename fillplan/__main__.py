"""The process: run the command line, turn every failure into its message and its exit code."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of `fillplan` and `python -m fillplan`."""
    from fillplan.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
