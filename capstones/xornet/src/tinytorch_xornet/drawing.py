"""Pictures as PNG: the decision boundary, and the loss curve."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tinytorch.networks import MLP
from tinytorch.tensor import Tensor

from .surface import HIGH, LOW, probabilities


def draw_boundary(network: MLP, x: Tensor, y: Tensor, path: Path) -> Path:
    """Draw the probability over the plane, the line where it is ½, and the four points."""
    surface = probabilities(network, 200, 200)
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    axes = figure.add_subplot()
    extent = (LOW, HIGH, LOW, HIGH)
    image = axes.imshow(
        surface, origin="lower", extent=extent, vmin=0, vmax=1, cmap="RdBu_r", alpha=0.85
    )
    axes.contour(surface, levels=[0.5], extent=extent, colors="black", linewidths=1.5)
    for target, marker, label in ((0, "o", "target 0"), (1, "s", "target 1")):
        first, second = x[y[:, 0] == target].numpy().T
        axes.scatter(
            first, second, s=90, c="white", edgecolors="black", marker=marker, label=label, zorder=3
        )
    axes.set(xlabel="first input", ylabel="second input", title="What XORNet learnt")
    axes.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    axes.legend(loc="upper right")
    figure.colorbar(image, ax=axes, label="probability of 1")
    return _save(figure, path)


def draw_losses(losses: Sequence[float], linear_losses: Sequence[float], path: Path) -> Path:
    """Draw the loss of the network, and of the linear model that cannot, against the step."""
    figure = Figure(figsize=(5.2, 4.0), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(linear_losses, color="tab:gray", linestyle="--", label="linear model")
    axes.plot(losses, color="tab:blue", label="XORNet")
    axes.set_yscale("log")
    axes.set(xlabel="step", ylabel="mean cross-entropy", title="Learning XOR")
    axes.grid(True, which="major", alpha=0.3)
    axes.legend()
    return _save(figure, path)


def _save(figure: Figure, path: Path) -> Path:
    """Write aside, then rename, so that nobody ever finds half a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    figure.savefig(aside, format="png", dpi=120)
    aside.replace(path)
    return path
