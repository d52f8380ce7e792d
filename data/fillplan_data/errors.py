"""The error tree: every failure a user can meet, each with an exit code of its own.

It stands in the lowest wing so that every wing can raise from it; `fillplan.__main__` turns
an error into its message and its exit code. docs and tests list the tree from here.
"""

from __future__ import annotations

from typing import ClassVar


class FillplanError(Exception):
    """Root of all expected failures. The message says what was expected, what came, where, what to do."""

    exit_code: ClassVar[int] = 1
    meaning: ClassVar[str] = "unexpected failure: a defect in fillplan, please report it"


INTERRUPTED = 130


def message_of(error: BaseException) -> str:
    """What a person is told of an error, on the console and in the log alike."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted; what stood before still stands"
    return str(error) or type(error).__name__


def code_of(error: BaseException) -> int:
    """The exit code that a command ends with because of an error."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return error.exit_code if isinstance(error, FillplanError) else FillplanError.exit_code


class InputFaults(FillplanError):
    """The input tables break their declarations; `faults` holds every fault found in one pass."""

    exit_code = 3
    meaning = "faults in the input tables; all of them are listed, nothing was written"

    def __init__(self, faults: tuple[object, ...], message: str) -> None:
        super().__init__(faults, message)  # all that it is made of: it must survive the way from a worker process
        self.faults = faults
        self.message = message

    def __str__(self) -> str:
        return self.message


class SettingsError(FillplanError):
    """fillplan.toml (or an option) has an unknown key or a value out of its bounds."""

    exit_code = 4
    meaning = "unknown key or bad value in fillplan.toml, a model spec or a policy"


class NotFound(FillplanError):
    """A workspace, table, run, model or file that the command needs is not there."""

    exit_code = 5
    meaning = "a workspace, table, run, model or file that the command needs is missing"


class ModelError(FillplanError):
    """The demand model cannot be trained, read or applied."""

    exit_code = 6
    meaning = "the demand model cannot be trained, read or applied"


class Infeasible(FillplanError):
    """No placement can satisfy what was asked, such as pins that exceed a cache's storage."""

    exit_code = 7
    meaning = "no plan can satisfy the pins within storage and tonight's fill"


class SolverFailure(FillplanError):
    """The solver ended without a usable solution although the program is not known to be infeasible."""

    exit_code = 8
    meaning = "the solver ended without a usable solution"


class VerificationFailed(FillplanError):
    """A plan or manifest broke a limit or a digest; it was not published."""

    exit_code = 9
    meaning = "the verifier refused the plan or its manifests; nothing was published"


class WorkspaceBusy(FillplanError):
    """Another fillplan command is writing to this workspace."""

    exit_code = 10
    meaning = "another fillplan command is at work in this workspace"


class StorageFailure(FillplanError):
    """The disk is full, read-only, failing or forbidden; what stood before still stands."""

    exit_code = 11
    meaning = "the disk is full, read-only, failing or forbidden; what stood before still stands"


class AlreadyExists(FillplanError):
    """A command would overwrite something a user may want to keep."""

    exit_code = 12
    meaning = "the target exists already and would be overwritten"


class ScenarioError(InputFaults):
    """A scenario file breaks its form or does not fit the workspace; `faults` holds every fault found in one pass."""

    exit_code = 13
    meaning = "faults in the scenario file; all of them are listed, nothing was computed"


class GateStopped(FillplanError):
    """A gate found tonight's tables or plan too unlike the last good night; the last good set stays in force."""

    exit_code = 15
    meaning = "a gate stopped the night; a good set stays in force (docs/runbook.md)"

    def __init__(self, message: str, verdicts: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.verdicts = verdicts


class SetRefused(FillplanError):
    """A published set is damaged, expired, older than one seen before, or not for this network."""

    exit_code = 16
    meaning = "a published set was refused: damaged, expired, older than seen, or foreign"


class RolloutHeld(FillplanError):
    """The check before a new set reaches the rest of the caches did not pass; they keep the set that they have."""

    exit_code = 18
    meaning = "a roll-out was held: its check did not pass, the rest of the caches keep the set before"


class NotReproduced(FillplanError):
    """A run computed again from the same inputs is not the same, byte for byte."""

    exit_code = 17
    meaning = "a run could not be reproduced byte for byte"


class ToleranceExceeded(FillplanError):
    """A comparison found a figure that moved further than it was allowed to."""

    exit_code = 14
    meaning = "two runs differ by more than the tolerances given; the comparison was made and shown"
