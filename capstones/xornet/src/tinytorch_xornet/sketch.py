"""Pictures for a terminal, in plain ASCII: they survive any console and any pipe."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import numpy as np

from tinytorch.networks import MLP

from .surface import HIGH, LOW, probabilities

SHADES = " .:-=+*#%@"


def sketch_surface(network: MLP, columns: int = 41, rows: int = 15) -> str:
    """The network's probability as shades, dark for 1, and the four points with their targets."""
    surface = probabilities(network, columns, rows)
    canvas = [[_shade(p) for p in row] for row in surface.tolist()]
    for a in (0, 1):
        for b in (0, 1):
            canvas[_place(b, rows)][_place(a, columns)] = str(a ^ b)
    border = "+" + "-" * columns + "+"
    return "\n".join([border, *(f"|{''.join(row)}|" for row in reversed(canvas)), border])


def _shade(probability: float) -> str:
    """Light for 0, dark for 1; a question mark where the network gave no number."""
    if isnan(probability):
        return "?"
    return SHADES[min(int(probability * len(SHADES)), len(SHADES) - 1)]


def _place(value: float, cells: int) -> int:
    """Which of `cells` between LOW and HIGH holds `value`."""
    return round((value - LOW) / (HIGH - LOW) * (cells - 1))


def sketch_curve(losses: Sequence[float], columns: int = 41, rows: int = 10) -> str:
    """The loss against the step, from the largest value at the top to 0 at the bottom."""
    if not losses:
        return "(no steps)"
    steps = np.linspace(0, len(losses) - 1, columns).round().astype(int)
    values = np.asarray(losses)[steps]
    if not np.isfinite(values).all():
        return "(the loss left the numbers: nothing to draw)"
    top = max(float(values.max()), 1e-12)
    heights = np.minimum((values / top * rows).astype(int), rows - 1)
    canvas = [
        "".join("*" if height == row else " " for height in heights).rstrip()
        for row in reversed(range(rows))
    ]
    lines = [f"{top:8.4g} |{canvas[0]}", *(f"{'':8} |{row}" for row in canvas[1:])]
    axis = f"{'':8} +{'-' * columns}"
    return "\n".join([*lines, axis, f"{'':10}step 0{f'step {len(losses) - 1}':>{columns - 6}}"])
