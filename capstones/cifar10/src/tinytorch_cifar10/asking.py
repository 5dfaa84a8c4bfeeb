"""Asking a trained network what is in an image file."""

from __future__ import annotations

from pathlib import Path

from tinytorch.activations import softmax
from tinytorch.training import predict

from .data import as_input
from .image_files import read_image
from .model_file import TrainedModel


def ask(model: TrainedModel, path: Path) -> dict[str, float]:
    """The probability that the model gives to each class, by its name."""
    scores = predict(model.network, as_input(read_image(path)[None], model.recipe.dataset))
    probabilities = softmax(scores, dim=1).numpy()[0]
    return {name: float(p) for name, p in zip(model.classes, probabilities, strict=True)}
