"""What commands show: tables for people, one JSON object for machines."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from fillplan.cli.terminal import visible
from fillplan.report.formats import bytes_text
from fillplan_data.wording import counted

if TYPE_CHECKING:
    from fillplan.runs import Run
    from fillplan.workflow.checking import CheckResult
    from fillplan.workflow.steps import Outcome

EXIT_FAULTS = 3
LEAST_WIDTH = 80
"""Columns that tables of figures take, even where the terminal has fewer: it breaks lines, and nothing is lost."""
SHOWN = 100


def print_json(data: object) -> None:
    """One JSON object on stdout."""
    print(json.dumps(data, indent=1, default=str))


def started(made: dict[str, Any], as_json: bool) -> None:
    """After `init`."""
    if as_json:
        return print_json(made)
    _say(
        f"[bold]{_plain(made['workspace'])}[/]: a SYNTHETIC workspace ({made['size']}, seed {made['seed']}).\n"
        f"Plan a night with: fillplan nightly {_plain(shlex.quote(str(made['workspace'])))}"
    )
    return None


def table_console() -> Console:
    """A console for tables of figures: narrower than 80 columns they would be cut, and a sign or a unit lost."""
    console = Console()
    return console if console.width >= LEAST_WIDTH else Console(width=LEAST_WIDTH)


def _say(text: str) -> None:
    """Words with a path among them: the terminal breaks what is too long, a pipe gets it whole."""
    Console().print(text, soft_wrap=True)


def checked(result: CheckResult, as_json: bool) -> int:
    """After `check`; gives the exit code."""
    code = EXIT_FAULTS if result.faults else 0
    if as_json:
        found = {"faults": [vars(f) for f in result.faults], "warnings": [vars(f) for f in result.warnings]}
        print_json({"ok": not result.faults, "exit_code": code, "rows": result.rows, **found})
        return code
    console = Console()
    both = [*result.faults, *result.warnings]
    if both:
        _list_faults(console, both[:SHOWN])
    if len(both) > SHOWN:
        console.print(f"... and {len(both) - SHOWN} more; see all with --json")
    for name, rows in result.rows.items():
        console.print(f"  {name:<14} {rows:>12,} rows")
    verdict = "[red]faults: nothing will run until they are mended[/]" if code else "[green]no faults[/]"
    faults = sum(fault.count for fault in result.faults)
    console.print(f"{counted(faults, 'fault')}, {counted(len(result.warnings), 'warning')}: {verdict}")
    return code


def show_faults(faults: Sequence[Any], message: str) -> None:
    """Faults on stderr: a headline and a table on a terminal, the message alone, line by line, elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        print(message, file=sys.stderr)
        return
    console.print(message.split("\n")[0], highlight=False, markup=False)
    console.print(_fault_table(faults[:SHOWN]))
    if len(faults) > SHOWN:
        console.print(f"... and {len(faults) - SHOWN} more; see all with --json")


def _list_faults(console: Console, faults: Sequence[Any]) -> None:
    """A table on a terminal, one line each elsewhere."""
    if console.is_terminal:
        console.print(_fault_table(faults))
    for fault in () if console.is_terminal else faults:
        print(visible(f"{fault.severity}: {fault}"))


def _fault_table(faults: Sequence[Any]) -> Table:
    table = Table(title="Faults and warnings in the input", title_justify="left", show_lines=False)
    for heading in ("", "where", "row", "column", "expected", "found", "what to do"):
        table.add_column(heading, overflow="fold")
    for fault in faults:
        colour = "red" if fault.severity == "fault" else "yellow"
        many = f" (x{fault.count:,})" if fault.count > 1 else ""
        cells = (fault.file, fault.row, fault.column, fault.expected, f"{fault.found}{many}", fault.remedy)
        table.add_row(f"[{colour}]{fault.severity}[/]", *("" if c is None else _plain(c) for c in cells))
    return table


def _plain(content: object) -> str:
    from rich.markup import escape

    return escape(str(content))


def trained(made: dict[str, Any], as_json: bool) -> None:
    """After `train`."""
    if as_json:
        return print_json(made)
    fate = "is the champion now" if made["champion"] else "was trained and does not become champion"
    _say(f"[bold]{_plain(made['model'])}[/] {fate}: it {_plain(made['trial'])}")
    print(f"Its card: {made['folder']}/card.md")
    return None


def forecasted(made: dict[str, Any], as_json: bool) -> None:
    """After `forecast`."""
    if as_json:
        return print_json(made)
    _say(
        f"{made['view_hours']:,.0f} hours expected from {made['plan_date']} by [bold]{_plain(made['method'])}[/] "
        f"({made['cold_series']:,} cold series): {_plain(made['file'])}"
    )
    return None


def rolled_back(made: dict[str, Any], as_json: bool) -> None:
    """After `publish --rollback`."""
    if as_json:
        return print_json(made)
    manifests = f"the manifests of set {made['rollback_of']:06d} for {made['plan_date']}"
    print(f"set {made['version']:06d} is in force: {manifests}, to be followed up to the day before {made['expires']}")
    return None


def planned(outcome: Outcome, as_json: bool) -> None:
    """After `plan`, `publish`, `nightly` and `report`."""
    if as_json:
        return print_json(_outcome_data(outcome))
    console = Console()
    console.print(Panel(_headline(outcome), title=f"Plan for {outcome.run.plan_date}", title_align="left"))
    if outcome.warnings:
        print(f"{counted(len(outcome.warnings), 'warning')} about the input; {_place_of_warnings(outcome.run)}")
    print(f"Report: {outcome.run.folder / 'report.html'}", file=sys.stdout)
    return None


def _place_of_warnings(run: Run) -> str:
    """The command that shows the warnings of a run, as it can be typed; `check` knows no demand that was given."""
    if run.summary["model"]["name"] == "given":
        return "see them in the report"
    return f"see them with: fillplan check {shlex.quote(str(run.folder.parent.parent))} --date {run.plan_date}"


def _outcome_data(outcome: Outcome) -> dict[str, Any]:
    keys = ("plan_date", "status", "solver", "value", "bound", "gap", "expected_offload", "requested_bytes")
    published = outcome.published
    return {
        "ok": True,
        **{key: outcome.run.summary[key] for key in keys},
        "fill_bytes": _total(outcome, "fill_bytes"),
        "model": outcome.run.summary["model"],
        "run": str(outcome.run.folder),
        "report": str(outcome.run.folder / "report.html"),
        "published": None
        if published is None
        else {"version": published.version, "folder": str(published.folder), "waiting": list(published.waiting)},
        "warnings": [vars(fault) for fault in outcome.warnings],
        "seconds": outcome.seconds,
    }


def _total(outcome: Outcome, key: str) -> int:
    return sum(cache[key] for cache in outcome.run.summary["caches"])


def _headline(outcome: Outcome) -> Table:
    summary = outcome.run.summary
    grid = Table.grid(padding=(0, 2))
    fill, budget = _total(outcome, "fill_bytes"), _total(outcome, "fill_budget_bytes")
    used, storage = _total(outcome, "used_bytes"), _total(outcome, "storage_bytes")
    rows = {
        "expected offload": f"[bold]{summary['expected_offload']:.2%}[/] of {bytes_text(summary['requested_bytes'])}",
        "value": f"{round(summary['value'], 1) + 0.0:,.1f}, {_proof(summary)}",
        "tonight's fill": f"{bytes_text(fill)} of {bytes_text(budget)} that the windows let in",
        "storage": f"{bytes_text(used)} of {bytes_text(storage)} in {len(summary['caches'])} caches",
        "demand": f"{summary['model']['name']}",
        "in force": _in_force(outcome),
        "seconds": "  ".join(f"{k} {v:.1f}" for k, v in outcome.seconds.items()),
    }
    for name, content in rows.items():
        grid.add_row(f"[dim]{name}[/]", content)
    return grid


def _proof(summary: Mapping[str, Any]) -> str:
    """What is proven, and who made the plan: a plan that is only `feasible` is told by its gap."""
    # imported here: other commands that print do not pay for it
    from fillplan.summary import solver_words

    best = summary["status"] == "optimal"
    proven = "proven best" if best else f"proven within {summary['gap']:.3%} of the best possible"
    return f"{proven} (by {solver_words(summary)})"


def _in_force(outcome: Outcome) -> str:
    if outcome.published is None:
        return outcome.other_in_force or "not published"
    waiting = outcome.published.waiting
    rest = f"; {', '.join(waiting)} wait for: fillplan rollout --finish" if waiting else ""
    return f"set {outcome.published.version:06d}{rest}"
