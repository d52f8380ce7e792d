"""Places of ids in a list."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan_data.lookup import positions

words = st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=8)


@given(values=words, ids=words, dtype=st.sampled_from(["str", "category", "object"]))
def test_the_first_place_or_none(values, ids, dtype):
    found = positions(pd.Series(values, dtype="str").astype(dtype), ids)
    assert list(found) == [ids.index(value) if value in ids else -1 for value in values]


@pytest.mark.parametrize("dtype", ["str", "category"])
def test_ids_may_be_a_column(dtype):
    ids = pd.Series(["x", "y", "x"], dtype="str").astype(dtype)
    assert list(positions(pd.Series(["y", "x", "z"], dtype="str"), ids)) == [1, 0, -1]


def test_a_blank_category_is_nowhere():
    assert list(positions(pd.Series(["a", None, "b"]).astype("category"), ("b", "a"))) == [1, -1, 0]
