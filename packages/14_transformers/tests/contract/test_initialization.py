"""Task 14.4: where a GPT begins.

Bounds on a spread: of n normal numbers it lies within 6 / √(2n) of the true one, relatively, but in
one of 500 million draws.
"""

from math import sqrt
from typing import Any

import numpy as np
import pytest

from tinytorch.transformers import GPT, GPTConfig

CONFIG = GPTConfig(vocab_size=60, block_size=50, n_layer=3, n_head=2, n_embd=48)


def spread_is(values: Any, expected: float, name: str) -> None:
    found, off = float(np.std(values)), 6 / sqrt(2 * values.size)
    assert abs(found / expected - 1) < off, (
        f"{name} {values.shape} has a standard deviation of {found:.5f}, expected {expected:.5f}"
    )
    mean = float(np.mean(values))
    assert abs(mean) < 6 * expected / sqrt(values.size), f"{name} has a mean of {mean:.5f}, not 0"


def drawn_model(seed: int, config: GPTConfig = CONFIG) -> Any:
    return GPT(config, generator=np.random.default_rng(seed))


def test_matrices_have_a_spread_of_002() -> None:
    for name, parameter in drawn_model(0).named_parameters():
        ends_a_branch = name.endswith(("out_proj.weight", "c_proj.weight"))
        if parameter.ndim == 2 and not ends_a_branch:
            spread_is(parameter.detach().numpy(), 0.02, name)


@pytest.mark.parametrize("n_layer", [1, 3, 8])
def test_what_ends_a_branch_begins_smaller(n_layer: int) -> None:
    config = GPTConfig(vocab_size=5, block_size=5, n_layer=n_layer, n_head=2, n_embd=48)
    for name, parameter in drawn_model(1, config).named_parameters():
        if name.endswith(("out_proj.weight", "c_proj.weight")):
            told = f"{name} of {n_layer} blocks, each with two branches,"
            spread_is(parameter.detach().numpy(), 0.02 / sqrt(2 * n_layer), told)


def test_vectors() -> None:
    for name, parameter in drawn_model(0).named_parameters():
        if parameter.ndim == 1:
            expected = 0 if name.endswith("bias") else 1
            assert (parameter.detach().numpy() == expected).all(), f"{name} should be {expected}"


def test_nothing_is_drawn_twice() -> None:
    """Two matrices of one shape differ, as do the rows of each."""
    firsts = [
        parameter.detach().numpy().ravel()[:10].tolist()
        for _, parameter in drawn_model(0).named_parameters()
        if parameter.ndim == 2
    ]
    assert len({tuple(each) for each in firsts}) == len(firsts)


def test_the_same_seed_gives_the_same_network() -> None:
    one, same, other = drawn_model(3), drawn_model(3), drawn_model(4)
    for (name, a), b, c in zip(
        one.named_parameters(), same.parameters(), other.parameters(), strict=True
    ):
        assert np.array_equal(a.detach().numpy(), b.detach().numpy()), f"{name}: same seed"
        if a.ndim == 2:
            assert not np.array_equal(a.detach().numpy(), c.detach().numpy()), f"{name}: other seed"


def test_without_biases() -> None:
    config = GPTConfig(vocab_size=60, block_size=50, n_layer=2, n_head=2, n_embd=48, bias=False)
    names = [name for name, _ in drawn_model(0, config).named_parameters()]
    assert not [name for name in names if name.endswith("bias")]
