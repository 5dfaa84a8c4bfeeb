"""Where weights start. Each function fills a tensor in place, without any gradient noticing, and
returns it.

A layer with n inputs adds n products. If each weight has variance 1/n, the sum has the variance of
one input, and signals neither grow nor fade from layer to layer. Glorot and Bengio balance that
with the way back, where the sum is over the outputs; He et al. double it, since a ReLU throws half
of the signal away.
"""

from __future__ import annotations

from math import sqrt
from typing import TypeVar

import numpy as np

from tinytorch.tensor import Tensor

T = TypeVar("T", bound=Tensor)
Rng = np.random.Generator | None


def fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """How many inputs feed one output of a weight, and how many outputs one input feeds.

    A weight is (out, in, …); what follows the second size, a convolution's kernel, multiplies both.
    Raises ValueError for fewer than two dimensions.
    """
    if tensor.ndim < 2:
        raise ValueError(
            f"fan in and fan out need a weight (out, in, ...), but the shape is {tensor.shape}"
        )
    out, into, *kernel = tensor.shape
    receptive = 1
    for size in kernel:
        receptive *= size
    return into * receptive, out * receptive


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much the standard deviation must grow to make up for what an activation takes away.

    nonlinearity: "linear", "sigmoid", "tanh", "relu", "leaky_relu" (param: its slope, 0.01 if None)
    or "selu".
    """
    slope = 0.01 if param is None else param
    gains = {
        "linear": 1.0,
        "sigmoid": 1.0,
        "tanh": 5 / 3,
        "relu": sqrt(2),
        "leaky_relu": sqrt(2 / (1 + slope**2)),
        "selu": 3 / 4,
    }
    if nonlinearity not in gains:
        raise ValueError(f"no gain is known for {nonlinearity!r}; known are {', '.join(gains)}")
    return gains[nonlinearity]


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, *, generator: Rng = None) -> T:
    """Evenly from [a, b)."""
    tensor.detach().uniform_(a, b, generator=generator)
    return tensor


def normal_(tensor: T, mean: float = 0.0, std: float = 1.0, *, generator: Rng = None) -> T:
    """From the normal distribution with this mean and standard deviation."""
    tensor.detach().normal_(mean, std, generator=generator)
    return tensor


def constant_(tensor: T, val: float) -> T:
    """All `val`."""
    tensor.detach().fill_(val)
    return tensor


def zeros_(tensor: T) -> T:
    """All 0."""
    return constant_(tensor, 0.0)


def ones_(tensor: T) -> T:
    """All 1."""
    return constant_(tensor, 1.0)


def xavier_uniform_(tensor: T, gain: float = 1.0, *, generator: Rng = None) -> T:
    """Evenly from ±a with a = gain · √(6 / (fan_in + fan_out)).

    Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks"
    (2010).
    """
    fan_in, fan_out = fan_in_and_fan_out(tensor)
    bound = gain * sqrt(6 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator=generator)


def xavier_normal_(tensor: T, gain: float = 1.0, *, generator: Rng = None) -> T:
    """Normal with standard deviation gain · √(2 / (fan_in + fan_out)).

    Source as `xavier_uniform_`.
    """
    fan_in, fan_out = fan_in_and_fan_out(tensor)
    return normal_(tensor, 0.0, gain * sqrt(2 / (fan_in + fan_out)), generator=generator)


def kaiming_uniform_(
    tensor: T,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    generator: Rng = None,
) -> T:
    """Evenly from ±gain · √(3 / fan), gain that of the nonlinearity (a: the slope of a leaky ReLU).

    mode: "fan_in" keeps the size of signals on the way forward, "fan_out" that of gradients on the
    way back. He, Zhang, Ren, Sun, "Delving deep into rectifiers" (2015).
    """
    bound = calculate_gain(nonlinearity, a) * sqrt(3 / chosen_fan(tensor, mode))
    return uniform_(tensor, -bound, bound, generator=generator)


def kaiming_normal_(
    tensor: T,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    generator: Rng = None,
) -> T:
    """Normal with standard deviation gain / √fan. Arguments and source as `kaiming_uniform_`."""
    std = calculate_gain(nonlinearity, a) / sqrt(chosen_fan(tensor, mode))
    return normal_(tensor, 0.0, std, generator=generator)


def chosen_fan(tensor: Tensor, mode: str) -> int:
    """The fan that `mode` names; 1 where it is 0, since then there is nothing to fill.

    Raises ValueError for another name than "fan_in" and "fan_out".
    """
    fans = dict(zip(("fan_in", "fan_out"), fan_in_and_fan_out(tensor), strict=True))
    if mode not in fans:
        raise ValueError(f'mode must be "fan_in" or "fan_out", not {mode!r}')
    return max(fans[mode], 1)
