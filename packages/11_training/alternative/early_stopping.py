"""Task 11.6: everything made small-is-good, and the best kept as tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .early_stopping import Mode
from .history import measured

if TYPE_CHECKING:
    from .trainer import Trainer


def is_better(
    value: float, best: float | None, *, mode: Mode = "min", min_delta: float = 0.0
) -> bool:
    if best is None:
        return value == value
    gain = best - value if mode == "min" else value - best
    return gain > min_delta


class Patience:
    def update(self, value: float) -> bool:
        better = is_better(value, self.best, mode=self.mode, min_delta=self.min_delta)
        self.best = value if better else self.best
        self.waited = 0 if better else self.waited + 1
        return better


class EarlyStopping:
    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        value = measured(row, self.monitor)
        if self.progress.update(value) and self.restore_best:
            self.best_state = {
                name: tensor.clone() for name, tensor in trainer.model.state_dict().items()
            }
        if self.progress.at_end:
            trainer.stop(f"{self.monitor} is no better than {self.progress.best}")
