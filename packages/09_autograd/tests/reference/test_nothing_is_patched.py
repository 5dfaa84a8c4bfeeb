"""Importing this package changes no class and no function of another."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import importlib, pkgutil
import tinytorch, tinytorch.tensor as tt

class_before = dict(vars(tt.Tensor))
watched = {"tensor": tt, "operation": tt.Operation}
before = {name: dict(vars(each)) for name, each in watched.items()}
assert tt.get_recorder() is None
x = tt.tensor([1.0], requires_grad=True)
assert not (x * x).requires_grad
for name in ("activations", "layers", "networks", "autograd"):
    importlib.import_module(f"tinytorch.{name}")
assert tt.get_recorder() is not None
assert (x * x).requires_grad
class_after = dict(vars(tt.Tensor))
changed = [n for n in class_before | class_after if class_before.get(n) is not class_after.get(n)]
assert not changed, f"changed in Tensor: {changed}"
for name, each in watched.items():
    changed = [n for n, value in before[name].items() if vars(each).get(n) is not value]
    assert not changed, f"changed in {name}: {changed}"
for module in pkgutil.iter_modules(tinytorch.__path__):
    importlib.import_module(f"tinytorch.{module.name}")
class_after = dict(vars(tt.Tensor))
changed = [n for n in class_before | class_after if class_before.get(n) is not class_after.get(n)]
assert not changed, f"changed in Tensor by all packages: {changed}"
"""


def test_vars_of_tensor_are_unchanged() -> None:
    ran = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_only_what_is_declared_is_imported() -> None:
    program = """
import sys, tinytorch.autograd
allowed = {"tensor", "activations", "layers", "networks", "autograd"}
found = {name.split(".")[1] for name in sys.modules if name.startswith("tinytorch.")}
assert found <= allowed, found - allowed
"""
    ran = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
