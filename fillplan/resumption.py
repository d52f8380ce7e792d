"""Stages of a night that died: the next night takes up what they gave, if their inputs were the very same.

`unfinished/<stage>` holds a stage's value, keyed by the content of everything that it follows from; the folder goes
when a night ends. Values are frozen dataclasses of arrays and plain values, written as JSON and NumPy arrays, never
pickled; a digest in front makes any other content look as if there were none.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

import numpy as np

from fillplan.stages import Stages
from fillplan.workspace import Workspace, write_whole
from fillplan_models.forecast import Forecast
from fillplan_optimizer.groups import Group
from fillplan_optimizer.result import GroupProof, Placement, PlacementResult, Prices

T = TypeVar("T")
CLASSES = {kind.__name__: kind for kind in (Forecast, PlacementResult, Placement, Prices, GroupProof, Group)}
DIGEST_BYTES = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Resumption:
    """The results of finished stages of one night."""

    workspace: Workspace
    key: str
    """Digest of everything that the stages follow from."""
    stages: Stages

    def once(self, stage: str, compute: Callable[[], T]) -> T:
        """What the stage gave in a night that died, or what it gives now; that is kept then, if the disk allows."""
        path, found = self.workspace.unfinished / stage, None
        with suppress(OSError):  # absent, or another user's
            found = unpacked(path.read_bytes(), self.key)
        if found is not None:
            self.stages.tell("stage_resumed", stage=stage)
            return found
        value = compute()
        with suppress(OSError):  # a night that cannot keep a result can still succeed
            write_whole(path, packed(value, self.key))
        return value


class Once(Protocol):
    """`Resumption.once`, or what stands for it."""

    def __call__(self, stage: str, compute: Callable[[], T]) -> T:
        """The stage's value."""
        ...


def compute_only(stage: str, compute: Callable[[], T]) -> T:
    """Stands for `Resumption.once` where nothing is taken up or kept."""
    return compute()


def key_of(content: Mapping[str, object]) -> str:
    """Digest of what a night follows from, as plain values."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def forget(workspace: Workspace) -> None:
    """A night has ended: nothing is to be taken up."""
    shutil.rmtree(workspace.unfinished, ignore_errors=True)


def packed(value: object, key: str) -> bytes:
    """A stage's value as bytes."""
    arrays: list[np.ndarray] = []
    tree = json.dumps({"key": key, "value": _tree(value, arrays)}).encode()
    file = io.BytesIO()
    np.savez(file, np.frombuffer(tree, dtype=np.uint8), *arrays)
    return hashlib.sha256(file.getvalue()).digest() + file.getvalue()


def unpacked(content: bytes, key: str) -> Any:
    """The value, None where the content is damaged or was made from other inputs."""
    digest, body = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        return None
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        tree = json.loads(arrays["arr_0"].tobytes())
        return _value(tree["value"], arrays) if tree["key"] == key else None


def _tree(value: object, arrays: list[np.ndarray]) -> object:
    if isinstance(value, np.ndarray):
        assert not value.dtype.hasobject, "NumPy would pickle it"
        arrays.append(value)
        return {"array": len(arrays)}
    if is_dataclass(value) and type(value).__name__ in CLASSES:
        items = {field.name: _tree(getattr(value, field.name), arrays) for field in fields(value)}
        return {"class": type(value).__name__, "fields": items}
    if isinstance(value, tuple):
        return {"items": [_tree(item, arrays) for item in value]}
    if isinstance(value, Mapping):
        return {"mapping": {str(name): _tree(item, arrays) for name, item in value.items()}}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value.item() if isinstance(value, np.generic) else value


def _value(tree: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    if not isinstance(tree, dict):
        return tree
    if "array" in tree:
        return arrays[f"arr_{tree['array']}"]
    if "class" in tree:
        return CLASSES[tree["class"]](**{name: _value(item, arrays) for name, item in tree["fields"].items()})
    if "items" in tree:
        return tuple(_value(item, arrays) for item in tree["items"])
    if "mapping" in tree:
        return {name: _value(item, arrays) for name, item in tree["mapping"].items()}
    return date.fromisoformat(tree["date"])
