"""FORMULATION.md, the constraint functions and their tests name the same things."""

import ast
import re
from pathlib import Path

from fillplan_optimizer.exact import constraints

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "optimizer/FORMULATION.md").read_text(encoding="utf-8")


def documented():
    section = TEXT.split("## Constraints")[1].split("\n## ")[0]
    return re.findall(r"^### (\w+)$", section, flags=re.MULTILINE)


def test_every_documented_constraint_is_a_function_with_the_formula_in_its_docstring():
    for name in documented():
        assert getattr(constraints, name).__doc__, name


def test_every_constraint_function_is_documented_in_the_same_order():
    tree = ast.parse(Path(constraints.__file__).read_text(encoding="utf-8"))
    helpers = {"add_all", "byte_unit", "demand_unit"}
    public = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    assert [name for name in public if name not in helpers] == documented()


def test_every_constraint_is_tested_alone():
    tests = (Path(__file__).parent / "exact/test_constraints.py").read_text(encoding="utf-8")
    for name in documented():
        assert f"def test_{name}(" in tests, name


def test_every_module_that_the_formulation_names_exists():
    package = ROOT / "optimizer/fillplan_optimizer"
    for module, function in re.findall(r"`(\w+)\.(\w+)`", TEXT):
        if module in ("points", "fillplan_optimizer"):
            continue
        found = list(package.rglob(f"{module}.py"))
        assert found, module
        assert f"def {function}(" in found[0].read_text(encoding="utf-8"), f"{module}.{function}"
