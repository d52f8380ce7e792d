"""On which line of a TOML file a key stands: tomllib gives values only, and a fault should name its line."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\"' -]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*[=.]""")
_LONG_QUOTE = re.compile(r'"""|\'\'\'')


def line_numbers(text: str) -> dict[Path, int]:
    """Path of every table, array entry and key that starts a line -> its line, counted from 1.

    Keys inside inline tables and arrays have no entry of their own; `line_of` then gives the line that holds them.
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    at: Path = ()
    quoted = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not quoted and (header := _HEADER.match(line)):
            at = _resolve(header[2], header[1] == "[[", counts)
            found.setdefault(at, number)
        elif not quoted and (key := _KEY.match(line)):
            found.setdefault((*at, key[1].strip("\"'")), number)
        quoted ^= len(_LONG_QUOTE.findall(line)) % 2 == 1
    return found


def _resolve(dotted: str, is_array: bool, counts: dict[Path, int]) -> Path:
    """The path of a header; names of arrays of tables are followed by the index of their latest entry."""
    at: Path = ()
    names = [name.strip().strip("\"'") for name in dotted.split(".")]
    for position, name in enumerate(names):
        at = (*at, name)
        if position == len(names) - 1 and is_array:
            counts[at] = counts.get(at, -1) + 1
        if at in counts:
            at = (*at, counts[at])
    return at


def line_of(path: Path, lines: dict[Path, int]) -> int | None:
    """The line of the longest part of `path` that has one."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None
