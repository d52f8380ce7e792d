"""Hours to bytes: what watching an hour of a title moves per file."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats, Ints
from fillplan_data.lookup import positions
from fillplan_data.tables import Tables

SECONDS_PER_MINUTE = 60.0
SECONDS_PER_HOUR = 3600.0


def bytes_per_hour(tables: Tables) -> Floats:
    """[F] bytes that one hour of a file moves: its mean byte rate (size / runtime) x 3600."""
    runtime = tables.titles["runtime_minutes"].to_numpy()[title_of_asset(tables)]
    size = tables.assets["size_bytes"].to_numpy().astype(np.float64)
    return size / (runtime * SECONDS_PER_MINUTE) * SECONDS_PER_HOUR


def title_of_asset(tables: Tables) -> Ints:
    """[F] row of each file's title in the titles table."""
    return positions(tables.assets["title_id"], tables.titles["title_id"])
