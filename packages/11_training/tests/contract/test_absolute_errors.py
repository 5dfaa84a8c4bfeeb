"""Losses that forgive the far away: the Huber loss and its relatives. The first is of task 11.1."""

from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule
from tinytorch.training import huber_loss, l1_loss, smooth_l1_loss

LOSSES = {"huber_loss": huber_loss, "l1_loss": l1_loss, "smooth_l1_loss": smooth_l1_loss}
REDUCTIONS = ["mean", "sum", "none"]


def huber(d: Any, delta: float) -> Any:
    far = np.abs(d)
    return np.where(far <= delta, d * d / 2, delta * (far - delta / 2))


# Between -4 and 4, in steps of 0.32, none of them near a bend of a loss below.
DIFFERENCES = np.linspace(-4, 4, 26)


@pytest.mark.parametrize("delta", [0.25, 1.0, 3, 100.0])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_huber(delta: float, reduction: str, drawn: Any, as_wished: Any, assert_close: Any) -> None:
    y = drawn(26)
    x = y + DIFFERENCES
    found = huber_loss(Tensor(x), Tensor(y), reduction=reduction, delta=delta)
    expected = as_wished(huber(DIFFERENCES, delta), reduction)
    assert_close(found, expected, f"huber_loss, delta={delta}")
    check_rule(huber_loss, x, y, reduction=reduction, delta=delta)


def test_huber_by_hand(assert_close: Any) -> None:
    x = Tensor(np.array([0.0, 0.5, -1.0, 2.0, -3.0]))
    y = Tensor(np.zeros(5))
    found = huber_loss(x, y, reduction="none")
    assert_close(found, np.array([0, 0.125, 0.5, 1.5, 2.5]), "a delta of 1, which is the default")
    found = huber_loss(x, y, reduction="none", delta=2)
    assert_close(found, np.array([0, 0.125, 0.5, 2, 4]), "a delta of 2")
    assert_close(huber_loss(x, y), np.array(4.625 / 5), "the mean")


@pytest.mark.parametrize("beta", [0.25, 1.0, 3, 100.0])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_smooth_l1_is_huber_divided_by_its_width(
    beta: float, reduction: str, drawn: Any, as_wished: Any, assert_close: Any
) -> None:
    y = drawn(26)
    x = y + DIFFERENCES
    found = smooth_l1_loss(Tensor(x), Tensor(y), reduction=reduction, beta=beta)
    expected = as_wished(huber(DIFFERENCES, beta) / beta, reduction)
    assert_close(found, expected, f"smooth_l1_loss, beta={beta}")
    check_rule(smooth_l1_loss, x, y, reduction=reduction, beta=beta)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_l1(reduction: str, drawn: Any, as_wished: Any, assert_close: Any) -> None:
    y = drawn(26)
    x = y + DIFFERENCES
    expected = as_wished(np.abs(DIFFERENCES), reduction)
    assert_close(l1_loss(Tensor(x), Tensor(y), reduction=reduction), expected, "l1_loss")
    found = smooth_l1_loss(Tensor(x), Tensor(y), reduction=reduction, beta=0)
    assert_close(found, expected, "smooth_l1_loss with a beta of 0")
    check_rule(l1_loss, x, y, reduction=reduction)
    check_rule(smooth_l1_loss, x, y, reduction=reduction, beta=0)


@pytest.mark.parametrize("name", LOSSES)
def test_of_nothing(name: str) -> None:
    nothing = Tensor(np.zeros((0, 3)))
    assert np.isnan(LOSSES[name](nothing, nothing).item()), "the mean of nothing is nan"
    assert LOSSES[name](nothing, nothing, reduction="sum").item() == 0
    assert LOSSES[name](nothing, nothing, reduction="none").shape == (0, 3)


@pytest.mark.parametrize("name", LOSSES)
def test_float16_is_worked_on_in_float32(name: str, assert_close: Any) -> None:
    x, y = Tensor(np.full(3000, 200, np.float16)), Tensor(np.zeros(3000, np.float16))
    expected = np.array(200.0 if name == "l1_loss" else 199.5)
    assert_close(LOSSES[name](x, y), expected, f"{name} of 3000 times 200", dtype="float16")


@pytest.mark.parametrize("name", LOSSES)
def test_float32_stays_float32(name: str) -> None:
    x, y = Tensor(np.ones(3, np.float32)), Tensor(np.zeros(3, np.float32))
    for reduction in REDUCTIONS:
        assert LOSSES[name](x, y, reduction=reduction).dtype == np.float32
    wide = np.float64(0.5)
    assert huber_loss(x, y, delta=wide).dtype == np.float32, "a delta of NumPy's made it wider"
    assert smooth_l1_loss(x, y, beta=wide).dtype == np.float32, "a beta of NumPy's made it wider"


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.in_process("what is warned of in another process is not heard")
def test_shapes_that_differ_are_broadcast_with_a_warning(name: str, drawn: Any) -> None:
    x, y = drawn(4, 1), drawn(4, seed=1)
    with pytest.warns(UserWarning, match=rf"{name}.*\(4, 1\).*\(4,\).*\(4, 4\)"):
        assert LOSSES[name](Tensor(x), Tensor(y), reduction="none").shape == (4, 4)


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_refused(name: str, refused: Any) -> None:
    x = Tensor(np.zeros(3))
    with refused(ValueError, name, "(3,)", "(4,)"):
        LOSSES[name](x, Tensor(np.zeros(4)))
    with refused(ValueError, name, "'average'", "'mean'"):
        LOSSES[name](x, x, reduction="average")


@pytest.mark.parametrize("delta", [0.0, -1.0, float("nan")])
def test_a_delta_or_beta_that_makes_no_sense(delta: float, refused: Any) -> None:
    x = Tensor(np.zeros(3))
    with refused(ValueError, "huber_loss", "delta", str(delta)):
        huber_loss(x, x, delta=delta)
    if delta:
        with refused(ValueError, "smooth_l1_loss", "beta", str(delta)):
            smooth_l1_loss(x, x, beta=delta)
