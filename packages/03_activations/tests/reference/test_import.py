"""What importing the package does, and what it does not do."""

import subprocess
import sys

import pytest

import tinytorch.activations as ta

PROGRAM = """
import sys
import numpy, tinytorch.tensor as tt
before, tensor = set(sys.modules), dict(vars(tt.Tensor))
known = set(tt.operations())
import tinytorch.activations
assert dict(vars(tt.Tensor)) == tensor, "importing activations changed Tensor"
assert tt.get_recorder() is None, "importing activations set a recorder"
new = set(tt.operations()) - known
assert all(tt.operations()[name].rule is None for name in new), "a rule came with activations"
print(*sorted(new))
print(*sorted({m.split(".")[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names)))
print(*sorted(m for m in sys.modules if m.count(".") == 1 and m.startswith("tinytorch.")))
"""


def test_it_adds_its_operations_and_nothing_else() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    added, libraries, portions = run.stdout.splitlines()
    functions = sorted(name for name in ta.__all__ if name.islower())
    assert added.split() == functions
    assert libraries.split() == ["tinytorch"]
    assert portions.split() == ["tinytorch.activations", "tinytorch.tensor"]


def test_objects_are_values() -> None:
    """Two activations with the same options are the same; they can be keys, and do not change."""
    assert ta.LeakyReLU(0.2) == ta.LeakyReLU(negative_slope=0.2) != ta.LeakyReLU()
    assert len({ta.ReLU(), ta.ReLU(), ta.GELU(), ta.GELU("tanh")}) == 3
    activation = ta.ELU()
    with pytest.raises(AttributeError):
        activation.alpha = 2.0  # type: ignore[misc]
