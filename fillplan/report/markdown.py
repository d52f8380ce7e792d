"""The report as Markdown: the same content as the page, in tables that any reader of text can use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fillplan.report import formats as f
from fillplan.report.content import Content, Earlier
from fillplan.report.earlier import STEPS_WORDS
from fillplan.report.money import storage_words


def render_markdown(content: Content) -> str:
    """The report's text; what comes from tables is escaped, so that no title turns into markup."""
    parts: list[list[str | None]] = [
        [f"# Fill plan for {f.day_text(content.plan_date)}", content.label and f"**{escaped(content.label)}**"],
        ["## Headline", _headline(content)],
        ["## Caches", _caches(content)],
        ["## Where money helps", *_money(content)],
        [*_earlier(content.earlier, content)] if content.earlier else [],
        ["## Regions", _regions(content)],
        ["## What goes in and out, and why", _reasons(content)],
        ["## Launches within the horizon", _launches(content)],
        ["## Forecast", _forecast(content)],
        [
            "## Data quality",
            *_quality(content),
            "\n".join(f"- {escaped(note.text)}" for note in content.notes) or "Nothing odd was found.",
        ],
        ["## Provenance", _provenance(content)],
    ]
    return "\n\n".join(line for part in parts for line in part if line) + "\n"


def escaped(text: object) -> str:
    """Text as text: no markup, no HTML, no end of a table's cell."""
    plain = re.sub(r"\s+", " ", str(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]()#!|~])", r"\\\1", plain)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, its first column text, the others set right; empty where there are no rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return "None."
    return "\n".join([f"| {' | '.join(headings)} |", "|---" + "|---:" * (len(headings) - 1) + "|", *lines])


def _headline(content: Content) -> str:
    h, e = content.headline, content.earlier
    moved = e and f.points_change(h.expected_offload - e.expected_offload)
    rows = [
        ("expected offload", f.percent_text(h.expected_offload), moved),
        ("value", f.short_text(h.value), e and f.short_change(h.value - e.value)),
        ("proven gap", f.percent_text(h.gap), e and f.points_change(h.gap - e.gap)),
        ("requested", f.bytes_text(h.requested_bytes), e and f.bytes_change(h.requested_bytes - e.requested_bytes)),
        ("fill tonight", f.bytes_text(h.fill_bytes), e and f.bytes_change(h.fill_bytes - e.fill_bytes)),
        ("storage used", f.bytes_text(h.used_bytes), e and f.bytes_change(h.used_bytes - e.used_bytes)),
        ("churn", f.percent_text(h.churn), e and f.points_change(h.churn - e.churn)),
    ]  # fmt: skip
    since = f"since the plan for {f.day_text(e.plan_date)}" if e else "since the last plan"
    return table(["figure", "now", since], [(name, now, change or f.DASH) for name, now, change in rows])


def _caches(content: Content) -> str:
    return table(
        [
            "cache",
            "region",
            "offload",
            "hit rate of parents",
            "served",
            "storage used",
            "fill tonight",
            "next TB of storage",
            "next TB of fill",
            "limited by",
        ],
        [
            (
                *(escaped(c.cache_id), escaped(c.region), f.percent_text(c.expected_offload)),
                *(f.percent_text(c.hit_rate if c.tier == "parent" else None), f.bytes_text(c.expected_bytes)),
                f"{f.bytes_text(c.used_bytes)} of {f.bytes_text(c.storage_bytes)}",
                f"{f.bytes_text(c.fill_bytes)} of {f.bytes_text(c.fill_budget_bytes)}",
                *map(f.short_text, (c.storage_price_per_tb, c.fill_price_per_tb)),
                ", ".join(c.limited_by),
            )
            for c in content.caches
        ],
    )


def _money(content: Content) -> list[str]:
    rows = [
        (escaped(n.cache_id), escaped(n.region),
         *map(f.short_text, (n.storage_price_per_tb, n.tenth_more, n.fill_price_per_tb, n.tenth_more_fill)),
         f.bytes_text(n.storage_bytes))
        for n in content.needs
    ]  # fmt: skip
    more = ["a tenth more storage, about", "a tenth more fill, about"]
    heads = ["cache", "region", "next TB of storage", more[0], "next TB of fill", more[1], "storage"]
    return [storage_words(content), table(heads, rows)]


def _earlier(e: Earlier, content: Content) -> list[str]:
    now = content.headline.expected_offload
    steps = [*e.steps(now), ("together", e.expected_offload, now)]
    titles = [
        (
            escaped(t.name),
            *map(f.bytes_text, (t.before_bytes, t.now_bytes)),
            *map(f.bytes_change, (t.now_bytes - t.before_bytes, t.by_demand_bytes, t.by_holding_bytes)),
            t.reason,
        )
        for t in e.moves
    ]
    return [
        f"## Since the plan for {f.day_text(e.plan_date)}",
        table(
            ["the offload moved by", "points"], [(said, f.points_change(after - then)) for said, then, after in steps]
        ),
        STEPS_WORDS,
        table(["title", "served then", "served now", "change", "by demand", "by holding", "because"], titles),
    ]


def _regions(content: Content) -> str:
    return table(
        ["region", "caches", "requested", "served by own caches", "expected hours", "change"],
        [
            (escaped(r.region), f.count_text(r.caches), f.bytes_text(r.requested_bytes), f.bytes_text(r.own_bytes),
             f.short_text(r.hours), f.change_text(r.change))
            for r in content.regions
        ],
    )  # fmt: skip


def _reasons(content: Content) -> str:
    both = [*(("in", r) for r in content.reasons_in), *(("out", r) for r in content.reasons_out)]
    return table(
        ["because", "direction", "copies", "bytes", "value"],
        [
            (r.words, way, f.count_text(r.copies), f.bytes_text(r.size_bytes), f.short_text(r.value))
            for way, r in both
        ],
    )  # fmt: skip


def _launches(content: Content) -> str:
    return table(
        [
            "title",
            "starts",
            "expected hours",
            "interval",
            "video placed in",
            "copies",
            "sure copies",
            "served by caches",
        ],
        [
            (
                *(escaped(x.name), f.day_text(x.start), f.short_text(x.hours)),
                f"{f.short_text(x.low)} to {f.short_text(x.high)}",
                escaped(", ".join(x.places) or x.nowhere),
                *((f.count_text(x.copies), f.count_text(x.sure_copies)) if x.copies else (f.DASH, f.DASH)),
                f.percent_text(x.held_share),
            )
            for x in content.launches
        ],
    )


def _forecast(content: Content) -> str:
    if content.total is None:
        return "This plan was not made from a forecast of its night: there is none to show."
    return table(
        ["day", "watched hours", "expected hours", "low", "high"],
        [
            (
                f.day_text(d.date),
                *map(f.count_text, (None if ahead else d.hours, d.hours if ahead else d.foretold)),
                *map(f.count_text, (d.inner_low, d.inner_high)),
            )
            for d in content.total.days
            for ahead in [d.date >= content.plan_date]
        ],
    )


def _quality(content: Content) -> list[str]:
    tables = [
        (escaped(t.name), f.count_text(t.rows), f.day_text(t.first_day), f.day_text(t.last_day)) for t in content.tables
    ]
    gates = [
        (escaped(g.name), f"{g.verdict}{' (allowed)' if g.allowed else ''}", escaped(g.found)) for g in content.gates
    ]
    return [
        table(["table", "rows", "first day", "last day"], tables),
        table(["gate", "verdict", "found"], gates) if gates else "",
    ]


def _provenance(content: Content) -> str:
    p = content.provenance
    rows = [
        ("fillplan", p.version),
        ("solver", escaped(p.solver)),
        *((escaped(k), escaped(v)) for k, v in p.model.items()),
    ]
    return table(["what", "value"], [*rows, *((f"sha256 of {name}", digest) for name, digest in p.inputs.items())])
