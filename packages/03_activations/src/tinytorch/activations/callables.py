"""Activations as objects: an activation and its options, to be put between layers.

They hold no parameters, so they are plain callables; `tinytorch.networks.Sequential` takes them as
they are. PyTorch's `inplace` is left out: what it overwrites, a gradient may still need.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinytorch.tensor import Tensor

from . import pointwise
from .distribution import log_softmax, softmax


@dataclass(frozen=True)
class ReLU:
    """max(x, 0). See `relu`."""

    def __call__(self, x: Tensor) -> Tensor:
        return pointwise.relu(x)


@dataclass(frozen=True)
class LeakyReLU:
    """x, or negative_slope · x below 0. See `leaky_relu`."""

    negative_slope: float = 0.01

    def __call__(self, x: Tensor) -> Tensor:
        return pointwise.leaky_relu(x, negative_slope=self.negative_slope)


@dataclass(frozen=True)
class ELU:
    """x, or α(eˣ − 1) below 0. See `elu`."""

    alpha: float = 1.0

    def __call__(self, x: Tensor) -> Tensor:
        return pointwise.elu(x, alpha=self.alpha)


@dataclass(frozen=True)
class Sigmoid:
    """1 / (1 + e^(−x)). See `sigmoid`."""

    def __call__(self, x: Tensor) -> Tensor:
        return pointwise.sigmoid(x)


@dataclass(frozen=True)
class Tanh:
    """The hyperbolic tangent. See `tanh`."""

    def __call__(self, x: Tensor) -> Tensor:
        return pointwise.tanh(x)


@dataclass(frozen=True)
class Softplus:
    """log(1 + e^(βx)) / β. See `softplus`."""

    beta: float = 1.0
    threshold: float = 20.0

    def __call__(self, x: Tensor) -> Tensor:
        return pointwise.softplus(x, beta=self.beta, threshold=self.threshold)


@dataclass(frozen=True)
class SiLU:
    """x · sigmoid(x). See `silu`."""

    def __call__(self, x: Tensor) -> Tensor:
        return pointwise.silu(x)


@dataclass(frozen=True)
class GELU:
    """x · Φ(x). See `gelu`."""

    approximate: str = "none"

    def __call__(self, x: Tensor) -> Tensor:
        return pointwise.gelu(x, approximate=self.approximate)


@dataclass(frozen=True)
class Softmax:
    """A distribution along `dim`.

    See `softmax`. (PyTorch guesses a missing `dim`; here it must be given.)
    """

    dim: int

    def __call__(self, x: Tensor) -> Tensor:
        return softmax(x, dim=self.dim)


@dataclass(frozen=True)
class LogSoftmax:
    """The logarithm of a distribution along `dim`. See `log_softmax`."""

    dim: int

    def __call__(self, x: Tensor) -> Tensor:
        return log_softmax(x, dim=self.dim)
