"""Callbacks: what is to happen beside training, said by whoever wants it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .trainer import Trainer


class Callback:
    """Is told what happens in `Trainer.fit`. A subclass defines what it wants to hear of.

    It may read everything of the trainer, and call `trainer.stop(reason)`. Callbacks are told in
    the order of `order`, and those with the same in that of the list: what adds to a row of the
    history (−1) comes before those who write it down (0), and what saves the state of all others
    comes behind them (1).
    """

    order = 0

    def on_fit_begin(self, trainer: Trainer) -> None:
        """Before the first epoch; behind loading, where training is resumed."""

    def on_epoch_begin(self, trainer: Trainer) -> None:
        """Before the first batch of an epoch, or the first that is left of it."""

    def on_batch_end(self, trainer: Trainer) -> None:
        """After each step of the optimizer; `trainer.loss` is the loss before it."""

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        """After each epoch and its validation. row: what goes into the history; may be added to."""

    def on_stop(self, trainer: Trainer) -> None:
        """When training stops within an epoch, for `trainer.stop_reason`."""

    def on_fit_end(self, trainer: Trainer) -> None:
        """When training is over and all went well."""

    def on_close(self, trainer: Trainer) -> None:
        """At the very end, also behind an exception: let go of files and screens."""

    def state_dict(self) -> dict[str, Any]:
        """What it must remember when training is resumed: numbers, texts, lists, dicts, arrays."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from such a state."""
