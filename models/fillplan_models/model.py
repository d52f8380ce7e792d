"""A trained demand model: forecasts a panel, and lives in a folder between nights.

The folder holds `booster.txt` (LightGBM's text form), `model.json` (spec, intervals, digests), the card as
`card.md` and `card.json`, `twin.txt`: the booster that was judged and that meets its challengers, and where they pay
`lower.txt` and `upper.txt`, the boosters of the intervals' reach.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fillplan_data.errors import ModelError
from fillplan_models.boosting import booster_text
from fillplan_models.calibration import calibration_svg
from fillplan_models.card import CALIBRATION_FILE, ModelInfo, card_json, card_markdown
from fillplan_models.forecast import Forecast
from fillplan_models.intervals import LEVELS, Bands
from fillplan_models.panel import Panel
from fillplan_models.reach import Reach
from fillplan_models.scoring import CLASSES, Correction, predict, series_class
from fillplan_models.spec import ModelSpec
from fillplan_models.trial import Holdout

FORMAT_VERSION = 7
"""Counts up whenever the baseline changes as well: a booster corrects the baseline that it was fitted on, no other."""
TWIN_FILE = "twin.txt"
REACH_FILES = ("lower.txt", "upper.txt")
BOOSTER_FILE, MODEL_FILE, CARD_FILE, CARD_DATA_FILE = "booster.txt", "model.json", "card.md", "card.json"


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """The booster on the baseline, with calibrated intervals; a `Forecaster`."""

    spec: ModelSpec
    booster: Any
    """lightgbm.Booster."""
    trust: tuple[float, ...]
    """Power of the booster's correction per class of series."""
    bands: Bands
    info: ModelInfo
    threads: int = 1
    reach: Reach | None = None
    """What scales the bands series by series; None where plain bands are as good."""
    twin: Any | None = None
    """The booster that was judged, fitted on days before `info.judged_from`; None in models of earlier versions."""
    holdout: Holdout | None = None
    """What it was judged by, only straight after training."""

    @property
    def name(self) -> str:
        """`boosted:` and the name of the spec."""
        return f"boosted:{self.spec.name}"

    def forecast(self, panel: Panel) -> Forecast:
        """See `Forecaster`; the panel may be of any later plan date than the one trained for."""
        mean, _, reach = predict(self._corrected(self.booster), self.reach, panel, self.threads)
        kind = series_class(panel, panel.live, self.spec.calibration.young_days)
        return Forecast.of_panel(panel, mean, *self.bands.apply(mean, kind, reach), self.name)

    @property
    def rival(self) -> Correction | None:
        """What meets challengers: the twin, which knows nothing from `info.judged_from` on."""
        return None if self.twin is None else self._corrected(self.twin)

    def _corrected(self, booster: Any) -> Correction:
        return Correction(booster, self.trust, self.spec.calibration.young_days)

    def with_threads(self, threads: int) -> TrainedModel:
        """The same model, scoring on so many threads; the result is the same."""
        return replace(self, threads=threads)

    def save(self, folder: Path) -> None:
        """Write the model and its card into `folder`, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        texts = {BOOSTER_FILE: booster_text(self.booster), CARD_DATA_FILE: card_json(self.info)}
        if self.twin is not None:
            texts[TWIN_FILE] = booster_text(self.twin)
        if self.reach is not None:
            texts |= dict(zip(REACH_FILES, map(booster_text, (self.reach.lower, self.reach.upper)), strict=True))
        document: dict[str, Any] = {
            "format_version": FORMAT_VERSION,
            "spec": self.spec.model_dump(mode="json"),
            "trust": list(self.trust),
            "bands": {"lower": self.bands.lower.tolist(), "upper": self.bands.upper.tolist()},
            "sha256": {name: _digest(text) for name, text in texts.items()},
        }
        for name, text in texts.items():
            _write(folder / name, text)
        _write(folder / CARD_FILE, card_markdown(self.info))
        if self.info.calibration:
            _write(folder / CALIBRATION_FILE, calibration_svg(self.info.calibration))
        _write(folder / MODEL_FILE, json.dumps(document, indent=1) + "\n")


def load(folder: Path) -> TrainedModel:
    """Read a model that `save` wrote. Raises ModelError if a file is missing, changed or of another format."""
    import lightgbm

    document = _read_document(folder)
    texts = {name: _read_checked(folder / name, digest) for name, digest in document["sha256"].items()}
    try:
        info = json.loads(texts[CARD_DATA_FILE])
        info |= {"notes": tuple(info["notes"]), "calibration": tuple(info.get("calibration", ()))}
        return TrainedModel(
            spec=ModelSpec.model_validate(document["spec"]),
            booster=_booster(texts[BOOSTER_FILE]),
            trust=_trust(document["trust"]),
            bands=_bands(document["bands"]),
            info=ModelInfo(**info),
            reach=Reach(*(_booster(texts[name]) for name in REACH_FILES)) if REACH_FILES[0] in texts else None,
            twin=_booster(texts[TWIN_FILE]) if TWIN_FILE in texts else None,
        )
    except (KeyError, TypeError, ValueError, RecursionError, lightgbm.basic.LightGBMError) as error:
        raise _unreadable(folder, str(error)) from error


def _booster(text: str) -> Any:
    import lightgbm

    return lightgbm.Booster(model_str=text)


def _trust(values: list[float]) -> tuple[float, ...]:
    powers = np.array(values, dtype=np.float64)
    if powers.shape != (CLASSES,) or not ((powers >= 0) & (powers <= 1)).all():
        raise ValueError(f"expected {CLASSES} powers of the correction from 0 to 1, found {values}")
    return tuple(powers.tolist())


def _bands(sides: dict[str, list[list[float]]]) -> Bands:
    lower, upper = (np.array(sides[side], dtype=np.float64) for side in ("lower", "upper"))
    shape = (CLASSES, len(LEVELS) + 1)
    if not lower.shape == upper.shape == shape:
        raise ValueError(f"expected bands of {shape} classes and levels, found {lower.shape} and {upper.shape}")
    if not (np.isfinite(lower) & np.isfinite(upper) & (lower <= 1) & (upper >= 1)).all():
        raise ValueError("expected bands that begin at most at the forecast and end at least there, found others")
    return Bands(lower, upper)


def _read_document(folder: Path) -> dict[str, Any]:
    try:
        document = json.loads((folder / MODEL_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(folder / MODEL_FILE, str(error)) from error
    if not isinstance(document, dict) or document.get("format_version") != FORMAT_VERSION:
        found = document.get("format_version") if isinstance(document, dict) else type(document).__name__
        raise _unreadable(folder / MODEL_FILE, f"format version {FORMAT_VERSION} expected, {found} found")
    digests = document.get("sha256")
    if not isinstance(digests, dict) or set(digests) - {TWIN_FILE, *REACH_FILES} != {BOOSTER_FILE, CARD_DATA_FILE}:
        raise _unreadable(folder / MODEL_FILE, "it does not list the model's files")
    return document


def _read_checked(path: Path, digest: str) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    if _digest(text) != digest:
        raise _unreadable(path, "its content is not what was saved (sha256 differs)")
    return text


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _unreadable(path: Path, why: str) -> ModelError:
    return ModelError(f"expected a trained model in {path}, could not use it: {why}; train again")
