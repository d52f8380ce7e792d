"""Where ids stand in a list: the join that tables and arrays need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fillplan_data.arrays import Ints


def positions(values: pd.Series, ids: pd.Series | pd.Index | Sequence[str]) -> Ints:
    """For each value its (first) place among the ids, -1 if it has none; text or category."""
    listed = np.asarray(ids, dtype=object)
    first = np.flatnonzero(~pd.Series(listed, dtype=object).duplicated().to_numpy())
    index = pd.Index(listed[first], dtype=object)
    if values.dtype == "category":
        found = index.get_indexer(values.cat.categories.astype(object))
        found = np.append(found, -1)[values.cat.codes.to_numpy()]
    else:
        found = index.get_indexer(values.astype(object))
    places: Ints = np.append(first, -1)[found].astype(np.int64)
    return places
