"""The supply side: files, caches, what they hold, what is pinned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fillplan_data.arrays import Floats, Ints
from fillplan_data.synthetic.editions import Editions, variant_shares
from fillplan_data.synthetic.files import Files, assets_table, file_shares, requested_bytes
from fillplan_data.synthetic.inventory import fill_cache
from fillplan_data.synthetic.network import Network, make_network
from fillplan_data.synthetic.pins import make_pins
from fillplan_data.synthetic.windows import NEVER
from fillplan_data.synthetic.world import World

HORIZON_DAYS = 7
_LATELY, _LATER = (-60, -1), (0, NEVER - 1)
"""Titles open on some of the first days and on none of the second leave leftovers in the caches."""


def supply_tables(world: World, editions: Editions, files: Files, recent: Floats) -> dict[str, pd.DataFrame]:
    """The tables assets, caches, inventory and pins; `recent` [titles, regions] is the hours watched per day."""
    is_open = world.windows.open_between(0, HORIZON_DAYS - 1)
    title_bytes = np.bincount(files.title, files.size_bytes, len(world.catalogue))
    requested = [_requested(world, editions, files, recent[:, r], r) for r in range(len(world.regions))]
    network = make_network(
        world.spec,
        world.regions,
        open_bytes=(title_bytes[:, None] * is_open).sum(0),
        daily_bytes=np.array([d.sum() for d in requested]),
        catalogue_bytes=float(title_bytes.sum()),
        seed=world.seed,
    )
    held = [_stock(world, files, network, requested, c) for c in range(len(network))]
    return {
        "assets": assets_table(world.catalogue, files),
        "caches": network.table,
        "inventory": _inventory_table(world, files, network, held),
        "pins": make_pins(world.catalogue, files, network, held, is_open, world.seed),
    }


def _requested(world: World, editions: Editions, files: Files, hours: Floats, r: int) -> Floats:
    shares = variant_shares(world.catalogue, editions, world.regions[r])
    return requested_bytes(world.catalogue, files, file_shares(files, shares), hours)


def _stock(world: World, files: Files, network: Network, requested: list[Floats], c: int) -> Ints:
    below = network.regions_of(c)
    lately = world.windows.open_between(*_LATELY)[:, below].max(1)
    later = world.windows.open_between(*_LATER)[:, below].max(1)
    demand: Floats = np.sum([requested[r] for r in below], axis=0)
    return fill_cache(files, demand, lately & ~later, int(network.storage_bytes[c]), world.seed, c)


def _inventory_table(world: World, files: Files, network: Network, held: list[Ints]) -> pd.DataFrame:
    cache_ids = network.table["cache_id"].to_numpy(dtype=object)
    cache = np.repeat(cache_ids, [len(h) for h in held])
    table = pd.DataFrame({"cache_id": cache, "asset_id": np.array(files.ids, dtype=object)[np.concatenate(held)]})
    if not world.spec.imperfect:
        return table
    # some caches still list files that left the catalogue long ago
    unknown = [(cache_id, f"retired-{k:04d}") for k, cache_id in enumerate(cache_ids[:: len(cache_ids) // 7])]
    return pd.concat([table, pd.DataFrame(unknown, columns=table.columns)], ignore_index=True)
