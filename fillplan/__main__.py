"""The process: run the command line, turn every failure into its message and its exit code."""

from __future__ import annotations

import codecs
import io
import os
import signal
import sys
import unicodedata

PLAINER = "fillplan.plainer"
_SIGNS = str.maketrans({"−": "-", "–": "-", "±": "+/-", "≥": ">=", "≤": "<=", "×": "x", "·": "-", "…": "..."})
"""Signs that carry meaning and that no normal form takes to ASCII."""


def main() -> None:
    """Entry point of `fillplan` and `python -m fillplan`."""
    # before numpy is loaded: last digits of its products and eigenvectors go by the number of threads
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    from fillplan.cli.app import run

    signal.signal(signal.SIGTERM, _interrupt)
    codecs.register_error(PLAINER, _plainer)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAINER)
    sys.exit(run(sys.argv[1:]))


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """The nearest ASCII, or a question mark: a log in an old encoding must not end a night that went well."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = unicodedata.normalize("NFKD", error.object[error.start : error.end].translate(_SIGNS))
    return "".join(c if c.isascii() else "?" for c in text if not unicodedata.combining(c)), error.end


def _interrupt(*_: object) -> None:
    """A scheduler whose patience ends asks a command to end as Ctrl-C does: tidily, with a line in the log."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
