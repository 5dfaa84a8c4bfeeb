"""Where weights start, with the fans counted on the array and the draws made by NumPy itself."""

from __future__ import annotations

import numpy as np

from tinytorch.layers.init import Rng, T, calculate_gain
from tinytorch.tensor import Tensor, default_generator


def fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    if len(tensor.shape) < 2:
        raise ValueError(f"a weight of shape {tensor.shape} has no two sizes to count fans by")
    # One output's weights, and one input's: what is left of the shape without the other.
    return int(np.prod(tensor.shape[1:])), int(np.prod(tensor.shape[:1] + tensor.shape[2:]))


def draw_symmetric(tensor: T, deviation: float, generator: Rng) -> T:
    """Fill with an even distribution of mean 0 and this standard deviation."""
    draws = generator if generator is not None else default_generator()
    bound = deviation * 3**0.5
    tensor.detach().copy_(Tensor(draws.uniform(-bound, bound, tensor.shape)))
    return tensor


def xavier_uniform_(tensor: T, gain: float = 1.0, *, generator: Rng = None) -> T:
    average = sum(fan_in_and_fan_out(tensor)) / 2
    return draw_symmetric(tensor, gain * average**-0.5 if average else 0.0, generator)


def kaiming_uniform_(
    tensor: T,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    generator: Rng = None,
) -> T:
    if mode == "fan_in":
        fan = fan_in_and_fan_out(tensor)[0]
    elif mode == "fan_out":
        fan = fan_in_and_fan_out(tensor)[1]
    else:
        raise ValueError(f"there is a fan_in and a fan_out, but no {mode!r}")
    gain = calculate_gain(nonlinearity, a)
    return draw_symmetric(tensor, gain / fan**0.5 if fan else 0.0, generator)
