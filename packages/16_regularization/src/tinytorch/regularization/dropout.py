"""Dropout: in training, numbers are dropped at random, so that none can rely on another."""

from __future__ import annotations

from tinytorch.layers import Module
from tinytorch.tensor import Tensor

from .masking import Generator, dropped, refuse_other_than_a_probability
from .refusing import refuse_by


def dropout(
    x: Tensor, p: float = 0.5, training: bool = True, *, generator: Generator | None = None
) -> Tensor:
    """Each number of x dropped with probability p, and otherwise divided by 1 − p.

    x: any shape, floating. The result has x's shape and type. Outside of training, and for p = 0,
    it is x itself; for p = 1 it is zeros. The mask is drawn from `generator`, or from the default
    one of tinytorch.tensor: the same seed gives the same mask. Raises ValueError for a p outside of
    0 to 1, TypeError for integers. Srivastava et al. 2014.
    """
    return dropped("dropout", x, x.shape, p, training, generator)


def check_images(x: Tensor, *rest: object, **options: object) -> None:
    if x.ndim != 4:
        raise ValueError(f"dropout2d: the input must be images (N, C, H, W), not {x.shape}")


@refuse_by(check_images)
def dropout2d(
    x: Tensor, p: float = 0.5, training: bool = True, *, generator: Generator | None = None
) -> Tensor:
    """Each channel of each image dropped as a whole with probability p: `dropout` for feature maps,
    where a number is known from its neighbours.

    x: (N, C, H, W), floating. The rest as in `dropout`; raises ValueError for other dimensions,
    too. Tompson et al. 2015.
    """
    return dropped("dropout2d", x, (*x.shape[:2], 1, 1), p, training, generator)


class Dropping(Module):
    """What drops with probability p, in training only.

    p: from 0 to 1. generator: what the masks are drawn from; without one the default generator of
    tinytorch.tensor. Raises ValueError for a p that is no probability.
    """

    def __init__(self, p: float = 0.5, *, generator: Generator | None = None) -> None:
        super().__init__()
        refuse_other_than_a_probability(type(self).__name__, p)
        self.p = p
        self.generator = generator

    def extra_repr(self) -> str:
        return f"p={self.p}"


class Dropout(Dropping):
    """Drops each number by itself. See `dropout`."""

    def forward(self, x: Tensor) -> Tensor:
        """x: any shape."""
        return dropout(x, self.p, self.training, generator=self.generator)


class Dropout2d(Dropping):
    """Drops whole channels. See `dropout2d`."""

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, C, H, W)."""
        return dropout2d(x, self.p, self.training, generator=self.generator)
