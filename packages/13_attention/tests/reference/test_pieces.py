"""However the work is cut, the result is the same; and what is kept of it in memory."""

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tinytorch.attention import (
    KVCache,
    MultiHeadAttention,
    attention,
    cached_attention,
    composed_attention,
    packed_attention,
    pieces,
    scaled_dot_product_attention,
)
from tinytorch.attention.exponentials import hides_no_row, softmax_rows
from tinytorch.tensor import Tensor, zeros
from tinytorch.tensor.testing import check_rule


def drawn(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.fixture(params=[(1, 2), (60, 3), (10**6, 64)], ids=str)
def cut(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pieces of so many scores and positions at least."""
    scores, positions = request.param
    monkeypatch.setattr(pieces, "SCORES", scores)
    monkeypatch.setattr(pieces, "POSITIONS", positions)
    pieces.plan_of.cache_clear()
    yield
    pieces.plan_of.cache_clear()


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("kv_heads", [4, 2])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("length", "total"), [(5, 5), (3, 7), (5, 3)])
def test_attention(kv_heads: int, causal: bool, length: int, total: int) -> None:
    q, k, v = drawn(2, 4, length, 3), drawn(2, kv_heads, total, 3), drawn(2, kv_heads, total, 2)
    bias = drawn(2, 1, length, total, seed=3)
    for mask in (None, bias):
        options: dict[str, Any] = {"is_causal": causal, "enable_gqa": True}
        tensors = [None if x is None else Tensor(x) for x in (q, k, v, mask)]
        found = scaled_dot_product_attention(*tensors, **options)  # type: ignore[arg-type]
        expected = composed_attention(*tensors, **options)  # type: ignore[arg-type]
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-11, atol=1e-11)
        check_rule(attention, q, k, v, mask, **options)


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("kv_heads", [4, 2])
def test_packed(kv_heads: int) -> None:
    check_rule(
        packed_attention,
        drawn(3, 5, (4 + 2 * kv_heads) * 2),
        num_heads=4,
        num_kv_heads=kv_heads,
        is_causal=True,
    )


@pytest.mark.usefixtures("cut")
def test_a_cache_in_several_steps() -> None:
    qkv = Tensor(drawn(2, 9, 24))
    whole = packed_attention(qkv, num_heads=4, is_causal=True).numpy()
    cache = KVCache(2, 4, 9, 2, dtype="float64")
    for start, stop in ((0, 3), (3, 8), (8, 9)):
        part = cached_attention(
            qkv[:, start:stop], cache, num_heads=4, num_kv_heads=4, is_causal=True
        )
        np.testing.assert_allclose(part.numpy(), whole[:, start:stop], rtol=1e-12, atol=1e-12)


def test_the_masked_half_is_left_out() -> None:
    _, weights, plan = attention.forward(*[drawn(1, 1, 1024, 8)] * 3, is_causal=True)
    assert len(plan.pieces) > 4
    numbers = sum(w.size for w in weights)
    assert numbers < 0.6 * 1024 * 1024, "of 1024 · 1024 weights, hardly more than half are kept"


def peak(function: Any) -> int:
    function()
    tracemalloc.start()
    function()
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return highest


@pytest.mark.parametrize("causal", [False, True])
def test_without_a_gradient_memory_grows_with_the_length(causal: bool) -> None:
    used = []
    for length in (1024, 2048):
        qkv = Tensor(drawn(1, length, 3 * 16).astype("float32"))
        q, k, v = (x[:, None] for x in qkv.split(16, dim=-1))
        used.append(
            peak(lambda q=q, k=k, v=v: scaled_dot_product_attention(q, k, v, is_causal=causal))
        )
        layer = MultiHeadAttention(16, 1).requires_grad_(False)
        x = zeros(1, length, 16)
        assert peak(lambda layer=layer, x=x: layer(x, is_causal=causal)) < 4 * length * length / 2
    assert used[0] < 4 * 1024 * 1024 / 2, f"{used[0]} bytes for 1024 positions"
    assert used[1] < 2.5 * used[0], f"{used} bytes for 1024 and 2048 positions"


def test_float16_gradients_are_those_of_float64_rounded() -> None:
    from tinytorch.tensor.testing import gradients_of

    shapes = (2, 4, 8), (2, 6, 8), (2, 6, 3)
    half = [drawn(*s, seed=i).astype(np.float16) for i, s in enumerate(shapes)]
    qkv = [drawn(2, 5, 24).astype(np.float16)]
    cases: list[tuple[Any, list[Any], dict[str, Any]]] = [
        (attention, [*half, None], {}),
        (packed_attention, qkv, {"num_heads": 2, "is_causal": True}),
    ]
    for operation, inputs, options in cases:
        found = []
        for wide in (False, True):
            given = [x if x is None or not wide else x.astype(np.float64) for x in inputs]
            out, *saved = operation.forward(*given, **options)
            g = drawn(*out.shape, seed=7).astype(np.float16).astype(out.dtype)
            needs = tuple(x is not None for x in given)
            defaults = {n: p.default for n, p in operation.signature.parameters.items()}
            attributes = {n: options.get(n, defaults[n]) for n in operation.attributes}
            found.append(gradients_of(operation, needs, given, attributes, [out], tuple(saved), g))
        for ours, exact in zip(*found, strict=True):
            if exact is not None:
                assert ours.dtype == np.float16
                np.testing.assert_allclose(ours, exact, rtol=4e-3, atol=2e-3)


def test_softmax_with_and_without_the_largest_subtracted() -> None:
    """More than 4096 scores within ±30 take the short way."""
    for scale in (1.0, 5.0, 20.0, 1000.0):
        scores = scale * drawn(80, 80)
        triangle = np.triu(np.full((80, 80), -np.inf), 1)[:, -20:]
        for addend in (None, triangle, np.full((1, 80), -1e4), np.full((80, 80), -np.inf)):
            full = scores.copy()
            if addend is not None:
                full[:, 80 - addend.shape[-1] :] += addend
            highest = full.max(-1, keepdims=True)
            powers = np.exp(full - np.where(np.isinf(highest), 0, highest))
            sums = powers.sum(-1, keepdims=True)
            expected = powers / np.where(sums == 0, 1, sums)
            np.testing.assert_allclose(
                softmax_rows(scores.copy(), addend), expected, rtol=1e-11, atol=1e-300
            )


def test_what_is_known_to_hide_no_row() -> None:
    triangle = np.triu(np.full((4, 4), -np.inf), 1)
    assert hides_no_row(None, 10)
    assert hides_no_row(triangle, 1000)
    assert not hides_no_row(triangle, 16), "to look would cost as much as it saves"
    assert not hides_no_row(np.full((4, 4), -np.inf), 1000)
    assert not hides_no_row(triangle + 1, 1000)


def test_neither_autograd_nor_a_change_of_tensors() -> None:
    code = (
        "import sys; from tinytorch.tensor import Tensor; before = dict(vars(Tensor));"
        "import tinytorch.attention; assert dict(vars(Tensor)) == before;"
        "assert 'tinytorch.autograd' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
