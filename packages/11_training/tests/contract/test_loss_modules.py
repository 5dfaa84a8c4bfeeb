"""The losses as modules."""

from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tinytorch.training import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)

MODULES = {
    module.__name__: module
    for module in (
        BCELoss,
        BCEWithLogitsLoss,
        CrossEntropyLoss,
        HuberLoss,
        KLDivLoss,
        L1Loss,
        MSELoss,
        NLLLoss,
        SmoothL1Loss,
    )
}
X = np.array([[0.5, 0.25], [0.75, 0.125], [0.25, 0.5]])
D = np.abs(X - 1)
# What the losses of X are, where the target is all ones, or for classes [0, 1, 1].
EXPECTED: dict[str, tuple[Any, Any]] = {
    "BCELoss": (np.ones((3, 2)), -np.log(X)),
    "BCEWithLogitsLoss": (np.ones((3, 2)), np.log1p(np.exp(-X))),
    "CrossEntropyLoss": (
        np.array([0, 1, 1]),
        np.log1p(np.exp([X[0, 1] - X[0, 0], X[1, 0] - X[1, 1], X[2, 0] - X[2, 1]])),
    ),
    "HuberLoss": (np.ones((3, 2)), D**2 / 2),
    "KLDivLoss": (np.ones((3, 2)), -X),
    "L1Loss": (np.ones((3, 2)), D),
    "MSELoss": (np.ones((3, 2)), D**2),
    "NLLLoss": (np.array([0, 1, 1]), -np.array([0.5, 0.125, 0.5])),
    "SmoothL1Loss": (np.ones((3, 2)), D**2 / 2),
}


@pytest.mark.parametrize("name", MODULES)
def test_they_compute_the_losses(name: str, as_wished: Any, assert_close: Any) -> None:
    target, losses = EXPECTED[name]
    for reduction in ("mean", "sum", "none"):
        module = MODULES[name](reduction=reduction)
        found = module(Tensor(X), Tensor(target))
        assert_close(found, as_wished(losses, reduction), f"{name}(reduction={reduction!r})")
    found = MODULES[name]()(Tensor(X), Tensor(target))
    assert_close(found, losses.mean(), f"{name}()")


@pytest.mark.parametrize("name", MODULES)
def test_they_show_their_name_and_have_nothing_to_learn(name: str) -> None:
    module = MODULES[name]()
    assert repr(module) == f"{name}()"
    assert list(module.parameters()) == []
    assert list(module.state_dict()) == []


@pytest.mark.parametrize("name", MODULES)
def test_another_reduction_is_refused_at_once(name: str, refused: Any) -> None:
    with refused(ValueError, name, "'average'", "'mean'"):
        MODULES[name](reduction="average")


def test_huber_and_smooth_l1_pass_their_width_on(assert_close: Any) -> None:
    x, y = Tensor(np.array([4.0])), Tensor(np.array([0.0]))
    assert_close(HuberLoss(delta=2)(x, y), np.array(6.0), "HuberLoss(delta=2) of 4 and 0")
    assert_close(SmoothL1Loss(beta=2)(x, y), np.array(3.0), "SmoothL1Loss(beta=2) of 4 and 0")


def test_kl_div_passes_its_options_on(assert_close: Any) -> None:
    zeros = Tensor(np.zeros((2, 3)))
    x = Tensor(np.full((2, 3), -1.0))
    found = KLDivLoss(reduction="batchmean", log_target=True)(x, zeros)
    assert_close(found, np.array(3.0), "six times 1 · (0 + 1), over two examples")


def test_cross_entropy_passes_its_options_on(assert_close: Any) -> None:
    x, y = Tensor(np.zeros((3, 2))), Tensor(np.array([0, 1, 5]))
    weight = Tensor(np.array([3.0, 1.0]))
    found = CrossEntropyLoss(weight, ignore_index=5, reduction="sum")(x, y)
    assert_close(found, np.array(4 * np.log(2)), "weights 3 and 1")
    x = Tensor(np.array([[np.log(3.0), 0.0]]))
    found = CrossEntropyLoss(label_smoothing=0.5)(x, Tensor(np.array([0])))
    expected = -0.75 * np.log(0.75) - 0.25 * np.log(0.25)
    assert_close(found, np.array(expected), "label_smoothing=0.5")


def test_nll_passes_its_options_on(assert_close: Any) -> None:
    x, y = Tensor(np.full((3, 2), -1.0)), Tensor(np.array([0, 1, 5]))
    found = NLLLoss(Tensor(np.array([3.0, 1.0])), ignore_index=5, reduction="sum")(x, y)
    assert_close(found, np.array(4.0), "weights 3 and 1")


def test_weights_of_binary_losses(assert_close: Any) -> None:
    p, x, y = Tensor(np.full(2, 0.5)), Tensor(np.zeros(2)), Tensor(np.array([1.0, 0.0]))
    weight, positive = Tensor(np.array([1.0, 2.0])), Tensor(np.array([3.0]))
    assert_close(BCELoss(weight, reduction="sum")(p, y), 3 * np.log(2), "BCELoss, weights 1 and 2")
    found = BCEWithLogitsLoss(weight, reduction="sum", pos_weight=positive)(x, y)
    assert_close(found, 5 * np.log(2), "BCEWithLogitsLoss, weights 1 and 2, pos_weight 3")


@pytest.mark.parametrize("name", ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "NLLLoss"])
def test_a_weight_is_saved_and_not_learnt(name: str) -> None:
    module = MODULES[name](Tensor(np.array([1.0, 2.0])))
    assert [(key, value.tolist()) for key, value in module.state_dict().items()] == [
        ("weight", [1.0, 2.0])
    ]
    assert list(module.parameters()) == []
    other = MODULES[name](Tensor(np.zeros(2)))
    other.load_state_dict({key: value.numpy() for key, value in module.state_dict().items()})
    assert other.weight.tolist() == [1.0, 2.0]


def test_a_pos_weight_is_saved_too() -> None:
    module = BCEWithLogitsLoss(pos_weight=Tensor(np.array([3.0])))
    assert [(key, value.tolist()) for key, value in module.state_dict().items()] == [
        ("pos_weight", [3.0])
    ]
