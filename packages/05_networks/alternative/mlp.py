"""A second right solution of task 5.2: the sizes walked from left to right."""

from collections.abc import Callable, Sequence

import numpy as np

from tinytorch.activations import ReLU
from tinytorch.layers import Linear
from tinytorch.tensor import Tensor


def layer_sizes(
    in_features: int, hidden_features: Sequence[int], out_features: int
) -> list[tuple[int, int]]:
    """The (in, out) of each linear layer: of 2, [8], 1 they are [(2, 8), (8, 1)]."""
    pairs, left = [], in_features
    for right in hidden_features:
        pairs.append((left, right))
        left = right
    pairs.append((left, out_features))
    return pairs


class MLP:
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
        super().__init__()
        if activation is None:
            activation = ReLU()
        for position, sizes in enumerate(layer_sizes(in_features, hidden_features, out_features)):
            if position > 0:
                self.append(activation)
            self.append(Linear(*sizes, bias, generator=generator))
