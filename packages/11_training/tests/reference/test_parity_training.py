"""Short trainings, beside the same in PyTorch: same weights to begin with, same batches."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tinytorch.activations import ReLU
from tinytorch.layers import Linear, Module
from tinytorch.networks import Sequential
from tinytorch.normalization import BatchNorm1d, BatchNorm2d
from tinytorch.optimizers import SGD, AdamW, CosineAnnealingLR
from tinytorch.spatial import Conv2d, Flatten, MaxPool2d
from tinytorch.tensor import Tensor
from tinytorch.training import Callback, CrossEntropyLoss, Trainer

STEPS = 20


class Losses(Callback):
    def __init__(self) -> None:
        self.seen: list[float] = []

    def on_batch_end(self, trainer: Trainer) -> None:
        self.seen.append(trainer.loss)


def theirs_like(ours: Module, theirs: Any) -> None:
    state = {name: torch.tensor(x.numpy().copy()) for name, x in ours.state_dict().items()}
    theirs.load_state_dict(state)


def batches(*shape: int) -> tuple[Any, Any]:
    draws = np.random.default_rng(0)
    x = draws.standard_normal((STEPS, *shape)).astype(np.float32)
    return x, draws.integers(5, size=(STEPS, shape[0]))


def check(ours: Module, theirs: Any, found: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-5)
    for name, values in theirs.state_dict().items():
        mine = dict(ours.state_dict())[name].numpy()
        np.testing.assert_allclose(mine, values.numpy(), rtol=1e-3, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("clip_norm", [None, 0.5])
def test_mlp_with_momentum(clip_norm: float | None) -> None:
    ours = Sequential(Linear(10, 32), ReLU(), Linear(32, 32), ReLU(), Linear(32, 5))
    theirs = nn.Sequential(
        nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 5)
    )
    theirs_like(ours, theirs)
    x, y = batches(16, 10)
    optimizer = SGD(ours.parameters(), lr=0.05, momentum=0.9)
    losses = Losses()
    trainer = Trainer(ours, optimizer, CrossEntropyLoss(), callbacks=[losses], clip_norm=clip_norm)
    trainer.fit([(Tensor(a), Tensor(b)) for a, b in zip(x, y, strict=True)])

    expected = []
    other = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.9)
    for a, b in zip(x, y, strict=True):
        other.zero_grad()
        loss = nn.functional.cross_entropy(theirs(torch.tensor(a)), torch.tensor(b))
        loss.backward()
        if clip_norm is not None:
            nn.utils.clip_grad_norm_(theirs.parameters(), clip_norm)
        other.step()
        expected.append(loss.item())
    check(ours, theirs, losses.seen, expected)


def cnn() -> tuple[Module, Any]:
    ours = Sequential(
        Conv2d(3, 8, 3, padding=1), BatchNorm2d(8), ReLU(), MaxPool2d(2), Flatten(),
        Linear(128, 16), BatchNorm1d(16), ReLU(), Linear(16, 5),
    )  # fmt: skip
    theirs = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(128, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 5),
    )  # fmt: skip
    theirs_like(ours, theirs)
    return ours, theirs


def test_cnn_with_batch_norm() -> None:
    ours, theirs = cnn()
    x, y = batches(16, 3, 8, 8)
    optimizer = SGD(ours.parameters(), lr=0.05, momentum=0.9)
    losses = Losses()
    options: Any = {
        "scheduler": CosineAnnealingLR(optimizer, STEPS),
        "scheduler_every": "step",
        "callbacks": [losses],
    }
    trainer = Trainer(ours, optimizer, CrossEntropyLoss(), **options)
    loader = [(Tensor(a), Tensor(b)) for a, b in zip(x, y, strict=True)]
    trainer.fit(loader)

    expected = []
    other = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(other, STEPS)
    for a, b in zip(x, y, strict=True):
        other.zero_grad()
        loss = nn.functional.cross_entropy(theirs(torch.tensor(a)), torch.tensor(b))
        loss.backward()
        other.step()
        scheduler.step()
        expected.append(loss.item())
    check(ours, theirs, losses.seen, expected)

    theirs.eval()
    with torch.no_grad():
        each = [
            nn.functional.cross_entropy(theirs(torch.tensor(a)), torch.tensor(b)).item()
            for a, b in zip(x, y, strict=True)
        ]
    assert trainer.evaluate(loader)["loss"] == pytest.approx(np.mean(each), rel=1e-3)


def test_cnn_on_shards_as_two_models_with_summed_gradients() -> None:
    """PyTorch's DistributedDataParallel by hand: two models, a half each, one optimizer."""
    ours, theirs = cnn()
    _, second = cnn()
    x, y = batches(16, 3, 8, 8)
    losses = Losses()
    optimizer = AdamW(ours.parameters(), lr=0.01)
    trainer = Trainer(ours, optimizer, CrossEntropyLoss(), shards=2, callbacks=[losses])
    theirs_like(ours, theirs)
    trainer.fit([(Tensor(a), Tensor(b)) for a, b in zip(x, y, strict=True)])

    expected = []
    other = torch.optim.AdamW(theirs.parameters(), lr=0.01)
    for a, b in zip(x, y, strict=True):
        second.load_state_dict(theirs.state_dict())
        other.zero_grad()
        second.zero_grad()
        total = 0.0
        for model, half in ((theirs, slice(0, 8)), (second, slice(8, 16))):
            scores = model(torch.tensor(a[half]))
            loss = nn.functional.cross_entropy(scores, torch.tensor(b[half])) / 2
            loss.backward()
            total += loss.item()
        for mine, its in zip(theirs.parameters(), second.parameters(), strict=True):
            mine.grad += its.grad
        other.step()
        expected.append(total)
    np.testing.assert_allclose(losses.seen[:10], expected[:10], rtol=1e-3, atol=1e-4)
