"""What a network costs: parameters, arithmetic, memory. Everything here is counted, nothing
measured.

A FLOP is one floating-point addition or multiplication. Fused as the hardware may do them, a
multiplication with its addition still counts as two. An activation counts as one for each element,
whatever function it is.
"""

from __future__ import annotations

from math import prod

from tinytorch.layers import Module
from tinytorch.tensor import Tensor


def count_parameters(module: Module, trainable_only: bool = False) -> int:
    """The numbers that a module and all below it hold as parameters; shared ones count once.

    trainable_only: leave out the frozen ones, which require no gradient.
    """
    return sum(
        parameter.numel()
        for parameter in module.parameters()
        if parameter.requires_grad or not trainable_only
    )


def linear_flops(rows: int, in_features: int, out_features: int, bias: bool = True) -> int:
    """The FLOPs of a linear layer on `rows` rows.

    Each of the rows · out_features results is a sum of in_features products, and of one term more
    if there is a bias. To add n terms takes n − 1 additions (of no terms, none).
    """
    terms = in_features + (1 if bias else 0)
    return rows * out_features * (in_features + max(terms - 1, 0))


def activation_flops(shape: tuple[int, ...]) -> int:
    """The FLOPs of an activation with a result of this shape: by convention one an element."""
    return prod(shape)


def parameter_bytes(module: Module) -> int:
    """The bytes of a module's parameters and all below it; shared ones count once."""
    return sum(parameter.numel() * parameter.element_size() for parameter in module.parameters())


def activation_bytes(*results: Tensor) -> int:
    """The bytes of the tensors that layers hand on, which training keeps until the way back."""
    return sum(result.numel() * result.element_size() for result in results)
