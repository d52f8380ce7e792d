"""A tiny world that lives from day to day: titles come and go, weekdays and noise, caches that hold what was published.

Everything follows from (seed, day), so that any night can be made again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

FIRST_DAY = date(2026, 1, 5)
HISTORY_DAYS = 28
"""Days of views before the first night."""
SETTINGS = (
    '[run]\nthreads = 1\n[forecast]\nmethod = "seasonal_naive"\n[plan]\nsolver = "greedy"\nhorizon_days = 3\n'
    "[publish]\n{publish}\n"
)
QUICK = 'name = "quick"\n[sampling]\ncutoffs = 12\nrows = 2000\n[booster]\nrounds = 5\nnum_leaves = 7\n'
STAGED = 'groups = ["canary", "east", "west"]\nfirst_groups = ["canary"]'
COLUMNS = {
    "views": "date,region,title_id,view_hours",
    "titles": "title_id,name,kind,original_language,runtime_minutes,genres",
    "availability": "title_id,region,start_date,end_date",
    "assets": "asset_id,title_id,kind,bitrate_kbps,language,size_bytes",
    "caches": "cache_id,parent_id,region,region_share,storage_bytes,fill_rate_bps,fill_start,fill_hours,timezone,"
    "serve_rate_bps,value_per_gb,fill_cost_per_gb",
    "inventory": "cache_id,asset_id",
    "pins": "cache_id,asset_id,title_id,rule",
}
LANGUAGES = ("en", "fr", "de", "es", "ja")


@dataclass
class World:
    """`tables(night)` are the tables of the night that plans for `plan_date(night)`."""

    seed: int
    held: dict[str, list[str]] = field(default_factory=dict)
    """Files per cache, as of the last set that was filled."""

    def __post_init__(self) -> None:
        rng = np.random.default_rng((self.seed, 0))
        self.regions = ("FR", "DE", "BR", "JP", "US", "GB", "ES", "PL")[: rng.integers(4, 7)]
        self.titles = int(rng.integers(20, 32))
        self.launch = np.sort(rng.integers(-60, HISTORY_DAYS + 30, self.titles))
        self.launch[: self.titles // 2] = -60
        self.gone = np.where(rng.random(self.titles) < 0.1, rng.integers(HISTORY_DAYS, 120, self.titles), 10_000)
        self.gone = np.maximum(self.gone, self.launch + 20)
        self.gone[:2] = 10_000  # pins name them
        self.size = np.exp(rng.normal(0, 0.6, len(self.regions)))
        self.appeal = np.exp(rng.normal(0, 0.7, (len(self.regions), self.titles)) + rng.normal(0, 0.8, self.titles))
        self.runtime = rng.integers(20, 150, self.titles)
        self.language = rng.integers(0, len(LANGUAGES), self.titles)
        self.rates = rng.choice([400, 800, 1600, 3200], 2, replace=False)
        self.growth = float(rng.normal(0, 0.002))
        self.holidays = {int(day) for day in rng.integers(0, 120, 4)}

    @property
    def is_staged(self) -> bool:
        """Whether sets go to a first group ahead of the rest; half of the worlds do so."""
        return self.seed % 2 == 1

    def plan_date(self, night: int) -> date:
        """First day that the night plans for."""
        return FIRST_DAY + timedelta(days=HISTORY_DAYS + night)

    def tables(self, night: int) -> dict[str, list[list[str]]]:
        """Rows of every table, as text."""
        last = HISTORY_DAYS + night
        known = [t for t in range(self.titles) if self.launch[t] <= last + 6 and self.gone[t] > last]
        files = [row for t in known for row in self._files(t)]
        return {
            "views": [row for day in range(last) for row in self._views(day, known)],
            "titles": [self._title(t) for t in known],
            "availability": [self._window(t) for t in known],
            "assets": files,
            "caches": self._caches(night),
            "inventory": [[cache, file] for cache, held in self.held.items() for file in held],
            "pins": [[f"edge-{self.regions[0]}-0", "t00-a-en", "", "pin"], ["", "", "t01", "block"]],
        }

    def _views(self, day: int, known: list[int]) -> list[list[str]]:
        rng = np.random.default_rng((self.seed, 1, day))
        when = (FIRST_DAY + timedelta(days=day)).isoformat()
        week = 1.0 + 0.35 * ((FIRST_DAY + timedelta(days=day)).weekday() >= 5)
        lift = np.exp(self.growth * day) * (1.4 if day in self.holidays else 1.0) * week
        age = np.maximum(day - self.launch, 0)
        asked = self.appeal * (0.5 + np.exp(-age / 10)) * (self.launch <= day)
        # viewers have so many hours a day; titles share them
        mean = 800 * self.size[:, None] * lift * asked / asked.sum(axis=1, keepdims=True)
        hours = mean * rng.gamma(25.0, 1 / 25.0, mean.shape)
        is_missing = rng.random(len(self.regions)) < 0.01
        return [
            [when, region, f"t{t:02d}", f"{hours[r, t]:.3f}"]
            for r, region in enumerate(self.regions)
            if not is_missing[r]
            for t in known
            if self.launch[t] <= day and hours[r, t] > 0.05
        ]

    def _title(self, t: int) -> list[str]:
        kind = ("movie", "episode", "short")[t % 3]
        return [f"t{t:02d}", f"Title {t}", kind, LANGUAGES[self.language[t]], str(self.runtime[t]), "drama;crime"]

    def _window(self, t: int) -> list[str]:
        start = FIRST_DAY + timedelta(days=int(self.launch[t]))
        end = "" if self.gone[t] > 1000 else (FIRST_DAY + timedelta(days=int(self.gone[t]))).isoformat()
        return [f"t{t:02d}", "", start.isoformat(), end]

    def _files(self, t: int) -> list[list[str]]:
        seconds = int(self.runtime[t]) * 60
        video = [
            [f"t{t:02d}-v{rate}", f"t{t:02d}", "video", str(rate), "", str(int(rate) * 125 * seconds)]
            for rate in self.rates
        ]
        audio = {LANGUAGES[self.language[t]], "en"}
        return [
            *video,
            *([f"t{t:02d}-a-{a}", f"t{t:02d}", "audio", "", a, str(16_000 * seconds)] for a in sorted(audio)),
        ]

    def _caches(self, night: int) -> list[list[str]]:
        """An edge or two per region under one parent; now and then a site gets more disks."""
        rng = np.random.default_rng((self.seed, 2))
        upgraded = int(rng.integers(0, 20))
        rows = [["mid", "", "", "", str(20 * 10**9), "4000000", "02:00", "6", "UTC", "", "0.6", "0.01"]]
        for r, region in enumerate(self.regions):
            count = 1 + r % 2
            for site in range(count):
                storage = int(rng.integers(4, 9)) * 10**9 * (2 if r == 1 and night >= upgraded else 1)
                serve = "2000000000" if site else ""
                fill = str(int(rng.integers(1, 4)) * 10**6)
                share = f"{0.9 / count:.2f}"
                window = [fill, "02:00", "4", "UTC", serve]
                rows.append([f"edge-{region}-{site}", "mid", region, share, str(storage), *window, "1.5", "0.02"])
        return rows

    def fill_from(self, published: Path, night: int) -> None:
        """What the caches hold after the night: the published set, less a few fills that failed."""
        rng = np.random.default_rng((self.seed, 3, night))
        held: dict[str, list[str]] = {}
        for path in sorted(published.glob("*.jsonl")):
            lines = [json.loads(line) for line in path.read_text().splitlines()]
            orders = [line for line in lines[1:] if line["action"] != "evict"]
            fate = rng.random(len(orders))
            held[lines[0]["cache_id"]] = [
                line["asset_id"]
                for line, luck in zip(orders, fate, strict=True)
                if line["action"] == "keep" or luck > 0.05
            ]
        self.held = held


def write_settings(root: Path, world: World) -> None:
    """Write a workspace's settings."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "fillplan.toml").write_text(SETTINGS.format(publish=STAGED if world.is_staged else ""))


def use_model(root: Path) -> None:
    """Let a workspace train a model of few trees, and forecast by it."""
    (root / "quick.toml").write_text(QUICK)
    path = root / "fillplan.toml"
    path.write_text(
        path.read_text().replace('method = "seasonal_naive"', 'method = "auto"\n[train]\nspec = "quick.toml"')
    )


def write_tables(root: Path, tables: dict[str, list[list[str]]]) -> None:
    """Write a workspace's input."""
    (root / "input").mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        lines = [COLUMNS[name], *(",".join(row) for row in rows)]
        (root / "input" / f"{name}.csv").write_text("\n".join(lines) + "\n")
