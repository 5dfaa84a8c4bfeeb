"""Task 14.5: with a cache it is the same GPT."""

from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tinytorch.transformers import GPT, GPTConfig

CONFIG = GPTConfig(vocab_size=11, block_size=6, n_layer=2, n_head=2, n_embd=8)
IDX = np.array([[3, 1, 4, 1, 5, 9], [2, 7, 1, 8, 2, 8]])


@pytest.fixture
def model(stirred: Any) -> Any:
    """No gradient is asked for: a cache is for use, not for training."""
    return stirred(GPT(CONFIG, dtype="float64")).requires_grad_(False)


@pytest.mark.parametrize("pieces", [(6,), (1,) * 6, (3, 1, 1, 1), (2, 4)], ids=str)
def test_piece_by_piece(pieces: tuple[int, ...], model: Any, assert_close: Any) -> None:
    expected = model(Tensor(IDX)).detach().numpy()
    cache, start = model.new_cache(2), 0
    for size in pieces:
        found = model(Tensor(IDX[:, start : start + size]), cache=cache)
        tried = f"tokens {start} to {start + size - 1} behind a cache of {start}"
        assert_close(found, expected[:, start : start + size], tried)
        start += size
        assert cache.length == start


def test_padding_and_a_cache(model: Any, assert_close: Any) -> None:
    """The mask is about all that can be looked at, the positions about the new ones."""
    ignored = np.array([[1, 1, 0, 0, 0, 0], [0] * 6], bool)
    positions = np.array([[0, 0, 0, 1, 2, 3], [0, 1, 2, 3, 4, 5]])
    expected = model(
        Tensor(IDX), positions=Tensor(positions), key_padding_mask=Tensor(ignored)
    ).detach()
    cache = model.new_cache(2)
    for start, end in ((0, 3), (3, 4), (4, 6)):
        found = model(
            Tensor(IDX[:, start:end]),
            positions=Tensor(positions[:, start:end]),
            key_padding_mask=Tensor(ignored[:, :end]),
            cache=cache,
        )
        tried = f"padded tokens {start} to {end - 1}, with a cache"
        values = found.detach().numpy()
        assert_close(values[1], expected.numpy()[1, start:end], tried)
        first = max(0, 2 - start)
        assert_close(values[0, first:], expected.numpy()[0, start + first : end], tried)


def test_the_last_place_alone(model: Any, assert_close: Any) -> None:
    cache = model.new_cache(2)
    model(Tensor(IDX[:, :4]), cache=cache, last_only=True)
    found = model(Tensor(IDX[:, 4:]), cache=cache, last_only=True)
    assert_close(
        found, model(Tensor(IDX)).detach().numpy()[:, -1:], "last_only behind a cache of 4"
    )


def test_going_back_and_other_rows(model: Any, assert_close: Any) -> None:
    cache = model.new_cache(2)
    model(Tensor(IDX[:, :4]), cache=cache)
    cache.truncate(2)
    cache.keep([1, 1, 0])
    idx = IDX[[1, 1, 0]]
    expected = model(Tensor(idx)).detach().numpy()[:, 2:5]
    found = model(Tensor(idx[:, 2:5]), cache=cache)
    assert_close(found, expected, "after truncate(2) and keep([1, 1, 0])")
    cache.reset()
    assert cache.length == 0


def test_more_than_there_is_room_for(model: Any, refused: Any) -> None:
    cache = model.new_cache(2)
    model(Tensor(IDX[:, :4]), cache=cache)
    with refused(ValueError, "GPT", "3 tokens", "4", "block_size"):
        model(Tensor(IDX[:, :3]), cache=cache)
    assert cache.length == 4, "what was refused is not in the cache"
    small = model.new_cache(2, max_length=3)
    assert (small.max_length, model.new_cache(1).max_length) == (3, 6)
    with refused(ValueError, "3"):
        model(Tensor(IDX[:, :4]), cache=small)
