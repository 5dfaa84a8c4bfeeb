"""Where a training stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .weighted_mean import WeightedMean


class Progress:
    """Counts what is done, and what is done of the epoch that is not.

    epoch: epochs that are over. step: steps of the optimizer, in all. batch: batches of the running
    epoch. loss: the mean of their losses. seconds: spent on them. began: what the random numbers of
    the running epoch depend on, as it was when the epoch began; None between two epochs.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.step = 0
        self.batch = 0
        self.loss = WeightedMean()
        self.seconds = 0.0
        self.began: dict[str, Any] | None = None

    def end_epoch(self) -> None:
        """Count it, and begin a new one."""
        self.epoch += 1
        self.batch = 0
        self.loss.reset()
        self.seconds = 0.0
        self.began = None

    def state_dict(self) -> dict[str, Any]:
        """All of it, as numbers and dicts."""
        return {
            "epoch": self.epoch,
            "step": self.step,
            "batch": self.batch,
            "loss": [self.loss.total, self.loss.weight],
            "seconds": self.seconds,
            "began": self.began,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from such a state."""
        self.epoch = state["epoch"]
        self.step = state["step"]
        self.batch = state["batch"]
        self.loss.total, self.loss.weight = state["loss"]
        self.seconds = state["seconds"]
        self.began = state["began"]
