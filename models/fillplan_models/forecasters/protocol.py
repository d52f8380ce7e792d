"""What a forecaster is."""

from __future__ import annotations

from typing import Protocol

from fillplan_models.forecast import Forecast
from fillplan_models.panel import Panel


class Forecaster(Protocol):
    """Anything that turns a panel into a forecast of its horizon."""

    @property
    def name(self) -> str:
        """Short name for reports, such as `ewma`."""
        ...

    def forecast(self, panel: Panel) -> Forecast:
        """Expected hours with a central 80 % interval for every series that is open in the horizon."""
        ...
