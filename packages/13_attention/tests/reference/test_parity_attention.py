"""The same work in PyTorch, forward and back; and gradients of gradients of the composed form."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tinytorch.attention import (
    KVCache,
    MultiHeadAttention,
    composed_attention,
    packed_attention,
    padding_mask,
    scaled_dot_product_attention,
)
from tinytorch.autograd import grad, no_grad
from tinytorch.tensor import Tensor

TOLERANCE = {"float16": 4e-3, "float32": 3e-5, "float64": 1e-11}


def drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def assert_same(ours: Any, theirs: Any, what: str = "") -> None:
    found, expected = ours.detach().numpy(), theirs.detach().numpy()
    assert found.dtype == expected.dtype, what
    assert found.shape == expected.shape, what
    bound = TOLERANCE[str(expected.dtype)]
    np.testing.assert_allclose(found, expected, rtol=bound, atol=bound, err_msg=what)


def both(*arrays: np.ndarray) -> tuple[list[Tensor], list[torch.Tensor]]:
    ours = [Tensor(x.copy(), requires_grad=True) for x in arrays]
    theirs = [torch.from_numpy(x.copy()).requires_grad_() for x in arrays]
    return ours, theirs


def same_way_back(
    ours: list[Tensor], found: Tensor, theirs: list[torch.Tensor], expected: torch.Tensor
) -> None:
    assert_same(found, expected, "the result")
    g = drawn(*expected.shape, seed=9, dtype=str(found.dtype))
    found.backward(Tensor(g))
    expected.backward(torch.from_numpy(g))
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        assert a.grad is not None
        assert b.grad is not None
        assert_same(a.grad, b.grad, f"the gradient of input {i}")


SHAPES = [
    ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 7)),
    ((2, 4, 5), (2, 4, 5), (2, 4, 5)),
    ((4, 5), (6, 5), (6, 2)),
    ((2, 3, 200, 16), (2, 3, 200, 16), (2, 3, 200, 8)),
]
FUNCTIONS = [scaled_dot_product_attention, composed_attention]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", FUNCTIONS, ids=["fused", "composed"])
@pytest.mark.parametrize("scale", [None, 0.3])
def test_attention(shapes: Any, dtype: str, function: Any, scale: float | None) -> None:
    ours, theirs = both(*(drawn(*s, seed=i, dtype=dtype) for i, s in enumerate(shapes)))
    found = function(*ours, scale=scale)
    same_way_back(ours, found, theirs, F.scaled_dot_product_attention(*theirs, scale=scale))


@pytest.mark.parametrize("dtype", ["float16"])
def test_float16(dtype: str) -> None:
    arrays = [drawn(*s, seed=i, dtype=dtype) for i, s in enumerate(SHAPES[0])]
    for function in FUNCTIONS:
        ours, theirs = both(*arrays)
        same_way_back(ours, function(*ours), theirs, F.scaled_dot_product_attention(*theirs))


@pytest.mark.parametrize("shape", [(2, 3, 6, 5), (2, 3, 200, 8), (3, 1, 4)], ids=str)
@pytest.mark.parametrize("function", FUNCTIONS, ids=["fused", "composed"])
def test_causal(shape: tuple[int, ...], function: Any) -> None:
    ours, theirs = both(*(drawn(*shape, seed=i) for i in range(3)))
    found = function(*ours, is_causal=True)
    same_way_back(ours, found, theirs, F.scaled_dot_product_attention(*theirs, is_causal=True))


@pytest.mark.parametrize("function", FUNCTIONS, ids=["fused", "composed"])
def test_more_queries_than_keys_are_aligned_as_in_pytorch(function: Any) -> None:
    ours, theirs = both(drawn(2, 6, 5), drawn(2, 4, 5, seed=1), drawn(2, 4, 5, seed=2))
    found = function(*ours, is_causal=True)
    same_way_back(ours, found, theirs, F.scaled_dot_product_attention(*theirs, is_causal=True))


@pytest.mark.parametrize("mask_shape", [(4, 6), (2, 1, 1, 6), (2, 3, 4, 6), (1, 6)], ids=str)
@pytest.mark.parametrize("function", FUNCTIONS, ids=["fused", "composed"])
def test_masks(mask_shape: tuple[int, ...], function: Any) -> None:
    arrays = [drawn(*s, seed=i) for i, s in enumerate(SHAPES[0])]
    allowed = np.random.default_rng(3).random(mask_shape) < 0.6
    allowed[..., 0] = True
    ours, theirs = both(*arrays)
    expected = F.scaled_dot_product_attention(*theirs, torch.from_numpy(allowed))
    same_way_back(ours, function(*ours, Tensor(allowed)), theirs, expected)
    ours, theirs = both(*arrays, drawn(*mask_shape, seed=4))
    expected = F.scaled_dot_product_attention(*theirs)
    same_way_back(ours, function(*ours), theirs, expected)


def test_rows_that_see_nothing() -> None:
    arrays = [drawn(*s, seed=i, dtype="float32") for i, s in enumerate(SHAPES[0])]
    arrays[2] = arrays[2][..., :5]
    allowed = np.ones((2, 1, 4, 6), bool)
    allowed[0, 0, 1] = allowed[1, 0] = False
    for function in FUNCTIONS:
        ours, theirs = both(*arrays)
        expected = F.scaled_dot_product_attention(*theirs, torch.from_numpy(allowed))
        assert not expected[1].any(), "PyTorch's own answer has changed"
        same_way_back(ours, function(*ours, Tensor(allowed)), theirs, expected)


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("function", FUNCTIONS, ids=["fused", "composed"])
def test_grouped_heads(kv_heads: int, causal: bool, function: Any) -> None:
    shapes = (2, 4, 6, 5), (2, kv_heads, 6, 5), (2, kv_heads, 6, 5)
    ours, theirs = both(*(drawn(*s, seed=i) for i, s in enumerate(shapes)))
    options = {"is_causal": causal, "enable_gqa": True}
    found = function(*ours, **options)
    same_way_back(ours, found, theirs, F.scaled_dot_product_attention(*theirs, **options))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("shape", [(3, 7, 24), (12, 64, 384)], ids=str)
def test_packed(causal: bool, shape: tuple[int, ...]) -> None:
    (ours,), (theirs,) = both(drawn(*shape))
    batch, length, width = shape[0], shape[1], shape[2] // 3
    q, k, v = (
        x.view(batch, length, 4, width // 4).transpose(1, 2) for x in theirs.split(width, -1)
    )
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    expected = expected.transpose(1, 2).reshape(batch, length, width)
    found = packed_attention(ours, num_heads=4, is_causal=causal)
    same_way_back([ours], found, [theirs], expected)


# The layer


def twins(
    embed_dim: int, num_heads: int, bias: bool = True, **sizes: int
) -> tuple[MultiHeadAttention, torch.nn.MultiheadAttention]:
    """A layer and PyTorch's, with the same parameters, none of them 0."""
    ours = MultiHeadAttention(embed_dim, num_heads, bias=bias, dtype="float64", **sizes)
    theirs = torch.nn.MultiheadAttention(
        embed_dim, num_heads, bias=bias, batch_first=True, dtype=torch.float64, **sizes
    )
    state = {}
    for i, (name, values) in enumerate(theirs.state_dict().items()):
        drawn_here = drawn(*values.shape, seed=i) / 3
        values.copy_(torch.from_numpy(drawn_here))
        if name == "in_proj_bias" and sizes:
            for part, piece in zip("qkv", np.split(drawn_here, 3), strict=True):
                state[f"{part}_proj.bias"] = piece
        else:
            renamed = name.replace("in_proj_", "in_proj.").replace("proj_weight", "proj.weight")
            state[renamed] = drawn_here
    ours.load_state_dict(state)
    return ours, theirs


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("batch", [(2,), ()], ids=str)
def test_layer(bias: bool, causal: bool, batch: tuple[int, ...]) -> None:
    ours, theirs = twins(12, 4, bias)
    (x,), (y,) = both(drawn(*batch, 5, 12))
    ahead = torch.ones(5, 5, dtype=torch.bool).triu(1) if causal else None
    expected, _ = theirs(y, y, y, attn_mask=ahead, need_weights=False)
    same_way_back([x], ours(x, is_causal=causal), [y], expected)
    mine = dict(ours.named_parameters())
    for name, parameter in theirs.named_parameters():
        twin = mine[name.replace("in_proj_", "in_proj.")]
        assert_same(twin.grad, parameter.grad, name)


def test_layer_of_other_keys() -> None:
    ours, theirs = twins(12, 4)
    inputs, others = both(drawn(2, 3, 12), drawn(2, 5, 12, seed=1), drawn(2, 5, 12, seed=2))
    expected, _ = theirs(*others, need_weights=False)
    same_way_back(inputs, ours(*inputs), others, expected)


@pytest.mark.parametrize("bias", [True, False])
def test_layer_of_keys_of_other_sizes(bias: bool) -> None:
    ours, theirs = twins(12, 4, bias, kdim=7, vdim=5)
    inputs, others = both(drawn(2, 3, 12), drawn(2, 6, 7, seed=1), drawn(2, 6, 5, seed=2))
    expected, _ = theirs(*others, need_weights=False)
    same_way_back(inputs, ours(*inputs), others, expected)


def test_layer_with_padding() -> None:
    ours, theirs = twins(12, 4)
    (x,), (y,) = both(drawn(3, 5, 12))
    lengths = [5, 2, 1]
    ignored = torch.arange(5) >= torch.tensor(lengths)[:, None]
    expected, _ = theirs(y, y, y, key_padding_mask=ignored, need_weights=False)
    same_way_back([x], ours(x, key_padding_mask=padding_mask(lengths, 5)), [y], expected)


def test_where_the_layer_starts() -> None:
    """The bounds of what is drawn, and the biases; the numbers themselves are other ones."""
    for options in ({}, {"kdim": 40, "vdim": 80}):
        ours = dict(MultiHeadAttention(64, 4, **options).named_parameters())
        theirs = torch.nn.MultiheadAttention(64, 4, **options).named_parameters()
        for name, parameter in theirs:
            if name == "in_proj_bias" and options:
                continue
            renamed = name.replace("in_proj_", "in_proj.").replace("proj_weight", "proj.weight")
            mine = ours[renamed].detach().numpy()
            assert mine.shape == tuple(parameter.shape), name
            bound = parameter.detach().abs().max().item()
            assert abs(np.abs(mine).max() - bound) <= 0.02 * bound, name


# Recorded


@pytest.mark.parametrize("kind", ["none", "causal", "boolean", "floating"])
def test_gradients_of_gradients_of_the_composed_form(kind: str) -> None:
    arrays = [drawn(2, 4, 3), drawn(2, 4, 3, seed=1), drawn(2, 4, 2, seed=2)]
    allowed = np.random.default_rng(3).random((4, 4)) < 0.6
    allowed[2] = False
    bias = drawn(4, 4, seed=4)
    ours, theirs = both(*arrays)
    mask, their_mask = {
        "none": (None, None),
        "causal": (None, None),
        "boolean": (Tensor(allowed), None),
        "floating": (Tensor(bias), torch.from_numpy(bias)),
    }[kind]
    found = composed_attention(*ours, mask, is_causal=kind == "causal")
    q, k, v = theirs
    scores = q @ k.mT / 3**0.5
    if their_mask is not None:
        scores = scores + their_mask
    hidden = torch.zeros(4, 4, dtype=torch.bool)
    if kind == "causal":
        hidden = torch.ones(4, 4, dtype=torch.bool).triu(1)
    if kind == "boolean":
        hidden = torch.from_numpy(~allowed)
    weights = scores.masked_fill(hidden, -1e30).softmax(-1).masked_fill(hidden, 0)
    expected = weights @ v
    assert_same(found, expected)
    first = grad((found * found).sum(), ours, create_graph=True)
    their_first = torch.autograd.grad((expected * expected).sum(), theirs, create_graph=True)
    for a, b in zip(first, their_first, strict=True):
        assert_same(a, b, "first order")
    second = grad(sum((a * a).sum() for a in first), ours)  # type: ignore[arg-type]
    their_second = torch.autograd.grad(sum((b * b).sum() for b in their_first), theirs)
    for a, b in zip(second, their_second, strict=True):
        assert_same(a, b, "second order")


def test_a_cache_refuses_what_would_lose_a_gradient() -> None:
    layer = MultiHeadAttention(12, 4)
    x = Tensor(drawn(1, 2, 12, dtype="float32"))
    for options in ({}, {"attn_mask": Tensor(np.ones((2, 2), bool))}):
        cache = KVCache(1, 4, 8, 3)
        with pytest.raises(RuntimeError, match="no_grad"):
            layer(x, cache=cache, **options)
        assert cache.length == 0
        with no_grad():
            layer(x, cache=cache, **options)
        assert cache.length == 2


def test_weights_are_kept_only_for_a_gradient() -> None:
    layer = MultiHeadAttention(12, 4)
    x = Tensor(drawn(1, 2, 12, dtype="float32"))
    layer(x).sum().backward()
    assert layer.in_proj.weight.grad is not None
    with no_grad():
        assert layer(x).grad_fn is None
