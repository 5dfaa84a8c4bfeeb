"""Activations as objects: they give what the functions give, and show their options."""

from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import tinytorch.activations as ta
from tinytorch.tensor import Tensor, tensor

few = settings(
    max_examples=20, deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink]
)
rows = st.lists(st.lists(st.floats(-50, 50, width=32), min_size=3, max_size=3), min_size=2)

PAIRS: dict[str, tuple[Any, Any]] = {
    "ReLU()": (ta.ReLU(), ta.relu),
    "LeakyReLU(negative_slope=0.01)": (ta.LeakyReLU(), ta.leaky_relu),
    "LeakyReLU(negative_slope=0.3)": (ta.LeakyReLU(0.3), lambda x: ta.leaky_relu(x, 0.3)),
    "ELU(alpha=1.0)": (ta.ELU(), ta.elu),
    "ELU(alpha=0.5)": (ta.ELU(alpha=0.5), lambda x: ta.elu(x, alpha=0.5)),
    "Sigmoid()": (ta.Sigmoid(), ta.sigmoid),
    "Tanh()": (ta.Tanh(), ta.tanh),
    "Softplus(beta=1.0, threshold=20.0)": (ta.Softplus(), ta.softplus),
    "Softplus(beta=2.0, threshold=5.0)": (
        ta.Softplus(2.0, 5.0),
        lambda x: ta.softplus(x, 2.0, 5.0),
    ),
    "SiLU()": (ta.SiLU(), ta.silu),
    "GELU(approximate='none')": (ta.GELU(), ta.gelu),
    "GELU(approximate='tanh')": (ta.GELU("tanh"), lambda x: ta.gelu(x, approximate="tanh")),
    "Softmax(dim=0)": (ta.Softmax(0), lambda x: ta.softmax(x, dim=0)),
    "Softmax(dim=-1)": (ta.Softmax(dim=-1), lambda x: ta.softmax(x, dim=-1)),
    "LogSoftmax(dim=1)": (ta.LogSoftmax(dim=1), lambda x: ta.log_softmax(x, dim=1)),
}


@pytest.mark.parametrize("shown", PAIRS)
@few
@given(rows)
def test_gives_what_the_function_gives(shown: str, values: list[list[float]]) -> None:
    activation, function = PAIRS[shown]
    x = Tensor(np.array(values, np.float32))
    found, expected = activation(x), function(x)
    assert isinstance(found, Tensor), f"{shown} gave a {type(found).__name__}, not a Tensor"
    assert found.tolist() == expected.tolist(), (
        f"{shown} of {values} gave {found}, the function gives {expected}"
    )


@pytest.mark.parametrize("shown", PAIRS)
def test_shows_its_options(shown: str) -> None:
    activation, _ = PAIRS[shown]
    assert repr(activation) == shown, f"repr gave {activation!r}, expected {shown}"


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax"])
def test_a_distribution_needs_its_dimension(refused: Any, name: str) -> None:
    refused(TypeError, f"{name}()", getattr(ta, name), "dim")


def test_can_be_used_again_and_in_a_chain() -> None:
    activation = ta.ELU(0.5)
    x = tensor([-1.0, 2.0])
    assert activation(x).tolist() == activation(x).tolist()
    chain = [ta.Tanh(), ta.LeakyReLU(0.5), ta.Softmax(dim=0)]
    for step in chain:
        x = step(x)
    assert float(x.sum()) == pytest.approx(1.0)


def test_all_public_names_are_there() -> None:
    objects = {type(activation).__name__ for activation, _ in PAIRS.values()}
    functions = {"relu", "leaky_relu", "elu", "sigmoid", "tanh"}
    functions |= {"softplus", "silu", "gelu", "softmax", "log_softmax"}
    assert set(ta.__all__) == objects | functions
    for name in ta.__all__:
        assert callable(getattr(ta, name)), f"{name} cannot be called"
