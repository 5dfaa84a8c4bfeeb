"""A large attention as many small ones, each so small that its scores stay in the cache.

The sequences of a batch do not need each other, nor do the rows of a matrix of scores. And where
nobody looks ahead, the first rows have no use for the last columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from tinytorch.tensor import Array

from .rows import attend, attend_gradient

SCORES = 3 * 65536
"""About how many scores a piece has, 768 KiB of float32. Smaller ones would fit into faster caches,
and cost more calls.
"""

POSITIONS = 64
"""How many positions a piece has of a sequence that is cut; if it is not causal, at least."""


class Piece(NamedTuple):
    """A part of the leading sizes, of the rows, and of the columns that they look at."""

    leading: tuple[slice, ...]
    rows: slice
    columns: slice

    def of_queries(self, x: Array) -> Array:
        """Its part of (*leading, rows, n), a view."""
        index: Any = (*self.leading, ..., self.rows, slice(None))
        return x[index]

    def of_keys(self, x: Array) -> Array:
        """Its part of (*leading, columns, n), a view."""
        index: Any = (*self.leading, ..., self.columns, slice(None))
        return x[index]

    def of_scores(self, x: Array) -> Array:
        """Its part of (*leading, rows, columns), a view."""
        index: Any = (*self.leading, ..., self.rows, self.columns)
        return x[index]


class Plan(NamedTuple):
    """How the scores (*leading, rows, columns) are cut.

    group: how many rows belong to one position (see `fold_groups`). causal: whether nobody looks
    ahead; before: how many positions lie before the first row's.
    """

    pieces: tuple[Piece, ...]
    group: int
    causal: bool
    before: int
    cuts_rows: bool


@lru_cache(maxsize=256)
def plan_of(shape: tuple[int, ...], columns: int, group: int, causal: bool) -> Plan:
    """shape: that of the queries, (*leading, rows), with a leading size at least.

    The number of rows is a multiple of `group`.
    """
    *leading, rows = shape
    positions = rows // group
    before = max(columns - positions, 0)
    fitting = SCORES // max(1, group * columns)
    height = min(positions, POSITIONS if causal else max(POSITIONS, fitting))
    parts = parts_of(leading, height * group * columns)
    tops = range(0, positions, height) if positions else range(1)
    pieces = tuple(
        Piece(
            part,
            slice(top * group, min(top + height, positions) * group),
            slice(0, min(before + top + height, columns) if causal else columns),
        )
        for part in parts
        for top in tops
    )
    return Plan(pieces, group, causal, before, len(tops) > 1)


def parts_of(leading: Sequence[int], scores: int) -> list[tuple[slice, ...]]:
    """Parts of the first or, where one of those is too large, of the first two leading sizes.

    scores: how many a piece has for each of all leading places.
    """
    first, *others = leading
    of_one = max(1, prod(others) * scores)
    if of_one <= SCORES or not others:
        return [(part,) for part in slices(first, SCORES // of_one)]
    second, *rest = others
    of_one = max(1, prod(rest) * scores)
    return [(a, b) for a in slices(first, 1) for b in slices(second, SCORES // of_one)]


def slices(size: int, at_a_time: int) -> list[slice]:
    step = max(1, at_a_time)
    return [slice(start, min(start + step, size)) for start in range(0, size, step)]


def attend_in_pieces(
    q: Array, k: Array, v: Array, addend: Array | None, plan: Plan, out: Array, keep: bool
) -> tuple[Array, ...]:
    """`attend`, written to `out`: (*leading, rows, Dv); the weights of each piece, if to keep.

    Weights that are not kept are gone before the next piece is begun, so that a long sequence needs
    no more memory than a piece does.

    q: (*leading, rows, D), k, v: (*leading, columns, D or Dv). addend: (*leading, rows, columns)
    or None; a causal plan brings its own.
    """
    kept: list[Array] = []
    for piece in plan.pieces:
        if plan.causal:
            hidden = ahead_in(piece, plan, q.dtype)
        else:
            hidden = None if addend is None else piece.of_scores(addend)
        found, weights = attend(piece.of_queries(q), piece.of_keys(k), piece.of_keys(v), hidden)
        piece.of_queries(out)[...] = found
        if keep:
            kept.append(weights)
    return tuple(kept)


def gradient_in_pieces(
    g: Array,
    q: Array,
    k: Array,
    v: Array,
    kept: Sequence[Array],
    plan: Plan,
    scale: float,
    to_q: Array,
    to_k: Array,
    to_v: Array,
    to_addend: Array | None = None,
) -> None:
    """The gradients of `attend_in_pieces`, written to arrays shaped like q, k, v and the addend.

    kept: the weights of each piece. scale: by which q was multiplied before.
    """
    if plan.cuts_rows:
        to_k[...] = 0
        to_v[...] = 0
    for piece, weights in zip(plan.pieces, kept, strict=True):
        of_q, of_k, of_v, of_scores = attend_gradient(
            piece.of_queries(g),
            piece.of_queries(q),
            piece.of_keys(k),
            piece.of_keys(v),
            weights,
        )
        np.multiply(of_q, scale, out=piece.of_queries(to_q), casting="same_kind")
        if plan.cuts_rows:
            piece.of_keys(to_k)[...] += of_k
            piece.of_keys(to_v)[...] += of_v
        else:
            piece.of_keys(to_k)[...] = of_k
            piece.of_keys(to_v)[...] = of_v
        if to_addend is not None:
            piece.of_scores(to_addend)[...] = of_scores


def ahead_in(piece: Piece, plan: Plan, dtype: np.dtype[np.floating]) -> Array | None:
    """What hides the future from a piece's rows: an addend for its last columns."""
    first = piece.rows.start // plan.group
    positions = piece.rows.stop // plan.group - first
    columns = piece.columns.stop - (plan.before + first)
    return ahead(positions, columns, plan.group, dtype) if columns > 1 else None


@lru_cache(maxsize=64)
def ahead(positions: int, columns: int, group: int, dtype: np.dtype[np.floating]) -> Array:
    """−∞ at (i, j) where j > i, else 0; each row `group` times."""
    triangle = np.triu(np.full((positions, columns), -np.inf, dtype), 1)
    return np.repeat(triangle, group, axis=0)
