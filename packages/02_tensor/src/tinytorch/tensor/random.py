"""Random tensors.

Every function takes a NumPy `Generator`, or uses the default one; same seed, same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from ._tensor import Tensor
from .creation import as_size
from .dtypes import DEFAULT_FLOAT, DEFAULT_INT, DTypeLike, as_dtype, float16, float64

_default = np.random.default_rng(0)
_here: ContextVar[np.random.Generator | None] = ContextVar("here", default=None)
"""What is drawn from inside `drawing_from`, in this thread or task; None elsewhere."""


def manual_seed(seed: int) -> np.random.Generator:
    """Start the default generator again from `seed`, and return it.

    Inside `drawing_from` that is the one which is drawn from there, until its end.
    """
    global _default
    generator = np.random.default_rng(seed)
    if _here.get() is None:
        _default = generator
    else:
        _here.set(generator)
    return generator


def default_generator() -> np.random.Generator:
    """The generator that random functions use when they are given none.

    Its seed is 0 until `manual_seed`. All threads share it, except inside `drawing_from`.
    """
    return _here.get() or _default


@contextmanager
def drawing_from(generator: np.random.Generator) -> Iterator[np.random.Generator]:
    """Inside the with-block `generator` is the default one, in this thread or task alone.

    Threads that draw from one generator take its numbers in an order that is left to chance. With
    one each, the numbers of each are the same in every run.
    """
    before = _here.set(generator)
    try:
        yield generator
    finally:
        _here.reset(before)


def rand(
    *size: Any,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers drawn evenly from [0, 1). size: integers, or one shape."""
    draws = generator or default_generator()
    if dtype is not None and as_dtype(dtype) == float16:
        # Multiples of 2⁻¹¹, which float16 holds exactly: rounding others would give 1 at times.
        steps = draws.integers(0, 2048, as_size(size))
        return Tensor((steps / 2048).astype(float16), requires_grad=requires_grad)
    return _drawn(draws.random, size, dtype, requires_grad)


def randn(
    *size: Any,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers drawn from the normal distribution with mean 0 and variance 1. size: as in `rand`."""
    return _drawn((generator or default_generator()).standard_normal, size, dtype, requires_grad)


def _drawn(draw: Any, size: Any, dtype: DTypeLike, requires_grad: bool) -> Tensor:
    kind = DEFAULT_FLOAT if dtype is None else as_dtype(dtype)
    if kind.kind != "f":
        raise TypeError(f"random numbers of this kind are floating, not {kind}; see randint")
    drawn = draw(as_size(size), dtype=float64 if kind == float64 else np.float32)
    return Tensor(np.asarray(drawn, kind), requires_grad=requires_grad)


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: np.random.Generator | None = None,
    dtype: DTypeLike = DEFAULT_INT,
) -> Tensor:
    """Whole numbers drawn evenly from low, …, high − 1; `randint(high, size)` starts at 0, as in
    PyTorch.

    Raises ValueError if there is no number between low and high.
    """
    if high is None or size is None:
        low, high, size = 0, low, high if size is None else size
    if low >= high:
        raise ValueError(f"randint: there is no whole number from {low} up to, but not, {high}")
    drawn = (generator or default_generator()).integers(low, high, as_size((size,)))
    return Tensor(np.asarray(drawn, as_dtype(dtype)))


def randperm(n: int, *, generator: np.random.Generator | None = None) -> Tensor:
    """The numbers 0, …, n − 1 in random order (int64)."""
    return Tensor((generator or default_generator()).permutation(n).astype(DEFAULT_INT))


def rand_like(x: Tensor, *, generator: np.random.Generator | None = None) -> Tensor:
    """`rand` with the shape and dtype of `x`."""
    return rand(x.shape, generator=generator, dtype=x.dtype)


def randn_like(x: Tensor, *, generator: np.random.Generator | None = None) -> Tensor:
    """`randn` with the shape and dtype of `x`."""
    return randn(x.shape, generator=generator, dtype=x.dtype)


def multinomial(
    probabilities: Tensor,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """Indices drawn with the given probabilities, row by row.

    probabilities: (n,) or (rows, n), not negative; they need not add up to 1. The result, int64:
    (num_samples,) or (rows, num_samples). Without replacement, an index occurs once at most.
    Raises ValueError for negative or non-finite weights, rows that add up to 0, or too many
    samples.
    """
    weights = np.asarray(probabilities.array, float64)
    if weights.ndim not in (1, 2):
        raise ValueError(f"multinomial: expected (n,) or (rows, n), but got {weights.shape}")
    totals = weights.sum(axis=-1, keepdims=True)
    if not np.isfinite(weights).all() or (weights < 0).any() or (totals <= 0).any():
        raise ValueError(
            "multinomial: weights must be finite, not negative, and not all 0 in a row"
        )
    draws = generator or default_generator()
    if replacement:
        ends = np.cumsum(weights, axis=-1)
        points = draws.random((*weights.shape[:-1], num_samples)) * ends[..., -1:]
        rows = [
            np.searchsorted(e, p, side="right")
            for e, p in zip(np.atleast_2d(ends), np.atleast_2d(points), strict=True)
        ]
        return Tensor(np.asarray(rows, DEFAULT_INT).reshape(points.shape))
    if num_samples > np.count_nonzero(weights, axis=-1).min():
        raise ValueError(
            f"multinomial: {num_samples} samples without replacement need as many weights above 0 "
            "in every row"
        )
    # The smallest of independent waiting times e/w: the order of arrival is a draw without
    # replacement.
    with np.errstate(divide="ignore"):
        waiting = draws.standard_exponential(weights.shape) / weights
    return Tensor(np.argsort(waiting, axis=-1, kind="stable")[..., :num_samples])
