from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan.report import formats

N = formats.NARROW


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (0, f"0{N}B"),
        (999, f"999{N}B"),
        (1000, f"1.00{N}kB"),
        (999_600, f"1.00{N}MB"),
        (65_540_000_000_000, f"65.5{N}TB"),
        (3.57e18, f"3.57{N}EB"),
        (4.2e21, f"4,200{N}EB"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_bytes_have_three_digits_and_a_unit(size_bytes: float | None, words: str) -> None:
    assert formats.bytes_text(size_bytes) == words


@given(st.floats(min_value=1, max_value=1e20))
def test_bytes_read_back_to_within_their_digits(size_bytes: float) -> None:
    number, unit = formats.bytes_text(size_bytes).split(N)
    power = ("B", "kB", "MB", "GB", "TB", "PB", "EB").index(unit)
    assert float(number.replace(",", "")) * 1000**power == pytest.approx(size_bytes, rel=0.5 if power == 0 else 0.006)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, f"0.0{N}%"),
        (1.0, f"100{N}%"),
        (0.842, f"84.2{N}%"),
        (0.99999, f">{N}99.9{N}%"),
        (0.0002, f"<{N}0.1{N}%"),
        (0.00001, f"<{N}0.01{N}%"),
        (1.2, f"120.0{N}%"),
        (-0.25, f"−25.0{N}%"),
        (None, "–"),
    ],
)
def test_percent_never_rounds_to_nothing_or_all(share: float | None, words: str) -> None:
    assert formats.percent_text(share) == words


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        (2.98e9, "", f"2.98{N}bn"),
        (12_345_678, "h", f"12.3{N}M{N}h"),
        (999_600, "", f"1.00{N}M"),
        (950.4, "", "950"),
        (0, "", "0"),
        (-0.1, "", "−0.10"),
        (0.001, "", f"<{N}0.01"),
        (-0.001, "", f">{N}−0.01"),
        (None, "h", "–"),
    ],
)
def test_sums_are_short(number: float | None, unit: str, words: str) -> None:
    assert formats.short_text(number, unit) == words


def test_counts_days_times_and_changes() -> None:
    assert formats.count_text(1234567) == "1,234,567"
    assert formats.counted(1, "copy", "copies") == "1 copy"
    assert formats.counted(2000, "copy", "copies") == "2,000 copies"
    assert formats.day_text(date(2022, 9, 2)) == "2 Sep 2022"
    assert formats.day_text(date(2022, 9, 2), year=False) == "2 Sep"
    assert formats.seconds_text(65.2) == f"1{N}min 5{N}s"
    assert formats.seconds_text(0.25) == f"0.25{N}s"
    assert formats.change_text(-0.034) == f"−3{N}%"
    assert formats.change_text(0.5) == f"+50{N}%"
    assert formats.points_text(0.0124) == f"1.24{N}points"


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "±0"),
        (0.004, f"+0.4{N}%"),
        (-0.004, f"−0.4{N}%"),
        (0.00996, f"+1{N}%"),
        (-1e-4, f"about 0{N}%"),
        (1e-9, f"about 0{N}%"),
        (None, "–"),
    ],
)
def test_small_changes_are_no_zeros_with_a_sign(share: float | None, words: str) -> None:
    assert formats.change_text(share) == words


def test_changes_next_to_nothing_have_no_sign() -> None:
    assert formats.points_change(1e-9) == formats.points_change(-1e-9) == f"about 0{N}points"
    assert formats.short_change(-0.001, "h") == f"about 0{N}h"
    assert formats.bytes_change(0.3) == f"about 0{N}B"
    assert formats.bytes_change(-0.3) == f"about 0{N}B"
    assert formats.bytes_change(-1) == f"−1{N}B"
    assert formats.bytes_change(-1000) == f"−1.00{N}kB"
    assert formats.points_change(0.0) == "±0"
    assert formats.percent_change(0.159) == f"+15.9{N}%"


@pytest.mark.parametrize(
    ("words", "label"),
    [
        (f"12.0{N}k", f"12{N}k"),
        (f"9.00{N}k", f"9{N}k"),
        (f"1.50{N}TB", f"1.5{N}TB"),
        (f"50.0{N}%", f"50{N}%"),
        (f"0.0{N}%", f"0{N}%"),
        ("0.100", "0.1"),
        ("1,200", "1,200"),
        (f"100{N}GB", f"100{N}GB"),
        (f"10.05{N}k", f"10.05{N}k"),
    ],
)
def test_axes_have_no_zeros_that_say_nothing(words: str, label: str) -> None:
    assert formats.tick_text(words) == label


def test_swept_numbers_get_the_digits_that_tell_them_apart() -> None:
    def told(*numbers: float) -> list[str]:
        return [formats.number_text(number, formats.digits_apart(numbers)) for number in numbers]

    assert told(0.5, 2 / 3) == ["0.5", "0.6667"]
    assert told(0.99999, 1.0, 1.00001) == ["0.99999", "1", "1.00001"]
    assert told(12345.25, 12345.4, 1e6) == ["12,345.2", "12,345.4", "1,000,000"]
    assert told(1.0, 1.0) == ["1", "1"], "the same number twice looks the same"
