"""Documents that follow from the code: docs/commands.md, docs/settings.md and docs/scenarios.md (`make docs`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from fillplan.cli.app import app
from fillplan.cli.failures import exit_codes
from fillplan.scenarios.kinds import scenarios_document
from fillplan.settings import settings_document


def commands_document() -> str:
    """docs/commands.md: every command with its arguments and options, then the exit codes."""
    group: Any = typer.main.get_command(app)
    lines = ["# Commands", "", "Generated from the command line itself by `make docs`.", ""]
    for name, command in _commands(group):
        lines += [f"## fillplan {name}", "", _shown(command.help), "", "| | meaning |", "|---|---|"]
        lines += [_parameter_row(parameter) for parameter in command.params if parameter.name != "help"]
        lines.append("")
    lines += ["# Exit codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in exit_codes().items()]
    return "\n".join(lines) + "\n"


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """(name, command) of all commands, those of nested groups under both names."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _shown(text: str | None) -> str:
    """Help as the terminal shows it, where a bracket is escaped from markup."""
    return (text or "").strip().replace("\\[", "[")


def _parameter_row(parameter: Any) -> str:
    names = "/".join([*parameter.opts, *parameter.secondary_opts])
    if parameter.param_type_name == "argument":
        names = (parameter.name or "").upper()
    default = " (required)" if parameter.required else _default(parameter)
    return f"| `{names}` | {_shown(getattr(parameter, 'help', None))}{default} |"


def _default(parameter: Any) -> str:
    """What stands in for a parameter that is left out, where its help does not say so itself."""
    shown = parameter.default
    if isinstance(parameter.show_default, str):
        shown = parameter.show_default
    elif shown is True:
        shown = parameter.opts[0]
    elif shown in (None, False) or callable(shown):
        return ""
    return f" (default: {shown})"


def write_documents(folder: Path) -> None:
    """Renew the documents in `folder`."""
    (folder / "commands.md").write_text(commands_document(), encoding="utf-8")
    (folder / "settings.md").write_text(settings_document(), encoding="utf-8")
    (folder / "scenarios.md").write_text(scenarios_document(), encoding="utf-8")


if __name__ == "__main__":
    write_documents(Path(sys.argv[1]))
