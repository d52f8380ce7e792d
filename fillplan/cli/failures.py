"""Failures: one exit code per kind, a message that a person can act on, the same as JSON."""

from __future__ import annotations

import errno
import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from typer import Abort, Exit
from typer.exceptions import TyperException

from fillplan.cli.terminal import visible
from fillplan_data.errors import (
    INTERRUPTED,
    FillplanError,
    GateStopped,
    InputFaults,
    ScenarioError,
    StorageFailure,
    code_of,
    message_of,
)
from fillplan_data.wording import in_house_words

USAGE = 2
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def exit_codes() -> dict[int, str]:
    """Every exit code and its meaning, as documented."""
    codes = {
        0: "the job was done",
        USAGE: "wrong usage of the command line",
        INTERRUPTED: "interrupted (Ctrl-C, or SIGTERM)",
    }
    kinds: list[type[FillplanError]] = [FillplanError, *_kinds(FillplanError)]
    codes |= {kind.exit_code: kind.meaning for kind in kinds}
    return dict(sorted(codes.items()))


def _kinds(root: type[FillplanError]) -> Iterator[type[FillplanError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _kinds(kind)


def explain_exit_codes() -> str:
    """One line per exit code, for the help page."""
    return "\n".join(["Exit codes:", *(f"{code:>5}  {meaning}" for code, meaning in exit_codes().items())])


def exit_code_of(error: BaseException, as_json: bool) -> int:
    """Tell of a failure on stderr (as JSON on stdout if asked for) and give its exit code."""
    if isinstance(error, Exit):
        return error.exit_code
    if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
        # whoever read our output has had enough; the job itself was done before anything is shown
        # (typer turns the first of these into an exit with code 1)
        _to_nobody(sys.stdout)
        return 0
    code, message = _judge(error)
    message = visible(message)
    if as_json and message:
        with _as_far_as_taken(sys.stdout):
            print(json.dumps(_as_data(error, code, message)))
    with _as_far_as_taken(sys.stderr):
        _tell(error, message)
    return code


@contextmanager
def output_errors() -> Iterator[None]:
    """Turn standard output that leads to a full disk into StorageFailure. Commands name what they write themselves,
    and reading needs no room: what is left is the output."""
    try:
        yield
        sys.stdout.flush()  # here, where a closed pipe is told apart, not when the interpreter ends
    except OSError as error:
        if error.errno not in _NO_ROOM or error.filename:
            raise
        _to_nobody(sys.stdout)
        raise StorageFailure(
            f"standard output takes no more: {error.strerror}. What the command has done stands."
        ) from error


@contextmanager
def _as_far_as_taken(stream: TextIO) -> Iterator[None]:
    """Who stops reading what is told of a failure, or has no room for it, changes neither it nor its exit code."""
    try:
        yield
        stream.flush()  # here, and not when the interpreter ends
    except OSError:
        _to_nobody(stream)


def _to_nobody(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _judge(error: BaseException) -> tuple[int, str]:
    """Exit code and message of a failure."""
    if isinstance(error, TyperException):
        message = in_house_words(error.format_message())
        return USAGE, f"{message}{_found(error)}\nSee: {_command_of(error)} --help" if message else ""
    if isinstance(error, (KeyboardInterrupt, Abort)):
        return INTERRUPTED, message_of(KeyboardInterrupt())
    return code_of(error), message_of(error)


def _found(error: TyperException) -> str:
    """The value that pydantic refused, where it is what refused one."""
    told = getattr(error.__cause__, "errors", None)
    return f"; found {told()[0]['input']!r}" if told is not None else ""


def _command_of(error: TyperException) -> str:
    """'fillplan models list': the command whose usage was wrong."""
    names, context = list[str](), getattr(error, "ctx", None)
    while context is not None and context.parent is not None:
        names.insert(0, str(context.info_name))
        context = context.parent
    return " ".join(["fillplan", *names])


def _as_data(error: BaseException, code: int, message: str) -> dict[str, object]:
    data: dict[str, object] = {"ok": False, "error": type(error).__name__, "exit_code": code, "message": message}
    if isinstance(error, GateStopped):
        data["gates"] = [vars(verdict) for verdict in error.verdicts if getattr(verdict, "stops", False)]
    if isinstance(error, InputFaults):
        data["faults"] = [vars(fault) for fault in error.faults]
    return data


def _tell(error: BaseException, message: str) -> None:
    if isinstance(error, InputFaults) and not isinstance(error, ScenarioError):
        from fillplan.cli.render import show_faults

        show_faults(error.faults, message)
    elif isinstance(error, (FillplanError, TyperException, KeyboardInterrupt, Abort)):
        if message:
            print(f"fillplan: {message}", file=sys.stderr)
    else:
        traceback.print_exception(error)
        print(f"fillplan: {FillplanError.meaning}", file=sys.stderr)
