"""What is learnt behind a normalisation: how far to stretch and to move its result."""

from __future__ import annotations

from tinytorch.layers import Module, Parameter
from tinytorch.tensor import DTypeLike, ones, zeros


class Affine(Module):
    """A module with weight, ones at first, and bias, zeros at first; either may be None."""

    weight: Parameter | None
    bias: Parameter | None

    def register_affine(
        self, shape: int | tuple[int, ...], affine: bool, bias: bool, dtype: DTypeLike
    ) -> None:
        """affine: whether there is a weight. bias: whether there is a bias beside it."""
        weight = Parameter(ones(shape, dtype=dtype)) if affine else None
        self.register_parameter("weight", weight)
        shift = Parameter(zeros(shape, dtype=dtype)) if affine and bias else None
        self.register_parameter("bias", shift)

    def reset_parameters(self) -> None:
        """Start again with weight 1 and bias 0."""
        if self.weight is not None:
            self.weight.detach().fill_(1)
        if self.bias is not None:
            self.bias.detach().fill_(0)
