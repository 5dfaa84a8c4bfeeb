"""The Kullback-Leibler divergence."""

from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule
from tinytorch.training import kl_div

REDUCTIONS = ["mean", "sum", "none", "batchmean"]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4)])
@pytest.mark.parametrize("log_target", [False, True])
def test_what_it_costs(
    shape: tuple[int, ...],
    reduction: str,
    log_target: bool,
    drawn: Any,
    log_softmax: Any,
    assert_close: Any,
) -> None:
    log_p, log_q = log_softmax(drawn(*shape), -1), log_softmax(drawn(*shape, seed=1), -1)
    q = np.exp(log_q)
    losses = q * (log_q - log_p)
    expected = {
        "none": losses,
        "sum": losses.sum(),
        "mean": losses.mean(),
        "batchmean": losses.sum() / shape[0],
    }[reduction]
    target = log_q if log_target else q
    found = kl_div(Tensor(log_p), Tensor(target), reduction=reduction, log_target=log_target)
    assert_close(found, np.asarray(expected), f"kl_div of {shape}", tolerance=1e-9)
    # A probability less than the step of the differences would become negative there.
    target = np.maximum(log_q, -6) if log_target else np.maximum(q, 0.01)
    check_rule(kl_div, log_p, target, reduction=reduction, log_target=log_target)


def test_by_hand(assert_close: Any) -> None:
    p, q = np.array([[0.5, 0.25, 0.25]]), np.array([[0.5, 0.5, 0.0]])
    found = kl_div(Tensor(np.log(p)), Tensor(q), reduction="none")
    assert_close(found, np.array([[0, np.log(2) / 2, 0]]), "what never happens costs nothing")
    assert_close(kl_div(Tensor(np.log(p)), Tensor(q)), np.log(2) / 6, "the mean of three numbers")


def test_they_broadcast(drawn: Any, assert_close: Any) -> None:
    x, q = drawn(3, 4), np.full(4, 0.25)
    losses = q * (np.log(q) - x)
    assert_close(kl_div(Tensor(x), Tensor(q)), losses.mean(), "(3, 4) and (4,)")
    check_rule(kl_div, x, q)
    check_rule(kl_div, x[:1], np.full((3, 4), 0.25), reduction="none")


def test_of_nothing() -> None:
    nothing = Tensor(np.zeros((0, 3)))
    for reduction in ("mean", "batchmean"):
        assert np.isnan(kl_div(nothing, nothing, reduction=reduction).item())
    assert kl_div(nothing, nothing, reduction="sum").item() == 0


def test_types() -> None:
    for dtype in (np.float16, np.float32, np.float64):
        x = Tensor(np.full((2, 3), -1.0, dtype))
        assert kl_div(x, x, log_target=True).dtype == dtype
        assert kl_div(x, Tensor(np.ones((2, 3), dtype))).dtype == dtype


def test_what_is_refused(refused: Any) -> None:
    x = Tensor(np.zeros((4, 3)))
    with refused(ValueError, "kl_div", "'average'", "'batchmean'"):
        kl_div(x, x, reduction="average")
    with refused(ValueError, "kl_div", "(4, 3)", "(2,)"):
        kl_div(x, Tensor(np.zeros(2)))
