"""Numbers as people read them: units, thousands, three significant digits; a dash for the unknown."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date

DASH = "–"
NARROW = "\N{NARROW NO-BREAK SPACE}"
_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_SCALES = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))


def bytes_text(size_bytes: float | None) -> str:
    """1.23 TB; units of 1000, like the prices per GB."""
    if size_bytes is None or math.isnan(size_bytes):
        return DASH
    step = 0
    while abs(size_bytes) >= 999.5 and step < len(_BYTE_UNITS) - 1:
        size_bytes, step = size_bytes / 1000, step + 1
    digits = f"{size_bytes:,.0f}".replace("-", "−") if step == 0 else three_digits(size_bytes)
    return f"{digits}{NARROW}{_BYTE_UNITS[step]}"


def three_digits(number: float) -> str:
    """1.23, 12.3, 123, 1,234; what is too small for that is told from nothing."""
    size = abs(number)
    if 0 < size < 0.005:
        return f"{'>' if number < 0 else '<'}{NARROW}{'−' if number < 0 else ''}0.01"
    decimals = 0 if size >= 99.95 or size == 0 else 1 if size >= 9.995 else 2
    return f"{number:,.{decimals}f}".replace("-", "−")


def count_text(number: float | None) -> str:
    """12,345."""
    return DASH if number is None or math.isnan(number) else f"{number:,.0f}"


def counted(number: float, one: str, many: str) -> str:
    """'1 copy', '12,345 copies'."""
    return f"{count_text(number)} {one if number == 1 else many}"


def short_text(number: float | None, unit: str = "") -> str:
    """12.3 M h: for hours and for sums of worth."""
    if number is None or math.isnan(number):
        return DASH
    end = f"{NARROW}{unit}" if unit else ""
    for scale, name in _SCALES:
        if abs(number) >= scale * 0.9995:
            return f"{three_digits(number / scale)}{NARROW}{name}{end}"
    return f"{three_digits(number)}{end}"


def percent_text(share: float | None) -> str:
    """84.2 %; what is not quite nothing or not quite all is never rounded to it."""
    if share is None or math.isnan(share):
        return DASH
    if 0 < abs(share) < 0.0005:
        sign, minus = (">", "−") if share < 0 else ("<", "")
        return f"{sign}{NARROW}{minus}{0.1 if abs(share) >= 0.00005 else 0.01}{NARROW}%"
    if 0.9995 <= share < 1:
        return f">{NARROW}99.9{NARROW}%"
    return f"{share:.1%}".replace("%", f"{NARROW}%").replace("100.0", "100").replace("-", "−")


def change_text(share: float | None) -> str:
    """+12 % or −3 %, relative to before; +0.4 % where whole per cents would say nothing."""
    if share is None or math.isnan(share) or abs(share) < 0.00995:
        return percent_change(share)
    return f"{share:+.0%}".replace("%", f"{NARROW}%").replace("-", "−")


def percent_change(share: float | None) -> str:
    """+15.9 %."""
    return signed_text(share, percent_text(share))


def day_text(day: date | None, year: bool = True) -> str:
    """12 Sep 2022, or 12 Sep."""
    return DASH if day is None else f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def weekday_text(day: date) -> str:
    """Mon 12 Sep."""
    return f"{day:%a} {day.day} {day:%b}"


def seconds_text(seconds: float | None) -> str:
    """4.2 s or 3 min 5 s."""
    if seconds is None or math.isnan(seconds):
        return DASH
    if seconds < 60:
        return f"{three_digits(seconds)}{NARROW}s"
    return f"{int(seconds) // 60}{NARROW}min {int(seconds) % 60}{NARROW}s"


def signed_text(number: float | None, words: str) -> str:
    """Words of an amount as those of a change: a plus before gains, ±0 for exactly nothing, about 0 for next to it."""
    if number is None or math.isnan(number):
        return DASH
    tiny = re.sub(rf"^[<>]{NARROW}−?0[\d.]+|^−?0(?={NARROW}B)", "about 0", words)
    return "±0" if number == 0 else tiny if tiny != words or number < 0 else f"+{words}"


def bytes_change(size_bytes: float | None) -> str:
    """+1.23 TB."""
    return signed_text(size_bytes, bytes_text(size_bytes))


def short_change(number: float | None, unit: str = "") -> str:
    """+12.3 M."""
    return signed_text(number, short_text(number, unit))


def points_change(share: float | None) -> str:
    """+1.24 points: the difference of two shares in percentage points."""
    return signed_text(share, f"{three_digits(100 * share)}{NARROW}points" if share is not None else DASH)


def points_text(share: float | None) -> str:
    """1.24 points: a difference of two shares that has its direction in its name."""
    return DASH if share is None or math.isnan(share) else f"{three_digits(100 * share)}{NARROW}points"


def tick_text(words: str) -> str:
    """An amount as the label of an axis, without zeros that say nothing: 12 k and 0.5 %, not 12.0 k and 0.50 %."""
    return re.sub(r"(\.\d*?)0+(?!\d)", lambda found: found[1].rstrip("."), words, count=1)


def number_text(number: float | None, digits: int = 4) -> str:
    """A number as somebody would type it, with thousands: 0.5, 1,250, 1.33."""
    if number is None or math.isnan(number):
        return DASH
    return f"{number:,.{digits}g}" if abs(number) < 10**digits else f"{number:,.0f}"


def digits_apart(numbers: Sequence[float]) -> int:
    """Digits for `number_text` with which different numbers look different."""
    most, different = 17, len(set(numbers))
    return next((d for d in range(4, most) if len({number_text(n, d) for n in numbers}) == different), most)
