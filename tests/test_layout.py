"""Tests mirror the wings: one file per module, so that whoever changes a module knows where its tests stand."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOMES = {
    "fillplan": "tests/fillplan",
    "data/fillplan_data": "tests/data",
    "models/fillplan_models": "tests/models",
    "optimizer/fillplan_optimizer": "tests/optimizer",
}
OF_NO_MODULE = {
    "tests/data": "hostile synthetic/main",
    "tests/fillplan": "hostile main runbook report/browser",
    "tests/models": "shares/accuracy",
    "tests/optimizer": "formulation prices",
}
"""Tests of what no single module promises."""


def modules(home: str) -> dict[str, Path]:
    """Modules that do something, by their path without `.py`."""
    found = {path.relative_to(ROOT / home).with_suffix("").as_posix(): path for path in (ROOT / home).rglob("*.py")}
    return {name: path for name, path in found.items() if not path.name.startswith("__") and _does_something(path)}


def _does_something(path: Path) -> bool:
    """Whether a function of it has more than its docstring: types, constants and protocols have nothing to test."""
    functions = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if _is_function(node))
    return any(not isinstance(line, ast.Expr) for function in functions for line in function.body)


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def mirrored(tests: str) -> set[str]:
    """What the files of a folder of tests are named after."""
    folder = ROOT / tests
    names = (path.relative_to(folder) for path in folder.rglob("test_*.py"))
    return {path.with_name(path.stem.removeprefix("test_")).as_posix() for path in names}


@pytest.mark.parametrize(("home", "tests"), HOMES.items())
def test_every_module_has_a_file_of_tests(home: str, tests: str) -> None:
    assert not modules(home).keys() - mirrored(tests), "write their tests where the tests mirror them"


@pytest.mark.parametrize(("home", "tests"), HOMES.items())
def test_every_file_of_tests_is_named_after_a_module(home: str, tests: str) -> None:
    stray = mirrored(tests) - modules(home).keys()
    assert stray == set(OF_NO_MODULE[tests].split())
