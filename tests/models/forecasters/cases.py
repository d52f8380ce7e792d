"""What the simple methods are tested with in turn."""

import pytest

from fillplan_models.forecasters.choice import SIMPLE_METHODS

METHODS = pytest.mark.parametrize("method", SIMPLE_METHODS, ids=lambda method: method.name)
STALE_DAYS = pytest.mark.parametrize("missing", [3, 7, 8, 30, 45, 100])
