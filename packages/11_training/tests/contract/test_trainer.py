"""The trainer, which is given: it stands on what the tasks have you write."""

from typing import Any

import numpy as np
import pytest

from tinytorch.layers import Linear
from tinytorch.optimizers import SGD, StepLR
from tinytorch.tensor import Tensor
from tinytorch.training import LossNotFinite, MeanAbsoluteError, Trainer, mse_loss


def line(seed: int = 5) -> tuple[Any, Any, Any]:
    draws = np.random.default_rng(seed)
    weight, bias = draws.standard_normal((1, 3)), draws.standard_normal(1)
    layer = Linear(3, 1, dtype="float64")
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer, weight, bias


def points(*sizes: int) -> list[tuple[Any, Any]]:
    draws = np.random.default_rng(0)
    return [(draws.standard_normal((n, 3)), draws.standard_normal((n, 1))) for n in sizes]


def as_loader(batches: Any) -> list[Any]:
    return [[Tensor(x), Tensor(t)] for x, t in batches]


def descended(
    weight: Any, bias: Any, batches: Any, rates: list[float]
) -> tuple[Any, Any, list[float]]:
    """Plain gradient descent, a rate for each epoch; and the mean losses."""
    means = []
    for rate in rates:
        total = 0.0
        for x, t in batches:
            d = x @ weight.T + bias - t
            total += float((d**2).sum())
            weight = weight - rate * 2 * d.T @ x / len(x)
            bias = bias - rate * 2 * d.mean(axis=0)
        means.append(total / sum(len(x) for x, _ in batches))
    return weight, bias, means


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, 1e-9, 1e-12)


def test_epochs_of_steps_with_a_schedule_and_validation() -> None:
    layer, weight, bias = line()
    batches, held_out = points(4, 4, 1), points(3, 2)
    optimizer = SGD(layer.parameters(), lr=0.1)
    trainer = Trainer(
        layer,
        optimizer,
        mse_loss,
        metrics={"distance": MeanAbsoluteError()},
        scheduler=StepLR(optimizer, 2, 0.5),
    )
    history = trainer.fit(as_loader(batches), as_loader(held_out), epochs=3)
    weight, bias, means = descended(weight, bias, batches, [0.1, 0.1, 0.05])
    close(layer.weight.detach().numpy(), weight)
    close(layer.bias.detach().numpy(), bias)
    assert history["epoch"] == [1, 2, 3]
    close(history["loss"], means)
    d = np.concatenate([x @ weight.T + bias - t for x, t in held_out])
    close(history["validation_loss"][-1], (d**2).mean())
    close(history["validation_distance"][-1], np.abs(d).mean())
    found = trainer.evaluate(as_loader(held_out))
    close(found["distance"], np.abs(d).mean())
    x = held_out[0][0]
    close(trainer.predict(Tensor(x)).numpy(), x @ weight.T + bias)


def test_pieces_of_a_batch_are_one_step() -> None:
    """Pieces of 4, 2 and 3, and at the end one of 5 alone."""
    layer, weight, bias = line()
    pieces = points(4, 2, 3, 5)
    trainer = Trainer(layer, SGD(layer.parameters(), lr=0.1), mse_loss, accumulate=3)
    trainer.fit(as_loader(pieces))
    whole = [np.concatenate([piece[i] for piece in pieces[:3]]) for i in range(2)]
    weight, bias, _ = descended(weight, bias, [whole, pieces[3]], [0.1])
    close(layer.weight.detach().numpy(), weight)
    close(layer.bias.detach().numpy(), bias)


def test_shards_compute_the_same() -> None:
    layer, weight, bias = line()
    batches = points(4, 5, 1)
    trainer = Trainer(layer, SGD(layer.parameters(), lr=0.1), mse_loss, shards=2)
    trainer.fit(as_loader(batches), epochs=2)
    weight, bias, _ = descended(weight, bias, batches, [0.1, 0.1])
    close(layer.weight.detach().numpy(), weight)
    close(layer.bias.detach().numpy(), bias)


@pytest.mark.parametrize("shards", [1, 2])
def test_a_loss_that_is_no_number_is_told_with_its_place(shards: int) -> None:
    layer, _, _ = line()
    batches = points(4, 4, 4)
    batches[2][0][1, 1] = np.nan
    trainer = Trainer(layer, SGD(layer.parameters(), lr=0.1), mse_loss, shards=shards)
    with pytest.raises(LossNotFinite) as caught:
        trainer.fit(as_loader(batches))
    assert "epoch 1, batch 3" in str(caught.value)
    assert np.isfinite(layer.weight.detach().numpy()).all(), "no step was made with it"
