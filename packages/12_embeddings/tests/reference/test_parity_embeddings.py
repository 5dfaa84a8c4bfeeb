"""The same work in PyTorch."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import tinytorch.autograd
from tinytorch.embeddings import (
    Embedding,
    LearnedPositions,
    RotaryPositions,
    SinusoidalPositions,
    embedding,
    rotary,
    sinusoidal_positions,
)
from tinytorch.tensor import Tensor, tensor

DTYPES = ["float16", "float32", "float64"]
TOLERANCE = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-11}


def drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def assert_same(ours: Any, theirs: torch.Tensor, what: str = "") -> None:
    found, expected = ours.detach().numpy(), theirs.detach().numpy()
    assert found.dtype == expected.dtype, what
    assert found.shape == expected.shape, what
    bound = TOLERANCE[str(expected.dtype)]
    np.testing.assert_allclose(found, expected, rtol=bound, atol=bound, err_msg=what)


# The embedding


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (0,), (2, 0, 3)])
@pytest.mark.parametrize("rows", [1, 7, 400])
@pytest.mark.parametrize("padding_idx", [None, 0, -1])
def test_embedding(dtype: str, shape: tuple[int, ...], rows: int, padding_idx: int | None) -> None:
    weight = drawn(rows, 3, dtype=dtype)
    indices = np.asarray(np.random.default_rng(1).integers(0, rows, shape))
    g = drawn(*shape, 3, seed=2, dtype=dtype)
    ours = Tensor(weight.copy(), requires_grad=True)
    theirs = torch.from_numpy(weight.copy()).requires_grad_()
    found = embedding(ours, indices=indices, padding_idx=padding_idx)
    expected = F.embedding(torch.from_numpy(indices), theirs, padding_idx)
    assert_same(found, expected, "the result")
    found.backward(Tensor(g))
    expected.backward(torch.from_numpy(g))
    assert theirs.grad is not None
    assert_same(ours.grad, theirs.grad, "the gradient")


@pytest.mark.parametrize("rows", [5, 300])
@pytest.mark.parametrize("padding_idx", [None, 1])
def test_gradients_of_gradients(rows: int, padding_idx: int | None) -> None:
    weight, indices = drawn(rows, 3), np.array([[0, 1, 1], [4, 0, 2]])
    ours = Tensor(weight.copy(), requires_grad=True)
    theirs = torch.from_numpy(weight.copy()).requires_grad_()
    loss = (embedding(ours, indices=indices, padding_idx=padding_idx) ** 3).sum()
    (first,) = tinytorch.autograd.grad(loss, [ours], create_graph=True)
    (first**2).sum().backward()
    other = (F.embedding(torch.from_numpy(indices), theirs, padding_idx) ** 3).sum()
    (expected,) = torch.autograd.grad(other, [theirs], create_graph=True)
    (expected**2).sum().backward()
    assert theirs.grad is not None
    assert_same(first, expected, "the first")
    assert_same(ours.grad, theirs.grad, "the second")


@pytest.mark.parametrize("padding_idx", [None, 0, 2, -1, -4])
def test_the_layer(padding_idx: int | None) -> None:
    ours, theirs = Embedding(4, 3, padding_idx), torch.nn.Embedding(4, 3, padding_idx)
    assert repr(ours) == repr(theirs)
    assert ours.padding_idx == theirs.padding_idx
    if theirs.padding_idx is not None:
        row = theirs.padding_idx
        assert ours.weight[row].tolist() == theirs.weight[row].tolist() == [0.0] * 3
    state = {name: values.numpy() for name, values in theirs.state_dict().items()}
    ours.load_state_dict(state)
    indices = np.array([[0, 3], [2, 2]])
    assert_same(ours(indices), theirs(torch.from_numpy(indices)))


@pytest.mark.parametrize("freeze", [True, False])
def test_from_pretrained(freeze: bool) -> None:
    values = drawn(4, 3, dtype="float32")
    ours = Embedding.from_pretrained(Tensor(values.copy()), freeze, 1)
    theirs = torch.nn.Embedding.from_pretrained(torch.from_numpy(values.copy()), freeze, 1)
    assert repr(ours) == repr(theirs)
    assert ours.weight.requires_grad == theirs.weight.requires_grad
    assert_same(ours.weight, theirs.weight)


@pytest.mark.parametrize("wrong", [[4], [-1]])
def test_both_refuse_an_index_without_a_row(wrong: list[int]) -> None:
    with pytest.raises(IndexError):
        Embedding(4, 3)(tensor(wrong))
    with pytest.raises(IndexError):
        torch.nn.Embedding(4, 3)(torch.tensor(wrong))


def test_first_values_are_drawn_from_the_same_distribution() -> None:
    """Both 200,000 numbers: mean and deviation lie within 5 σ of 0 and 1."""
    for values in (
        Embedding(2000, 100).weight.detach().numpy(),
        torch.nn.Embedding(2000, 100).weight.detach().numpy(),
    ):
        assert abs(values.mean()) < 0.012
        assert abs(values.std() - 1) < 0.012


# Positions


@pytest.mark.parametrize("dim", [2, 6, 16])
def test_sinusoidal_positions_as_in_the_transformer_tutorial(dim: int) -> None:
    position = torch.arange(50).unsqueeze(1)
    factor = torch.exp(torch.arange(0, dim, 2) * (-np.log(10000.0) / dim))
    table = torch.zeros(50, dim)
    table[:, 0::2] = torch.sin(position * factor)
    table[:, 1::2] = torch.cos(position * factor)
    assert_same(sinusoidal_positions(50, dim), table)
    x = drawn(2, 50, dim, dtype="float32")
    assert_same(SinusoidalPositions(dim)(Tensor(x)), torch.from_numpy(x) + table)


@pytest.mark.parametrize("given", [False, True])
def test_learned_positions_are_an_embedding(given: bool) -> None:
    weight, x = drawn(9, 4), drawn(2, 5, 4, seed=1)
    positions = np.array([3, 0, 8, 3, 1]) if given else np.arange(2, 7)
    ours = LearnedPositions(9, 4, dtype="float64")
    ours.weight.detach().copy_(weight)
    theirs = torch.from_numpy(weight).requires_grad_()
    found = ours(Tensor(x), positions) if given else ours(Tensor(x), start=2)
    expected = torch.from_numpy(x) + F.embedding(torch.from_numpy(positions), theirs)
    assert_same(found, expected)
    (found**2).sum().backward()
    (expected**2).sum().backward()
    assert theirs.grad is not None
    assert_same(ours.weight.grad, theirs.grad, "the gradient")


def rotated(x: torch.Tensor, positions: torch.Tensor, base: float) -> torch.Tensor:
    """As in LLaMA: cos and sin of all pairs twice, and the halves exchanged."""
    dim = x.shape[-1]
    inverse = 1.0 / base ** (torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    angles = positions[..., None].double() * inverse
    both = torch.cat([angles, angles], dim=-1).to(x.dtype)
    first, second = x[..., : dim // 2], x[..., dim // 2 :]
    return x * both.cos() + torch.cat([-second, first], dim=-1) * both.sin()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("base", [10000.0, 500000.0])
def test_rotary(dtype: str, base: float) -> None:
    x, g = drawn(2, 3, 7, 8, dtype=dtype), drawn(2, 3, 7, 8, seed=1, dtype=dtype)
    ours = Tensor(x.copy(), requires_grad=True)
    theirs = torch.from_numpy(x.copy()).requires_grad_()
    found, expected = rotary(ours, base=base), rotated(theirs, torch.arange(7), base)
    assert_same(found, expected)
    found.backward(Tensor(g))
    expected.backward(torch.from_numpy(g))
    assert theirs.grad is not None
    assert_same(ours.grad, theirs.grad, "the gradient")
    positions = np.random.default_rng(2).integers(0, 50, (2, 7))
    expected = rotated(torch.from_numpy(x), torch.from_numpy(positions)[:, None], base)
    assert_same(RotaryPositions(8, base)(Tensor(x), positions), expected, "positions (B, T)")


def test_rotary_pairs_halves_where_su_et_al_pair_neighbours() -> None:
    """The same in another order of the numbers: complex ones, whose parts are neighbours."""
    x = drawn(7, 8)
    angles = torch.arange(7)[:, None].double() / 10000.0 ** (torch.arange(0, 8, 2).double() / 8)
    pairs = torch.view_as_complex(torch.from_numpy(x).reshape(7, 4, 2))
    turned = torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles))
    expected = torch.cat([turned[..., 0], turned[..., 1]], dim=-1)
    halves = np.concatenate([x[:, 0::2], x[:, 1::2]], axis=-1)
    assert_same(rotary(Tensor(halves)), expected)
