"""What caches report to hold, against what the last plan told them to keep."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fillplan.gates.figures import SMALL_ROWS, share_of
from fillplan.gates.verdict import Measured

PAIR = ["cache_id", "asset_id"]


def inventory_lost(inventory: pd.DataFrame, last_rows: pd.DataFrame) -> Measured:
    """Share of the bytes that caches held and the last plan let them keep, and that they hold no more.

    Caches may be late with what they were to fill or evict, and may hold more than they were told to; what was theirs
    and was to stay is gone only where disks failed, or where the inventory is not that of these caches.
    """
    kept = last_rows.loc[(last_rows["action"] == "keep").to_numpy(), [*PAIR, "size_bytes"]]
    held = inventory[PAIR].astype(object)
    both = kept.astype(dict.fromkeys(PAIR, object)).merge(held, on=PAIR, how="left", indicator=True)
    size = both["size_bytes"].to_numpy(np.float64, na_value=0.0)
    lost = (both["_merge"] == "left_only").to_numpy()
    share = share_of(float(size[lost].sum()), float(size.sum())) if len(kept) >= SMALL_ROWS else 0.0
    return Measured("inventory_lost", share, f"{share:.1%} of the bytes that the last plan kept are held no more")
