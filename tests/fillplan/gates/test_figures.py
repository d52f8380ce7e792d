"""Shares, factors and samples that data gates reckon with, by hand."""

import zlib

import pytest

from fillplan.gates.figures import SMALL_ROWS, factor_between, has_moved, ids_gone, ids_new, within, worst
from fillplan.gates.profile import Sample


def sample(names: list[str], kept: int) -> Sample:
    """The `kept` names with the smallest checksums."""
    chosen = sorted(names, key=lambda name: zlib.crc32(name.encode()))[:kept]
    return Sample(dict.fromkeys(chosen, "x"), zlib.crc32(chosen[-1].encode()))


@pytest.mark.parametrize(
    ("now", "then", "moved"),
    [
        *((1.0, 1.0, False), (1.8, 1.0, False), (2.0, 1.0, True), (1.0, 2.0, True), (0.0, 0.0, False)),
        *((5.0, 0.0, True), (0.0, 5.0, True), (None, None, False), (None, 5.0, True), (5.0, None, True)),
    ],
)
def test_a_figure_moves_by_a_large_factor_or_where_it_comes_and_goes(now: object, then: object, moved: bool) -> None:
    assert has_moved(now, then) == moved


def test_factors_are_at_least_one_and_nothing_is_far_from_something() -> None:
    assert factor_between(2.0, 1.0) == factor_between(1.0, 2.0) == 2.0
    assert factor_between(7.0, 0.0) == 1.0, "nothing was expected"
    assert factor_between(0.0, 7.0) > 1e6


def test_samples_are_compared_only_where_both_reach() -> None:
    """The same 10,000 names, but one sample is longer: what only it covers is neither new nor gone."""
    names = [f"title-{n}" for n in range(10_000)]
    short, long = sample(names, 1000), sample(names, 1500)
    assert within(long, short) == within(short, long) == short.digests.keys()
    assert ids_new("titles_new", "titles", long, short).value == 0
    assert ids_gone("titles_gone", "titles", short, long).value == 0


def test_small_tables_are_not_judged_by_shares() -> None:
    few, none = (Sample(dict.fromkeys(map(str, range(n)), "x"), 2**32) for n in (SMALL_ROWS - 1, 0))
    assert ids_gone("files_gone", "files", none, few).value == ids_new("files_new", "files", few, none).value == 0
    enough = Sample(dict.fromkeys(map(str, range(SMALL_ROWS)), "x"), 2**32)
    assert ids_gone("files_gone", "files", none, enough).value == 1


def test_the_worst_figure_speaks_and_nothing_to_compare_says_so() -> None:
    assert worst("rows_lost", {"views": 0.2, "pins": 0.6}, "lost {:.0%}").found == "pins lost 60%"
    assert worst("rows_lost", {"views": -0.2}, "lost {:.0%}").value == 0, "more rows are no loss"
    assert worst("rows_lost", {}, "lost {:.0%}").found == "nothing to compare"
