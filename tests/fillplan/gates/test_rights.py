"""Gates on rights, by hand: which titles count, and from how many on."""

from types import SimpleNamespace
from typing import cast

import pytest

from fillplan.gates.figures import SMALL_ROWS
from fillplan.gates.profile import Profile, Sample
from fillplan.gates.rights import LEAST_ENDS, ends_gone, rights_changed, rights_gone

TITLES = [f"t{n:02d}" for n in range(SMALL_ROWS)]


def profile(titles: list[str], windows: dict[str, str], ends: dict[str, str] | None = None) -> Profile:
    """Only what these gates look at; samples that are whole tables."""
    samples = {"titles": Sample(dict.fromkeys(titles, "x"), 2**32), "rights": Sample(windows, 2**32)}
    return cast(Profile, SimpleNamespace(**samples, last_ends=ends or {}))


def test_a_title_that_left_the_catalogue_did_not_lose_its_windows() -> None:
    then = profile(TITLES, dict.fromkeys(TITLES, "a"))
    assert rights_changed(profile(TITLES[5:], dict.fromkeys(TITLES[5:], "a")), then).value == 0
    opened = profile(TITLES, dict.fromkeys(TITLES[5:], "a"))
    assert rights_changed(opened, then).value == rights_gone(opened, then).value == pytest.approx(5 / SMALL_ROWS)
    moved = profile(TITLES, {**dict.fromkeys(TITLES, "a"), "t00": "b"})
    assert rights_changed(moved, then).value == pytest.approx(1 / SMALL_ROWS)
    assert rights_gone(moved, then).value == 0


def test_few_titles_are_not_judged() -> None:
    few = TITLES[: SMALL_ROWS - 1]
    assert rights_gone(profile(few, {}), profile(few, dict.fromkeys(few, "a"))).value == 0


@pytest.mark.parametrize(("titles", "share"), [(LEAST_ENDS, 1.0), (LEAST_ENDS - 1, 0.0)])
def test_last_days_that_vanish_count_from_some_titles_on(titles: int, share: float) -> None:
    names = TITLES[:titles]
    then = profile(names, {}, {**dict.fromkeys(names, "2026-09-01"), "open": ""})
    assert ends_gone(profile(names, {}, {**dict.fromkeys(names, ""), "open": ""}), then).value == share
    assert ends_gone(profile(names, {}, {}), then).value == 0, "without windows it is for rights_gone"
