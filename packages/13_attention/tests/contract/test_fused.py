"""Task 13.3: attention as one operation on arrays, and its gradient."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.attention import attention, composed_attention, scaled_dot_product_attention
from tinytorch.attention.rows import attend, attend_gradient
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import central_difference, check_rule

# query, key and value
SHAPES: list[tuple[tuple[int, ...], ...]] = [
    ((4, 3), (4, 3), (4, 3)),
    ((2, 3), (5, 3), (5, 2)),
    ((1, 3), (1, 3), (1, 1)),
    ((4, 1), (3, 1), (3, 4)),
    ((2, 4, 3), (2, 5, 3), (2, 5, 2)),
    ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 2)),
]
BROADCAST: list[tuple[tuple[int, ...], ...]] = [
    ((2, 3, 4, 5), (6, 5), (6, 2)),
    ((4, 5), (3, 6, 5), (2, 1, 6, 2)),
    ((2, 1, 4, 5), (1, 3, 6, 5), (6, 2)),
]


def three(shapes: tuple[tuple[int, ...], ...], drawn: Any, dtype: str = "float64") -> list[Any]:
    return [drawn(*shape, seed=i, dtype=dtype) for i, shape in enumerate(shapes)]


# On arrays


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_on_arrays(
    shapes: Any, dtype: str, drawn: Any, attended: Any, weights_of: Any, assert_close: Any
) -> None:
    q, k, v = three(shapes, drawn, dtype)
    before = [x.copy() for x in (q, k, v)]
    out, weights = attend(q, k, v)
    tried = f"attend of {shapes}"
    assert_close(out, attended(q, k, v, scale=1.0), tried, dtype=dtype)
    assert_close(weights, weights_of(q, k, scale=1.0), f"{tried}: the weights", dtype=dtype)
    for x, values in zip((q, k, v), before, strict=True):
        np.testing.assert_array_equal(x, values, err_msg=f"{tried} wrote to an input")


def test_on_arrays_with_an_addend(drawn: Any, attended: Any, assert_close: Any) -> None:
    q, k, v = three(SHAPES[5], drawn)
    bias = drawn(2, 3, 4, 6, seed=3)
    bias[0, 1, 2, 3:] = -np.inf
    bias[1, 0, 3] = -np.inf
    kept = bias.copy()
    found, _ = attend(q, k, v, bias)
    assert_close(found, attended(q, k, v, bias=bias, scale=1.0), "attend with an addend")
    np.testing.assert_array_equal(bias, kept, err_msg="attend wrote to the addend")
    last = np.zeros((4, 6))
    last[:, 4:] = bias[1, 2, :, 4:]
    found, _ = attend(q, k, v, bias[1, 2, :, 4:])
    assert_close(
        found, attended(q, k, v, bias=last, scale=1.0), "attend, an addend for the last 2 columns"
    )


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_the_gradient_on_arrays(shapes: Any, drawn: Any, assert_close: Any) -> None:
    q, k, v = three(shapes, drawn)
    out, weights = attend(q, k, v)
    g = drawn(*out.shape, seed=9)
    kept = [x.copy() for x in (g, q, k, v, weights)]
    found = attend_gradient(g, q, k, v, weights)
    for x, values in zip((g, q, k, v, weights), kept, strict=True):
        np.testing.assert_array_equal(x, values, err_msg="attend_gradient wrote to an argument")
    addend = np.zeros(weights.shape)
    for i, name in enumerate(("q", "k", "v", "the scores")):

        def total(values: Any) -> float:
            return float((attend(*values)[0] * g).sum())

        expected = central_difference(total, (q, k, v, addend), i)
        tried = f"attend_gradient, of {name}, against central differences"
        assert_close(found[i], expected, tried, tolerance=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_keep_their_type(dtype: str, drawn: Any) -> None:
    q, k, v = three(SHAPES[1], drawn, dtype)
    out, weights = attend(q, k, v)
    for name, gradient in zip("qkvs", attend_gradient(out, q, k, v, weights), strict=True):
        assert gradient.dtype == dtype, f"{dtype}, but the gradient of {name} is {gradient.dtype}"


# The operation


@pytest.mark.parametrize("shapes", SHAPES + BROADCAST, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_attention(shapes: Any, dtype: str, drawn: Any, attended: Any, assert_close: Any) -> None:
    q, k, v = three(shapes, drawn, dtype)
    before = [x.copy() for x in (q, k, v)]
    found = scaled_dot_product_attention(Tensor(q), Tensor(k), Tensor(v))
    assert_close(found, attended(q, k, v), f"attention of {shapes}", dtype=dtype)
    found = scaled_dot_product_attention(Tensor(q), Tensor(k), Tensor(v), scale=0.7)
    assert_close(found, attended(q, k, v, scale=0.7), f"{shapes} with scale=0.7", dtype=dtype)
    for x, values in zip((q, k, v), before, strict=True):
        np.testing.assert_array_equal(x, values, err_msg="an input was written to")


@pytest.mark.parametrize("shapes", SHAPES + BROADCAST, ids=str)
def test_its_gradient(shapes: Any, drawn: Any) -> None:
    q, k, v = three(shapes, drawn)
    check_rule(attention, q, k, v)
    check_rule(attention, q, k, v, scale=0.7)
    check_rule(attention, q, k, v, is_causal=True)


@pytest.mark.parametrize(("length", "total"), [(4, 4), (3, 5), (1, 4), (5, 3), (1, 1)])
def test_nobody_looks_ahead(
    length: int, total: int, drawn: Any, attended: Any, behind: Any, assert_close: Any
) -> None:
    q, k, v = drawn(2, length, 3), drawn(2, total, 3, seed=1), drawn(2, total, 2, seed=2)
    found = scaled_dot_product_attention(Tensor(q), Tensor(k), Tensor(v), is_causal=True)
    expected = attended(q, k, v, behind(length, total))
    assert_close(found, expected, f"is_causal, {length} queries and {total} keys")
    check_rule(attention, q, k, v, is_causal=True)


MASKS: list[tuple[int, ...]] = [(4, 6), (1, 6), (4, 1), (6,), (3, 4, 6), (2, 1, 1, 6), (2, 3, 4, 6)]


@pytest.mark.parametrize("shape", MASKS)
def test_masks(shape: tuple[int, ...], drawn: Any, attended: Any, assert_close: Any) -> None:
    q, k, v = three(SHAPES[5], drawn)
    tensors = [Tensor(x) for x in (q, k, v)]
    allowed = np.random.default_rng(3).random(shape) < 0.6
    found = scaled_dot_product_attention(*tensors, Tensor(allowed))
    assert_close(found, attended(q, k, v, allowed), f"a boolean mask {shape}")
    check_rule(attention, q, k, v, mask=allowed)
    bias = drawn(*shape, seed=4)
    found = scaled_dot_product_attention(*tensors, Tensor(bias))
    assert_close(found, attended(q, k, v, bias=bias), f"a floating mask {shape}")
    check_rule(attention, q, k, v, bias)
    before = bias.copy(), allowed.copy()
    scaled_dot_product_attention(*tensors, Tensor(bias), is_causal=True)
    scaled_dot_product_attention(*tensors, Tensor(allowed), is_causal=True)
    np.testing.assert_array_equal(bias, before[0], err_msg="the mask was written to")
    np.testing.assert_array_equal(allowed, before[1], err_msg="the mask was written to")


def test_both_a_mask_and_the_future(
    drawn: Any, attended: Any, behind: Any, assert_close: Any
) -> None:
    for length, total in ((4, 4), (2, 5), (5, 2)):
        q, k, v = drawn(2, length, 3), drawn(2, total, 3, seed=1), drawn(2, total, 2, seed=2)
        tensors = [Tensor(x) for x in (q, k, v)]
        allowed = np.random.default_rng(3).random((2, 1, total)) < 0.6
        found = scaled_dot_product_attention(*tensors, Tensor(allowed), is_causal=True)
        expected = attended(q, k, v, allowed & behind(length, total))
        assert_close(found, expected, f"a mask and is_causal, {length} queries, {total} keys")
        bias = drawn(length, total, seed=4)
        found = scaled_dot_product_attention(*tensors, Tensor(bias), is_causal=True)
        expected = attended(q, k, v, behind(length, total), bias)
        assert_close(found, expected, f"numbers and is_causal, {length} queries, {total} keys")
        check_rule(attention, q, k, v, bias, is_causal=True)


@pytest.mark.parametrize("kind", ["boolean", "floating"])
def test_who_sees_nothing_gets_zeros(
    kind: str, drawn: Any, attended: Any, assert_close: Any
) -> None:
    """And sends no gradient; nothing becomes nan, and NumPy does not warn."""
    q, k, v = three(SHAPES[5], drawn)
    allowed = np.ones((2, 1, 4, 6), bool)
    allowed[0, 0, 1] = False
    allowed[1, 0] = False
    bias = np.where(allowed, 0.0, -np.inf)
    mask = Tensor(allowed) if kind == "boolean" else Tensor(bias)
    found = scaled_dot_product_attention(Tensor(q), Tensor(k), Tensor(v), mask)
    assert_close(found, attended(q, k, v, allowed), f"{kind}: some queries see nothing")
    assert not found.numpy()[0, :, 1].any()
    assert not found.numpy()[1].any()
    if kind == "boolean":
        check_rule(attention, q, k, v, mask=allowed)
    else:
        check_rule(attention, q, k, v, bias)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_scores(dtype: str, assert_close: Any) -> None:
    q = np.array([[100.0], [-100.0], [0.0]], dtype)
    k = np.array([[100.0], [100.0], [-100.0]], dtype)
    v = np.array([[1.0, 2.0], [3.0, 6.0], [8.0, 9.0]], dtype)
    found = scaled_dot_product_attention(Tensor(q), Tensor(k), Tensor(v))
    expected = np.array([[2.0, 4.0], [8.0, 9.0], [4.0, 17 / 3]], dtype)
    assert_close(found, expected, "scores of ±10,000")


def test_many_large_scores(drawn: Any, attended: Any, assert_close: Any) -> None:
    """So many that the largest of a row may be left in, if all are small."""
    q, k, v = drawn(2, 96, 4), drawn(2, 96, 4, seed=1), drawn(2, 96, 3, seed=2)
    for factor in (1.0, 100.0):
        found = scaled_dot_product_attention(Tensor(factor * q), Tensor(k), Tensor(v))
        assert_close(found, attended(factor * q, k, v), f"96 · 96 scores, q times {factor}")
    bias = np.full((96, 96), -1000.0)
    found = scaled_dot_product_attention(Tensor(q), Tensor(k), Tensor(v), Tensor(bias))
    assert_close(found, attended(q, k, v), "every score lowered by 1000", tolerance=1e-9)


def test_float16_is_worked_on_in_float32(drawn: Any, attended: Any, assert_close: Any) -> None:
    q = np.full((1, 64), 100, np.float16)
    k = np.concatenate([q, q, -q])
    v = np.array([[1, 2], [3, 6], [5, 5]], np.float16)
    found = scaled_dot_product_attention(Tensor(q), Tensor(k), Tensor(v), scale=1.0)
    expected = np.array([[2, 4]], np.float16)
    assert_close(found, expected, "float16, with scores of ±640,000, beyond its reach")
    half = [drawn(*shape, dtype="float16") for shape in SHAPES[5]]
    found = scaled_dot_product_attention(*map(Tensor, half))
    assert_close(found, attended(*half).astype(np.float16), "float16")


def test_types_meet_in_the_widest_but_the_masks_do_not_count(drawn: Any) -> None:
    q, k, v = (Tensor(x) for x in three(SHAPES[0], drawn, "float32"))
    assert scaled_dot_product_attention(q, k.double(), v).dtype == np.float64
    bias = Tensor(np.zeros((4, 4)))
    for function in (scaled_dot_product_attention, composed_attention):
        assert function(q, k, v, bias).dtype == np.float32, "a float64 mask, all else float32"


SIZES = st.integers(1, 4)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(SIZES, max_size=2),
    SIZES,
    SIZES,
    st.tuples(SIZES, SIZES),
    st.sampled_from(["none", "boolean", "floating"]),
    st.booleans(),
    st.integers(0, 99),
)
def test_fused_and_composed(
    leading: list[int],
    length: int,
    total: int,
    features: tuple[int, int],
    kind: str,
    causal: bool,
    seed: int,
) -> None:
    draws = np.random.default_rng(seed)
    q = Tensor(draws.standard_normal((*leading, length, features[0])))
    k = Tensor(draws.standard_normal((*leading, total, features[0])))
    v = Tensor(draws.standard_normal((*leading, total, features[1])))
    mask = None
    if kind == "boolean":
        mask = Tensor(draws.random((length, total)) < 0.6)
    if kind == "floating":
        mask = Tensor(draws.standard_normal((length, total)))
    fused = scaled_dot_product_attention(q, k, v, mask, is_causal=causal).numpy()
    composed = composed_attention(q, k, v, mask, is_causal=causal).numpy()
    tried = f"query {q.shape}, key {k.shape}, value {v.shape}, {kind} mask, is_causal={causal}"
    np.testing.assert_allclose(fused, composed, rtol=1e-10, atol=1e-10, err_msg=tried)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("length", [200, 257])
def test_long_ones(
    causal: bool, length: int, drawn: Any, attended: Any, behind: Any, assert_close: Any
) -> None:
    q, k, v = drawn(2, length, 8), drawn(2, 300, 8, seed=1), drawn(2, 300, 4, seed=2)
    found = scaled_dot_product_attention(Tensor(q), Tensor(k), Tensor(v), is_causal=causal)
    allowed = behind(length, 300) if causal else None
    tried = f"{length} queries, 300 keys, is_causal={causal}"
    assert_close(found, attended(q, k, v, allowed), tried)


def test_dropout_is_called_with_the_weights(drawn: Any, weights_of: Any, assert_close: Any) -> None:
    q, k, v = three(SHAPES[1], drawn)

    def only_first(weights: Tensor) -> Tensor:
        return weights * Tensor(np.array([1.0, 0.0, 0.0, 0.0, 0.0]))

    found = scaled_dot_product_attention(Tensor(q), Tensor(k), Tensor(v), dropout=only_first)
    expected = weights_of(q, k)[:, :1] * v[:1]
    assert_close(found, expected, "a dropout that leaves only the first key")


@pytest.mark.parametrize("how", ["transposed heads", "Fortran order", "every second"])
def test_however_it_lies_in_memory(how: str, drawn: Any, attended: Any, assert_close: Any) -> None:
    arrays = three(((2, 3, 4, 5), (2, 3, 4, 5), (2, 3, 4, 5)), drawn)
    laid = []
    for x in arrays:
        if how == "transposed heads":
            laid.append(np.ascontiguousarray(x.transpose(0, 2, 1, 3)).transpose(0, 2, 1, 3))
        elif how == "Fortran order":
            laid.append(np.asfortranarray(x))
        else:
            wide = np.zeros((2, 3, 4, 10))
            wide[..., ::2] = x
            laid.append(wide[..., ::2])
    found = scaled_dot_product_attention(*map(Tensor, laid))
    assert_close(found, attended(*arrays), f"lying {how}")
    check_rule(attention, *laid)


@pytest.mark.parametrize(("length", "total"), [(0, 3), (3, 0), (0, 0)])
def test_where_there_is_nothing(length: int, total: int) -> None:
    q, k = Tensor(np.ones((2, length, 4))), Tensor(np.ones((2, total, 4)))
    v = Tensor(np.ones((2, total, 5)))
    for causal in (False, True):
        found = scaled_dot_product_attention(q, k, v, is_causal=causal)
        assert found.shape == (2, length, 5), f"{length} queries and {total} keys"
        assert not found.numpy().any(), "without a key, the result is 0"
        check_rule(attention, q, k, v, is_causal=causal)
    nobody = Tensor(np.ones((0, length, 4))), Tensor(np.ones((0, total, 4)))
    assert scaled_dot_product_attention(*nobody, nobody[1]).shape == (0, length, 4)


def test_no_features(drawn: Any, assert_close: Any) -> None:
    v = drawn(3, 2)
    found = scaled_dot_product_attention(
        Tensor(np.ones((2, 0))), Tensor(np.ones((3, 0))), Tensor(v)
    )
    assert_close(found, np.stack([v.mean(0)] * 2), "without a feature, all keys fit alike")


# What is refused


def test_shapes_that_do_not_fit(refused: Any) -> None:
    def zeros(*shape: int) -> Tensor:
        return Tensor(np.zeros(shape))

    name = "scaled_dot_product_attention"
    with refused(ValueError, name, "(4, 3)", "(4, 2)", "features"):
        scaled_dot_product_attention(zeros(4, 3), zeros(4, 2), zeros(4, 3))
    with refused(ValueError, name, "(5, 3)", "(4, 2)", "5", "4"):
        scaled_dot_product_attention(zeros(2, 3), zeros(5, 3), zeros(4, 2))
    with refused(ValueError, name, "(3,)"):
        scaled_dot_product_attention(zeros(3), zeros(5, 3), zeros(5, 2))
    with refused(ValueError, name, "(4, 5, 3)", "(2, 5, 3)", "enable_gqa=True"):
        scaled_dot_product_attention(zeros(4, 5, 3), zeros(2, 5, 3), zeros(2, 5, 3))
    with refused(ValueError, name, "(3, 3)", "(4, 5)", "mask"):
        scaled_dot_product_attention(
            zeros(4, 3), zeros(5, 3), zeros(5, 2), Tensor(np.ones((3, 3), bool))
        )
    with refused(ValueError, name, "(2, 4, 5)", "(4, 5)", "mask"):
        scaled_dot_product_attention(zeros(4, 3), zeros(5, 3), zeros(5, 2), zeros(2, 4, 5))


def test_types_that_do_not_fit(refused: Any) -> None:
    whole, half = Tensor(np.ones((4, 3), np.int64)), Tensor(np.ones((4, 3)))
    with refused(TypeError, "scaled_dot_product_attention", "int64"):
        scaled_dot_product_attention(whole, whole, whole)
    with refused(TypeError, "attn_mask", "int64"):
        scaled_dot_product_attention(half, half, half, Tensor(np.ones((4, 4), np.int64)))
