"""What `fillplan whatif` shows: differences from the base, with sign and unit."""

from __future__ import annotations

import json
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fillplan.report import formats
from fillplan.report.whatif_page import OTHER_DEMAND, several_demands, swept_texts

if TYPE_CHECKING:
    from fillplan.workflow.whatif import Answer


SHOWN = 25
NARROW: Any = {"box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0), "pad_edge": False}
"""The dress of tables of many columns: 80 characters hold them."""
WIDE = 100
"""Columns of a terminal from which a table of outages has all its figures."""


def answered(answer: Answer, as_json: bool) -> None:
    """After `whatif` with a scenario file."""
    content = answer.content
    if as_json:
        print(json.dumps(as_data(answer), indent=1))
        return
    console = wide_console()
    base = content["base"]
    console.print(
        f"Base: plan for {content['plan_date']}, value {formats.short_text(base['value'])}, "
        f"offload {formats.percent_text(base['offload'])}, origin egress {formats.bytes_text(base['origin_bytes'])}"
    )
    console.print(_table(content))
    if content["uncertainty"]:
        console.print(_uncertainty_table(content))
        if several_demands(content["uncertainty"]):
            console.print(f"[yellow]note:[/] {OTHER_DEMAND} A line parts them in the table.")
    _end(console, answer)


def failed(answer: Answer, as_json: bool) -> None:
    """After `whatif --failures`."""
    content = answer.content
    if as_json:
        print(json.dumps(as_data(answer), indent=1))
        return
    console = wide_console()
    console.print(_failure_table(content, console.width >= WIDE))
    if len(content["failures"]) > SHOWN:
        console.print(f"... and {len(content['failures']) - SHOWN} more in the report")
    if content["robust"]:
        console.print(_robust_words(content["robust"]))
    _end(console, answer)


def _failure_table(content: dict[str, Any], is_wide: bool) -> Table:
    """No id is broken: names keep their width, and a narrow terminal gets fewer figures."""
    rows = content["failures"][:SHOWN]
    table = Table(title="Outages by worth lost, the plan as it stands", title_justify="left", **NARROW)
    longest = max((len(row["name"]) for row in rows), default=0)
    table.add_column("out of service", overflow="fold", no_wrap=True)
    served, anew = ["served before"] * is_wide, ["planning anew"] * bool(content["replan"])
    table.add_column("worth lost", justify="right")
    for heading in (*served, "to origin"):
        table.add_column(heading, justify="right")
    table.add_column("taken over by", overflow="fold", no_wrap=True)
    for heading in ("over limit", *anew):
        table.add_column(heading, justify="right", overflow="fold")
    for row in rows:
        moved = [formats.bytes_text(row[key]) for key in (*["served_bytes"] * is_wide, "lost_bytes")]
        back = [formats.short_change(row["regained_value"])] * len(anew)
        cells = (formats.short_text(row["lost_value"]), *moved, escape(_taker(row)), _over(row, is_wide), *back)
        between = " " if len(f"{row['name']} {row['kind']}") <= longest else "\n"
        table.add_row(f"{escape(row['name'])}{between}[dim]{row['kind']}[/]", *cells)
    return table


def _taker(row: dict[str, Any]) -> str:
    return str(row["takers"][0]["cache_id"]) if row["takers"] else formats.DASH


def _over(row: dict[str, Any], is_wide: bool) -> str:
    """What is asked of caches beyond their serve limits: of which ones, or in all."""
    if not row["overflows"]:
        return formats.DASH
    if not is_wide:
        return formats.bytes_change(sum(over["over_bytes"] for over in row["overflows"]))
    return escape(", ".join(f"{o['cache_id']} {formats.bytes_change(o['over_bytes'])}" for o in row["overflows"][:2]))


def _robust_words(robust: dict[str, Any]) -> str:
    tonight, made = robust["tonight"], robust["robust"]
    cost = formats.short_text(robust["cost"]) if robust["cost"] > 0 else "nothing"
    return (
        f"A plan made for caches that are out {formats.percent_text(robust['probability'])} of the time costs {cost} "
        f"of value without outage, loses {formats.short_text(made['worst_loss'])} instead of "
        f"{formats.short_text(tonight['worst_loss'])} in the worst outage of one cache, and over such outages is "
        f"expected to be worth {formats.short_change(robust['gain'])} against tonight's plan."
    )


def as_data(answer: Answer) -> dict[str, Any]:
    """The answer as one JSON object."""
    return {
        "ok": True,
        **{name: part for name, part in answer.content.items() if name != "key"},
        "cached": answer.cached,
        "folder": str(answer.folder),
        "report": str(answer.folder / "report.html"),
        "seconds": answer.seconds,
    }


def wide_console() -> Console:
    """A console that does not squeeze tables where nobody set a width, as on a pipe."""
    console = Console()
    return console if console.is_terminal else Console(width=110)


def _end(console: Console, answer: Answer) -> None:
    for scenario in answer.content.get("scenarios", ()):
        for point in scenario["points"]:
            if point["infeasible"]:
                console.print(f"[red]{escape(scenario['name'])}:[/] {escape(point['infeasible'])}")
    for note in answer.content["notes"]:
        console.print(f"[yellow]note:[/] {escape(note)}")
    if answer.cached:
        console.print("[dim]Nothing changed since this was asked before: the stored answer.[/]")
    print(f"Report: {answer.folder / 'report.html'}")


def _table(content: dict[str, Any]) -> Table:
    table = Table(title="Scenario less base", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("scenario", overflow="fold", min_width=16)
    for heading in ("value", "gap", "offload", "origin egress", "fill", "moved"):
        table.add_column(heading, justify="right", no_wrap=True)
    texts = swept_texts(content)
    for scenario in content["scenarios"]:
        for point in scenario["points"]:
            table.add_row(_named(scenario["name"], point["swept_value"], texts), *_cells(point))
    return table


def _named(name: str, swept: float | None, texts: dict[tuple[str, float | None], str]) -> str:
    """A scenario with its swept value."""
    return escape(name) if (name, swept) not in texts else f"{escape(name)} [dim]{texts[name, swept]}[/]"


def _uncertainty_table(content: dict[str, Any]) -> Table:
    told, texts = content["uncertainty"], swept_texts(content)
    title = f"Plans over {told['samples']} samples of the demand that may come (seed {told['seed']}), best first"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("plan", overflow="fold", min_width=16)
    for heading in ("expected value", "worst tenth", "80 % between", "and", "mean regret", "worst regret"):
        table.add_column(heading, justify="right", no_wrap=True)
    keys = ("expected_value", "worst_decile_value", "low_value", "high_value", "mean_regret", "worst_regret")
    for _, rows in groupby(told["plans"], key=itemgetter("demand_of")):
        for row in rows:
            name = _named(row["name"], row["swept_value"], texts)
            table.add_row(name, *(formats.short_text(row[key]) for key in keys))
        table.add_section()
    return table


def _cells(point: dict[str, Any]) -> list[str]:
    change = point["difference"]
    if change is None:
        return ["[red]no plan[/]", *[formats.DASH] * 5]
    gain = point["plain_value_difference"]
    colour = "green" if gain > 0 else "red" if gain < 0 else "dim"
    return [
        f"[{colour}]{formats.short_change(gain)}[/]",
        formats.percent_text(point["figures"]["gap"]),
        formats.points_change(change["offload"]),
        formats.bytes_change(change["origin_bytes"]),
        formats.bytes_change(change["fill_bytes"]),
        formats.bytes_text(point["moved_bytes"]),
    ]
