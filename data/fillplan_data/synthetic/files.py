"""The files of the catalogue: video rungs, audio and subtitle languages, muxed files, with realistic sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fillplan_data.arrays import Floats, Ints
from fillplan_data.synthetic.catalogue import GENRES, Catalogue
from fillplan_data.synthetic.editions import Editions, VariantShares, rung_share
from fillplan_data.synthetic.parts import Part, generator
from fillplan_data.synthetic.variants import Habits

FILE_KINDS = ("video", "audio", "subtitle", "muxed")
VIDEO, AUDIO, SUBTITLE, MUXED = range(4)
NO_LANGUAGE = -1
_SUBTITLE_BYTES_PER_MINUTE = 1150.0
_MUXED_AUDIO_KBPS = 96


@dataclass(frozen=True, eq=False)
class Files:
    """All files, sorted by title; arrays run over files."""

    ids: list[str]
    title: Ints
    kind: Ints
    rung: Ints
    """Place of the bitrate in the title's ladder, -1 for audio and subtitles."""
    kbps: Ints
    """0 for audio and subtitles."""
    language: Ints
    """NO_LANGUAGE for video."""
    size_bytes: Ints
    main_audio: Ints
    """[titles] the file of the original language, -1 where the title is muxed."""

    def __len__(self) -> int:
        return len(self.title)


def make_files(catalogue: Catalogue, editions: Editions, seed: int) -> Files:
    """List the files of every title and give each a size: bitrate x runtime x how hard it is to encode."""
    rng = generator(seed, Part.FILES)
    rows = [row for t in range(len(catalogue)) for row in _files_of(t, editions)]
    title, kind, rung, kbps, language = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    hardness = rng.lognormal(-0.1, 0.16, len(catalogue))
    hardness[catalogue.genres[:, GENRES.index("kids")] > 0] *= 0.8
    hardness[catalogue.genres[:, GENRES.index("action")] > 0] *= 1.12
    audio_kbps = np.where(catalogue.budget == 3, 256, 128)[title]
    total_kbps = np.select(
        [kind == VIDEO, kind == MUXED, kind == AUDIO],
        [kbps * hardness[title], kbps * hardness[title] + _MUXED_AUDIO_KBPS, audio_kbps],
        _SUBTITLE_BYTES_PER_MINUTE * 8 / 60 / 1000,
    )
    spread = np.where(kind == SUBTITLE, 0.2, 0.03)
    size = total_kbps * 1000 / 8 * catalogue.runtime_minutes[title] * 60 * np.exp(rng.normal(0, 1, len(title)) * spread)
    main = np.full(len(catalogue), -1, dtype=np.int64)
    is_main = (kind == AUDIO) & (language == catalogue.original[title])
    main[title[is_main]] = np.flatnonzero(is_main)
    ids = _ids(catalogue, title, kind, kbps, language)
    return Files(ids, title, kind, rung, kbps, language, np.rint(size).astype(np.int64), main)


def _files_of(t: int, editions: Editions) -> list[tuple[int, int, int, int, int]]:
    edition, ladder = editions.editions[editions.of_title[t]], editions.ladders[editions.ladder_of_title[t]]
    if edition.muxed:
        return [(t, MUXED, k, kbps, tag) for k, kbps in enumerate(ladder) for tag in edition.audio]
    video = [(t, VIDEO, k, kbps, NO_LANGUAGE) for k, kbps in enumerate(ladder)]
    audio = [(t, AUDIO, -1, 0, tag) for tag in edition.audio]
    return video + audio + [(t, SUBTITLE, -1, 0, tag) for tag in edition.subtitles]


def _ids(catalogue: Catalogue, title: Ints, kind: Ints, kbps: Ints, language: Ints) -> list[str]:
    title_ids = catalogue.table["title_id"].tolist()
    letter = "vasm"
    return [
        f"{title_ids[t]}-{letter[k]}{b or ''}" + (f"-{catalogue.languages[tag]}" if tag != NO_LANGUAGE else "")
        for t, k, b, tag in zip(title, kind, kbps, language, strict=True)
    ]


def assets_table(catalogue: Catalogue, files: Files) -> pd.DataFrame:
    """The `assets` table."""
    title_ids = catalogue.table["title_id"].to_numpy(dtype=object)
    extension = np.array(["mp4", "m4a", "vtt", "mp4"], dtype=object)[files.kind]
    asset_ids = np.array(files.ids, dtype=object)
    return pd.DataFrame({
        "asset_id": asset_ids,
        "title_id": title_ids[files.title],
        "kind": np.array(FILE_KINDS, dtype=object)[files.kind],
        "bitrate_kbps": pd.array(np.where(files.kbps > 0, files.kbps, -1), dtype="Int64"),
        "language": np.array([*catalogue.languages, ""], dtype=object)[files.language],
        "size_bytes": files.size_bytes,
        "url": "https://origin.example/" + asset_ids + "." + extension,
    }).assign(bitrate_kbps=lambda t: t["bitrate_kbps"].where(t["bitrate_kbps"] > 0))  # fmt: skip


def file_shares(files: Files, shares: VariantShares) -> Floats:
    """[files] part of its title's hours that each file serves in a region, on the plan date, by habit of editions."""
    edition = shares.editions.of_title[files.title]
    return _shares(
        files, shares, 0.0, shares.audio_share[edition, files.language], shares.subtitle_share[edition, files.language]
    )


def true_shares(files: Files, shares: VariantShares, habits: Habits, weeks: float) -> Floats:
    """The same `weeks` after the plan date, by the habits of each title."""
    languages = shares.audio_share.shape[1]
    audio, subtitle = (np.zeros((len(habits), languages + 1)) for _ in range(2))
    for t, share in habits.items():
        pairs = shares.pairs[shares.editions.of_title[t]]
        np.add.at(audio[t], pairs[:, 0], share)
        np.add.at(subtitle[t], pairs[:, 1], share)  # OFF is the last column, which no file is in
    return _shares(files, shares, weeks, audio[files.title, files.language], subtitle[files.title, files.language])


def _shares(files: Files, shares: VariantShares, weeks: float, audio: Floats, subtitle: Floats) -> Floats:
    ladders, ladder = shares.editions.ladders, shares.editions.ladder_of_title[files.title]
    longest = max(len(kbps) for kbps in ladders)
    rungs = np.zeros((len(ladders), longest + 1))  # the last column serves files without a rung
    for k, kbps in enumerate(ladders):
        rungs[k, : len(kbps)] = rung_share(kbps, shares.region, weeks)
    rung = rungs[ladder, files.rung]
    share: Floats = np.choose(files.kind, [rung, audio, subtitle, rung * audio])
    return share


def requested_bytes(catalogue: Catalogue, files: Files, share: Floats, hours: Floats) -> Floats:
    """[files] bytes requested by `hours` [titles] of viewing, given the parts that the files serve."""
    return hours[files.title] * share * 60 * files.size_bytes / catalogue.runtime_minutes[files.title]
