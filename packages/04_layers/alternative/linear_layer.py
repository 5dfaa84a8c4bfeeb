"""The linear layer, by einsum and by NumPy's own draws."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, Tensor, default_generator, operation


@operation(promote="common")
def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    if np.ndim(weight) != 2 or np.ndim(x) < 1:
        raise ValueError(f"linear: x {x.shape} needs a dimension, the weight {weight.shape} two")
    if x.shape[-1] != weight.shape[-1]:
        raise ValueError(f"linear: x {x.shape} ends in another size than the weight {weight.shape}")
    product: Array = np.einsum("...i,oi->...o", x, weight)
    if bias is None:
        return product
    if bias.ndim != 1 or len(bias) != len(weight):
        raise ValueError(f"linear: a bias {bias.shape} for the outputs of {weight.shape}")
    return product + bias


class Linear:
    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        draws = generator if generator is not None else default_generator()
        bound = max(self.in_features, 1) ** -0.5
        for parameter in filter(lambda p: p is not None, (self.weight, self.bias)):
            drawn = 2 * bound * draws.random(parameter.shape) - bound
            parameter.detach().copy_(drawn)

    def forward(self, x: Tensor) -> Tensor:
        return linear(x, weight=self.weight, bias=self.bias)
