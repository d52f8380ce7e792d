"""Warnings: what a planner would want to look at although the night can go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from fillplan_data.faults import FaultLog


def check(frames: Mapping[str, pd.DataFrame], plan_date: date | None, log: FaultLog) -> None:
    """Log oddities of the tables that were read whole."""
