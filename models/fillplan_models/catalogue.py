"""The catalogue as arrays: what is known of a title before anybody has watched it.

Every column of the titles table takes part, the declared ones by their meaning, any further one by its type:
a number as it is, a text as a group of titles that share it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fillplan_data.arrays import Bools, Ints, Singles

NUMBERS = ("runtime_minutes", "season", "episode")
GROUPS = ("kind", "original_language", "series_id")
MOST_GENRES = 40
"""Of more genres (used as tags) the commonest count: every region has a taste of its own for each."""
NOT_FEATURES = ("title_id", "name", "genres", *NUMBERS, *GROUPS)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Sizes: T titles, G genres."""

    numbers: Mapping[str, Singles]
    """Column -> [T], NaN for blank."""
    groups: Mapping[str, Ints]
    """Text column -> [T] code 0.. of the value, -1 for blank; codes follow the sorted values."""
    genres: Bools
    """[T, G] of the commonest genres."""
    genre_names: tuple[str, ...]


def build_catalogue(titles: pd.DataFrame) -> Catalogue:
    """Turn the titles table into arrays, in its row order."""
    further = [column for column in titles.columns if column not in NOT_FEATURES]
    is_number = {c: pd.api.types.is_numeric_dtype(titles[c]) for c in further}
    numbers = {
        column: titles[column].to_numpy().astype(np.float32)
        for column in (*NUMBERS, *(c for c in further if is_number[c]))
    }
    groups = {column: _group(titles[column]) for column in GROUPS}
    texts = {column: _group(titles[column]) for column in further if not is_number[column]}
    # one value for all says nothing, and would yet be one more mean to be drawn to
    groups |= {column: codes for column, codes in texts.items() if (codes != codes[:1]).any()}
    genres, genre_names = _genres(titles["genres"])
    return Catalogue(numbers, groups, genres, genre_names)


def _group(column: pd.Series) -> Ints:
    text = column.astype(object).where(column.notna(), "").astype(str).to_numpy()
    names = np.unique(text[text != ""])
    codes = np.searchsorted(names, text)
    return np.where(text == "", -1, codes).astype(np.int64)


def _genres(column: pd.Series) -> tuple[Bools, tuple[str, ...]]:
    lists = [{part.strip() for part in str(text).split(";")} - {""} for text in column]
    titles = Counter(genre for genres in lists for genre in genres)
    names = sorted(sorted(titles, key=lambda name: (-titles[name], name))[:MOST_GENRES])
    number = {name: i for i, name in enumerate(names)}
    shown = np.zeros((len(lists), len(names)), dtype=np.bool_)
    for row, genres in enumerate(lists):
        shown[row, [number[genre] for genre in genres if genre in number]] = True
    return shown, tuple(names)
