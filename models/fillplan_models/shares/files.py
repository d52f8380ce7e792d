"""The files of the catalogue as codes, and what the habits of choosing need to know of the titles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fillplan_data.arrays import Bools, Ints
from fillplan_data.declarations import PICTURES
from fillplan_data.lookup import positions
from fillplan_data.tables import Tables
from fillplan_models.shares.evidence import Codes, rung_code


@dataclass(frozen=True, eq=False)
class Files:
    """Sizes: F files, T titles, L languages."""

    kind: npt.NDArray[np.object_]
    """[F]."""
    title: Ints
    """[F]."""
    rung: Ints
    """[F], -1 for a file without a bitrate."""
    language: Ints
    """[F], -1 for a file without a language."""
    title_kind: Ints
    """[T] codes of the kinds, sorted."""
    title_top: Ints
    """[T] highest rung, -1 without pictures."""
    title_original: Ints
    """[T] original language, -1 where it is not told."""
    has_audio: Bools
    """[T, L] whether the title is there to be heard in the language."""
    has_subtitle: Bools
    """[T, L]."""


def read_files(tables: Tables, codes: Codes) -> Files:
    """The assets and titles tables as codes."""
    assets, titles = tables.assets, tables.titles
    kind = assets["kind"].astype(object).to_numpy()
    title, rung = positions(assets["title_id"], codes.titles), rung_code(assets["bitrate_kbps"].to_numpy(), codes)
    language = positions(assets["language"], codes.languages)
    top = np.full(len(titles), -1, dtype=np.int64)
    pictures = np.isin(kind, PICTURES)
    np.maximum.at(top, title[pictures], rung[pictures])
    offered = [np.zeros((len(titles), len(codes.languages)), dtype=np.bool_) for _ in range(2)]
    for offer, read in zip(offered, (False, True), strict=True):
        chosen = (language >= 0) & ((kind == "subtitle") == read)
        offer[title[chosen], language[chosen]] = True
    return Files(
        kind=kind,
        title=title,
        rung=rung,
        language=language,
        title_kind=np.unique(titles["kind"].to_numpy().astype(object), return_inverse=True)[1].astype(np.int64),
        title_top=top,
        title_original=positions(titles["original_language"], codes.languages),
        has_audio=offered[0],
        has_subtitle=offered[1],
    )
