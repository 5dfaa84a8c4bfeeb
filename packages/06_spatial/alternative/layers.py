"""Where filters start, by NumPy's own draws; and the layers' calls."""

from __future__ import annotations

import numpy as np

from tinytorch.spatial.convolution import conv2d
from tinytorch.tensor import Tensor, default_generator


class Conv2d:
    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        draws = generator if generator is not None else default_generator()
        inputs = self.weight.numel() / self.out_channels
        for parameter in filter(lambda p: p is not None, (self.weight, self.bias)):
            drawn = draws.uniform(-1.0, 1.0, parameter.shape) * inputs**-0.5
            parameter.detach().copy_(Tensor(drawn))

    def forward(self, x: Tensor) -> Tensor:
        return conv2d(
            x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )


class Flatten:
    def forward(self, x: Tensor) -> Tensor:
        first, last = (d + x.ndim if d < 0 else d for d in (self.start_dim, self.end_dim))
        for d in (self.start_dim, self.end_dim):
            if d not in range(-x.ndim, x.ndim):
                raise IndexError(f"flatten: {x.shape} has no dimension {d}")
        if first > last:
            raise ValueError(f"flatten: from {first} to {last} there is no way forward")
        return x.reshape(
            *x.shape[:first], int(np.prod(x.shape[first : last + 1])), *x.shape[last + 1 :]
        )
