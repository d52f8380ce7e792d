"""Shares as they really were: from the periods of `variant_views` that cover given days, for judging a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from fillplan_data.arrays import Bools, Floats
from fillplan_data.history import period_ends
from fillplan_data.tables import Tables
from fillplan_models.bytes import title_of_asset
from fillplan_models.shares.bayes import table
from fillplan_models.shares.estimate import VariantShares, shares_from, variant_shares
from fillplan_models.shares.evidence import evidence_of, make_codes

PRIOR_HOURS = 1e-6
"""So that what was measured stands as it is, and a value that nobody chose has no share."""


@dataclass(frozen=True, eq=False)
class RealShares:
    """Shares over some days, and where they were really measured."""

    shares: VariantShares
    measured: Bools
    """[R, T] whether the title's split in the region was measured on those days; elsewhere the shares are those
    known on the eve of the first day."""


def real_shares(tables: Tables, regions: tuple[str, ...], first_day: date, days: int) -> RealShares:
    """Shares over `days` days from `first_day`.

    tables: with the views of those days in them. A period that covers the days in part counts by that part.
    """
    known = variant_shares(tables, regions, first_day)
    evidence = evidence_of(tables, make_codes(tables, regions), _part_within(tables, first_day, days))
    shape = (len(regions), len(tables.titles))
    measured = table(shape, (evidence.region, evidence.title), evidence.hours) > 0
    if not measured.any():
        return RealShares(known, measured)
    really = shares_from(tables, evidence, PRIOR_HOURS).share
    share = np.where(measured[:, title_of_asset(tables)], really, known.share)
    return RealShares(VariantShares(regions, known.asset_ids, share), measured)


def _part_within(tables: Tables, first_day: date, days: int) -> Floats:
    """[rows of variant_views] part of each period that lies within the days."""
    views, first = tables.variant_views, np.datetime64(first_day, "D")
    if views.empty:
        return np.zeros(0)
    start, end = views["date"].to_numpy().astype("datetime64[D]"), period_ends(views)
    within = np.minimum(end, first + np.timedelta64(days, "D")) - np.maximum(start, first)
    part: Floats = np.maximum(within.astype(np.float64), 0.0) / (end - start).astype(np.float64)
    return part
