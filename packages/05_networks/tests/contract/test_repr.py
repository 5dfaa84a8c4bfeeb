"""How networks show themselves: as PyTorch's do."""

import functools
from collections import OrderedDict
from typing import Any

from tinytorch.activations import GELU, LeakyReLU, Softmax, relu
from tinytorch.layers import Identity, Linear
from tinytorch.networks import MLP, Function, Sequential


def double(x: Any) -> Any:
    return x * 2


def expect(network: Any, expected: str) -> None:
    assert repr(network) == expected, f"shown as\n{network!r}\nexpected\n{expected}"


def test_a_line_a_layer() -> None:
    expect(
        Sequential(Linear(2, 8), LeakyReLU(0.2), Linear(8, 1, bias=False)),
        """Sequential(
  (0): Linear(in_features=2, out_features=8, bias=True)
  (1): LeakyReLU(negative_slope=0.2)
  (2): Linear(in_features=8, out_features=1, bias=False)
)""",
    )


def test_nested_networks_are_indented() -> None:
    expect(
        Sequential(Sequential(Identity(), GELU()), Softmax(dim=1)),
        """Sequential(
  (0): Sequential(
    (0): Identity()
    (1): GELU(approximate='none')
  )
  (1): Softmax(dim=1)
)""",
    )


def test_an_empty_network() -> None:
    expect(Sequential(), "Sequential()")


def test_names() -> None:
    expect(
        Sequential(OrderedDict([("hidden", Linear(1, 2)), ("act", relu)])),
        """Sequential(
  (hidden): Linear(in_features=1, out_features=2, bias=True)
  (act): relu
)""",
    )


def test_functions_show_by_their_name() -> None:
    expect(
        Sequential(double, lambda x: x, relu),
        """Sequential(
  (0): double
  (1): <lambda>
  (2): relu
)""",
    )
    assert repr(Function(double)) == "double"


def test_a_callable_without_a_name_shows_as_it_does_itself() -> None:
    halved = functools.partial(double)
    assert repr(Function(halved)) == repr(halved)


def test_a_slice_shows_the_names_it_keeps() -> None:
    expect(
        Sequential(double, Identity(), double)[1:],
        """Sequential(
  (1): Identity()
  (2): double
)""",
    )


def test_an_mlp_shows_its_layers() -> None:
    expect(
        MLP(2, [8], 1),
        """MLP(
  (0): Linear(in_features=2, out_features=8, bias=True)
  (1): ReLU()
  (2): Linear(in_features=8, out_features=1, bias=True)
)""",
    )
