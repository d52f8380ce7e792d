"""Answers and comparisons as Markdown: what their pages show, from the same content as page and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fillplan.report import formats as f
from fillplan.report.compare_page import CAUSE_WORDS, FIGURES, figure_change, figure_text, side_name
from fillplan.report.markdown import escaped, table
from fillplan.report.whatif_page import OTHER_DEMAND, rows, several_demands, swept_texts

ROWS_SHOWN = 30


def whatif_markdown(answer: dict[str, Any], label: str | None = None) -> str:
    """An answer of `fillplan whatif`. label: the banner's words, such as 'SYNTHETIC'."""
    base = answer["base"]
    said = (
        f"Base: the plan for {escaped(answer['plan_date'])}, value {f.short_text(base['value'])}, offload "
        f"{f.percent_text(base['offload'])}, origin egress {f.bytes_text(base['origin_bytes'])}. Differences are "
        "scenario less base."
    )
    heads = ["scenario", "swept", "value", "gap", "offload", "origin egress", "fill", "churn", "moved"]
    parts = [f"# What if: {escaped(answer['file'])}", *_banners(label), said, *_notes(answer), "## Scenarios"]
    parts += [table(heads, list(map(_scenario, rows(answer)))), *_impossible(answer)]
    if answer["uncertainty"]:
        drawn = answer["uncertainty"]
        told = f"Over {drawn['samples']} samples, seed {drawn['seed']}."
        told += f" {OTHER_DEMAND}" if several_demands(drawn) else ""
        parts += [f"## Uncertainty\n\n{told}", _plans(drawn["plans"], swept_texts(answer))]
    return _document(parts)


def _scenario(row: dict[str, Any]) -> tuple[str, ...]:
    swept, d = row["swept_text"], row["difference"]
    if d is None:
        return (escaped(row["name"]), swept, "no plan can be", *[f.DASH] * 6)
    return (
        *(escaped(row["name"]), swept, f.short_change(row["plain_value_difference"])),
        *(f.percent_text(row["figures"]["gap"]), f.points_change(d["offload"])),
        *map(f.bytes_change, (d["origin_bytes"], d["fill_bytes"])),
        *(f.points_change(d["churn"]), f.bytes_text(row["moved_bytes"])),
    )


def _impossible(answer: dict[str, Any]) -> Iterator[str]:
    for row in rows(answer):
        if row["infeasible"] is not None:
            lines = "\n".join(f"- {escaped(line)}" for line in row["infeasible"].splitlines())
            yield f"### {escaped(row['name'])} {row['swept_text']}\n\n{lines}"


def _plans(plans: Sequence[dict[str, Any]], texts: dict[tuple[str, float | None], str]) -> str:
    keys = ("expected_value", "worst_decile_value", "low_value", "high_value", "mean_regret", "worst_regret")
    heads = ["plan", "swept", "demand of", "expected value", "worst tenth", "80 % between", "and"]
    heads += ["mean regret", "worst regret"]
    return table(
        heads,
        [
            (
                *(escaped(p["name"]), texts.get((p["name"], p["swept_value"]), f.DASH), escaped(p["demand_of"])),
                *(f.short_text(p[key]) for key in keys),
            )
            for p in plans
        ],
    )


def failures_markdown(answer: dict[str, Any], label: str | None = None) -> str:
    """An answer of `fillplan whatif --failures`. label: the banner's words, such as 'SYNTHETIC'."""
    heads = ["out of service", "kind", "worth lost", "served before", "lost to the origin", "taken over by", "regained"]
    parts = [f"# Failure exercise for {escaped(answer['plan_date'])}", *_banners(label), *_notes(answer)]
    if answer["robust"]:
        parts += ["## A plan made for outages", _robust(answer["robust"])]
    parts += ["## Ranking", table([*heads[:-1], "over the limit", heads[-1]], map(_outage, answer["failures"]))]
    return _document(parts)


def _outage(row: dict[str, Any]) -> tuple[str, ...]:
    def caches(listed: Sequence[dict[str, Any]], key: str) -> str:
        return ", ".join(f"{escaped(x['cache_id'])} {f.bytes_change(x[key])}" for x in listed[:3]) or f.DASH

    return (
        *(escaped(row["name"]), row["kind"], f.short_text(row["lost_value"])),
        *map(f.bytes_text, (row["served_bytes"], row["lost_bytes"])),
        *(caches(row["takers"], "more_bytes"), caches(row["overflows"], "over_bytes")),
        f.short_change(row["regained_value"]),
    )


def _robust(robust: dict[str, Any]) -> str:
    heads = [f"caches out {f.percent_text(robust['probability'])} of the time", "value without outage"]
    heads += ["loss in the worst outage of one cache", "mean loss per such outage", "expected value"]
    keys = ("value", "worst_loss", "mean_loss", "expected_value")
    rows = [(n, *(f.short_text(robust[n][key]) for key in keys)) for n in ("tonight", "robust")]
    changes = (f.short_change(robust["robust"][key] - robust["tonight"][key]) for key in keys)
    return table(heads, [*rows, ("robust less tonight", *changes)])


def compare_markdown(made: dict[str, Any]) -> str:
    """What `fillplan compare` found."""
    a, b = (escaped(side_name(made[side])) for side in ("a", "b"))
    figures = [
        (
            words,
            *(figure_text(n, made[side]["figures"][n]) for side in ("a", "b")),
            figure_change(n, made["difference"][n]),
        )
        for n, words in FIGURES.items()
    ]
    parts = [f"# {b[:1].upper()}{b[1:]} against {a}", *_banners(made["a"]["synthetic"], made["b"]["synthetic"])]
    parts += [table(["figure", a, b, "difference"], figures), *_notes(made)]
    if made["attribution"]:
        parts += ["## What the difference is due to", _causes(made["attribution"])]
    for key, heading, listed in (
        ("cache_id", "Caches", made["caches"]),
        ("region", "Regions", made["regions"]),
        (made["by"], "Titles" if made["by"] == "title_id" else "Files", made["titles"]),
    ):
        moved = [row for row in listed if row["difference"]][:ROWS_SHOWN]
        asked = "requested" if key == "region" else "served"
        told = [(escaped(row[key]), f.bytes_change(row["difference"])) for row in moved]
        parts += [f"## {heading}", table([heading.lower(), f"difference in bytes {asked}"], told)]
    return _document(parts)


def _causes(attribution: dict[str, dict[str, float]]) -> str:
    return table(
        ["cause", *(FIGURES[name].lower() for name in attribution)],
        [
            (words, *(figure_change(name, parts[cause]) for name, parts in attribution.items()))
            for cause, words in CAUSE_WORDS.items()
        ],
    )


def _banners(*labels: str | None) -> list[str]:
    """What calls the figures synthetic, each once."""
    return [f"**{escaped(label)}**" for label in dict.fromkeys(labels) if label]


def _notes(content: dict[str, Any]) -> list[str]:
    return ["\n".join(f"- {escaped(note)}" for note in content["notes"])] if content["notes"] else []


def _document(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
