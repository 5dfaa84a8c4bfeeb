"""A parameter: a tensor that a module learns."""

from __future__ import annotations

from typing import Any

from tinytorch.tensor import Tensor


class Parameter(Tensor):
    """A tensor that a `Module` lists among its parameters when it is assigned as an attribute.

    data: a floating tensor, whose memory (and count of writes) is shared, or anything that `Tensor`
    takes.
    requires_grad: whether gradients are wanted for it; yes, unless it is frozen.
    """

    __slots__ = ()

    def __init__(self, data: Any, requires_grad: bool = True) -> None:
        super().__init__(data, requires_grad=requires_grad)
        if isinstance(data, Tensor):
            self.version = data.version

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"
