"""Pictures of what was learnt: curves, confusions, predictions, filters."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinytorch.tensor import Array

from .results import Results


def draw_confusion(results: Results, classes: Sequence[str], path: Path) -> Path:
    """Draw how often each class was taken for each: a row for what it is, in percent of the row."""
    rows = results.confusion / np.maximum(results.confusion.sum(1, keepdims=True), 1) * 100
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(rows, cmap="Blues", vmin=0, vmax=100)
    ticks = range(len(classes))
    axes.set_xticks(ticks, classes, rotation=45, ha="right")
    axes.set_yticks(ticks, classes)
    axes.set(xlabel="what the network says", ylabel="what it is")
    axes.set_title(f"{results.accuracy:.1%} of {results.confusion.sum():,} test images right")
    for i, row in enumerate(rows):
        for j, percent in enumerate(row):
            if percent >= 0.5:
                color = "white" if percent > 55 else "black"
                axes.text(j, i, f"{percent:.0f}", ha="center", va="center", color=color, fontsize=8)
    figure.colorbar(image, ax=axes, label="percent of the class")
    return save(figure, path)


def draw_predictions(
    images: Array, results: Results, classes: Sequence[str], path: Path, columns: int = 8
) -> Path:
    """Draw test images with what the network says of them and how sure it is; mistakes in red.

    images: (N, 3, 32, 32) uint8, the first of the test set. Half of the grid are the surest of the
    mistakes, if there are enough.
    """
    shown = chosen_examples(results, 4 * columns)
    figure = Figure(figsize=(columns * 1.35, 4 * 1.6), layout="constrained")
    for axes, index in zip(grid(figure, 4, columns), shown, strict=False):
        axes.imshow(images[index].transpose(1, 2, 0), interpolation="nearest")
        says, is_really = results.predicted[index], results.labels[index]
        sure = results.confidence[index]
        text, color = f"{classes[says]} {sure:.0%}", "black"
        if says != is_really:
            text, color = f"{text}\nis {classes[is_really]}", "firebrick"
        axes.set_title(text, fontsize=7.5, color=color)
    return save(figure, path)


def chosen_examples(results: Results, count: int) -> Array:
    """Which test images to show: first ones of the set that are right, then the surest mistakes."""
    wrong = np.flatnonzero(results.predicted != results.labels)
    wrong = wrong[np.argsort(-results.confidence[wrong], kind="stable")][: count // 2]
    right = np.flatnonzero(results.predicted == results.labels)[: count - len(wrong)]
    return np.concatenate([right, wrong])


def draw_filters(weight: Array, path: Path, columns: int = 8) -> Path:
    """Draw the first layer's filters in colour, each stretched to its own range.

    weight: (filters, 3, height, width).
    """
    rows = -(-len(weight) // columns)
    figure = Figure(figsize=(columns, rows * 1.05 + 0.4), layout="constrained")
    for axes, kernel in zip(grid(figure, rows, columns), weight, strict=False):
        reach = np.abs(kernel).max() or 1
        axes.imshow((kernel.transpose(1, 2, 0) / reach + 1) / 2, interpolation="nearest")
    figure.suptitle("What the first layer looks for", fontsize=11)
    return save(figure, path)


def grid(figure: Figure, rows: int, columns: int) -> list[Axes]:
    """Empty places for images, row by row."""
    places = [figure.add_subplot(rows, columns, i + 1) for i in range(rows * columns)]
    for axes in places:
        axes.set_axis_off()
    return places


def save(figure: Figure, path: Path) -> Path:
    """Write aside, then rename, so that nobody ever finds half a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    figure.savefig(aside, format="png", dpi=120)
    aside.replace(path)
    return path
