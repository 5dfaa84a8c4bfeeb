"""What the contract tests share: how results are compared, and a model that can be seen through.

Every check names what was tried, what came, and what was expected. Expected values are computed
here, by NumPy in float64.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from math import sqrt
from typing import Any

import numpy as np
import pytest

from tinytorch.layers import Module
from tinytorch.tensor import Tensor

# Where gradients can be had, the checks run beside them: generation must not record.
if importlib.util.find_spec("tinytorch.autograd") is not None:
    importlib.import_module("tinytorch.autograd")

TOLERANCE = {"float16": 4e-3, "float32": 1e-5, "float64": 1e-11}


@pytest.fixture(scope="session")
def assert_close() -> Callable[..., None]:
    """assert_close(found, expected, tried): an array's shape, dtype and values are the expected."""
    return _assert_close


def _assert_close(found: Any, expected: Any, tried: str, *, dtype: Any = None) -> None:
    """found, expected: arrays. tried: what was called."""
    expected = np.asarray(expected)
    wanted = expected.dtype if dtype is None else np.dtype(dtype)
    told = f"{tried}\n  gave      {_told(found)}\n  expected  {_told(expected)}"
    assert found.shape == expected.shape, told
    assert found.dtype == wanted, told
    bound = TOLERANCE[str(wanted)]
    wide = found.astype(np.float64), expected.astype(np.float64)
    close = np.isclose(*wide, bound, bound, equal_nan=True)
    assert close.all(), f"{told}\n  first difference at index {tuple(np.argwhere(~close)[0])}"


def _told(array: Any) -> str:
    text = np.array2string(np.asarray(array), threshold=30, precision=6, separator=", ")
    return f"shape {array.shape}, {array.dtype}\n            {text}"


@pytest.fixture(scope="session")
def refused() -> Callable[..., AbstractContextManager[None]]:
    """with refused(ValueError, "top_k", "0"): raises this, and its message has these words."""
    return _refused


@contextmanager
def _refused(error: type[Exception], *words: str) -> Iterator[None]:
    with pytest.raises(error) as caught:
        yield
    assert not isinstance(caught.value, NotImplementedError), "the task is not written yet"
    told = str(caught.value)
    missing = [repr(word) for word in words if word not in told]
    assert not missing, (
        f"the text of the {type(caught.value).__name__} should name {' and '.join(missing)}, so "
        f"that a reader finds the mistake; it says: {told}"
    )


@pytest.fixture(scope="session")
def softmax() -> Callable[[Any], Any]:
    """softmax(logits): in float64, over the last axis."""
    return _softmax


def _softmax(logits: Any) -> Any:
    wide = np.asarray(logits).astype(np.float64)
    weights = np.exp(wide - wide.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


@pytest.fixture(scope="session")
def assert_drawn_from() -> Callable[..., None]:
    """assert_drawn_from(counts, probabilities, tried): the counts fit, by Pearson's chi-squared."""
    return _assert_drawn_from


def _assert_drawn_from(counts: Any, probabilities: Any, tried: str) -> None:
    """counts: how often each outcome came. probabilities: of each; 0 for what cannot come.

    Of a right sampler, fewer than one in ten million draws are above the bound: chi-squared with k
    degrees of freedom exceeds k + 2 √(kx) + 2x with a probability below exp(−x) (Laurent and
    Massart 2000), and x is 20, so that exp(−x) = 2 · 10⁻⁹ leaves room for what the approximation by
    chi-squared costs. The checks see to it that at least 50 are expected of each outcome.
    """
    counts, probabilities = np.asarray(counts), np.asarray(probabilities, np.float64)
    total = counts.sum()
    told = f"{tried}: {total} draws\n  counted   {counts}\n  expected  {probabilities * total}"
    possible = probabilities > 0
    assert not counts[~possible].any(), f"{told}\n  what has a probability of 0 was drawn"
    expected = probabilities[possible] * total
    assert expected.min() >= 50, "the check itself is wrong: it draws too few"
    found = ((counts[possible] - expected) ** 2 / expected).sum()
    free, x = len(expected) - 1, 20.0
    bound = free + 2 * sqrt(free * x) + 2 * x
    assert found <= bound, (
        f"{told}\n  chi-squared is {found:.0f}; right draws stay below {bound:.0f}"
    )


class Glass:
    """A model that can be seen through: its logits are sums over the tokens that it sees.

    Behind tokens t₀ … tₙ₋₁ of a window they are (W[0, t₀] + … + W[n − 1, tₙ₋₁]) / √n, in which
    every W[position, token] is a row of normal numbers. So every token at every position counts,
    and one that is missing, ignored, seen twice or at another position shows.

    model: the Module. calls: for each call, the shape of the tokens and how many columns they and
    what the cache held make together.
    """

    def __init__(self, vocab_size: int, block_size: int, seed: int, scale: float) -> None:
        draws = np.random.default_rng(seed)
        self.weights = scale * draws.standard_normal((block_size, vocab_size, vocab_size))
        self.vocab_size = vocab_size
        self.block_size = block_size
        self.calls: list[tuple[tuple[int, ...], int]] = []
        self.modes: list[bool] = []
        self.model = _module(self)

    # What tests expect

    def logits(self, window: Any) -> Any:
        """Behind this window: (vocab,)."""
        rows = [self.weights[place, token] for place, token in enumerate(window)]
        return np.sum(rows, axis=0) / sqrt(len(rows))

    def window(self, row: Any, prompt_length: int) -> Any:
        """What of the row is seen: it has grown from a prompt of this length token by token."""
        start = 0
        for length in range(prompt_length, len(row) + 1):
            if length - start > self.block_size:
                start = length - max(1, self.block_size // 2)
        return row[start:]

    def greedy(self, prompt: Any, count: int, stop_tokens: Any = ()) -> list[int]:
        """The prompt and the likeliest tokens behind it."""
        row = list(prompt)
        for _ in range(count):
            row.append(int(self.logits(self.window(row, len(prompt))).argmax()))
            if row[-1] in stop_tokens:
                break
        return row

    # What the model does

    def forward(
        self, tokens: Any, positions: Any, ignored: Any, cache: Any, last_only: bool
    ) -> Any:
        """Logits behind the last of the tokens: (rows, 1, vocab), or behind each."""
        rows, new = tokens.shape
        before = np.zeros((rows, 0), np.int64) if cache is None else cache.tokens
        places = np.zeros((rows, 0), np.int64) if cache is None else cache.places
        assert len(before) == rows, (
            f"the cache holds {len(before)} rows, and the model was shown {rows}"
        )
        width = before.shape[1] + new
        self.calls.append((tokens.shape, width))
        assert width <= self.block_size, (
            f"the model has a block_size of {self.block_size}: it was shown {new} tokens a row "
            f"behind {width - new} in the cache"
        )
        if positions is None:
            positions = np.broadcast_to(np.arange(width - new, width), (rows, new))
        assert positions.shape == (rows, new), (
            f"positions must be those of the new tokens, {(rows, new)}, not {positions.shape}"
        )
        if ignored is None:
            ignored = np.zeros((rows, width), bool)
        assert ignored.shape == (rows, width), (
            f"key_padding_mask must be for all columns, {(rows, width)}, not {ignored.shape}"
        )
        tokens = np.concatenate([before, tokens], axis=1)
        places = np.concatenate([places, positions], axis=1)
        if cache is not None:
            cache.tokens, cache.places = tokens, places
        ends = range(width, width + 1) if last_only else range(width - new + 1, width + 1)
        return np.stack(
            [[self._behind(tokens, places, ignored, i, end) for end in ends] for i in range(rows)]
        )

    def _behind(self, tokens: Any, places: Any, ignored: Any, row: int, end: int) -> Any:
        seen = ~ignored[row, :end]
        values = self.weights[places[row, :end][seen], tokens[row, :end][seen]]
        return values.sum(axis=0) / sqrt(max(1, len(values)))


class GlassCache:
    """What a see-through model has seen: the tokens and their positions."""

    def __init__(self, rows: int) -> None:
        self.tokens = np.zeros((rows, 0), np.int64)
        self.places = np.zeros((rows, 0), np.int64)

    def keep(self, rows: Any) -> None:
        chosen = [int(row) for row in rows]
        self.tokens, self.places = self.tokens[chosen], self.places[chosen]

    def reset(self) -> None:
        self.tokens, self.places = self.tokens[:, :0], self.places[:, :0]

    def truncate(self, length: int) -> None:
        self.tokens, self.places = self.tokens[:, :length], self.places[:, :length]


def _module(glass: Glass) -> Any:
    def array(values: Any) -> Any:
        return None if values is None else values.numpy()

    class Model(Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Module()
            self.config = Module()
            self.config.block_size = glass.block_size
            self.config.vocab_size = glass.vocab_size

        def new_cache(self, batch_size: int, max_length: int | None = None) -> GlassCache:
            return GlassCache(batch_size)

        def forward(
            self,
            idx: Tensor,
            *,
            positions: Tensor | None = None,
            key_padding_mask: Tensor | None = None,
            cache: GlassCache | None = None,
            last_only: bool = False,
        ) -> Tensor:
            glass.modes.append(self.training)
            told = array(positions), array(key_padding_mask)
            return Tensor(glass.forward(idx.numpy(), *told, cache, last_only))

    return Model()


@pytest.fixture(scope="session")
def glass() -> Callable[..., Glass]:
    """glass(vocab_size=7, block_size=12, seed=0, scale=1.0): a model that can be seen through."""
    return _glass


def _glass(vocab_size: int = 7, block_size: int = 12, seed: int = 0, scale: float = 1.0) -> Glass:
    return Glass(vocab_size, block_size, seed, scale)
