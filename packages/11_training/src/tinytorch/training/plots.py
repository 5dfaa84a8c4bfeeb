"""Curves of a training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .history import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOT_DRAWN = ("epoch", "seconds")


def plot_history(history: History, columns: Sequence[str] | None = None) -> Figure:
    """The columns of a history over its epochs.

    The losses of training and validation are in one picture, and so is each metric with its
    counterpart. columns: which; all that are numbers without it. Nothing is shown: a notebook does
    so with the figure, a script calls `figure.savefig(path)`. Needs matplotlib: `pip install
    tinytorch-training[plots]`. Raises KeyError for a column that there is not.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "plot_history needs matplotlib: pip install tinytorch-training[plots]"
        ) from error
    chosen = numeric_columns(history) if columns is None else list(columns)
    pictures: dict[str, list[str]] = {}
    for column in chosen:
        pictures.setdefault(column.removeprefix("validation_"), []).append(column)
    count = max(1, len(pictures))
    figure = Figure(figsize=(4.5 * count, 3.2), layout="constrained")
    axes: Any = figure.subplots(1, count, squeeze=False)[0]
    epochs = history["epoch"] if len(history) else []
    for axis, (title, curves) in zip(axes, pictures.items(), strict=False):
        for column in curves:
            axis.plot(epochs, as_numbers(history[column]), marker=".", label=column)
        axis.set(xlabel="epoch", title=title)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.legend()
    return figure


def numeric_columns(history: History) -> list[str]:
    return [
        column
        for column in history.columns
        if column not in NOT_DRAWN
        and all(value is None or isinstance(value, int | float) for value in history[column])
    ]


def as_numbers(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]
