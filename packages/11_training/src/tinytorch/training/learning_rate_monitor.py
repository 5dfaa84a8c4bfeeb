"""The learning rate as a column of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .callback import Callback

if TYPE_CHECKING:
    from .trainer import Trainer


class LearningRateMonitor(Callback):
    """Adds "learning_rate" to each row: that of the epoch's last step.

    If the optimizer has several groups, "learning_rate_0" and so on. steps: the learning rates of
    every step since `fit` began, a list with one number for each group.
    """

    order = -1

    def __init__(self) -> None:
        self.steps: list[list[float]] = []

    def on_fit_begin(self, trainer: Trainer) -> None:
        self.steps = []

    def on_batch_end(self, trainer: Trainer) -> None:
        self.steps.append(trainer.learning_rates)

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        rates = trainer.learning_rates
        if len(rates) == 1:
            row["learning_rate"] = rates[0]
        else:
            row |= {f"learning_rate_{number}": rate for number, rate in enumerate(rates)}
