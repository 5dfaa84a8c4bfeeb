"""Importing every package of the course leaves `Tensor` as it was."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import importlib, pkgutil
import tinytorch, tinytorch.tensor as tt

before = dict(vars(tt.Tensor))
imported = []
for module in pkgutil.iter_modules(tinytorch.__path__):
    importlib.import_module(f"tinytorch.{module.name}")
    imported.append(module.name)
after = dict(vars(tt.Tensor))
assert "tensor" in imported, imported
changed = {name for name in before.keys() | after.keys() if before.get(name) is not after.get(name)}
assert not changed, f"{imported} changed {sorted(changed)}"
"""


def test_vars_of_tensor_are_unchanged():
    ran = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_a_tensor_has_no_dict():
    program = """
import tinytorch.tensor as tt
try:
    tt.zeros(1).something = 1
except AttributeError:
    pass
else:
    raise SystemExit("a tensor took an attribute that it does not have")
"""
    ran = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
