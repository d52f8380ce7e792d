import pandas as pd
import pytest

from fillplan.scenarios.faults import Misfit
from fillplan.scenarios.select import rows_where, split_region

FRAME = pd.DataFrame(
    {
        "title_id": ["t1", "t2", "t3"],
        "genres": ["drama;crime", "comedy", ""],
        "runtime_minutes": [90.0, 30.0, float("nan")],
        "start_date": pd.to_datetime(["2026-01-01", "2026-05-01", None]),
    }
)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({}, [True, True, True]),
        ({"genres": ("*drama*",)}, [True, False, False]),
        ({"genres": ("comedy", "*crime")}, [True, True, False]),
        ({"genres": ("",)}, [False, False, True]),
        ({"runtime_minutes": (">=60",)}, [True, False, False]),
        ({"runtime_minutes": ("30",)}, [False, True, False]),
        ({"start_date": (">2026-02-01",)}, [False, True, False]),
        ({"start_date": ("2026-01-*",)}, [True, False, False]),
        ({"genres": ("*",), "runtime_minutes": ("<60",)}, [False, True, False]),
    ],
)
def test_patterns_and_comparisons(selection: dict[str, tuple[str, ...]], expected: list[bool]) -> None:
    assert rows_where(FRAME, selection).tolist() == expected


@pytest.mark.parametrize(
    ("selection", "found", "remedy"),
    [
        ({"genre": ("x",)}, "genre", "did you mean `genres`?"),
        ({"genres": ("horror",)}, "genres = horror", "correct the patterns"),
        ({"genres": (">=5",)}, ">=5", "use a number"),
        ({"start_date": ("<soon",)}, "<soon", "use a number"),
    ],
)
def test_what_cannot_be_meant(selection: dict[str, tuple[str, ...]], found: str, remedy: str) -> None:
    with pytest.raises(Misfit) as caught:
        rows_where(FRAME, selection)
    assert caught.value.found == found
    assert remedy in caught.value.remedy


def test_regions() -> None:
    rest, mask = split_region({"region": ("B*",), "kind": ("movie",)}, ("AR", "BR", "BE"))
    assert (rest, mask.tolist()) == ({"kind": ("movie",)}, [False, True, True])
    with pytest.raises(Misfit):
        split_region({"region": ("XX",)}, ("AR",))
