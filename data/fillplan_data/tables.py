"""`Tables`: the checked input of a workspace, one pandas frame per table of the contract.

Conventions that every consumer may rely on (`read_tables` establishes them):

- every declared column is present in every frame, in declared order, followed by extra columns (titles only), by name;
- rows are in the order of the table's key, however they came (but `views`, only ever summed);
- a table that is absent is an empty frame with the same columns and dtypes, and is not in `present`;
- text: dtype `str`, blank is `""`, never null; in `views`, `variant_views` and `inventory`, whose rows
  run into millions, text is `category` with sorted categories instead;
- dates: `datetime64[us]` at midnight, blank is NaT; numbers: `float64` with NaN for blank, or `int64`
  where the column is required and whole;
- exact duplicate rows are gone, keys are unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Tables:
    """The checked input tables of one workspace; see the module's docstring for dtypes and blanks."""

    views: pd.DataFrame
    variant_views: pd.DataFrame
    titles: pd.DataFrame
    availability: pd.DataFrame
    promotions: pd.DataFrame
    calendar: pd.DataFrame
    assets: pd.DataFrame
    caches: pd.DataFrame
    routes: pd.DataFrame
    inventory: pd.DataFrame
    pins: pd.DataFrame
    present: frozenset[str]
    """Names of the tables that exist in the workspace."""
    sha256: Mapping[str, str]
    """Digest per present table: of the file, or of its sorted parts' digests for a folder."""


def regions_of(tables: Tables) -> tuple[str, ...]:
    """Every region that has views, a cache or a route, sorted."""
    views = tables.views["region"].cat
    named = {*views.categories[np.unique(views.codes)], *tables.caches["region"], *tables.routes["region"]}
    return tuple(sorted(named - {""}))
