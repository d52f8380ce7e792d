"""Renders a report's content as one HTML file: style, script and charts inside, nothing from outside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fillplan import __version__
from fillplan.report import formats
from fillplan.report.charts import day_chart
from fillplan.report.content import Content
from fillplan.report.curves import Curve, curve
from fillplan.report.earlier import STEPS_WORDS
from fillplan.report.gather import gather_content
from fillplan.report.money import storage_words
from fillplan.report.rows import CacheRow
from fillplan.runs import Run
from fillplan_data.faults import Fault
from fillplan_data.tables import Tables

if TYPE_CHECKING:
    from jinja2 import Environment

FILE_NAME = "report.html"
TEMPLATES = Path(__file__).parent / "templates"
PRICE_SHOWN = 5
"""How many per cent beyond today's storage the line of the price is drawn."""
HEAT_STEPS = 10
"""Shades of the cache map, as in the style sheet."""


def write_report(run: Run, tables: Tables, label: str | None = None, warnings: Sequence[Fault] = ()) -> Path:
    """Write report.html into the run's folder; parameters as in `gather_content`. Gives its path.

    Raises NotFound or VerificationFailed where the run's files are missing or damaged.
    """
    path = run.folder / FILE_NAME
    path.write_text(render(gather_content(run, tables, label, warnings)), encoding="utf-8")
    return path


def render(content: Content) -> str:
    """The page. All text from tables is escaped."""
    return filled(
        "page.html.j2",
        content=content,
        last_day=content.plan_date + timedelta(days=content.horizon_days - 1),
        charts=_charts(content),
        groups=cache_groups(content),
        storage_words=storage_words(content),
        steps_words=STEPS_WORDS,
        longest_interval=max((launch.high or 0.0 for launch in content.launches), default=0.0),
    )


def filled(template: str, **words: Any) -> str:
    """A template with its words, and the version of the program. All text from tables is escaped."""
    return str(environment().get_template(template).render(version=__version__, **words))


@cache
def environment() -> Environment:
    """Templates, with numbers written as in all reports."""
    # imported here: a command that writes no report does not pay for it
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols"],
    )
    environment.filters.update(
        bytes=formats.bytes_text,
        count=formats.count_text,
        short=formats.short_text,
        percent=formats.percent_text,
        change=formats.change_text,
        bytes_change=formats.bytes_change,
        short_change=formats.short_change,
        points_change=formats.points_change,
        points=formats.points_text,
        percent_change=formats.percent_change,
        day=formats.day_text,
        seconds=formats.seconds_text,
        heat=heat_step,
        sortable=sortable,
        width=width,
    )
    return environment


def _charts(content: Content) -> dict[str, object]:
    return {
        "total": None if content.total is None else day_chart(content.total, content.plan_date, 960, 300),
        "storage": storage_chart(content),
        "regions": [day_chart(s, content.plan_date, 340, 150, y_steps=2) for s in content.region_series],
    }


def storage_chart(content: Content) -> Curve | None:
    """Offload over bytes held up to today's point, and on along the price of storage; None for empty plans."""
    points = content.storage.points
    if len(points) < 2:
        return None
    held, offload = points[-1]
    slope, ahead = content.storage.hundredth_offload, list[tuple[float, float]]()
    if slope is not None:
        # no further than to where everything is offloaded
        more = min(PRICE_SHOWN, (1.0 - offload) / slope) if slope > 0 else PRICE_SHOWN
        ahead = [(held, offload), (held + more / 100 * content.headline.storage_bytes, offload + slope * more)]
    name = "Offload over bytes held"
    return curve(
        name, "bytes held", points, formats.bytes_text, formats.percent_text, 960, 300, ahead=ahead, dots=points[-1:]
    )


def cache_groups(content: Content) -> list[tuple[str, list[CacheRow]]]:
    """Caches for the map: by region, the largest demand first; in a mesh one group; then parents."""
    groups: dict[str, list[CacheRow]] = {region.region: [] for region in content.regions}
    parents: list[CacheRow] = []
    for row in content.caches:
        target = parents if row.tier == "parent" else groups.setdefault(_group(row.region), [])
        target.append(row)
    return [(name, caches) for name, caches in (*groups.items(), ("Parents", parents)) if caches]


def _group(region: str) -> str:
    return "Several regions" if ", " in region else region or "No region"


def heat_step(share: float) -> int:
    """0 to 9."""
    return min(int(max(share, 0.0) * HEAT_STEPS), HEAT_STEPS - 1)


def sortable(number: float | None) -> str:
    """A number that scripts compare; unknown sorts last."""
    return "" if number is None or math.isnan(number) else f"{number:.6g}"


def width(share: float) -> str:
    """A share as a length for the style sheet: 84.2%, never over 100%."""
    return f"{min(max(share, 0.0), 1.0):.1%}"
