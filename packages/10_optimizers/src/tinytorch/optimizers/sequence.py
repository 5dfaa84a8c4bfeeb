"""One scheduler after another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from .optimizer import Optimizer
from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler


class SequentialLR(LRScheduler):
    """Follows one scheduler until the first milestone, from there the second, and so on.

    schedulers: of this optimizer. milestones: the steps at which the next one's turn comes, one
    fewer than schedulers; it then begins at its own step 0, from the base learning rates.

    Raises ValueError for other numbers of milestones, another optimizer's scheduler, or one that
    waits for a plateau.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "SequentialLR: there must be one milestone fewer than schedulers, but there are "
                f"{len(milestones)} and {len(schedulers)}"
            )
        for scheduler in schedulers:
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(
                    "SequentialLR: ReduceLROnPlateau must be told of a metric; step it yourself"
                )
            if scheduler.optimizer is not optimizer:
                raise ValueError(
                    f"SequentialLR: {type(scheduler).__name__} is of another optimizer"
                )
        self._schedulers = list(schedulers)
        self._milestones = list(milestones)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        turn = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[turn]
        begins = self.last_epoch == (self._milestones[turn - 1] if turn else 0)
        if begins:
            scheduler.restart()
        else:
            scheduler.step()
        return scheduler.get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        state = super().state_dict()
        state["_schedulers"] = [scheduler.state_dict() for scheduler in self._schedulers]
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        theirs = state_dict.get("_schedulers", [])
        if len(theirs) != len(self._schedulers):
            raise ValueError(
                f"SequentialLR: the state is of {len(theirs)} schedulers, but there are "
                f"{len(self._schedulers)}"
            )
        own = self._schedulers
        super().load_state_dict(state_dict)
        self._schedulers = own
        for scheduler, state in zip(own, theirs, strict=True):
            scheduler.load_state_dict(state)
