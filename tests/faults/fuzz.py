"""Fuzzing of every reader of files: whatever bytes stand there, a reader reads them or refuses them by name.

`python -m tests.faults --fuzz SECONDS`. A mutation is a few random edits of a sound file: bits, cuts, copies of slices,
and words that parsers have stumbled over. Any exception that is no documented refusal is a crash.
"""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from fillplan.gates.profile import read_profile
from fillplan.pointers import OVERTAKEN, overtaken
from fillplan.receiving import receive
from fillplan.resumption import packed, unpacked
from fillplan.runs import read_run
from fillplan.scenarios.file import read_scenarios
from fillplan.sets import set_faults
from fillplan.settings import read_settings
from fillplan.workflow.demand import _read_demand
from fillplan.workflow.steps import train_step
from fillplan.workspace import Workspace
from fillplan_data.errors import FillplanError
from fillplan_data.reading import read_tables
from fillplan_models.model import load
from fillplan_models.spec import load_spec
from fillplan_optimizer.result import Placement
from tests.faults.promises import make_base
from tests.faults.world import use_model

WORDS = (
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b",", b"\n", b"\r", b"[" * 5000, b"{" * 5000, b"../", b"=1+1"),
    *(b"NaN", b"inf", b"-1", b"1e400", b"9" * 400, b"null", b"true", b"<script>", "\u202e".encode(), b"PAR1", b"%s%n"),
)


@dataclass(frozen=True)
class Target:
    """A sound file, and who reads it."""

    path: Path
    read: Callable[[], object]


def targets(root: Path) -> dict[str, Target]:
    """Every kind of file that fillplan reads, in a workspace with a night behind it."""
    run = max((root / "runs").glob("????-??-??"))
    current = (root / "published" / "current").resolve()
    found = {f"table {p.name}": Target(p, lambda: read_tables(root / "input")) for p in (root / "input").iterdir()}
    found |= {f"run {name}": Target(run / name, lambda: _read_run(run)) for name in ("plan.json", "plan.parquet")}
    found |= {
        f"set {p.name}": Target(p, lambda: set_faults(current)) for p in sorted(current.iterdir())[:2]
    }  # one manifest stands for all
    seen = root / "seen.json"
    seen.write_text(json.dumps({"network": "fillplan", "version": 1, "sha256": "0"}))
    found["seen.json"] = Target(seen, lambda: receive(current, date(2026, 1, 1), seen_file=seen))
    found["settings"] = Target(root / "fillplan.toml", lambda: read_settings(root))
    found["profile"] = Target(run / "profile.json", lambda: read_profile((run / "profile.json").read_bytes()))
    found |= _further(root, run)
    model = next((root / "models").glob("????-??-??"), None)
    for name in ("model.json", "card.json", "booster.txt") if model else ():
        found[f"model {name}"] = Target(model / name, lambda: load(model))
    return found


def _further(root: Path, run: Path) -> dict[str, Target]:
    """Files that people write, demand that is given, what a night that died has left, and what was overtaken."""
    demand, spec, scenario, left = (root / name for name in ("d.parquet", "quick.toml", "s.toml", "left"))
    shutil.copy(run / "demand.parquet", demand)
    scenario.write_text('[[scenario]]\nname = "more"\n[[scenario.override]]\nkind = "demand"\nfactor = 2\n')
    left.write_bytes(packed(Placement((np.arange(9),)), "key"))
    passed = root / "published" / OVERTAKEN
    passed.write_text("[[2, 4], [7, 8]]")
    return {
        "given demand": Target(demand, lambda: _read_demand(demand)),
        "model spec": Target(spec, lambda: load_spec(spec)),
        "scenarios": Target(scenario, lambda: read_scenarios(scenario)),
        "unfinished stage": Target(left, lambda: unpacked(left.read_bytes(), "key")),
        "overtaken": Target(passed, lambda: [3 in span for span in overtaken(Workspace(root))]),
    }


def _read_run(folder: Path) -> None:
    run = read_run(folder)
    run.plan(), run.demand(), run.plan_date


def workspace(folder: Path) -> Path:
    """A tiny one; one table as gzip, one as Parquet, the rest as CSV."""
    base = make_base(3, folder)
    root = base.folder
    use_model(root)
    train_step(root, base.plan_date)
    titles = root / "input" / "titles.csv"
    (root / "input" / "titles.csv.gz").write_bytes(gzip.compress(titles.read_bytes(), mtime=0))
    titles.unlink()
    assets = root / "input" / "assets.csv"
    pd.read_csv(assets).to_parquet(assets.with_suffix(".parquet"), index=False)
    assets.unlink()
    return root


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """One to four edits."""
    data = bytearray(content)
    for _ in range(int(rng.integers(1, 5))):
        at, kind = int(rng.integers(0, len(data) + 1)), int(rng.integers(5))
        end = min(len(data), at + int(rng.integers(1, 200)))
        if kind == 0 and at < len(data):
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            del data[at:end]
        elif kind == 2:
            data[at:at] = WORDS[int(rng.integers(len(WORDS)))]
        elif kind == 3:
            data[at:at] = data[at:end] * int(rng.integers(1, 20))
        else:
            del data[at:]
    return bytes(data)


def fuzz(seconds: float, seed: int, folder: Path) -> Iterator[tuple[str, str]]:
    """(target, outcome) of every mutation; an outcome that starts with CRASH should not be."""
    root = workspace(folder / "fuzz")
    found, rng, end = targets(root), np.random.default_rng(seed), time.monotonic() + seconds
    while time.monotonic() < end:
        name = str(rng.choice(list(found)))
        target = found[name]
        sound = target.path.read_bytes()
        target.path.write_bytes(mutated(sound, rng))
        try:
            target.read()
            yield name, "read"
        except (FillplanError, ValueError) as error:
            # ValueError is what read_profile documents; all others refuse by the error tree
            documented = isinstance(error, FillplanError) or name == "profile"
            yield name, type(error).__name__ if documented else f"CRASH {error!r}"
        except Exception as error:
            yield name, f"CRASH {error!r}"
        finally:
            target.path.write_bytes(sound)
    shutil.rmtree(root)


def fuzz_table(outcomes: list[tuple[str, str]]) -> str:
    """Counts by target and outcome."""
    counts = Counter(outcomes)
    lines = [f"{name:<28} {outcome:<60} {n:>6}" for (name, outcome), n in sorted(counts.items())]
    crashes = sum(n for (_, outcome), n in counts.items() if outcome.startswith("CRASH"))
    return "\n".join([*lines, f"{len(outcomes)} mutations, {crashes} crashes"])
