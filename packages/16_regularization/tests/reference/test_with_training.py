"""Beside the losses, the trainer and the loaders of earlier modules."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinytorch.tensor as tt
from tinytorch.activations import ReLU
from tinytorch.dataloader import Compose, DataLoader, RandomHorizontalFlip, TensorDataset
from tinytorch.layers import Linear, Module
from tinytorch.networks import MLP, Sequential
from tinytorch.normalization import BatchNorm1d, LayerNorm
from tinytorch.optimizers import AdamW
from tinytorch.regularization import (
    ColorJitter,
    Cutout,
    Dropout,
    DropPath,
    GaussianNoise,
    cutmix,
    decay_groups,
    fgsm,
    mixup,
    pgd,
    smooth_labels,
)
from tinytorch.tensor import Tensor
from tinytorch.training import Checkpoint, CrossEntropyLoss, Trainer, cross_entropy


def data(generator: Any = None) -> DataLoader:
    draws = np.random.default_rng(0)
    x = draws.standard_normal((43, 6)).astype(np.float32)
    dataset = TensorDataset(Tensor(x), Tensor((x.sum(axis=1) > 0).astype(np.int64)))
    return DataLoader(dataset, 8, shuffle=True, generator=generator)


def network(generator: Any = None) -> Module:
    tt.manual_seed(1)
    return Sequential(
        Linear(6, 64), ReLU(), Dropout(0.5, generator=generator), Linear(64, 64), ReLU(),
        DropPath(0.2, generator=generator), Linear(64, 2),
    )  # fmt: skip


def trainer(generator: Any, shards: int, *callbacks: Any) -> Trainer:
    model = network(generator)
    generators = {} if generator is None else {"dropout": generator}
    return Trainer(
        model,
        AdamW(decay_groups(model, 0.1)),
        CrossEntropyLoss(),
        callbacks=callbacks,
        shards=shards,
        generators=generators,
    )


def weights(model: Module) -> list[bytes]:
    return [values.numpy().tobytes() for values in model.state_dict().values()]


@pytest.mark.parametrize("shards", [1, 2, 3])
@pytest.mark.parametrize("own", [True, False], ids=["own generator", "default generator"])
def test_two_trainings_are_the_same_and_go_on_to_the_bit(
    own: bool, shards: int, tmp_path: Path
) -> None:
    def made(*callbacks: Any) -> Trainer:
        return trainer(np.random.default_rng(5) if own else None, shards, *callbacks)

    through, again, first = made(), made(), made(Checkpoint(tmp_path))
    for each, epochs in ((through, 4), (again, 4), (first, 2)):
        tt.manual_seed(2)
        each.fit(data(), epochs=epochs)
    assert weights(through.model) == weights(again.model)
    resumed = made()
    resumed.fit(data(), epochs=4, resume=tmp_path)
    assert weights(resumed.model) == weights(through.model)


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_augmentation_in_a_loader_does_not_depend_on_the_workers(workers: int) -> None:
    images = Tensor(np.random.default_rng(0).integers(0, 256, (40, 3, 8, 8)).astype(np.uint8))
    dataset = TensorDataset(images, Tensor(np.arange(40)))
    augment = Compose(
        [RandomHorizontalFlip(), ColorJitter(0.4, 0.4), GaussianNoise(sigma=0.1), Cutout(3)]
    )

    def batches(num_workers: int) -> list[Any]:
        generator = np.random.default_rng(4)
        loader = DataLoader(
            dataset, 6, True, num_workers=num_workers, transform=augment, generator=generator
        )
        return [batch[0].tolist() for _ in range(2) for batch in loader]

    assert batches(workers) == batches(0)


def test_smooth_labels_are_what_the_loss_smooths() -> None:
    draws = np.random.default_rng(0)
    scores, classes = Tensor(draws.standard_normal((6, 4))), Tensor(draws.integers(4, size=6))
    smooth = smooth_labels(classes, 4, 0.3)
    expected = cross_entropy(scores, classes, label_smoothing=0.3).item()
    assert cross_entropy(scores, smooth).item() == pytest.approx(expected, rel=1e-6)
    places = Tensor(draws.standard_normal((2, 4, 3))), Tensor(draws.integers(4, size=(2, 3)))
    expected = cross_entropy(*places, label_smoothing=0.3).item()
    smooth = smooth_labels(places[1], 4, 0.3)
    assert cross_entropy(places[0], smooth).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("mix", [mixup, cutmix], ids=lambda mix: mix.__name__)
def test_mixed_targets_go_into_a_loss(mix: Any) -> None:
    """And what comes out is the mean of the losses of both classes, by their shares."""
    x = Tensor(np.random.default_rng(0).random((5, 1, 4, 4)).astype(np.float32))
    classes = Tensor(np.array([0, 1, 2, 0, 1]))
    mixed, targets = mix(x, classes, 1.0, num_classes=3, generator=np.random.default_rng(2))
    scores = mixed.reshape(5, 16)[:, :3]
    by_class = [
        cross_entropy(scores, Tensor(np.full(5, k)), reduction="none").numpy() for k in range(3)
    ]
    expected = (np.stack(by_class, axis=1) * targets.numpy()).sum(axis=1).mean()
    assert cross_entropy(scores, targets).item() == pytest.approx(expected, rel=1e-5)


def test_real_normalisations_are_not_decayed() -> None:
    model = Sequential(Linear(4, 4), LayerNorm((3, 4)), BatchNorm1d(4), Linear(4, 2, bias=False))
    sizes = [[p.shape for p in group["params"]] for group in decay_groups(model, 0.1)]
    assert sizes == [[(4, 4), (2, 4)], [(4,), (3, 4), (3, 4), (4,), (4,)]]


@pytest.mark.parametrize("attack", [fgsm, pgd], ids=lambda attack: attack.__name__)
def test_attacks_raise_the_loss_and_leave_statistics_alone(attack: Any) -> None:
    tt.manual_seed(0)
    model = Sequential(Linear(10, 16), BatchNorm1d(16), ReLU(), Dropout(0.5), MLP(16, [16], 3))
    x = Tensor(np.random.default_rng(0).random((20, 10)).astype(np.float32))
    classes = Tensor(np.random.default_rng(1).integers(3, size=20))
    model(x)
    before = weights(model)
    fooling = attack(model, x, classes, cross_entropy, 0.1)
    towards = attack(model, x, classes, cross_entropy, 0.1, targeted=True)
    assert weights(model) == before, "running statistics and all else"
    model.eval()
    losses = [cross_entropy(model(each), classes).item() for each in (towards, x, fooling)]
    assert losses[0] < losses[1] < losses[2]
