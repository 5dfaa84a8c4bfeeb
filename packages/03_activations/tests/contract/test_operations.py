"""The table of this module's operations: names, inputs and attributes, to which gradient rules are
written."""

import inspect
from typing import Any

import pytest

import tinytorch.activations as ta
from tinytorch.tensor import Operation, operations

REQUIRED: Any = inspect.Parameter.empty

TABLE: dict[str, dict[str, Any]] = {
    "relu": {},
    "leaky_relu": {"negative_slope": 0.01},
    "elu": {"alpha": 1.0},
    "sigmoid": {},
    "tanh": {},
    "softplus": {"beta": 1.0, "threshold": 20.0},
    "silu": {},
    "gelu": {"approximate": "none"},
    "softmax": {"dim": REQUIRED},
    "log_softmax": {"dim": REQUIRED},
}


@pytest.mark.parametrize("name", TABLE)
def test_arguments_and_what_they_are_unless_given(name: str) -> None:
    parameters = inspect.signature(getattr(ta, name)).parameters
    defaults = {key: p.default for key, p in parameters.items() if key != "x"}
    assert next(iter(parameters)) == "x"
    assert defaults == TABLE[name]


@pytest.mark.parametrize("name", TABLE)
def test_what_a_gradient_rule_finds(name: str) -> None:
    function = getattr(ta, name)
    if isinstance(function, Operation):  # composed of operations, it needs no rule of its own
        assert function.name == name
        assert function.inputs == ("x",)
        assert function.attributes == tuple(TABLE[name])
        assert function.differentiable
        assert not function.views
        assert operations()[name] is function
