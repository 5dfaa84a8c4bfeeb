"""Task 15.5: `stream`, token by token."""

from typing import Any

import numpy as np
import pytest

from tinytorch.generation import generate, stream
from tinytorch.tensor import get_recorder


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("block_size", [40, 5])
def test_the_tokens_of_generate(use_cache: bool, block_size: int, glass: Any) -> None:
    model = glass(block_size=block_size)
    options: dict[str, Any] = {"top_k": 5, "repetition_penalty": 1.1, "use_cache": use_cache}
    whole = generate(model.model, [1, 2], 20, generator=np.random.default_rng(0), **options)
    found = list(stream(model.model, [1, 2], 20, generator=np.random.default_rng(0), **options))
    assert all(isinstance(token, int) for token in found)
    assert found == whole[2:].tolist()


def test_greedy(glass: Any) -> None:
    model = glass()
    assert list(stream(model.model, [3], 10, greedy=True)) == model.greedy([3], 10)[1:]


@pytest.mark.parametrize("seed", range(3))
def test_a_stop_token_is_the_last_one(seed: int, glass: Any) -> None:
    model = glass(seed=seed)
    expected = model.greedy([3], 10, [1, 4])[1:]
    assert list(stream(model.model, [3], 10, greedy=True, stop_tokens=[1, 4])) == expected


def test_each_token_comes_as_soon_as_it_is_there(glass: Any) -> None:
    model = glass()
    tokens = stream(model.model, [3], 10)
    assert model.calls == [], "before a token is asked for, the model need not be"
    for count in (1, 2, 3):
        next(tokens)
        assert len(model.calls) == count, f"for {count} tokens: {len(model.calls)} calls"


def test_no_token(glass: Any) -> None:
    assert list(stream(glass().model, [3], 0)) == []


def test_between_two_tokens_all_is_as_it_was_left(glass: Any) -> None:
    model, recorder = glass(), get_recorder()
    for _ in stream(model.model, [3], 3):
        assert model.model.training, "the model is in the mode in which it was left"
        assert recorder is None or recorder.is_recording(), "and so is recording"
    assert model.modes == [False] * 3, "at work the model is in evaluation mode"


@pytest.mark.parametrize("idx", [[3, 1], [[3, 1]], np.array([[3, 1]])], ids=["T", "1×T", "array"])
def test_one_prompt(idx: Any, glass: Any) -> None:
    model = glass()
    assert list(stream(model.model, idx, 4, greedy=True)) == model.greedy([3, 1], 4)[2:]


def test_what_is_refused_is_refused_at_once(glass: Any, refused: Any) -> None:
    model = glass().model
    with refused(ValueError, "prompt", "2"):
        stream(model, [[1], [2]], 3)
    with refused(ValueError, "prompt"):
        stream(model, [], 3)
    with refused(ValueError, "top_k"):
        stream(model, [1], 3, top_k=0)
    with refused(ValueError, "max_new_tokens"):
        stream(model, [1], -3)
