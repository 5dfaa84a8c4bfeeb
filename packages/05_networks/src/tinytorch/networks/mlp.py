"""The multilayer perceptron: linear layers with an activation between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from tinytorch.activations import ReLU
from tinytorch.layers import Linear
from tinytorch.tensor import Tensor

from .sequential import Sequential


def layer_sizes(
    in_features: int, hidden_features: Sequence[int], out_features: int
) -> list[tuple[int, int]]:
    """The (in, out) of each linear layer: of 2, [8], 1 they are [(2, 8), (8, 1)].

    Raises TypeError if `hidden_features` is a single number.
    """
    if isinstance(hidden_features, int):
        raise TypeError(
            f"MLP: hidden_features must be a sequence of sizes, but got {hidden_features!r}; "
            "write [8] for one hidden layer of 8"
        )
    sizes = [in_features, *hidden_features, out_features]
    return list(pairwise(sizes))


class MLP(Sequential):
    """Linear layers with an activation between each two, and none after the last.

    in_features, out_features: the last size of the input and of the output.
    hidden_features: the sizes in between; empty for a single linear layer.
    activation: any callable on tensors, ReLU if None; the same one at every place, so that its
        parameters, if it has any, are shared. bias: whether the layers have one.
    generator: what the first weights are drawn from, layer by layer.

    By the universal approximation theorem (Cybenko 1989; Hornik 1991) one hidden layer, wide
    enough, comes as near as one likes to any continuous function on a bounded region. It says
    nothing of how to find the weights.
    """

    def __init__(
        self,
        in_features: int,
        hidden_features: Sequence[int],
        out_features: int,
        activation: Callable[[Tensor], Tensor] | None = None,
        *,
        bias: bool = True,
        generator: np.random.Generator | None = None,
    ) -> None:
        between = ReLU() if activation is None else activation
        layers: list[Any] = []
        for n, m in layer_sizes(in_features, hidden_features, out_features):
            layers += [Linear(n, m, bias=bias, generator=generator), between]
        super().__init__(*layers[:-1])
