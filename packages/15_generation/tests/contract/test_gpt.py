"""Task 15.5: generation with a real model."""

from typing import Any

import numpy as np
import pytest

from tinytorch.generation import Decoder, beam_search, generate
from tinytorch.tensor import Tensor
from tinytorch.transformers import GPT, GPTConfig

PROMPTS = [[1, 2, 3, 4, 5], [6], [3, 2, 1], [7, 7, 7, 7, 7, 7, 7, 7, 7]]


def gpt(block_size: int = 16, seed: int = 0, dtype: str = "float64", scale: float = 10.0) -> Any:
    """Its first weights are small, and what it says is nearly even; so they are made larger."""
    config = GPTConfig(vocab_size=11, block_size=block_size, n_layer=2, n_head=2, n_embd=8)
    model = GPT(config, dtype=dtype, generator=np.random.default_rng(seed))
    for parameter in model.parameters():
        parameter.detach().mul_(scale)
    return model


def plainly(model: Any, prompt: list[int], count: int) -> list[int]:
    """Greedy, with nothing kept, as the window is defined."""
    size = model.config.block_size
    row, start = list(prompt), 0
    for _ in range(count):
        if len(row) - start > size:
            start = len(row) - max(1, size // 2)
        logits = model(Tensor(np.array([row[start:]]))).detach().numpy()[0, -1]
        row.append(int(logits.argmax()))
    return row


# Two logits of float64 are as near as rounding, 10⁻¹², in fewer than one of a million draws here.


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("block_size", [16, 6, 1])
@pytest.mark.parametrize("seed", range(3))
def test_greedy_within_and_beyond_the_context(use_cache: bool, block_size: int, seed: int) -> None:
    model = gpt(block_size, seed)
    found = generate(model, [1, 2, 3], 40, greedy=True, use_cache=use_cache).tolist()
    expected = plainly(model, [1, 2, 3], 40)
    assert found == expected, f"block_size {block_size}, use_cache={use_cache}"


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("block_size", [32, 10])
@pytest.mark.parametrize("seed", range(3))
def test_each_row_is_what_it_is_alone(use_cache: bool, block_size: int, seed: int) -> None:
    model = gpt(block_size, seed)
    expected = [plainly(model, prompt, 20) for prompt in PROMPTS]
    found = generate(model, PROMPTS, 20, greedy=True, use_cache=use_cache)
    assert [row.tolist() for row in found] == expected
    stop = expected[0][7]
    cut = [
        row[: row.index(stop, len(prompt)) + 1] if stop in row[len(prompt) :] else row
        for row, prompt in zip(expected, PROMPTS, strict=True)
    ]
    options: dict[str, Any] = {"greedy": True, "stop_tokens": [stop], "use_cache": use_cache}
    found = generate(model, PROMPTS, 20, **options)
    assert [row.tolist() for row in found] == cut, f"stop token {stop}"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("block_size", [32, 10])
def test_the_logits_are_the_same_with_and_without_a_cache(dtype: str, block_size: int) -> None:
    model, draws = gpt(block_size, dtype=dtype, scale=3.0), np.random.default_rng(0)
    cached, plain = (Decoder(model, PROMPTS, use_cache) for use_cache in (True, False))
    for step in range(30):
        with_it, without = cached.next_logits(), plain.next_logits()
        assert with_it.dtype == dtype
        apart = float(np.abs(with_it - without).max())
        assert apart < 1e-5, f"step {step}: logits with and without a cache are {apart} apart"
        tokens = draws.integers(0, 11, len(PROMPTS))
        cached.append(tokens)
        plain.append(tokens)


@pytest.mark.parametrize("block_size", [32, 6])
def test_beams_share_a_cache(block_size: int) -> None:
    model = gpt(block_size)
    found = beam_search(model, [1, 2, 3], 10, 4, 1.0, [5])
    plain = beam_search(model, [1, 2, 3], 10, 4, 1.0, [5], use_cache=False)
    assert [beam.ids.tolist() for beam in found] == [beam.ids.tolist() for beam in plain]
    for with_it, without in zip(found, plain, strict=True):
        assert abs(with_it.log_probability - without.log_probability) < 1e-9


def test_parameters_are_left_alone() -> None:
    model = gpt()
    before = [parameter.detach().numpy().copy() for parameter in model.parameters()]
    generate(model, PROMPTS, 5)
    for parameter, was in zip(model.parameters(), before, strict=True):
        assert parameter.requires_grad, "a parameter requires its gradient as before"
        assert parameter.grad is None
        np.testing.assert_array_equal(parameter.detach().numpy(), was)
    assert model.training
