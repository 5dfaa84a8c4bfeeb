"""Task 11.4: gradients of a batch, a step, an epoch; on a straight line, whose gradients are known.

The model is y = x · wᵀ + b, the loss the mean of (y − t)²: ∂L/∂w = 2 · mean(d · x), ∂L/∂b =
2 · mean(d), d = y − t.
"""

from typing import Any

import numpy as np
import pytest

from tinytorch.layers import Linear, Module
from tinytorch.optimizers import SGD
from tinytorch.tensor import Tensor
from tinytorch.training import (
    CrossEntropyLoss,
    LossNotFinite,
    backward,
    mse_loss,
    train_epoch,
    train_step,
)


def line(seed: int = 5, features: int = 3) -> tuple[Any, Any, Any]:
    """A layer, and its weight and bias as arrays."""
    draws = np.random.default_rng(seed)
    weight, bias = draws.standard_normal((1, features)), draws.standard_normal(1)
    layer = Linear(features, 1, dtype="float64")
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer, weight, bias


def points(count: int, seed: int = 0, features: int = 3) -> tuple[Any, Any]:
    draws = np.random.default_rng(seed)
    return draws.standard_normal((count, features)), draws.standard_normal((count, 1))


def by_hand(weight: Any, bias: Any, x: Any, t: Any) -> tuple[float, Any, Any]:
    """The loss and its two gradients."""
    d = x @ weight.T + bias - t
    return float((d**2).mean()), 2 * d.T @ x / len(x), 2 * d.mean(axis=0)


def check(found: Any, expected: Any, tried: str) -> None:
    np.testing.assert_allclose(found.detach().numpy(), expected, 1e-9, 1e-12, err_msg=tried)


def test_the_gradients_of_a_batch() -> None:
    layer, weight, bias = line()
    x, t = points(7)
    loss, of_weight, of_bias = by_hand(weight, bias, x, t)
    found = backward(layer, mse_loss, Tensor(x), Tensor(t))
    assert isinstance(found, float), f"backward should return a Python float, not {found!r}"
    assert found == pytest.approx(loss, rel=1e-9), "the loss that backward returns"
    check(layer.weight.grad, of_weight, "the weight's gradient")
    check(layer.bias.grad, of_bias, "the bias's gradient")


def test_gradients_are_added_to_those_that_are_there() -> None:
    layer, weight, bias = line()
    x, t = points(7)
    other_x, other_t = points(4, seed=1)
    backward(layer, mse_loss, Tensor(x), Tensor(t))
    backward(layer, mse_loss, Tensor(other_x), Tensor(other_t))
    expected = by_hand(weight, bias, x, t)[1] + by_hand(weight, bias, other_x, other_t)[1]
    check(layer.weight.grad, expected, "two calls of backward: the sum of both gradients")


@pytest.mark.parametrize("share", [0.25, 3.0])
def test_a_share_of_the_gradients_but_the_whole_loss(share: float) -> None:
    layer, weight, bias = line()
    x, t = points(7)
    loss, of_weight, of_bias = by_hand(weight, bias, x, t)
    found = backward(layer, mse_loss, Tensor(x), Tensor(t), share=share)
    assert found == pytest.approx(loss, rel=1e-9), f"share={share} should not change the loss"
    check(layer.weight.grad, share * of_weight, f"the weight's gradient with share={share}")
    check(layer.bias.grad, share * of_bias, f"the bias's gradient with share={share}")


class Difference(Module):
    """A model of two inputs."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, a: Any, b: Any) -> Any:
        return self.inner(a - b)


def test_a_model_of_two_inputs() -> None:
    layer, weight, bias = line()
    (a, t), (b, _) = points(5), points(5, seed=1)
    loss, of_weight, _ = by_hand(weight, bias, a - b, t)
    found = backward(Difference(layer), mse_loss, Tensor(a), Tensor(b), Tensor(t))
    assert found == pytest.approx(loss, rel=1e-9)
    check(layer.weight.grad, of_weight, "the weight's gradient, through a model of two inputs")


@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_a_loss_that_is_no_number_gives_no_gradients(bad: str) -> None:
    layer, _, _ = line()
    x, t = points(7)
    x[3, 1] = float(bad)
    with pytest.raises(LossNotFinite):
        backward(layer, mse_loss, Tensor(x), Tensor(t))
    assert layer.weight.grad is None, "the loss was refused, but there is a gradient"


def test_a_loss_for_each_example_is_refused(refused: Any) -> None:
    layer, _, _ = line()
    x, t = points(7)

    def each(y: Any, target: Any) -> Any:
        return mse_loss(y, target, reduction="none")

    with refused(ValueError, "(7, 1)", "mean"):
        backward(layer, each, Tensor(x), Tensor(t))


# A step


def test_steps_are_those_of_gradient_descent() -> None:
    """Three: a gradient that is not forgotten shows in the second."""
    layer, weight, bias = line()
    x, t = points(7)
    optimizer = SGD(layer.parameters(), lr=0.1)
    for number in range(3):
        loss, of_weight, of_bias = by_hand(weight, bias, x, t)
        found = train_step(optimizer, lambda: backward(layer, mse_loss, Tensor(x), Tensor(t)))
        weight, bias = weight - 0.1 * of_weight, bias - 0.1 * of_bias
        assert found == pytest.approx(loss, rel=1e-9), f"the loss before step {number}"
        check(layer.weight, weight, f"the weight after step {number}, of SGD with lr=0.1")
        check(layer.bias, bias, f"the bias after step {number}, of SGD with lr=0.1")


def test_gradients_are_asked_for_once_and_with_none_left_over() -> None:
    layer, _, _ = line()
    x, t = points(7)
    backward(layer, mse_loss, Tensor(x), Tensor(t))
    seen = []

    def find_gradients() -> float:
        seen.append(layer.weight.grad is None or not layer.weight.grad.numpy().any())
        return backward(layer, mse_loss, Tensor(x), Tensor(t))

    train_step(SGD(layer.parameters(), lr=0.1), find_gradients)
    assert seen == [True], "find_gradients should be called once, when old gradients are away"


@pytest.mark.parametrize("clip_norm", [0.01, 0.3, 1e6])
def test_clipped_gradients(clip_norm: float) -> None:
    layer, weight, bias = line()
    x, t = points(7)
    _, of_weight, of_bias = by_hand(weight, bias, x, t)
    norm = float(np.sqrt((of_weight**2).sum() + (of_bias**2).sum()))
    factor = min(1.0, clip_norm / (norm + 1e-6))
    train_step(
        SGD(layer.parameters(), lr=0.5),
        lambda: backward(layer, mse_loss, Tensor(x), Tensor(t)),
        clip_norm=clip_norm,
    )
    tried = f"a step with clip_norm={clip_norm}, of gradients whose norm is {norm:.3f}"
    check(layer.weight, weight - 0.5 * factor * of_weight, f"the weight after {tried}")
    check(layer.bias, bias - 0.5 * factor * of_bias, f"the bias after {tried}")


def test_gradients_of_all_groups_are_clipped_as_one() -> None:
    layer, weight, bias = line()
    x, t = points(7)
    _, of_weight, of_bias = by_hand(weight, bias, x, t)
    norm = float(np.sqrt((of_weight**2).sum() + (of_bias**2).sum()))
    groups = [{"params": [layer.weight]}, {"params": [layer.bias], "lr": 0.5}]
    train_step(
        SGD(groups, lr=1.0),
        lambda: backward(layer, mse_loss, Tensor(x), Tensor(t)),
        clip_norm=norm / 2,
    )
    check(layer.weight, weight - of_weight / 2 / (1 + 1e-6 / norm), "the first group's parameter")
    check(layer.bias, bias - of_bias / 4 / (1 + 1e-6 / norm), "the second group's parameter")


def test_infinite_gradients_move_nothing_where_they_are_clipped() -> None:
    layer, weight, _ = line()

    def find_gradients() -> float:
        layer.weight.grad = Tensor(np.array([[1.0, float("inf"), 0.0]]))
        return 1.0

    with pytest.raises(RuntimeError) as caught:
        train_step(SGD(layer.parameters(), lr=0.1), find_gradients, clip_norm=1.0)
    assert not isinstance(caught.value, NotImplementedError), "the task is not written yet"
    check(layer.weight, weight, "the weight after a step that was refused")


def test_what_goes_wrong_on_the_way_is_not_hidden() -> None:
    layer, weight, _ = line()

    def find_gradients() -> float:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        train_step(SGD(layer.parameters(), lr=0.1), find_gradients)
    check(layer.weight, weight, "the weight after a step without gradients")


# An epoch


@pytest.mark.parametrize("clip_norm", [None, 0.5])
def test_an_epoch_is_a_step_for_each_batch(clip_norm: float | None) -> None:
    """The mean is over examples: the last batch has 1 of them, the first 5."""
    layer, weight, bias = line()
    batches = [points(size, seed=size) for size in (5, 3, 1)]
    losses = []
    for x, t in batches:
        loss, of_weight, of_bias = by_hand(weight, bias, x, t)
        norm = np.sqrt((of_weight**2).sum() + (of_bias**2).sum())
        factor = 1.0 if clip_norm is None else min(1.0, clip_norm / (norm + 1e-6))
        weight, bias = weight - 0.1 * factor * of_weight, bias - 0.1 * factor * of_bias
        losses.append(loss)
    optimizer = SGD(layer.parameters(), lr=0.1)
    loader = [[Tensor(x), Tensor(t)] for x, t in batches]
    found = train_epoch(layer, loader, mse_loss, optimizer, clip_norm=clip_norm)
    expected = (5 * losses[0] + 3 * losses[1] + losses[2]) / 9
    assert found == pytest.approx(expected, rel=1e-9), "the mean loss over 5, 3 and 1 examples"
    check(layer.weight, weight, "the weight after three steps")
    check(layer.bias, bias, "the bias after three steps")


def test_an_epoch_is_in_training_mode() -> None:
    seen = []

    class Watched(Module):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: Any) -> Any:
            seen.append(self.inner.training)
            return self.inner(x)

    model = Watched(line()[0])
    model.eval()
    x, t = points(4)
    optimizer = SGD(model.parameters(), lr=0.1)
    train_epoch(model, [(Tensor(x), Tensor(t))] * 2, mse_loss, optimizer)
    assert seen == [True, True], f"whether two calls were in training mode: {seen}"


def test_targets_that_are_ignored_do_not_count() -> None:
    """Of two batches, the first has two targets that count, the second has one; a third has none,
    and moves nothing: not even what momentum would."""
    draws = np.random.default_rng(2)
    weight, x = draws.standard_normal((2, 3)), draws.standard_normal((3, 4, 3))
    targets = [[0, 1, -1, -1], [-1, 1, -1, -1], [-1] * 4]
    layer = Linear(3, 2, bias=False, dtype="float64")
    layer.load_state_dict({"weight": weight})
    loader = [(Tensor(a), Tensor(np.array(t))) for a, t in zip(x, targets, strict=True)]
    losses, velocity = [], np.zeros((2, 3))
    for a, t in zip(x[:2], targets[:2], strict=True):
        rows = [i for i in range(4) if t[i] >= 0]
        scores = a[rows] @ weight.T
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        right = np.eye(2)[[t[i] for i in rows]]
        losses.append(-np.log((p * right).sum(axis=1)).sum())
        velocity = 0.9 * velocity + (p - right).T @ a[rows] / len(rows)
        weight = weight - 0.1 * velocity
    loss_fn = CrossEntropyLoss(ignore_index=-1)
    optimizer = SGD(layer.parameters(), lr=0.1, momentum=0.9)
    found = train_epoch(layer, loader, loss_fn, optimizer)
    assert found == pytest.approx(sum(losses) / 3, rel=1e-9), "the mean over three targets"
    check(layer.weight, weight, "the weight after two steps with momentum, and none for nothing")


def test_an_epoch_with_a_model_of_two_inputs() -> None:
    """The last entry of a batch is the target: here floats, which `ignore_index` is not for."""
    layer, weight, bias = line()
    model = Difference(layer)
    (a, t), (b, _) = points(5), points(5, seed=1)
    optimizer = SGD(layer.parameters(), lr=0.1)
    sizes = (3, 2)
    parts = [slice(0, 3), slice(3, 5)]
    loader = [[Tensor(a[part]), Tensor(b[part]), Tensor(t[part])] for part in parts]
    losses = []
    for part in parts:
        loss, of_weight, of_bias = by_hand(weight, bias, (a - b)[part], t[part])
        weight, bias = weight - 0.1 * of_weight, bias - 0.1 * of_bias
        losses.append(loss)
    found = train_epoch(model, loader, mse_loss, optimizer)
    expected = np.average(losses, weights=sizes)
    assert found == pytest.approx(expected, rel=1e-9), "the mean loss over 3 and 2 examples"
    check(layer.weight, weight, "the weight after two steps of a model of two inputs")


def test_the_target_that_counts_is_the_last_of_three() -> None:
    """The second input holds nothing but what is ignored in a target."""
    layer = Linear(2, 2, bias=False, dtype="float64")

    class Second(Module):
        def forward(self, x: Any, ignored: Any) -> Any:
            return layer(x)

    layer.load_state_dict({"weight": np.eye(2)})
    x, none = Tensor(np.ones((2, 2))), Tensor(np.full((2,), -100))
    batch = (x, none, Tensor(np.array([0, 0])))
    loss_fn, optimizer = CrossEntropyLoss(), SGD(layer.parameters(), lr=0.1)
    found = train_epoch(Second(), [batch], loss_fn, optimizer)
    assert found == pytest.approx(np.log(2)), "two equal scores: log 2"


def test_an_epoch_of_nothing() -> None:
    layer, weight, _ = line()
    assert np.isnan(train_epoch(layer, [], mse_loss, SGD(layer.parameters(), lr=0.1)))
    check(layer.weight, weight, "the weight after an epoch without batches")


def test_a_batch_without_target_is_refused(refused: Any) -> None:
    layer, _, _ = line()
    with refused(TypeError, "target"):
        train_epoch(layer, [Tensor(points(3)[0])], mse_loss, SGD(layer.parameters(), lr=0.1))
