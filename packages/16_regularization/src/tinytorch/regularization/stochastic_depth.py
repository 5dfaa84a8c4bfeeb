"""Stochastic depth: in training, a block of a residual network is left out for some examples."""

from __future__ import annotations

from tinytorch.tensor import Tensor

from .dropout import Dropping
from .masking import Generator, dropped, refuse_other_than_a_probability
from .refusing import refuse_by


def check_examples(x: Tensor, *rest: object, **options: object) -> None:
    if x.ndim == 0:
        raise ValueError("drop_path: the input must be examples (N, …), not a single number")


@refuse_by(check_examples)
def drop_path(
    x: Tensor, p: float, training: bool = True, *, generator: Generator | None = None
) -> Tensor:
    """Each example of x dropped as a whole with probability p, and otherwise divided by 1 − p.

    For what a block adds to its input: x + drop_path(block(x), p). Where it is dropped, the block
    is not there.

    x: (N, …), floating. The rest as in `dropout`; raises ValueError for a single number, too. Huang
    et al. 2016; torchvision calls it `stochastic_depth(x, p, "row")`.
    """
    return dropped("drop_path", x, (len(x), *(1,) * (x.ndim - 1)), p, training, generator)


def check_depth(p: float, depth: int) -> None:
    refuse_other_than_a_probability("depth_rates", p)
    if depth < 1:
        raise ValueError(f"depth_rates: there must be 1 block or more, not {depth}")


@refuse_by(check_depth)
def depth_rates(p: float, depth: int) -> list[float]:
    """How likely each of `depth` blocks is dropped: p · l / depth for block l = 1, 2, …

    The first blocks, whose features all others need, are dropped seldom, the last with probability
    p. Raises ValueError for a p that is no probability and for less than one block. Huang et al.
    2016, section 3.
    """
    return [p * block / depth for block in range(1, depth + 1)]


class DropPath(Dropping):
    """Drops whole examples of what a block adds. See `drop_path`."""

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, …)."""
        return drop_path(x, self.p, self.training, generator=self.generator)
