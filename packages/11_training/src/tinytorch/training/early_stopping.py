"""Stopping when nothing gets better any more, and going back to the best."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import TYPE_CHECKING, Any, Literal

from .callback import Callback
from .history import measured

if TYPE_CHECKING:
    from .trainer import Trainer

Mode = Literal["min", "max"]


def is_better(
    value: float, best: float | None, *, mode: Mode = "min", min_delta: float = 0.0
) -> bool:
    """Whether `value` is better than `best` by more than `min_delta`.

    mode: "min" if small is good, "max" if large is. best: None as long as there is none, which
    anything is better than; but nan is never better.
    """
    if isnan(value):
        return False
    if best is None:
        return True
    return value < best - min_delta if mode == "min" else value > best + min_delta


class Patience:
    """Counts how long nothing has got better.

    patience: with how many values in a row that are not better it is at its end; at least 1.
    mode, min_delta: as in `is_better`. best: the best value so far, or None. waited: the values
    since then.
    """

    def __init__(self, patience: int, *, mode: Mode = "min", min_delta: float = 0.0) -> None:
        check_mode(mode)
        if patience < 1 or min_delta < 0:
            raise ValueError(
                f"patience must be 1 or more and min_delta not negative, not {patience} and "
                f"{min_delta}"
            )
        self.patience = patience
        self.mode: Mode = mode
        self.min_delta = min_delta
        self.best: float | None = None
        self.waited = 0

    def update(self, value: float) -> bool:
        """Take the next value; say whether it is better than the best before it."""
        if is_better(value, self.best, mode=self.mode, min_delta=self.min_delta):
            self.best = value
            self.waited = 0
            return True
        self.waited += 1
        return False

    @property
    def at_end(self) -> bool:
        """Whether it is time to give up."""
        return self.waited >= self.patience


class EarlyStopping(Callback):
    """Stops training when a column of the history has not got better for `patience` epochs.

    monitor: the column. min_delta, mode: as in `is_better`. restore_best: when training ends, for
    whatever reason, give the model the parameters and buffers that it had after its best epoch.
    They are copied, and are part of checkpoints. Resumed behind its end, training ends at once,
    unless there is more patience now.
    """

    def __init__(
        self,
        patience: int = 3,
        min_delta: float = 0.0,
        restore_best: bool = False,
        *,
        monitor: str = "validation_loss",
        mode: Mode = "min",
    ) -> None:
        self.progress = Patience(patience, mode=mode, min_delta=min_delta)
        self.restore_best = restore_best
        self.monitor = monitor
        self.best_state: dict[str, Any] | None = None

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        better = self.progress.update(measured(row, self.monitor))
        if better and self.restore_best:
            state = trainer.model.state_dict()
            self.best_state = {name: values.numpy().copy() for name, values in state.items()}
        self._stop_at_end(trainer)

    def on_fit_begin(self, trainer: Trainer) -> None:
        self._stop_at_end(trainer)

    def _stop_at_end(self, trainer: Trainer) -> None:
        if self.progress.at_end:
            trainer.stop(
                f"{self.monitor} has not got better than {self.progress.best} for "
                f"{self.progress.waited} epochs"
            )

    def on_fit_end(self, trainer: Trainer) -> None:
        if self.best_state is not None:
            trainer.model.load_state_dict(self.best_state)

    def state_dict(self) -> dict[str, Any]:
        return {
            "best": self.progress.best,
            "waited": self.progress.waited,
            "best_state": self.best_state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.progress.best = state["best"]
        self.progress.waited = state["waited"]
        self.best_state = state["best_state"]


def check_mode(mode: str) -> None:
    if mode not in ("min", "max"):
        raise ValueError(f"mode must be 'min' or 'max', not {mode!r}")
