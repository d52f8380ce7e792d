"""Pins and blocks; what is pinned always fits storage and tonight's fill, main audio included."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools, Ints
from fillplan_data.synthetic.catalogue import Catalogue
from fillplan_data.synthetic.files import SUBTITLE, VIDEO, Files
from fillplan_data.synthetic.network import Network
from fillplan_data.synthetic.parts import Part, generator

_STORAGE_PART, _FILL_PART = 0.1, 0.4
"""Most that pins take of a cache's storage and of tonight's fill."""
_Row = tuple[str, str, str, str]


def make_pins(
    catalogue: Catalogue, files: Files, network: Network, held: list[Ints], is_open: Bools, seed: int
) -> pd.DataFrame:
    """The `pins` table: pins of files and titles, in one cache or in all, and blocks of other titles.

    `held`: files per cache; `is_open` [titles, regions]: rights within the horizon.
    """
    rng = generator(seed, Part.PINS)
    titles = rng.permutation(len(catalogue))
    count = int(np.clip(len(catalogue) // 60, 2, 6))
    blocked, candidates = titles[: 2 * count], titles[2 * count :]
    room = _Room(files, network, held)
    everywhere = [t for t in candidates if is_open[t].all()]
    rows = _pin_titles_everywhere(catalogue, files, everywhere, room)
    rows += _pin_files(files, candidates, is_open, network, room, count, rng)
    return pd.DataFrame(
        rows + _blocks(catalogue, files, blocked, network, rng), columns=["cache_id", "asset_id", "title_id", "rule"]
    )


class _Room:
    """Bytes that pins may still take in each cache."""

    def __init__(self, files: Files, network: Network, held: list[Ints]) -> None:
        self.files, self.held = files, [set(h.tolist()) for h in held]
        self.storage = network.storage_bytes * _STORAGE_PART
        self.fill = network.fill_budget_bytes * _FILL_PART

    def take(self, wanted: list[int], caches: list[int]) -> bool:
        """Book files (and the main audio of videos) in all the caches, or in none if they do not fit one."""
        f = self.files
        audio = {int(f.main_audio[f.title[k]]) for k in wanted if f.kind[k] == VIDEO}
        need = sorted(set(wanted) | audio)
        total = float(f.size_bytes[need].sum())
        new = {c: float(sum(f.size_bytes[k] for k in need if k not in self.held[c])) for c in caches}
        if any(total > self.storage[c] or new[c] > self.fill[c] for c in caches):
            return False
        for c in caches:
            self.storage[c] -= total
            self.fill[c] -= new[c]
        return True


def _pin_titles_everywhere(catalogue: Catalogue, files: Files, titles: list[int], room: _Room) -> list[_Row]:
    """Pin the smallest title that is open everywhere, and one file of the next, in all caches."""
    all_caches = list(range(len(room.held)))
    total = np.bincount(files.title, files.size_bytes, len(catalogue))
    rows: list[_Row] = []
    for t in sorted(titles, key=lambda t: (total[t], t))[:2]:
        of_title = np.flatnonzero(files.title == t).tolist()
        if not rows and room.take(of_title, all_caches):
            rows.append(("", "", str(catalogue.table["title_id"].iloc[t]), "pin"))
        elif room.take(of_title[:1], all_caches):
            rows.append(("", files.ids[of_title[0]], "", "pin"))
    return rows


def _pin_files(
    files: Files,
    titles: Ints,
    is_open: Bools,
    network: Network,
    room: _Room,
    count: int,
    rng: np.random.Generator,
) -> list[_Row]:
    """Pin single files in single caches, where the title is open."""
    rows: list[_Row] = []
    for t in titles:
        c, k = int(rng.integers(len(network))), int(rng.choice(np.flatnonzero(files.title == t)))
        if len(rows) < count and is_open[t, network.regions_of(c)].any() and room.take([k], [c]):
            rows.append((str(network.table["cache_id"].iloc[c]), files.ids[k], "", "pin"))
    return rows


def _blocks(catalogue: Catalogue, files: Files, titles: Ints, network: Network, rng: np.random.Generator) -> list[_Row]:
    """Block a title everywhere, one in a single cache, and single files (never a main audio)."""
    cache_ids, title_ids = network.table["cache_id"].tolist(), catalogue.table["title_id"].tolist()
    rows: list[_Row] = [("", "", title_ids[titles[0]], "block")]
    rows.append((cache_ids[int(rng.integers(len(network)))], "", title_ids[titles[1]], "block"))
    for t in titles[2:]:
        loose = np.flatnonzero((files.title == t) & np.isin(files.kind, (VIDEO, SUBTITLE)))
        if len(loose):
            where = "" if rng.random() < 0.5 else cache_ids[int(rng.integers(len(network)))]
            rows.append((where, files.ids[int(rng.choice(loose))], "", "block"))
    return rows
