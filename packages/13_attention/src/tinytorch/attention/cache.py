"""What was computed for earlier positions, kept: `KVCache`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinytorch.tensor import DTypeLike, Tensor, get_recorder, zeros


class KVCache:
    """The keys and values of one layer for all positions so far.

    batch_size, num_heads (of keys and values), head_dim: as in what is appended. max_length: for
    how many positions there is room; it is taken at once, 2 · batch_size · num_heads · max_length ·
    head_dim numbers of `dtype` (float32 if None).

    For inference: nothing in it takes part in gradients.
    """

    def __init__(
        self,
        batch_size: int,
        num_heads: int,
        max_length: int,
        head_dim: int,
        dtype: DTypeLike = None,
    ) -> None:
        sizes = (batch_size, num_heads, max_length, head_dim)
        if min(sizes) < 0:
            raise ValueError(f"KVCache: sizes must not be negative: {sizes}")
        self._keys = zeros(*sizes, dtype=dtype).array
        self._values = zeros(*sizes, dtype=dtype).array
        self._length = 0

    @property
    def length(self) -> int:
        """How many positions are kept."""
        return self._length

    @property
    def max_length(self) -> int:
        """For how many positions there is room."""
        return self._keys.shape[2]

    @property
    def batch_size(self) -> int:
        return self._keys.shape[0]

    @property
    def nbytes(self) -> int:
        """The bytes of the whole room."""
        return self._keys.nbytes + self._values.nbytes

    def append(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Keep the keys and values of further positions; all that are kept now.

        key, value: (batch_size, num_heads, t, head_dim). The results: (batch_size, num_heads,
        length, head_dim), views of the cache's memory: a later `keep`, `truncate` or `reset` may
        change them. Raises ValueError where sizes do not fit or there is no room, TypeError for
        another dtype, RuntimeError if a gradient should flow through.
        """
        self.check(key, value)
        end = self._length + key.shape[2]
        self._keys[:, :, self._length : end] = key.array
        self._values[:, :, self._length : end] = value.array
        self._length = end
        return Tensor(self._keys[:, :, :end]), Tensor(self._values[:, :, :end])

    def reset(self) -> None:
        """Forget all positions."""
        self._length = 0

    def truncate(self, length: int) -> None:
        """Forget all positions from `length` on.

        Raises ValueError if fewer are kept.
        """
        if not 0 <= length <= self._length:
            raise ValueError(
                f"KVCache.truncate: length={length}, but {self._length} positions are kept"
            )
        self._length = length

    def keep(self, rows: Sequence[int]) -> None:
        """Let the batch consist of these of its rows: in another order, fewer, or some repeated.

        Beam search continues from its best sequences so. rows: indices into the batch, which has
        len(rows) rows afterwards. Raises IndexError for an index outside.
        """
        outside = [row for row in rows if not 0 <= row < self.batch_size]
        if outside:
            raise IndexError(
                f"KVCache.keep: there is no row {outside[0]} in a batch of {self.batch_size}; "
                f"count from 0 to {self.batch_size - 1}"
            )
        chosen = np.asarray(rows, dtype=np.int64)
        kept = [memory[chosen, :, : self._length] for memory in (self._keys, self._values)]
        if len(chosen) != self.batch_size:
            shape = (len(chosen), *self._keys.shape[1:])
            self._keys = np.empty(shape, self._keys.dtype)
            self._values = np.empty(shape, self._keys.dtype)
        self._keys[:, :, : self._length], self._values[:, :, : self._length] = kept

    def check(self, key: Tensor, value: Tensor) -> None:
        """Raise as `append` does if key and value cannot be appended."""
        batch, heads, room, features = self._keys.shape
        shape = key.shape
        fits = len(shape) == 4 and (*shape[:2], shape[3]) == (batch, heads, features)
        if not fits or value.shape != shape:
            raise ValueError(
                f"KVCache.append: the key {shape} and the value {value.shape} must both be "
                f"({batch}, {heads}, t, {features}): batch, heads, new positions, features"
            )
        if self._length + shape[2] > room:
            raise ValueError(
                f"KVCache.append: {self._length} positions are kept and {shape[2]} are new, but "
                f"there is room for {room}: make the cache with a larger max_length, or truncate() "
                "or reset() it"
            )
        if not key.dtype == value.dtype == self._keys.dtype:
            raise TypeError(
                f"KVCache.append: the key is {key.dtype} and the value {value.dtype}, but the "
                f"cache holds {self._keys.dtype}: make it with dtype={str(key.dtype)!r}"
            )
        refuse_gradients("KVCache.append", key, value)

    def __repr__(self) -> str:
        batch, heads, room, features = self._keys.shape
        return (
            f"KVCache(batch_size={batch}, num_heads={heads}, max_length={room}, "
            f"head_dim={features}, length={self._length})"
        )


def refuse_gradients(name: str, *tensors: Tensor) -> None:
    """Raise RuntimeError if a gradient should flow through one of them, and would be lost."""
    recorder = get_recorder()
    if recorder is None or not any(x.requires_grad for x in tensors):
        return
    if recorder.is_recording():
        raise RuntimeError(
            f"{name}: what it was given requires a gradient, which would end in the cache: use the "
            "cache inside no_grad(), or none in training"
        )
