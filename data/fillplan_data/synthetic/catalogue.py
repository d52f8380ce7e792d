"""The catalogue: movies, seasons, weekly episodes, shorts and live events, and how much each appeals.

Appeal follows a Zipf-Mandelbrot law over ranks. The ranks come from a score that franchise, star power, budget
and genre explain in part, so that the appeal of a title without history can be guessed from the table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fillplan_data.arrays import Floats, Ints
from fillplan_data.synthetic.names import title_names
from fillplan_data.synthetic.parts import Part, generator
from fillplan_data.synthetic.regions import Region
from fillplan_data.synthetic.sizes import SizeSpec
from fillplan_data.synthetic.works import EPISODE, KINDS, SERIES, make_works

GENRES = ("action", "comedy", "crime", "documentary", "drama", "fantasy", "kids", "reality", "romance", "thriller")
BUDGETS = ("low", "mid", "high", "tentpole")
_ZIPF_EXPONENT = 1.05
_GENRE_APPEAL = np.array([0.35, 0.1, 0.3, -0.5, 0.15, 0.2, 0.1, -0.2, 0.0, 0.25])


@dataclass(frozen=True, eq=False)
class Luck:
    """[titles] parts of the score that only viewing reveals, and the spread that each was drawn with."""

    franchise: Floats
    work: Floats
    title: Floats
    franchise_spread: float = 0.8
    work_spread: float = 0.55
    title_spread: float = 0.3


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All titles; arrays run over titles, in the order of `table`, languages over `languages`."""

    table: pd.DataFrame
    """The `titles` table as written."""
    languages: tuple[str, ...]
    work: Ints
    """Number of the work: the seasons or episodes of one show share it."""
    kind: Ints
    franchise: Ints
    """Number of the franchise, -1 for works without."""
    original: Ints
    """Index of the original language."""
    budget: Ints
    genres: Floats
    """[titles, genres] 1 where the title has the genre, divided by the square root of their number."""
    runtime_minutes: Floats
    release_day: Ints
    """First release anywhere, in days from the plan date (negative = in the past)."""
    score: Floats
    """What titles are ranked by; higher is more watched."""
    luck: Luck
    """The parts of the score that no column of the table tells."""
    appeal: Floats
    """`appeal_of_rank` of the ranks of `score`."""

    def __len__(self) -> int:
        return len(self.kind)


def make_catalogue(spec: SizeSpec, regions: tuple[Region, ...], seed: int) -> Catalogue:
    """Draw `spec.titles` titles in the languages of the regions (and English and Korean, which travel)."""
    rng = generator(seed, Part.CATALOGUE)
    languages = _languages(regions)
    frame = pd.DataFrame(make_works(spec, rng))
    _add_looks(frame, len(languages), rng)
    frame = frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
    score, luck = _score(frame, rng)
    genres = np.stack([_one_hot(g) for g in frame["genre_ids"]])
    table = _table(frame, languages, title_names(int(frame["work"].max()) + 1, generator(seed, Part.NAMES)))
    whole = {c: frame[c].to_numpy(np.int64) for c in ("work", "kind", "franchise", "original", "budget", "release_day")}
    return Catalogue(
        table=table,
        languages=languages,
        genres=genres,
        runtime_minutes=frame["runtime_minutes"].to_numpy(np.float64),
        score=score,
        luck=luck,
        appeal=appeal_of_rank(np.argsort(np.argsort(-score, kind="stable"), kind="stable"), len(frame)),
        **whole,
    )


def appeal_of_rank(rank: Ints, titles: int) -> Floats:
    """Zipf-Mandelbrot weight of ranks (0 is the best) among so many titles; the mean over all ranks is 1."""
    offset = 1 + max(8.0, titles / 25)
    every = (np.arange(titles) + offset) ** -_ZIPF_EXPONENT
    weight: Floats = (rank + offset) ** -_ZIPF_EXPONENT / every.mean()
    return weight


def _languages(regions: tuple[Region, ...]) -> tuple[str, ...]:
    """Languages by the hours watched by their speakers, English first."""
    hours: dict[str, float] = {"en": np.inf, "ko": 0.0}
    for region in regions:
        for tag, part in region.country.languages.items():
            hours[tag] = hours.get(tag, 0.0) + part * region.hours_per_day
    return tuple(sorted(hours, key=lambda tag: (-hours[tag], tag)))


def _add_looks(frame: pd.DataFrame, languages: int, rng: np.random.Generator) -> None:
    """Add what a work looks like (language, genres, budget, franchise, stars, studio), shared by its titles."""
    works = int(frame["work"].max()) + 1
    prior = 1 / (np.arange(languages) + 1.6)
    prior[0] = prior[1:].sum() * 0.75
    franchise = np.where(rng.random(works) < 0.45, rng.integers(0, max(3, works // 7), works), -1)
    share_of_franchise = rng.normal(0, 1, max(3, works // 7) + 1)
    budget = np.minimum(
        rng.choice(4, works, p=[0.34, 0.38, 0.2, 0.08]) + (franchise >= 0) * rng.integers(0, 2, works), 3
    )
    stars = 0.55 * rng.normal(0, 1, works) + 0.45 * budget - 0.4
    looks = {
        "original": rng.choice(languages, works, p=prior / prior.sum()),
        "budget": budget,
        "franchise": franchise,
        "stars": stars,
        "star_power": stars + rng.normal(0, 0.25, works),
        "studio": rng.integers(0, 12, works),
        "own_worth": rng.normal(0, 1, works),
        "franchise_share": share_of_franchise[franchise] * (franchise >= 0),
        "age_rating": rng.choice(4, works, p=[0.2, 0.25, 0.35, 0.2]),
    }
    for name, values in looks.items():
        frame[name] = values[frame["work"]]
    genres = [sorted(rng.choice(len(GENRES), rng.integers(1, 4), replace=False)) for _ in range(works)]
    frame["genre_ids"] = [genres[w] for w in frame["work"]]


def _one_hot(genre_ids: list[int]) -> Floats:
    row = np.zeros(len(GENRES))
    row[genre_ids] = len(genre_ids) ** -0.5
    return row


def _score(frame: pd.DataFrame, rng: np.random.Generator) -> tuple[Floats, Luck]:
    """What titles are ranked by: features, the work's own worth, and chance."""
    luck = Luck(
        Luck.franchise_spread * frame["franchise_share"].to_numpy(),
        Luck.work_spread * frame["own_worth"].to_numpy(),
        rng.normal(0, Luck.title_spread, len(frame)),
    )
    genre = np.array([_GENRE_APPEAL[g].mean() for g in frame["genre_ids"]])
    score = 0.6 * frame["stars"] + 0.35 * frame["budget"] + 1.2 * genre + (luck.work + luck.franchise)
    return score.to_numpy() + luck.title - 0.04 * frame["episode"].to_numpy(), luck


def _table(frame: pd.DataFrame, languages: tuple[str, ...], names: list[str]) -> pd.DataFrame:
    width = max(3, len(str(len(frame))))
    season, episode = frame["season"], frame["episode"]
    name = np.array([names[w] for w in frame["work"]], dtype=object)
    suffix = [f": Season {s}" if not e else f": Episode {e}" for s, e in zip(season, episode, strict=True)]
    series = frame["kind"].isin([SERIES, EPISODE])
    return pd.DataFrame({
        "title_id": [f"t{k + 1:0{width}d}" for k in range(len(frame))],
        "name": np.where(series, name + np.array(suffix, dtype=object), name),
        "kind": np.array(KINDS, dtype=object)[frame["kind"]],
        "series_id": np.where(series, [f"s{w:0{width}d}" for w in frame["work"]], ""),
        "season": season.astype(object).where(season > 0, ""),
        "episode": episode.astype(object).where(episode > 0, ""),
        "original_language": np.array(languages, dtype=object)[frame["original"]],
        "runtime_minutes": frame["runtime_minutes"],
        "genres": [";".join(GENRES[g] for g in ids) for ids in frame["genre_ids"]],
        "franchise": [f"f{f:03d}" if f >= 0 else "" for f in frame["franchise"]],
        "star_power": frame["star_power"].round(2),
        "budget_class": np.array(BUDGETS, dtype=object)[frame["budget"]],
        "studio": [f"Studio {chr(65 + k)}" for k in frame["studio"]],
        "age_rating": np.array(["all", "12+", "16+", "18+"], dtype=object)[frame["age_rating"]],
    })  # fmt: skip
