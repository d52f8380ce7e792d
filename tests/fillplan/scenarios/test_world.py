"""Tables of a world changed without a change of their form."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from fillplan.scenarios.world import DemandChange, World, at_rows, below, fresh_ids

FRAME = pd.DataFrame({"id": ["a", "b"], "size": np.array([1, 2], dtype=np.int64), "rate": [0.5, np.nan]})


def test_rows_are_set_in_a_copy_and_dtypes_stay() -> None:
    changed = at_rows(FRAME, np.array([False, True]), {"size": 7, "rate": 2.0})
    assert (changed["size"].tolist(), changed["rate"].tolist()) == ([1, 7], [0.5, 2.0])
    assert changed.dtypes.tolist() == FRAME.dtypes.tolist()
    assert FRAME["size"].tolist() == [1, 2]
    pd.testing.assert_frame_equal(at_rows(FRAME, np.zeros(2, dtype=bool), {"size": 7}), FRAME)


def test_rows_come_below_in_the_frames_columns_and_dtypes() -> None:
    longer = below(FRAME, pd.DataFrame({"rate": [3], "strange": ["x"], "size": [4.0], "id": ["c"]}, index=[9]))
    assert list(longer) == list(FRAME)
    assert longer.iloc[2].tolist() == ["c", 4, 3.0]
    assert longer.dtypes.tolist() == FRAME.dtypes.tolist() and longer.index.tolist() == [0, 1, 2]


def test_ids_that_are_taken_or_wanted_twice_get_a_number() -> None:
    assert fresh_ids(["a", "b"], ["c"]) == ["a", "b"]
    assert fresh_ids(["a", "a", "a", "b"], ["a", "a.2"]) == ["a.3", "a.4", "a.5", "b"]
    long = "x" * 120
    assert fresh_ids([long, long], []) == ["x" * 90, "x" * 90 + ".2"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"scale": 2.0}, False),
        ({"end": "low"}, True),
        ({"first_day": date(2026, 3, 8)}, True),
        ({"last_day": date(2026, 3, 8)}, True),
    ],
)
def test_a_plain_factor_needs_no_days(change: dict[str, object], expected: bool) -> None:
    assert DemandChange(frozenset(), frozenset(), None, **change).needs_days == expected  # type: ignore[arg-type]


def test_other_tables_make_another_world(small_world: World) -> None:
    pins = small_world.tables.pins.iloc[:0]
    after = small_world.with_tables(pins=pins)
    assert after.tables.pins is pins and after.tables.caches is small_world.tables.caches
    assert len(small_world.tables.pins) == 3
