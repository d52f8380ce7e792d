"""What the files of a title offer to choose from: rungs, audio or subtitle languages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Offers:
    """The distinct (title, value) pairs of some files, sorted; sizes: n pairs."""

    title: Ints
    """[n]."""
    value: Ints
    """[n]."""
    of_file: Ints
    """For each file its pair."""
    start: Ints
    """First pair of each title that has any."""
    rest: Bools
    """[n] whether what no other pair of the title matches comes here: `off`."""

    def per_title(self, cells: Floats) -> Floats:
        """[R, n] sums over the title's pairs, repeated for each of them."""
        if not len(self.start):
            return cells
        sums = np.add.reduceat(cells, self.start, axis=-1)
        return np.repeat(sums, np.diff(np.append(self.start, len(self.title))), axis=-1)


def make_offers(title: Ints, value: Ints, off: int | None = None) -> Offers:
    """The offers of files given by title and value.

    off: the value of not choosing any, which every title with a file offers too (subtitles).
    """
    files = len(title)
    if off is not None:
        with_files = np.unique(title)
        title, value = np.append(title, with_files), np.append(value, np.full(len(with_files), off, dtype=np.int64))
    pairs, of_file = np.unique(np.stack([title, value]), axis=1, return_inverse=True)
    start = np.flatnonzero(np.diff(pairs[0], prepend=-1))
    rest = np.full(pairs.shape[1], False) if off is None else pairs[1] == off
    return Offers(pairs[0], pairs[1], of_file.reshape(-1)[:files], start, rest)
