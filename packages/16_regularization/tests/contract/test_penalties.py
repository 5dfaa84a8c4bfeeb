"""Task 16.3: the size of the weights as a part of the loss."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinytorch.optimizers import SGD
from tinytorch.regularization import l1_penalty, l2_penalty
from tinytorch.tensor import Tensor

BY_NUMPY: dict[str, Callable[[Any], Any]] = {
    "l1_penalty": lambda w: np.abs(w).sum(),
    "l2_penalty": lambda w: (w**2).sum() / 2,
}
SLOPE: dict[str, Callable[[Any], Any]] = {"l1_penalty": np.sign, "l2_penalty": lambda w: w}
PENALTIES: dict[str, Any] = {"l1_penalty": l1_penalty, "l2_penalty": l2_penalty}
SHAPES: list[tuple[int, ...]] = [(3, 4), (4,), (), (2, 3, 1, 2), (0, 3)]


def parameters(drawn: Any, dtype: str = "float64") -> list[Tensor]:
    return [
        Tensor(drawn(*shape, seed=i, dtype=dtype), requires_grad=True)
        for i, shape in enumerate(SHAPES)
    ]


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_over_all_numbers_of_all_parameters(
    name: str, dtype: str, drawn: Any, assert_close: Any
) -> None:
    weights = parameters(drawn, dtype)
    expected = sum(BY_NUMPY[name](w.detach().numpy().astype(np.float64)) for w in weights)
    for given in (weights, tuple(weights), iter(weights)):
        found = PENALTIES[name](given)
        assert_close(found, expected, f"{name} of parameters of shapes {SHAPES}", dtype=dtype)


@pytest.mark.parametrize("name", PENALTIES)
def test_by_hand(name: str, assert_close: Any) -> None:
    weights = [Tensor(np.array([[1.0, -2.0]])), Tensor(np.array([-3.0]))]
    expected = {"l1_penalty": 6.0, "l2_penalty": 7.0}[name]
    assert_close(PENALTIES[name](weights), expected, f"{name} of the weights 1, −2 and −3")


@pytest.mark.parametrize("name", PENALTIES)
def test_the_gradients(name: str, drawn: Any, assert_close: Any) -> None:
    weights = parameters(drawn)
    (0.1 * PENALTIES[name](weights)).backward()
    for w in weights:
        expected = 0.1 * SLOPE[name](w.detach().numpy())
        assert_close(w.grad, expected, f"the gradient of 0.1 · {name}, parameter {w.shape}")


@pytest.mark.parametrize("name", PENALTIES)
def test_where_a_weight_is_0_it_stays(name: str) -> None:
    w = Tensor(np.zeros((2, 3)), requires_grad=True)
    PENALTIES[name]([w]).backward()
    assert w.grad is not None
    assert w.grad.tolist() == [[0.0] * 3] * 2


@pytest.mark.parametrize("name", PENALTIES)
def test_a_parameter_that_is_listed_twice_counts_once(
    name: str, drawn: Any, assert_close: Any
) -> None:
    a, b = Tensor(drawn(3, 4)), Tensor(drawn(3, 4))
    expected = BY_NUMPY[name](drawn(3, 4))
    assert_close(PENALTIES[name]([a, a]), expected, f"{name}([a, a])")
    assert_close(PENALTIES[name]([a, b, a]), 2 * expected, f"{name}([a, b, a]), b equal to a")


@pytest.mark.parametrize("name", PENALTIES)
def test_in_float16_the_sum_is_not(name: str, assert_close: Any) -> None:
    w = Tensor(np.full((100, 100), 30.0, np.float16), requires_grad=True)
    found = PENALTIES[name]([w])
    expected = {"l1_penalty": 3e5, "l2_penalty": 4.5e6}[name]
    assert_close(found, expected, f"{name} of 10,000 float16 weights 30", dtype="float32")
    found.backward()
    expected = SLOPE[name](np.full((100, 100), 30.0, np.float16))
    assert_close(w.grad, expected, f"the gradient of {name} in float16")


@pytest.mark.parametrize("name", PENALTIES)
def test_types_meet_in_the_wider_one(name: str, drawn: Any, assert_close: Any) -> None:
    weights = [Tensor(drawn(3, dtype="float32")), Tensor(drawn(3, seed=1))]
    expected = sum(BY_NUMPY[name](w.numpy().astype(np.float64)) for w in weights)
    tried = f"{name} of float32 and float64"
    assert_close(PENALTIES[name](weights), expected, tried, tolerance=1e-5)


def test_half_of_the_squares_is_what_weight_decay_descends(drawn: Any, assert_close: Any) -> None:
    """SGD with weight_decay=0.1, and without it on loss + 0.1 · l2_penalty, from one start."""
    x, t = Tensor(drawn(8, 3)), Tensor(drawn(8, 2, seed=1))
    ends = []
    for penalised in (True, False):
        w = Tensor(drawn(3, 2, seed=2), requires_grad=True)
        optimizer = SGD([w], lr=0.05, weight_decay=0.0 if penalised else 0.1)
        for _ in range(5):
            optimizer.zero_grad()
            loss = ((x @ w - t) ** 2).mean()
            if penalised:
                loss = loss + 0.1 * l2_penalty([w])
            loss.backward()
            optimizer.step()
        ends.append(w.detach().numpy())
    assert_close(ends[0], ends[1], "five steps of SGD with the penalty, beside weight_decay")


@pytest.mark.parametrize("name", PENALTIES)
def test_what_cannot_be_penalised(name: str, refused: Any) -> None:
    with refused(ValueError, name, "no parameters"):
        PENALTIES[name]([])
    with refused(TypeError, name, "[w]"):
        PENALTIES[name](Tensor(np.ones(3)))
    with refused(TypeError, name, "int64"):
        PENALTIES[name]([Tensor(np.ones(3)), Tensor(np.ones(3, np.int64))])
    with refused(TypeError, name, "str"):
        PENALTIES[name](["weight"])
