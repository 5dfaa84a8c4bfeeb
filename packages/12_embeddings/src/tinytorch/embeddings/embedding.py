"""The embedding: a table with one learnt vector for each token, looked up by the token's id."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.layers import Module, Parameter, init
from tinytorch.tensor import Array, DTypeLike, Tensor, empty, operation, where

from .row_sums import sum_rows


@operation
def embedding(weight: Array, *, indices: Any, padding_idx: int | None = None) -> Array:
    """The rows of `weight` at these indices.

    weight: (rows, D). indices: integers from 0 to rows − 1, of any shape. The result: their
    shape and D, a copy: out[place] = weight[indices[place]].

    padding_idx: a row whose reading gives no gradient; a negative one counts from the end. For the
    result it makes no difference. Raises IndexError for an index without a row, TypeError for
    indices that are no integers, ValueError for a weight that is no table.
    """
    if weight.ndim != 2:
        raise ValueError(f"embedding: the weight must be (rows, dim), not {weight.shape}")
    row_of("padding_idx", padding_idx, len(weight))
    return np.take(weight, checked(indices, len(weight)), axis=0)


def checked(indices: Any, rows: int) -> Array:
    """The indices as an array, if each of them has a row."""
    found = np.asarray(indices)
    if not found.size:
        return found.astype(np.int64)
    if found.dtype.kind not in "iu":
        raise TypeError(f"embedding: indices must be integers, not {found.dtype}; use .long()")
    lowest, highest = int(found.min()), int(found.max())
    if lowest < 0 or highest >= rows:
        wrong = lowest if lowest < 0 else highest
        raise IndexError(
            f"embedding: there is no row {wrong}; the weight has {rows} rows, and indices go from "
            f"0 to {rows - 1}"
        )
    return found


def row_of(name: str, padding_idx: int | None, rows: int) -> int | None:
    """padding_idx counted from the front. Raises IndexError where there is no such row."""
    if padding_idx is None:
        return None
    if not -rows <= padding_idx < rows:
        raise IndexError(f"embedding: {name} is {padding_idx}, but there are {rows} rows")
    return padding_idx % rows


def embedding_weight(g: Any, weight_shape: tuple[int, ...], indices: Any, padding_idx: Any) -> Any:
    """To each row the sum of what comes back from where it was read; from padding, nothing."""
    rows = weight_shape[0]
    places = checked(indices, rows)
    padding = row_of("padding_idx", padding_idx, rows)
    if padding is not None:
        g = where((places != padding)[..., np.newaxis], g, 0.0)
    return sum_rows(g, indices=places, rows=rows)


embedding.define_rule(weight=embedding_weight)
sum_rows.define_rule(g=lambda g, indices: embedding(g, indices=indices))


class Embedding(Module):
    """A table of vectors, looked up by index.

    num_embeddings, embedding_dim: how many vectors, and how long each is. padding_idx: the index of
    a vector that stands for nothing: it starts as zeros and gets no gradient; a negative one counts
    from the end. generator: what the first values are drawn from. dtype: float32 if not given.

    weight: (num_embeddings, embedding_dim), drawn from the normal distribution with variance 1, as
    in PyTorch.
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        dtype: DTypeLike = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        if num_embeddings < 0 or embedding_dim < 0:
            raise ValueError(
                f"Embedding: sizes must not be negative: {num_embeddings}, {embedding_dim}"
            )
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = row_of("padding_idx", padding_idx, num_embeddings)
        self.weight = Parameter(empty(num_embeddings, embedding_dim, dtype=dtype))
        self.reset_parameters(generator)

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None
    ) -> Embedding:
        """A layer with these vectors, (num_embeddings, embedding_dim).

        A tensor's memory is shared. freeze: whether they stay as they are when the network learns.
        The vector at padding_idx is not made zeros. Raises ValueError for another number of
        dimensions than two.
        """
        weight = Parameter(embeddings, requires_grad=not freeze)
        if weight.ndim != 2:
            raise ValueError(
                f"from_pretrained: expected (num_embeddings, embedding_dim), not {weight.shape}"
            )
        layer = cls(0, weight.shape[1])
        layer.num_embeddings = weight.shape[0]
        layer.padding_idx = row_of("padding_idx", padding_idx, weight.shape[0])
        layer.weight = weight
        return layer

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw all vectors anew; the one of padding is zeros."""
        init.normal_(self.weight, generator=generator)
        if self.padding_idx is not None:
            self.weight.detach()[self.padding_idx] = 0

    def forward(self, indices: Any) -> Tensor:
        """indices: (…), integers, to (…, embedding_dim)."""
        return embedding(self.weight, indices=indices, padding_idx=self.padding_idx)

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
