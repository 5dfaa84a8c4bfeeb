"""Task 13.4: several heads, and groups of them that share keys and values."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.attention import (
    attention,
    attention_weights,
    composed_attention,
    packed_attention,
    scaled_dot_product_attention,
)
from tinytorch.attention.heads import fold_groups, merge_heads, split_heads, unfold_groups
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule

LEADING: list[tuple[int, ...]] = [(), (2,), (1,), (2, 3), (0,)]


def numbered(*shape: int) -> Any:
    return np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(np.float64)


def as_array(x: Any) -> Any:
    return x.numpy() if isinstance(x, Tensor) else x


def apart(x: Any, heads: int) -> Any:
    """Head h of position t: the features from h · D on."""
    size = x.shape[-1] // heads
    return np.stack([x[..., h * size : (h + 1) * size] for h in range(heads)], axis=-3)


@pytest.mark.parametrize("leading", LEADING, ids=str)
@pytest.mark.parametrize("heads", [1, 2, 6])
@pytest.mark.parametrize("kind", ["tensor", "array"])
def test_split_and_merge(
    leading: tuple[int, ...], heads: int, kind: str, assert_close: Any
) -> None:
    x = numbered(*leading, 4, 6)
    given = Tensor(x) if kind == "tensor" else x
    found = split_heads(given, heads)
    assert type(found) is type(given), f"of a {kind} came a {type(found).__name__}"
    assert_close(found, apart(x, heads), f"split_heads of {x.shape} to {heads} heads, a {kind}")
    merged = merge_heads(found)
    assert type(merged) is type(given), f"of a {kind} came a {type(merged).__name__}"
    assert_close(merged, x, f"merge_heads of what split_heads gave, {found.shape}")


def test_split_heads_looks_into_the_same_memory() -> None:
    x = Tensor(numbered(2, 4, 6))
    assert split_heads(x, 3).data_ptr() == x.data_ptr(), "split_heads copied a tensor"


@pytest.mark.in_process("whether memory is shared")
def test_split_heads_of_an_array_can_be_written_through() -> None:
    x = np.zeros((2, 4, 6))
    split_heads(x, 3)[1, 2] = 7
    assert x[1, :, 4:].min() == 7, "split_heads of an array that lies row by row must be a view"
    assert x.sum() == 7 * 8


@pytest.mark.parametrize("heads", [4, 0, -1])
def test_heads_that_do_not_divide_the_features(heads: int, refused: Any) -> None:
    with refused(ValueError, "split_heads", "(2, 6)", str(heads)):
        split_heads(Tensor(numbered(2, 6)), heads)


@pytest.mark.parametrize("leading", LEADING, ids=str)
@pytest.mark.parametrize(("heads", "kv_heads"), [(6, 2), (6, 6), (3, 1), (1, 1)])
@pytest.mark.parametrize("kind", ["tensor", "array"])
def test_groups(
    leading: tuple[int, ...], heads: int, kv_heads: int, kind: str, assert_close: Any
) -> None:
    x = numbered(*leading, heads, 4, 5)
    group = heads // kv_heads
    expected = np.stack(
        [
            np.stack(
                [
                    x[..., kv * group + g, position, :]
                    for position in range(4)
                    for g in range(group)
                ],
                axis=-2,
            )
            for kv in range(kv_heads)
        ],
        axis=-3,
    )
    given = Tensor(x) if kind == "tensor" else x
    found = fold_groups(given, kv_heads)
    assert_close(found, expected, f"fold_groups of {x.shape} for {kv_heads} heads of keys")
    assert_close(unfold_groups(found, heads), x, f"unfold_groups of {found.shape}, {heads} heads")


@pytest.mark.parametrize("kv_heads", [4, 0])
def test_heads_that_cannot_be_shared(kv_heads: int, refused: Any) -> None:
    with refused(ValueError, "(2, 6, 4, 5)", "6", str(kv_heads)):
        fold_groups(Tensor(numbered(2, 6, 4, 5)), kv_heads)


# Grouped attention


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("batch", [(), (2,)], ids=str)
def test_grouped_attention(
    kv_heads: int,
    causal: bool,
    batch: tuple[int, ...],
    drawn: Any,
    attended: Any,
    behind: Any,
    assert_close: Any,
) -> None:
    q = drawn(*batch, 4, 3, 5)
    k, v = drawn(*batch, kv_heads, 6, 5, seed=1), drawn(*batch, kv_heads, 6, 2, seed=2)
    allowed = behind(3, 6) if causal else None
    expected = attended(q, k, v, allowed, grouped=True)
    for function in (scaled_dot_product_attention, composed_attention):
        found = function(Tensor(q), Tensor(k), Tensor(v), is_causal=causal, enable_gqa=True)
        tried = f"{function.__name__}, 4 heads of queries share {kv_heads}, is_causal={causal}"
        assert_close(found, expected, tried)
    check_rule(attention, q, k, v, is_causal=causal, enable_gqa=True)


@pytest.mark.parametrize("shape", [(3, 6), (4, 3, 6), (2, 1, 1, 6), (2, 4, 3, 1), (6,)], ids=str)
def test_grouped_attention_with_masks(
    shape: tuple[int, ...], drawn: Any, attended: Any, weights_of: Any, assert_close: Any
) -> None:
    q, k, v = drawn(2, 4, 3, 5), drawn(2, 2, 6, 5, seed=1), drawn(2, 2, 6, 2, seed=2)
    tensors = [Tensor(x) for x in (q, k, v)]
    allowed = np.random.default_rng(3).random(shape) < 0.6
    bias = drawn(*shape, seed=4)
    for function in (scaled_dot_product_attention, composed_attention):
        found = function(*tensors, Tensor(allowed), enable_gqa=True)
        expected = attended(q, k, v, allowed, grouped=True)
        assert_close(found, expected, f"{function.__name__}, 4 heads share 2, mask {shape}")
        found = function(*tensors, Tensor(bias), enable_gqa=True)
        expected = attended(q, k, v, bias=bias, grouped=True)
        assert_close(found, expected, f"{function.__name__}, 4 heads share 2, numbers {shape}")
    check_rule(attention, q, k, v, mask=allowed, enable_gqa=True)
    check_rule(attention, q, k, v, bias, enable_gqa=True)
    found = attention_weights(*tensors[:2], Tensor(allowed), enable_gqa=True)
    repeated = np.repeat(k, 2, axis=-3)
    assert_close(found, weights_of(q, repeated, allowed), f"the weights, mask {shape}")


def test_groups_that_do_not_fit(refused: Any) -> None:
    def zeros(*shape: int) -> Tensor:
        return Tensor(np.zeros(shape))

    name = "scaled_dot_product_attention"
    for heads in ((3, 2, 2), (4, 2, 1), (2, 4, 4)):
        q, k, v = (zeros(h, 5, 3) for h in heads)
        with refused(ValueError, name, str(q.shape), str(k.shape), str(v.shape)):
            scaled_dot_product_attention(q, k, v, enable_gqa=True)
    with refused(ValueError, name, "(5, 3)", "heads"):
        scaled_dot_product_attention(*[zeros(5, 3)] * 3, enable_gqa=True)


# From one projection


def packed(qkv: Any, heads: int, kv_heads: int, attended: Any, allowed: Any, scale: Any) -> Any:
    size = qkv.shape[-1] // (heads + 2 * kv_heads)
    edges = [heads * size, (heads + kv_heads) * size]
    q, k, v = np.split(qkv, edges, axis=-1)
    found = attended(
        apart(q, heads), apart(k, kv_heads), apart(v, kv_heads), allowed, scale=scale, grouped=True
    )
    return np.concatenate(list(np.moveaxis(found, -3, 0)), axis=-1)


@pytest.mark.parametrize(("heads", "kv_heads"), [(4, None), (1, None), (4, 2), (4, 1), (3, 3)])
@pytest.mark.parametrize("shape", [(5,), (2, 5), (1, 1), (2, 2, 3)], ids=str)
@pytest.mark.parametrize("causal", [False, True])
def test_packed_attention(
    heads: int,
    kv_heads: int | None,
    shape: tuple[int, ...],
    causal: bool,
    drawn: Any,
    attended: Any,
    behind: Any,
    assert_close: Any,
) -> None:
    shared = heads if kv_heads is None else kv_heads
    qkv = drawn(*shape, (heads + 2 * shared) * 3)
    options: dict[str, Any] = {"num_heads": heads, "num_kv_heads": kv_heads, "is_causal": causal}
    allowed = behind(shape[-1], shape[-1]) if causal else None
    for scale in (None, 0.3):
        found = packed_attention(Tensor(qkv), **options, scale=scale)
        expected = packed(qkv, heads, shared, attended, allowed, scale)
        assert_close(found, expected, f"packed_attention of {qkv.shape}, {options}, scale={scale}")
        check_rule(packed_attention, qkv, **options, scale=scale)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(
    st.integers(0, 3),
    st.integers(0, 5),
    st.integers(1, 2),
    st.integers(1, 3),
    st.integers(1, 3),
    st.booleans(),
)
def test_packed_and_apart(
    batch: int, length: int, kv_heads: int, group: int, size: int, causal: bool
) -> None:
    heads = kv_heads * group
    draws = np.random.default_rng(batch + 7 * length)
    qkv = Tensor(draws.standard_normal((batch, length, (heads + 2 * kv_heads) * size)))
    found = packed_attention(qkv, num_heads=heads, num_kv_heads=kv_heads, is_causal=causal)
    q, k, v = qkv.split([heads * size, kv_heads * size, kv_heads * size], dim=-1)
    expected = composed_attention(
        split_heads(q, heads),
        split_heads(k, kv_heads),
        split_heads(v, kv_heads),
        is_causal=causal,
        enable_gqa=True,
    )
    tried = f"packed_attention of {qkv.shape}, {heads} heads, {kv_heads} of keys"
    np.testing.assert_allclose(
        found.numpy(), merge_heads(expected).numpy(), rtol=1e-10, atol=1e-10, err_msg=tried
    )


@pytest.mark.parametrize("kv_heads", [2, 1])
def test_long_ones(
    kv_heads: int, drawn: Any, attended: Any, behind: Any, assert_close: Any
) -> None:
    qkv = drawn(3, 150, (2 + 2 * kv_heads) * 4)
    found = packed_attention(Tensor(qkv), num_heads=2, num_kv_heads=kv_heads, is_causal=True)
    expected = packed(qkv, 2, kv_heads, attended, behind(150, 150), None)
    assert_close(found, expected, f"150 positions, 2 heads, {kv_heads} of keys")


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_it_keeps_its_type(dtype: str, drawn: Any, attended: Any, assert_close: Any) -> None:
    qkv = drawn(2, 5, 12, dtype=dtype)
    found = packed_attention(Tensor(qkv), num_heads=2)
    expected = packed(qkv.astype(np.float64), 2, 2, attended, None, None).astype(dtype)
    assert_close(found, expected, f"packed_attention of {dtype}")


def test_inputs_are_left_alone(drawn: Any) -> None:
    for heads in (1, 2):
        qkv = drawn(2, 5, 12)
        before = qkv.copy()
        packed_attention(Tensor(qkv), num_heads=heads, is_causal=True)
        np.testing.assert_array_equal(qkv, before, err_msg=f"{heads} heads: the input was changed")


def test_what_packed_attention_refuses(refused: Any) -> None:
    x = Tensor(np.zeros((2, 5, 12)))
    with refused(ValueError, "packed_attention", "(2, 5, 12)", "15"):
        packed_attention(x, num_heads=5)
    with refused(ValueError, "packed_attention", "num_heads=3", "num_kv_heads=2"):
        packed_attention(x, num_heads=3, num_kv_heads=2)
    with refused(ValueError, "packed_attention", "num_heads=0"):
        packed_attention(x, num_heads=0)
    with refused(ValueError, "packed_attention", "(12,)"):
        packed_attention(Tensor(np.zeros(12)), num_heads=2)
    with refused(TypeError, "packed_attention", "int64"):
        packed_attention(Tensor(np.zeros((5, 12), np.int64)), num_heads=2)
