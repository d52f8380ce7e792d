"""From a forecast of hours to the bytes that every region asks of every file."""

from __future__ import annotations

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_data.errors import ModelError
from fillplan_data.tables import Tables
from fillplan_models.bytes import bytes_per_hour, title_of_asset
from fillplan_models.forecast import AssetDemand, Forecast
from fillplan_models.shares.estimate import VariantShares, variant_shares


def asset_demand(tables: Tables, forecast: Forecast, shares: VariantShares | None = None) -> AssetDemand:
    """Requested bytes per region and file over the horizon: hours x the file's share x its bytes per hour.

    `shares` default to those estimated from the tables on the eve of the forecast's plan date. Raises ModelError
    if forecast and shares do not stand for the same regions and titles.
    """
    if shares is None:
        shares = variant_shares(tables, forecast.regions, forecast.plan_date)
    if shares.regions != forecast.regions or forecast.titles != tuple(tables.titles["title_id"]):
        raise ModelError(
            "expected a forecast and shares of the same regions and of the titles in the tables, found "
            f"{len(forecast.regions)} and {len(shares.regions)} regions, {len(forecast.titles)} and "
            f"{len(tables.titles)} titles: compute both from the same workspace"
        )
    expected = title_hours(forecast)[:, title_of_asset(tables)]
    expected *= shares.share
    expected *= bytes_per_hour(tables)
    return AssetDemand(
        regions=forecast.regions, asset_ids=shares.asset_ids, expected_bytes=expected, method=forecast.method
    )


def title_hours(forecast: Forecast) -> Floats:
    """[R, T] expected hours over the horizon."""
    hours = np.zeros((len(forecast.regions), len(forecast.titles)))
    hours[forecast.region, forecast.title] = forecast.view_hours.sum(axis=1)
    return hours
