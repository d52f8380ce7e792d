"""Failures: one exit code per kind, a message that a person can act on, the same as JSON."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator

from typer import Abort, Exit
from typer.exceptions import TyperException

from fillplan_data.errors import FillplanError, InputFaults

USAGE = 2
INTERRUPTED = 130
SHOWN_FAULTS = 200


def exit_codes() -> dict[int, str]:
    """Every exit code and its meaning, as documented."""
    codes = {0: "the job was done", USAGE: "wrong usage of the command line", INTERRUPTED: "interrupted (Ctrl-C)"}
    kinds: list[type[FillplanError]] = [FillplanError, *_kinds(FillplanError)]
    codes |= {kind.exit_code: kind.meaning for kind in kinds}
    return dict(sorted(codes.items()))


def _kinds(root: type[FillplanError]) -> Iterator[type[FillplanError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _kinds(kind)


def explain_exit_codes() -> str:
    """One line per exit code, for the help page."""
    return "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in exit_codes().items()) + "."


def exit_code_of(error: BaseException, as_json: bool) -> int:
    """Tell of a failure on stderr (as JSON on stdout if asked for) and give its exit code."""
    if isinstance(error, Exit):
        return error.exit_code
    if isinstance(error, TyperException):
        if message := error.format_message():
            print(f"fillplan: {message}\nSee: fillplan --help", file=sys.stderr)
        return USAGE
    if isinstance(error, (KeyboardInterrupt, Abort)):
        print("interrupted; what stood before still stands", file=sys.stderr)
        return INTERRUPTED
    code = error.exit_code if isinstance(error, FillplanError) else FillplanError.exit_code
    if as_json:
        print(json.dumps(_as_data(error, code)))
    _tell(error)
    return code


def _as_data(error: BaseException, code: int) -> dict[str, object]:
    data: dict[str, object] = {"ok": False, "error": type(error).__name__, "exit_code": code, "message": str(error)}
    if isinstance(error, InputFaults):
        data["faults"] = [vars(fault) for fault in error.faults]
    return data


def _tell(error: BaseException) -> None:
    if isinstance(error, InputFaults):
        from fillplan.cli.render import show_faults

        show_faults(error.faults[:SHOWN_FAULTS], str(error))
    elif isinstance(error, FillplanError):
        print(f"fillplan: {error}", file=sys.stderr)
    else:
        traceback.print_exception(error)
        print(f"fillplan: {FillplanError.meaning}", file=sys.stderr)
