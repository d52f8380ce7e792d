"""Checks between columns, rows and tables, in the order in which people would look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from fillplan_data import network, oddities, references, rules
from fillplan_data.faults import FaultLog


def check_between(
    frames: Mapping[str, pd.DataFrame], plan_date: date | None, log: FaultLog, horizon_days: int | None = None
) -> None:
    """Log what no single column shows. `frames` holds the tables that could be read whole.

    Text columns are categories with "" for blanks; the index numbers the table's records.
    """
    references.check(frames, log)
    rules.check(frames, log)
    network.check(frames, log)
    if not log.stops:  # oddities of faulty tables would often be the same faults in other words
        oddities.check(frames, plan_date, horizon_days, log)
