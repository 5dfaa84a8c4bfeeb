"""Task 11.4: looking at a model without changing it."""

from typing import Any

import numpy as np
import pytest

from tinytorch.layers import Identity, Linear, Module
from tinytorch.networks import Sequential
from tinytorch.normalization import BatchNorm1d
from tinytorch.tensor import Tensor
from tinytorch.training import Accuracy, CrossEntropyLoss, evaluate, mse_loss, predict

SIZES = (5, 3, 1)


def scored(seed: int = 0) -> list[tuple[Any, Any]]:
    """Batches of scores of 3 classes, and classes, of different sizes."""
    draws = np.random.default_rng(seed)
    return [(draws.standard_normal((n, 3)), draws.integers(3, size=n)) for n in SIZES]


def surprises(scores: Any, classes: Any) -> Any:
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(classes)), classes])


def as_loader(batches: Any) -> list[Any]:
    return [[Tensor(x), Tensor(t)] for x, t in batches]


def test_the_loss_over_all_examples() -> None:
    batches = scored()
    found = evaluate(Identity(), as_loader(batches), CrossEntropyLoss())
    expected = np.concatenate([surprises(x, t) for x, t in batches]).mean()
    assert list(found) == ["loss"]
    assert found["loss"] == pytest.approx(expected, rel=1e-9), f"batches of {SIZES} examples"


def test_the_loss_of_targets_that_count() -> None:
    batches = scored()
    for _, t in batches:
        t[: len(t) // 2 + 1] = -100
    kept = np.concatenate([surprises(x[t >= 0], t[t >= 0]) for x, t in batches])
    found = evaluate(Identity(), as_loader(batches), CrossEntropyLoss())
    assert found["loss"] == pytest.approx(kept.mean(), rel=1e-9), "most targets are ignored"


def test_metrics_by_name_and_each_time_anew() -> None:
    batches = scored()
    hits = np.concatenate([x.argmax(axis=1) == t for x, t in batches])
    metrics = {"right": Accuracy()}
    for time in ("first", "second"):
        found = evaluate(Identity(), as_loader(batches), CrossEntropyLoss(), metrics)
        assert set(found) == {"loss", "right"}
        assert found["right"] == pytest.approx(hits.mean(), rel=1e-9), f"the {time} time"


def probe() -> tuple[Any, list[bool], list[bool]]:
    """A model, and of each of its calls whether it was in training mode, and whether recorded."""
    modes, recorded = [], []

    class Probe(Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = Linear(2, 1, dtype="float64")

        def forward(self, x: Any) -> Any:
            y = self.layer(x)
            modes.append(self.layer.training)
            recorded.append(y.requires_grad)
            return y

    return Probe(), modes, recorded


def test_in_evaluation_mode_and_unrecorded() -> None:
    model, modes, recorded = probe()
    evaluate(model, [(Tensor(np.ones((3, 2))), Tensor(np.ones((3, 1))))], mse_loss)
    assert modes == [False], "the model should be in evaluation mode"
    assert recorded == [False], "nothing should be recorded"
    assert model.layer.training, "and in training mode again afterwards"
    assert model.layer.weight.grad is None
    assert model.layer(Tensor(np.ones((3, 2)))).requires_grad, "recording should be on again"


def test_parts_that_were_in_evaluation_mode_stay_so() -> None:
    model = Sequential(Linear(2, 4), Linear(4, 1))
    model[0].eval()
    evaluate(model, [], mse_loss)
    assert [model.training, model[0].training, model[1].training] == [True, False, True]


def test_the_mode_is_put_back_when_something_goes_wrong() -> None:
    model, _, _ = probe()
    with pytest.raises(ValueError):
        evaluate(model, [(Tensor(np.ones((3, 5))), Tensor(np.ones((3, 1))))], mse_loss)
    assert model.layer.training


def test_running_statistics_stay() -> None:
    model = BatchNorm1d(3, dtype="float64")
    evaluate(model, as_loader(scored()), CrossEntropyLoss())
    assert model.running_mean.tolist() == [0.0, 0.0, 0.0]
    assert model.num_batches_tracked.item() == 0


def test_a_batch_without_target_is_refused(refused: Any) -> None:
    with refused(TypeError, "target"):
        evaluate(Identity(), [Tensor(np.ones((2, 3)))], mse_loss)


def test_nothing_to_look_at() -> None:
    found = evaluate(Identity(), [], CrossEntropyLoss(), {"right": Accuracy()})
    assert np.isnan(found["loss"])


# predict is given


def test_answers_for_a_tensor_and_for_batches() -> None:
    x = np.random.default_rng(0).standard_normal((5, 2))
    model, modes, recorded = probe()
    w, b = model.layer.weight.detach().numpy(), model.layer.bias.detach().numpy()
    loaders: list[Any] = [
        Tensor(x),
        [Tensor(x[:3]), Tensor(x[3:])],
        [(Tensor(x[:3]), Tensor(np.zeros(3))), (Tensor(x[3:]), Tensor(np.zeros(2)))],
    ]
    for given in loaders:
        np.testing.assert_allclose(predict(model, given).numpy(), x @ w.T + b, 1e-9)
    assert not any(recorded)
    assert not any(modes)
    assert model.layer.training


def test_nothing_to_predict(refused: Any) -> None:
    with refused(ValueError, "predict"):
        predict(Identity(), [])
