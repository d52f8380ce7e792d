"""Records what was watched, region by region: views, variant_views and, if asked for, truth and future."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from fillplan_data.arrays import Floats, Ints
from fillplan_data.synthetic.demand import RegionViews, recorded_sittings, region_views
from fillplan_data.synthetic.editions import Editions, VariantShares, variant_shares
from fillplan_data.synthetic.files import Files, true_shares
from fillplan_data.synthetic.inventory import STALE_DAYS
from fillplan_data.synthetic.parts import Part
from fillplan_data.synthetic.sizes import TRUTH_DAYS, Size
from fillplan_data.synthetic.variants import Habits, all_habits, future_periods, history_periods, variant_rows
from fillplan_data.synthetic.world import World
from fillplan_data.synthetic.writing import RegionWriter, form_of, long_table, named


@dataclass
class Book:
    """Records what was watched: views, variant_views and, if asked for, truth and future."""

    world: World
    files: Files
    size: Size
    input: Path
    truth: Path | None
    rows: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open a writer per long table."""
        self.writers = {n: RegionWriter(self.input, n, form_of(self.size, n)) for n in ("views", "variant_views")}
        if self.truth:
            (self.truth / "future").mkdir()
            for name in ("truth", "truth_shares"):
                self.writers[name] = RegionWriter(self.truth, name, "parquet")
            for name in ("views", "variant_views"):
                self.writers[f"future/{name}"] = RegionWriter(self.truth / "future", name, "parquet")
        self.title_ids: list[str] = self.world.catalogue.table["title_id"].tolist()
        self.region_ids = [region.code for region in self.world.regions]

    def record(self, r: int, editions: Editions, progress: Callable[[str], None]) -> Floats:
        """Watch region `r` and write it down; returns [titles] mean hours a day, some days before the plan."""
        progress(f"views: region {r + 1} of {len(self.world.regions)} ({self.region_ids[r]})")
        past = self.world.spec.history_days
        watched = region_views(self.world, r)
        sittings = recorded_sittings(self.world, r, watched)
        shares = variant_shares(self.world.catalogue, editions, self.world.regions[r])
        self._views("views", r, sittings[:, :past], -past)
        habits: Habits = {}
        self._variants("variant_views", r, shares, sittings, habits)
        if self.truth:
            self._truth(r, watched)
            self._views("future/views", r, watched.sittings[:, past:], 0)
            habits = all_habits(self.world, r, shares, habits)
            self._variants("future/variant_views", r, shares, watched.sittings, habits)
            self._true_shares(r, shares, habits)
        days = watched.sittings[:, past + STALE_DAYS[0] : past + STALE_DAYS[1] + 1]
        recent: Floats = days.mean(1) * self.world.dynamics.sitting_hours
        return recent

    def _add(self, name: str, r: int, day: Ints, title: Ints, hours: Floats, **more: object) -> None:
        region = named(np.full(len(day), r), self.region_ids)
        columns = {"region": region, "title_id": named(title, self.title_ids), **more, "view_hours": hours}
        self.writers[name].add(self.region_ids[r], long_table(self.world.spec.plan_date, day, **columns))
        self.rows[name] = self.rows.get(name, 0) + len(day)

    def _views(self, name: str, r: int, sittings: Ints, first_day: int) -> None:
        day, title = np.nonzero(sittings.T)
        hours = np.round(sittings[title, day] * self.world.dynamics.sitting_hours[title], 2)
        self._add(name, r, day + first_day, title, hours)

    def _variants(self, name: str, r: int, shares: VariantShares, sittings: Ints, habits: Habits) -> None:
        is_past = name == "variant_views"
        periods = history_periods(self.world.spec) if is_past else future_periods()
        part = Part.VARIANTS if is_past else Part.FUTURE_VARIANTS
        rows = variant_rows(self.world, r, shares, sittings, periods, habits, part)
        languages = [*self.world.catalogue.languages, ""]
        variant = {c: named(rows[c].to_numpy(), languages) for c in ("audio", "subtitle")}
        kbps = rows["bitrate_kbps"].to_numpy()
        day, title, hours = (rows[c].to_numpy() for c in ("day", "title", "view_hours"))
        self._add(name, r, day, title, hours, bitrate_kbps=kbps, **variant)

    def _truth(self, r: int, watched: RegionViews) -> None:
        first = self.world.spec.history_days - TRUTH_DAYS
        expected = watched.expected_hours[:, first:]
        day, title = np.nonzero(expected.T)
        self._add("truth", r, day - TRUTH_DAYS, title, np.round(expected[title, day], 6))

    def _true_shares(self, r: int, shares: VariantShares, habits: Habits) -> None:
        first, last = future_periods()[0]
        share = true_shares(self.files, shares, habits, (first + last) / 14)
        asked = np.flatnonzero(share)
        region = named(np.full(len(asked), r), self.region_ids)
        columns = {"region": region, "asset_id": named(asked, self.files.ids), "share": share[asked]}
        self.writers["truth_shares"].add(self.region_ids[r], pa.table(columns))

    def close(self) -> None:
        """Finish all files; keep the counts of the input tables only."""
        for writer in self.writers.values():
            writer.close()
        self.rows = {name: count for name, count in self.rows.items() if name in ("views", "variant_views")}
