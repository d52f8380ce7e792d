"""The world behind a synthetic workspace: everything that is true in it, before anybody watched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fillplan_data.arrays import Floats
from fillplan_data.synthetic.catalogue import GENRES, Catalogue, make_catalogue
from fillplan_data.synthetic.dynamics import Dynamics, make_dynamics
from fillplan_data.synthetic.events import Hit, Promotion, make_hits, make_promotions
from fillplan_data.synthetic.parts import Part, generator
from fillplan_data.synthetic.regions import Region, make_regions
from fillplan_data.synthetic.sizes import FUTURE_DAYS, SizeSpec
from fillplan_data.synthetic.windows import Windows, make_windows

QUIRK_SPREAD = 0.4


@dataclass(frozen=True, eq=False)
class World:
    """All that demand, files and caches are drawn from. Days run from `-spec.history_days` to 13."""

    spec: SizeSpec
    seed: int
    regions: tuple[Region, ...]
    catalogue: Catalogue
    windows: Windows
    dynamics: Dynamics
    promotions: tuple[Promotion, ...]
    hits: tuple[Hit, ...]
    taste: Floats
    """[titles, regions] appeal of each title in each region, before time."""
    quirk: Floats
    """[titles, regions] log of the part of the taste that only viewing reveals, drawn with `QUIRK_SPREAD`."""

    @property
    def day(self) -> Floats:
        """[days] days from the plan date, history first."""
        return np.arange(-self.spec.history_days, FUTURE_DAYS, dtype=np.float64)


def make_world(spec: SizeSpec, seed: int) -> World:
    """Draw a world of one size."""
    regions = make_regions(spec, seed)
    catalogue = make_catalogue(spec, regions, seed)
    windows = make_windows(spec, catalogue, regions, seed)
    taste, quirk = _taste(catalogue, regions, seed)
    return World(
        spec=spec,
        seed=seed,
        regions=regions,
        catalogue=catalogue,
        windows=windows,
        dynamics=make_dynamics(spec, catalogue, seed),
        promotions=make_promotions(spec, catalogue, regions, windows, seed),
        hits=make_hits(spec, catalogue, regions, seed),
        taste=taste,
        quirk=quirk,
    )


def _taste(catalogue: Catalogue, regions: tuple[Region, ...], seed: int) -> tuple[Floats, Floats]:
    """Appeal x liking of the genres (half of it shared by the group) x of the language x a private quirk; its log."""
    rng = generator(seed, Part.TASTE)
    groups = sorted({r.country.group for r in regions})
    of_group = rng.normal(0, 0.35, (len(groups), len(GENRES)))
    taste, quirk = (np.empty((len(catalogue), len(regions))) for _ in range(2))
    for r, region in enumerate(regions):
        genre = of_group[groups.index(region.country.group)] + rng.normal(0, 0.3, len(GENRES))
        quirk[:, r] = rng.normal(0, QUIRK_SPREAD, len(catalogue))
        liking = np.exp((catalogue.genres * genre).sum(1) + quirk[:, r]) * _language_taste(catalogue, region)
        taste[:, r] = catalogue.appeal * liking
    return taste, quirk


def _language_taste(catalogue: Catalogue, region: Region) -> Floats:
    foreign = dict.fromkeys(catalogue.languages, region.foreign_taste) | {"en": region.english_taste}
    own = {
        tag: region.foreign_taste + part * region.own_language_taste for tag, part in region.country.languages.items()
    }
    of_language = np.array([(foreign | own)[tag] for tag in catalogue.languages])
    liking: Floats = of_language[catalogue.original]
    return liking
