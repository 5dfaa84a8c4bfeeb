"""Yes or no: the binary cross-entropy, of logits and of probabilities."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule
from tinytorch.training import binary_cross_entropy, binary_cross_entropy_with_logits

SHAPES: list[tuple[int, ...]] = [(), (1,), (5,), (4, 1), (2, 3), (2, 2, 3)]
REDUCTIONS = ["mean", "sum", "none"]
LOSSES = {
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
}


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def surprise(p: Any, y: Any, positive: Any = 1.0) -> Any:
    return -(positive * y * np.log(p) + (1 - y) * np.log(1 - p))


def drawn_targets(*shape: int) -> Any:
    """From 0 to 1, and some of them 0 and 1."""
    return np.clip(np.random.default_rng(5).uniform(-0.5, 1.5, shape), 0, 1)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_surprise_at_what_came(
    name: str,
    shape: tuple[int, ...],
    reduction: str,
    weighted: bool,
    as_wished: Any,
    assert_close: Any,
) -> None:
    p = np.random.default_rng(1).uniform(0.02, 0.98, shape)
    x = p if name == "binary_cross_entropy" else np.log(p / (1 - p))
    y, weight = drawn_targets(*shape), np.random.default_rng(3).uniform(0.5, 2, shape[-1:])
    options: dict[str, Any] = {"weight": weight} if weighted else {}
    losses = surprise(p, y) * (weight if weighted else 1)
    losses = losses.reshape(shape)
    found = LOSSES[name](Tensor(x), Tensor(y), reduction=reduction, **options)
    assert_close(found, as_wished(losses, reduction), f"{name} of {shape}", tolerance=1e-9)
    # Differences are taken to both sides, and beyond 0 and 1 there is no target.
    check_rule(LOSSES[name], x, np.clip(y, 0.01, 0.99), reduction=reduction, **options)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(), (3,), (1,), (2, 3), (2, 1)])
@pytest.mark.parametrize("weighted", [False, True])
def test_what_a_yes_counts(
    shape: tuple[int, ...],
    reduction: str,
    weighted: bool,
    drawn: Any,
    as_wished: Any,
    assert_close: Any,
) -> None:
    x, y = drawn(2, 3), drawn_targets(2, 3)
    positive = np.random.default_rng(3).uniform(0.5, 9, shape)
    weight = np.random.default_rng(4).uniform(0.5, 2, (2, 1))
    losses = surprise(sigmoid(x), y, positive) * (weight if weighted else 1)
    options: dict[str, Any] = {"pos_weight": positive, "reduction": reduction}
    if weighted:
        options["weight"] = weight
    found = binary_cross_entropy_with_logits(Tensor(x), Tensor(y), **options)
    assert_close(found, as_wished(losses, reduction), f"pos_weight {shape}", tolerance=1e-9)
    check_rule(binary_cross_entropy_with_logits, x, y, **options)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.floats(-30, 30), st.floats(0, 1))
def test_any_logit(x: float, y: float) -> None:
    found = binary_cross_entropy_with_logits(Tensor(np.array([x])), Tensor(np.array([y]))).item()
    expected = y * np.logaddexp(0, -x) + (1 - y) * np.logaddexp(0, x)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-13)
    check_rule(binary_cross_entropy_with_logits, np.array([x]), np.array([y]))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("positive", [None, 2.0])
def test_large_logits_cost_nothing(dtype: str, positive: float | None, assert_close: Any) -> None:
    x = np.array([1e4, 1e4, -1e4, -1e4, 0], dtype)
    y = np.array([0, 1, 0, 1, 1], dtype)
    factor = 1 if positive is None else positive
    weight = None if positive is None else Tensor(np.array(positive))
    found = binary_cross_entropy_with_logits(
        Tensor(x), Tensor(y), reduction="none", pos_weight=weight
    )
    expected = np.array([1e4, 0, 0, 1e4 * factor, np.log(2) * factor])
    assert_close(found, expected, "logits of 10,000", dtype=dtype)


@pytest.mark.parametrize("positive", [None, 2.0])
def test_a_rare_event_is_told_exactly(positive: float | None) -> None:
    """log(1 + e^-30), of which 1 + e^-30 in float32 is 1."""
    x, y = Tensor(np.array([-30.0, 30.0], np.float32)), Tensor(np.array([0.0, 1.0], np.float32))
    weight = None if positive is None else Tensor(np.ones(1, np.float32))
    found = binary_cross_entropy_with_logits(x, y, reduction="none", pos_weight=weight).numpy()
    np.testing.assert_allclose(found, np.exp([-30.0, -30.0]), rtol=1e-5)


def test_logits_by_hand(assert_close: Any) -> None:
    x, y = Tensor(np.log(np.array([1.0, 3.0]))), Tensor(np.array([1.0, 0.0]))
    found = binary_cross_entropy_with_logits(x, y, reduction="none")
    assert_close(found, np.log([2.0, 4.0]), "probabilities 1/2 for yes and 3/4 for no")
    assert_close(binary_cross_entropy_with_logits(x, y), np.log(8.0) / 2, "the mean")


def test_a_probability_of_0_costs_100(assert_close: Any) -> None:
    p, y = Tensor(np.array([0.0, 1.0, 0.0, 1.0])), Tensor(np.array([1.0, 0.0, 0.0, 1.0]))
    found = binary_cross_entropy(p, y, reduction="none")
    assert_close(found, np.array([100.0, 100.0, 0.0, 0.0]), "certain and wrong, certain and right")


@pytest.mark.parametrize("name", LOSSES)
def test_of_nothing(name: str) -> None:
    nothing = Tensor(np.zeros((0, 3)))
    assert np.isnan(LOSSES[name](nothing, nothing).item()), "the mean of nothing is nan"
    assert LOSSES[name](nothing, nothing, reduction="sum").item() == 0
    assert LOSSES[name](nothing, nothing, reduction="none").shape == (0, 3)


@pytest.mark.parametrize("name", LOSSES)
def test_types(name: str, assert_close: Any) -> None:
    half = Tensor(np.full(3000, 0.5, np.float16))
    expected = np.log(2) if name == "binary_cross_entropy" else np.log1p(np.exp(0.5)) - 0.25
    assert_close(LOSSES[name](half, half), expected, f"{name} in float16", dtype="float16")
    single = Tensor(np.full(3, 0.5, np.float32))
    whole, wide = Tensor(np.array([0, 1, 1])), Tensor(np.ones(3))
    assert LOSSES[name](single, whole).dtype == np.float32
    assert LOSSES[name](single, single, weight=wide).dtype == np.float32
    assert LOSSES[name](single, wide).dtype == np.float64


@pytest.mark.parametrize("name", LOSSES)
def test_inputs_are_left_alone(name: str) -> None:
    tensors = [Tensor(np.full(3, 0.25)), Tensor(np.array([0.0, 1.0, 1.0])), Tensor(np.ones(3))]
    before = [t.numpy().copy() for t in tensors]
    LOSSES[name](*tensors[:2], weight=tensors[2], reduction="none").fill_(9)
    for t, values in zip(tensors, before, strict=True):
        np.testing.assert_array_equal(t.numpy(), values, err_msg="an input was written to")


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_refused(name: str, refused: Any) -> None:
    x = Tensor(np.full((4, 1), 0.5))
    with refused(ValueError, name, "(4, 1)", "(4,)"):
        LOSSES[name](x, Tensor(np.zeros(4)))
    with refused(ValueError, name, "'average'", "'mean'"):
        LOSSES[name](x, x, reduction="average")
    for shape in ((3,), (4, 2), (1, 4, 1)):
        with refused(ValueError, name, "weight", str(shape), "(4, 1)"):
            LOSSES[name](x, x, weight=Tensor(np.ones(shape)))
    with refused(ValueError, "pos_weight", "(2,)", "(4, 1)"):
        binary_cross_entropy_with_logits(x, x, pos_weight=Tensor(np.ones(2)))


@pytest.mark.parametrize("value", [-0.5, 1.5, float("nan")])
def test_what_is_no_probability(value: float, refused: Any) -> None:
    good, bad = Tensor(np.array([0.0, 0.5, 1.0])), Tensor(np.array([0.5, value, 0.5]))
    with refused(ValueError, "binary_cross_entropy", "input", str(value)):
        binary_cross_entropy(bad, good)
    with refused(ValueError, "binary_cross_entropy", "target", str(value)):
        binary_cross_entropy(good, bad)
