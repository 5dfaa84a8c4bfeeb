"""Task 11.2: cross-entropy, exact for any scores, and its gradient p − y."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule
from tinytorch.training import cross_entropy

# The input's shape: (C,), (N, C) or (N, C, d1, …)
SHAPES: list[tuple[int, ...]] = [(4,), (3, 4), (1, 1), (5, 2), (2, 3, 4), (2, 3, 2, 2), (2, 1, 3)]
REDUCTIONS = ["mean", "sum", "none"]


def axis_of(shape: tuple[int, ...]) -> int:
    return 1 if len(shape) > 1 else 0


def drawn_classes(shape: tuple[int, ...], seed: int = 7) -> Any:
    axis = axis_of(shape)
    places = shape[:axis] + shape[axis + 1 :]
    return np.asarray(np.random.default_rng(seed).integers(0, shape[axis], places))


def one_hot(classes: Any, count: int, axis: int) -> Any:
    return np.moveaxis(np.eye(count)[classes], -1, axis)


def over_classes(weight: Any, shape: tuple[int, ...]) -> Any:
    """(C,) so that it broadcasts over the input."""
    return weight if len(shape) == 1 else weight.reshape(-1, *(1,) * (len(shape) - 2))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_minus_the_logarithm_of_softmax_at_the_class(
    shape: tuple[int, ...],
    dtype: str,
    reduction: str,
    drawn: Any,
    log_softmax: Any,
    as_wished: Any,
    assert_close: Any,
) -> None:
    x, y = drawn(*shape, dtype=dtype), drawn_classes(shape)
    axis = axis_of(shape)
    losses = -(log_softmax(x, axis) * one_hot(y, shape[axis], axis)).sum(axis=axis)
    found = cross_entropy(Tensor(x), Tensor(y), reduction=reduction)
    tried = f"cross_entropy of {shape}, reduction={reduction!r}"
    assert_close(found, as_wished(losses, reduction), tried, dtype=dtype)


def test_by_hand(assert_close: Any) -> None:
    x = Tensor(np.log(np.array([[1.0, 2.0, 1.0], [3.0, 3.0, 3.0]])))
    found = cross_entropy(x, Tensor(np.array([1, 0])), reduction="none")
    assert_close(found, np.log([2.0, 3.0]), "probabilities 1/2 and 1/3")
    found = cross_entropy(x, Tensor(np.array([1, 0])))
    assert_close(found, np.log(6.0) / 2, "their mean, which is the default")


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_its_gradient(shape: tuple[int, ...], reduction: str, drawn: Any) -> None:
    check_rule(cross_entropy, drawn(*shape), drawn_classes(shape), reduction=reduction)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.sampled_from(REDUCTIONS),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.booleans(),
    st.integers(0, 99),
)
def test_any_shape(
    sizes: list[int], reduction: str, smoothing: float, weighted: bool, seed: int
) -> None:
    shape = tuple(sizes)
    draws = np.random.default_rng(seed)
    x, y = draws.standard_normal(shape), drawn_classes(shape, seed)
    axis = axis_of(shape)
    weight = draws.uniform(0.5, 2, shape[axis])
    options: dict[str, Any] = {"weight": weight} if weighted else {}
    used = over_classes(weight if weighted else np.ones(shape[axis]), shape)
    hot = one_hot(y, shape[axis], axis)
    u = used * ((1 - smoothing) * hot + smoothing / shape[axis])
    log = x - np.log(np.exp(x).sum(axis=axis, keepdims=True))
    losses, counted = -(u * log).sum(axis=axis), (used * hot).sum()
    expected = {"mean": losses.sum() / counted, "sum": losses.sum(), "none": losses}[reduction]
    found = cross_entropy(
        Tensor(x), Tensor(y), reduction=reduction, label_smoothing=smoothing, **options
    )
    tried = f"{shape}, reduction={reduction!r}, label_smoothing={smoothing}, weight {weighted}"
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-9, atol=1e-9, err_msg=tried)
    check_rule(cross_entropy, x, y, reduction=reduction, label_smoothing=smoothing, **options)


# Large scores


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_large_scores_cost_nothing(dtype: str, assert_close: Any) -> None:
    x = np.array([[1e4, 0, -1e4], [-1e4, -1e4, -1e4], [1e4, 1e4, 0]], dtype)
    for classes, expected in (
        ([0, 1, 1], [0, np.log(3), np.log(2)]),
        ([1, 2, 2], [1e4, np.log(3), 1e4 + np.log(2)]),
        ([2, 0, 0], [2e4, np.log(3), np.log(2)]),
    ):
        found = cross_entropy(Tensor(x), Tensor(np.array(classes)), reduction="none")
        assert_close(found, np.array(expected), f"scores of 10,000, classes {classes}", dtype=dtype)


def test_the_gradient_of_large_scores() -> None:
    x = np.array([[1e4, 0.0, -1e4], [-1e4, -1e4, -1e4]])
    check_rule(cross_entropy, x, np.array([1, 2]), eps=1e-3)
    check_rule(cross_entropy, x, np.array([0, 0]), eps=1e-3)


def test_a_class_that_is_almost_impossible_is_told_exactly(assert_close: Any) -> None:
    x = Tensor(np.array([[0.0, 200.0]], np.float32))
    found = cross_entropy(x, Tensor(np.array([0])))
    assert_close(found, np.array(200.0), "e^-200, which float32 rounds to 0", dtype="float32")


def test_scores_of_minus_infinity_are_impossible_classes(assert_close: Any) -> None:
    x = Tensor(np.array([[0.0, -np.inf, 0.0]] * 2))
    found = cross_entropy(x, Tensor(np.array([0, 1])), reduction="none")
    assert_close(found, np.array([np.log(2), np.inf]), "a score of minus infinity")


def test_scores_further_apart_than_float32_reaches(assert_close: Any) -> None:
    x = Tensor(np.array([[3e38, -3e38], [-3e38, 3e38]], np.float32))
    found = cross_entropy(x, Tensor(np.array([0, 0])), reduction="none")
    assert_close(found, np.array([0, np.inf]), "scores of ±3e38", dtype="float32")


def test_where_all_is_impossible_there_is_no_number() -> None:
    x = Tensor(np.array([[-np.inf, -np.inf], [np.inf, 0.0], [0.0, 0.0]]))
    found = cross_entropy(x, Tensor(np.array([0, 0, 1])), reduction="none").numpy()
    assert np.isnan(found).tolist() == [True, True, False]


def test_nan_is_told() -> None:
    x = Tensor(np.array([[0.0, np.nan], [0.0, 1.0]]))
    found = cross_entropy(x, Tensor(np.array([0, 0])), reduction="none").numpy()
    assert np.isnan(found[0])
    assert found[1] > 0


def test_float16_is_worked_on_in_float32(drawn: Any, log_softmax: Any, assert_close: Any) -> None:
    x, y = drawn(5000, 3, dtype="float16"), drawn_classes((5000, 3))
    losses = -log_softmax(x, 1)[np.arange(5000), y]
    found = cross_entropy(Tensor(x), Tensor(y))
    assert_close(found, losses.mean(), "5000 rows of float16", dtype="float16")


def test_many_classes_with_equal_scores(assert_close: Any) -> None:
    x = Tensor(np.full((2, 70000), 3, np.float16))
    found = cross_entropy(x, Tensor(np.array([0, 69999])))
    assert_close(
        found, np.log(70000), "70,000 exponentials, more than float16 holds", dtype="float16"
    )


# What does not count


@pytest.mark.parametrize("ignored", [-100, -1, 0, 2, 9])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_ignored_targets_do_not_count(
    ignored: int, reduction: str, smoothing: float, drawn: Any, log_softmax: Any, assert_close: Any
) -> None:
    x, y = drawn(6, 3), np.array([0, 1, 2, 0, 1, 1])
    y[[1, 4]] = ignored
    weight = np.array([1.0, 2.0, 4.0])
    counts = y != ignored
    safe = np.where(counts, y, 0)
    u = ((1 - smoothing) * np.eye(3)[safe] + smoothing / 3) * weight
    losses = -(u * log_softmax(x, 1)).sum(axis=1) * counts
    expected = {"none": losses, "sum": losses.sum()}.get(reduction)
    if expected is None:
        expected = losses.sum() / (weight[safe] * counts).sum()
    options = {
        "weight": weight,
        "ignore_index": ignored,
        "reduction": reduction,
        "label_smoothing": smoothing,
    }
    found = cross_entropy(Tensor(x), Tensor(y), **options)
    assert_close(found, np.asarray(expected), f"ignore_index={ignored}, {reduction}")
    check_rule(cross_entropy, x, y, **options)


def test_the_mean_is_over_what_counts(assert_close: Any) -> None:
    x = Tensor(np.zeros((4, 2)))
    found = cross_entropy(x, Tensor(np.array([0, -100, 1, -100])))
    assert_close(found, np.log(2.0), "two of four rows ignored, each other loss log 2")


def test_what_an_ignored_row_holds_does_not_matter(assert_close: Any) -> None:
    x = Tensor(np.array([[np.nan, np.inf], [0.0, 0.0]]))
    for smoothing in (0.0, 0.1):
        found = cross_entropy(x, Tensor(np.array([-100, 1])), label_smoothing=smoothing)
        assert_close(found, np.log(2.0), f"nan in an ignored row, label_smoothing={smoothing}")


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_all_ignored(smoothing: float, drawn: Any) -> None:
    x, y = drawn(3, 4), np.full(3, -100)

    def loss(reduction: str) -> Any:
        return cross_entropy(Tensor(x), Tensor(y), reduction=reduction, label_smoothing=smoothing)

    assert np.isnan(loss("mean").item()), "the mean of nothing is nan"
    assert loss("sum").item() == 0
    assert loss("none").tolist() == [0, 0, 0]
    check_rule(cross_entropy, x, y, reduction="sum", label_smoothing=smoothing)


@pytest.mark.parametrize("shape", [(0, 3), (2, 3, 0)])
def test_of_nothing(shape: tuple[int, ...]) -> None:
    x = Tensor(np.zeros(shape, np.float32))
    places = shape[:1] + shape[2:]
    for target in (np.zeros(places, np.int64), np.zeros(shape, np.float32)):
        assert np.isnan(cross_entropy(x, Tensor(target)).item()), "the mean of nothing is nan"
        assert cross_entropy(x, Tensor(target), reduction="sum").item() == 0
        assert cross_entropy(x, Tensor(target), reduction="none").shape == places
        assert cross_entropy(x, Tensor(target)).dtype == np.float32


# Probabilities as targets


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("weighted", [False, True])
def test_probabilities(
    shape: tuple[int, ...],
    reduction: str,
    smoothing: float,
    weighted: bool,
    drawn: Any,
    log_softmax: Any,
    assert_close: Any,
) -> None:
    axis = axis_of(shape)
    x, q = drawn(*shape), np.exp(log_softmax(drawn(*shape, seed=1), axis))
    weight = np.random.default_rng(3).uniform(0.5, 2, shape[axis])
    u = q * (1 - smoothing) + smoothing / shape[axis]
    if weighted:
        u = u * over_classes(weight, shape)
    losses = -(u * log_softmax(x, axis)).sum(axis=axis)
    expected = {"none": losses, "sum": losses.sum(), "mean": losses.sum() / losses.size}[reduction]
    options: dict[str, Any] = {"reduction": reduction, "label_smoothing": smoothing}
    if weighted:
        options["weight"] = weight
    found = cross_entropy(Tensor(x), Tensor(q), **options)
    assert_close(found, np.asarray(expected), f"probabilities for {shape}, {options}")
    check_rule(cross_entropy, x, q, **options)


def test_certain_probabilities_are_classes(drawn: Any, assert_close: Any) -> None:
    x, y = drawn(5, 3), drawn_classes((5, 3))
    soft = cross_entropy(Tensor(x), Tensor(np.eye(3)[y]))
    assert_close(soft, cross_entropy(Tensor(x), Tensor(y)).numpy(), "one-hot, beside indices")


def test_types_of_input_and_probabilities_meet_in_the_wider_one(drawn: Any) -> None:
    x, q = drawn(5, 3, dtype="float32"), np.full((5, 3), 1 / 3)
    assert cross_entropy(Tensor(x), Tensor(q)).dtype == np.float64
    assert cross_entropy(Tensor(x), Tensor(q.astype(np.float16))).dtype == np.float32


# How it is given


@pytest.mark.parametrize("kind", ["int64", "int32", "int16", "uint8"])
def test_any_integers_are_classes(
    kind: str, drawn: Any, log_softmax: Any, assert_close: Any
) -> None:
    x, y = drawn(5, 3), drawn_classes((5, 3))
    expected = -log_softmax(x, 1)[np.arange(5), y].mean()
    assert_close(cross_entropy(Tensor(x), Tensor(y.astype(kind))), expected, f"{kind} classes")


def test_a_wider_weight_does_not_widen_the_loss(drawn: Any) -> None:
    x, y = drawn(5, 3, dtype="float32"), drawn_classes((5, 3))
    assert cross_entropy(Tensor(x), Tensor(y), weight=Tensor(np.ones(3))).dtype == np.float32


@pytest.mark.parametrize("how", ["Fortran order", "backwards", "every second"])
def test_however_it_lies_in_memory(
    how: str, drawn: Any, laid_out: Any, log_softmax: Any, assert_close: Any
) -> None:
    for shape in ((4, 3), (4, 3, 2, 5)):
        x, y = drawn(*shape), drawn_classes(shape)
        expected = -(log_softmax(x, 1) * one_hot(y, 3, 1)).sum() / y.size
        found = cross_entropy(Tensor(laid_out(x, how)), Tensor(y))
        assert_close(found, expected, f"x {shape} lying {how}")
        check_rule(cross_entropy, laid_out(x, how), y)
        check_rule(cross_entropy, laid_out(x, how), laid_out(one_hot(y, 3, 1), how))


def test_inputs_are_left_alone(drawn: Any) -> None:
    for target in (drawn_classes((4, 3)), np.full((4, 3), 1 / 3)):
        for smoothing in (0.0, 0.1):
            tensors = [Tensor(drawn(4, 3)), Tensor(target)]
            before = [t.numpy().copy() for t in tensors]
            cross_entropy(*tensors, reduction="none", label_smoothing=smoothing).fill_(9)
            for t, values in zip(tensors, before, strict=True):
                np.testing.assert_array_equal(t.numpy(), values, err_msg="an input was written to")


# What is refused


@pytest.mark.parametrize("unknown", [3, 100, -1, -2])
def test_a_class_that_there_is_not(unknown: int, refused: Any) -> None:
    x, y = Tensor(np.zeros((4, 3))), np.array([0, 1, 2, unknown])
    with refused(IndexError, "cross_entropy", str(unknown), "3 classes"):
        cross_entropy(x, Tensor(y))
    with refused(IndexError, "cross_entropy", str(unknown), "3 classes"):
        cross_entropy(x, Tensor(y), ignore_index=1)


@pytest.mark.parametrize(
    ("shape", "places"), [((4, 3), (3,)), ((4, 3), (4, 1)), ((4, 3), ()), ((2, 3, 4), (2, 3))]
)
def test_classes_that_do_not_fit(
    shape: tuple[int, ...], places: tuple[int, ...], refused: Any
) -> None:
    with refused(ValueError, "cross_entropy", str(shape), str(places)):
        cross_entropy(Tensor(np.zeros(shape)), Tensor(np.zeros(places, np.int64)))
    with refused(ValueError, "cross_entropy", str(shape), str(places)):
        cross_entropy(Tensor(np.zeros(shape)), Tensor(np.zeros(places)))


def test_types_that_make_no_sense(refused: Any) -> None:
    x = Tensor(np.zeros((4, 3)))
    with refused(TypeError, "cross_entropy", "float64", ".long()"):
        cross_entropy(x, Tensor(np.zeros(4)))
    with refused(TypeError, "cross_entropy", "int64", ".float()"):
        cross_entropy(x, Tensor(np.zeros((4, 3), np.int64)))
    with refused(TypeError, "cross_entropy", "int64", ".float()"):
        cross_entropy(Tensor(np.zeros((4, 3), np.int64)), Tensor(np.zeros(4, np.int64)))


def test_options_that_make_no_sense(refused: Any) -> None:
    x, y, q = Tensor(np.zeros((4, 3))), Tensor(np.zeros(4, np.int64)), Tensor(np.zeros((4, 3)))
    with refused(ValueError, "cross_entropy", "'average'", "'mean'"):
        cross_entropy(x, y, reduction="average")
    for smoothing in (-0.1, 1.1):
        with refused(ValueError, "cross_entropy", "label_smoothing", str(smoothing)):
            cross_entropy(x, y, label_smoothing=smoothing)
    for target in (y, q):
        with refused(ValueError, "cross_entropy", "weight", "(4,)", "3 classes"):
            cross_entropy(x, target, weight=Tensor(np.ones(4)))
    with refused(ValueError, "cross_entropy", "ignore_index=1"):
        cross_entropy(x, q, ignore_index=1)
    for shape in ((4, 0), (0, 0)):
        with refused(ValueError, "cross_entropy", str(shape), "0 classes"):
            cross_entropy(Tensor(np.zeros(shape)), Tensor(np.zeros(shape[0], np.int64)))
    with refused(ValueError, "cross_entropy", "single number"):
        cross_entropy(Tensor(np.array(1.0)), Tensor(np.array(0)))
