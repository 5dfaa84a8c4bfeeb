"""The network learns: CIFAR-10 where its files are, else the shapes that are drawn on the spot."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tinytorch_cifar10 import Recipe, load_images, results_on, train
from tinytorch_cifar10.recipe import DEFAULTS

DATA = os.environ.get("TINYTORCH_DATA")
DATASET = "cifar10" if DATA and any(Path(DATA).glob("cifar-10*")) else "shapes"
EPOCHS = {"cifar10": 2, "shapes": 4}


@pytest.fixture(scope="module")
def trained():
    train_images, test_images = load_images(DATASET)
    recipe: Recipe = replace(DEFAULTS[DATASET], epochs=EPOCHS[DATASET])
    network, history = train(recipe, train_images, test_images)
    return network, history, test_images


def test_more_than_half_of_the_test_images_are_right(trained):
    network, _, test_images = trained
    results = results_on(network, test_images, DATASET)
    right = float(np.mean(results.predicted == test_images.labels))
    assert right > 0.5, f"after {EPOCHS[DATASET]} epochs of {DATASET}, {right:.1%} are right"


def test_the_loss_falls(trained):
    _, history, _ = trained
    losses = history["loss"]
    assert losses[-1] < losses[0], f"the losses of the epochs are {losses}"
