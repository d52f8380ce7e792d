"""Model specs: everything that shapes a trained model, read from TOML, typed and frozen."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from fillplan_data.errors import NotFound, SettingsError
from fillplan_data.toml_values import as_toml_says
from fillplan_data.wording import in_house_words


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)

    _as_toml_says = field_validator("*", mode="before")(as_toml_says)


class Sampling(_Part):
    """Which rows a model learns from."""

    cutoffs: int = Field(default=18, ge=1, le=400, description="past plan dates that training rows are taken from")
    step_days: int = Field(default=4, ge=1, le=28, description="days between cut-offs")
    rows: int = Field(default=450_000, ge=100, description="about how many rows (series x target day) in all")
    level_power: float = Field(default=0.5, ge=0, le=1, description="chance ~ expected hours to this power")
    young_days: int = Field(default=28, ge=0, description="series younger than this are sampled more")
    young_factor: float = Field(default=4.0, gt=0, description="by this factor")

    @property
    def reach_days(self) -> int:
        """Last days of the views whose rows are learnt from, where the history is as long."""
        return (self.cutoffs - 1) * self.step_days + 1


class Booster(_Part):
    """LightGBM's parameters, under its own names."""

    objective: Literal["tweedie", "poisson"] = "tweedie"
    tweedie_variance_power: float = Field(default=1.3, ge=1, lt=2)
    rounds: int = Field(default=200, ge=1, le=10_000)
    learning_rate: float = Field(default=0.05, gt=0, le=1)
    num_leaves: int = Field(default=31, ge=2, le=4095)
    min_data_in_leaf: int = Field(default=200, ge=1)
    min_sum_hessian_in_leaf: float = Field(default=10.0, ge=0, description="independent pieces of evidence in a leaf")
    lambda_l2: float = Field(default=20.0, ge=0)
    feature_fraction: float = Field(default=0.6, gt=0, le=1)
    max_bin: int = Field(default=127, ge=15, le=255)


class Weights(_Part):
    """What a row is worth: 1 / (noise + variance x mean), relative to its mean.

    Rows of one young or new title share its surprise, so their variance grows with their number.
    """

    warm_variance: float = Field(default=0.1, ge=0, description="squared relative error of a row of an old series")
    young_variance: float = Field(default=0.02, ge=0, description="of a young one, per row of its title")
    cold_variance: float = Field(default=1.0, ge=0, description="of one without views, per row of its title")
    young_days: int = Field(default=14, ge=0, description="series up to this age are young")


class Features(_Part):
    """Which features a model sees."""

    without: tuple[str, ...] = Field(default=(), description="feature names to leave out")


class Calibration(_Part):
    """How intervals and the card's figures are made."""

    holdout_days: int = Field(default=14, ge=7, le=56, description="last days kept from the model that is judged")
    young_days: int = Field(
        default=14, ge=1, description="series up to this age have intervals and a trust of their own"
    )


class Intervals(_Part):
    """LightGBM's parameters, under its own names, of the boosters of the 10 % and 90 % quantile."""

    rounds: int = Field(default=80, ge=1, le=10_000)
    learning_rate: float = Field(default=0.08, gt=0, le=1)
    num_leaves: int = Field(default=7, ge=2, le=4095)
    min_data_in_leaf: int = Field(default=500, ge=1)
    lambda_l2: float = Field(default=1.0, ge=0)
    feature_fraction: float = Field(default=0.6, gt=0, le=1)
    level_power: float = Field(default=0.5, ge=0, le=1, description="weight of a row ~ expected hours to this power")


class Span(_Part):
    """Values that a search may try for one key: from low to high, or one of some choices."""

    low: float | None = Field(default=None, description="least value")
    high: float | None = Field(default=None, description="greatest value")
    log: bool = Field(default=False, description="whether equal ratios, not equal steps, are as likely")
    choices: tuple[str, ...] = Field(default=(), description="values of a key that is text")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        has_bounds = self.low is not None and self.high is not None
        if has_bounds == bool(self.choices) or (self.low is None) != (self.high is None):
            raise ValueError("expected low and high, or choices")
        if self.low is not None and self.high is not None and (self.low > self.high or (self.log and self.low <= 0)):
            raise ValueError(f"expected low <= high (and above 0 where log), found {self.low} and {self.high}")
        return self


class ModelSpec(_Part):
    """A model spec, as in `models/specs/*.toml`."""

    model_config = ConfigDict(strict=False)

    name: str = Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")
    sampling: Sampling = Sampling()
    weights: Weights = Weights()
    booster: Booster = Booster()
    features: Features = Features()
    intervals: Intervals = Intervals()
    calibration: Calibration = Calibration()
    search: dict[str, Span] = Field(default={}, description="part.key -> values that `fillplan models search` may try")

    @model_validator(mode="after")
    def _reaches_behind_the_holdout(self) -> Self:
        reach, needed = self.sampling.reach_days, self.calibration.holdout_days + 7
        if reach < needed:
            raise ValueError(
                "(sampling.cutoffs - 1) x sampling.step_days + 1 must be at least calibration.holdout_days + 7 = "
                f"{needed}, so that the judged model has rows to learn from; found {reach}"
            )
        return self

    @model_validator(mode="after")
    def _searches_known_numbers_and_texts(self) -> Self:
        for name, span in self.search.items():
            part, _, key = name.partition(".")
            value = getattr(getattr(self, part, None), key, None) if part not in ("intervals", "calibration") else None
            if isinstance(value, bool) or not isinstance(value, str if span.choices else int | float):
                kind = "text" if span.choices else "number"
                raise ValueError(f"search: expected the part.key of a {kind} to be searched over, found {name}")
            if isinstance(value, int) and not all(float(bound or 0).is_integer() for bound in (span.low, span.high)):
                raise ValueError(f"search: expected whole numbers for {name}, found {span.low} to {span.high}")
        return self

    def with_values(self, values: Mapping[str, float | str]) -> ModelSpec:
        """The spec with other values of some part.key; raises ValueError where they are out of bounds."""
        document = self.model_dump()
        for name, value in values.items():
            part, _, key = name.partition(".")
            document[part][key] = value
        return ModelSpec.model_validate(document)

    def value(self, name: str) -> float | str:
        """The value of a part.key."""
        part, _, key = name.partition(".")
        found: float | str = getattr(getattr(self, part), key)
        return found

    def as_toml(self) -> str:
        """The text of a TOML file that `load_spec` reads back as the same spec."""
        document = self.model_dump(mode="json")
        lines = [f"name = {json.dumps(document.pop('name'))}"]
        search = document.pop("search")
        for part, values in document.items():
            lines += ["", f"[{part}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
        lines += ["", "[search]"] if search else []
        for name, span in search.items():
            said = ", ".join(
                f"{key} = {json.dumps(value)}"
                for key, value in span.items()
                if value is not None and value is not False and value != []
            )
            lines.append(f'"{name}" = {{ {said} }}')
        return "\n".join(lines) + "\n"


def load_spec(name: str | Path = "default") -> ModelSpec:
    """Read a shipped spec by name, or any spec by the path of its TOML file.

    Raises NotFound if there is none, SettingsError for broken TOML, unknown keys and values out of bounds.
    """
    path = Path(name) if str(name).endswith(".toml") else specs_folder() / f"{name}.toml"
    if not path.is_file():
        shipped = ", ".join(sorted(file.stem for file in specs_folder().glob("*.toml")))
        raise NotFound(f"expected a model spec {path}, found no such file; shipped specs: {shipped}")
    try:
        return ModelSpec.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"expected TOML in {path}, found: {error}") from error
    except ValidationError as error:
        raise SettingsError(f"{path}: {'; '.join(map(_said, error.errors()))}") from error


def _said(fault: Mapping[str, Any]) -> str:
    """Where, what was expected and what was found; the latter not where it is a whole part of the spec."""
    place = ".".join(map(str, fault["loc"]))
    found = "" if isinstance(fault["input"], dict) else f" (found {fault['input']!r})"
    message = in_house_words(fault["msg"])
    return f"{place}: {message}{found}" if place else message


def specs_folder() -> Path:
    """Folder of the shipped specs: inside the package when installed, beside it in a checkout."""
    inside = Path(str(files("fillplan_models"))) / "specs"
    return inside if inside.is_dir() else inside.parent.parent / "specs"
