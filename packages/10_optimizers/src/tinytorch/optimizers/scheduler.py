"""A scheduler: what sets an optimizer's learning rate as training goes on."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from .optimizer import Optimizer
from .parameter_groups import Group


class LRScheduler:
    """Sets the learning rate of every group of an optimizer; `step()` after each of its steps, or
    after each epoch: what a step is, is the caller's to say.

    optimizer: its groups' learning rates when the first scheduler is made are the base ones, which
    schedules multiply; they are kept in the groups as `initial_lr`.
    last_epoch: how many steps of the schedule the groups have behind them, less 1. −1 for a new
    run; otherwise the learning rates are left as they are, until the next step. `state_dict` is the
    surer way to go on.

    base_lrs: of each group. last_epoch: the number of steps taken.

    A subclass defines `factor`, the share of the base learning rate at a step. What changes the
    learning rate in between, such as another scheduler, is kept: it is multiplied by how `factor`
    changes. So schedulers of the same optimizer multiply each other, as in PyTorch.
    """

    floor: float = 0.0
    """What `factor` leaves alone: it multiplies what the learning rate is above."""

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"{type(self).__name__}: expected an Optimizer, but got a "
                f"{type(optimizer).__name__}"
            )
        self.optimizer = optimizer
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch >= 0 and "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: group {number} has no 'initial_lr', which going on "
                    "from last_epoch needs: load the optimizer's state first"
                )
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch + 1
        self._last_lr = self._current()
        if last_epoch == -1:
            self._set(self.get_lr())

    # The schedule

    def factor(self, step: int) -> float:
        """The share of the base learning rate at a step, 0 for the first."""
        raise NotImplementedError(f"{type(self).__name__} does not define factor")

    def get_lr(self) -> list[float]:
        """The learning rates at step `last_epoch`, if the groups have those of the step before."""
        now = self.factor(self.last_epoch)
        before = self.factor(self.last_epoch - 1) if self.last_epoch else 1.0
        pairs = zip(self._current(), self.base_lrs, strict=True)
        return [self._changed(lr, base, before, now) for lr, base in pairs]

    def _changed(self, lr: float, base: float, before: float, now: float) -> float:
        if now == before:
            return lr
        if before == 0:
            return lr + (base - self.floor) * now
        return self.floor + (lr - self.floor) * (now / before)

    def get_last_lr(self) -> list[float]:
        """The learning rate of each group, as this scheduler set it last."""
        return list(self._last_lr)

    def step(self) -> None:
        """Go on by one step, and set the learning rates. After the optimizer's own step."""
        if not self.last_epoch and not self.optimizer.has_stepped:
            warnings.warn(
                f"{type(self).__name__}.step() came before optimizer.step(), so that no step is "
                "taken with the first learning rate; call it after",
                UserWarning,
                stacklevel=2,
            )
        self.last_epoch += 1
        self._set(self.get_lr())

    def restart(self) -> None:
        """Begin anew, from the base learning rates. `SequentialLR` does so when a turn comes."""
        self.last_epoch = 0
        self._set(self.base_lrs)
        self._set(self.get_lr())

    def _current(self) -> list[float]:
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def _set(self, rates: list[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = float(lr)
        self._last_lr = self._current()

    # State

    def state_dict(self) -> dict[str, Any]:
        """All that a scheduler of the same kind needs to go on: numbers, texts, lists.

        The learning rates themselves are in the optimizer's state.
        """
        return {
            name: list(value) if isinstance(value, list) else value
            for name, value in vars(self).items()
            if name != "optimizer"
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on as the scheduler did whose `state_dict` this is; load the optimizer's, too.

        Raises ValueError if it is of another kind of scheduler, or of another number of groups.
        """
        own = self.state_dict()
        if state_dict.keys() != own.keys():
            differing = ", ".join(sorted(state_dict.keys() ^ own.keys()))
            raise ValueError(
                f"{type(self).__name__}: the state is of another kind of scheduler: only one of "
                f"them has {differing}"
            )
        if len(state_dict["_last_lr"]) != len(self.optimizer.param_groups):
            raise ValueError(
                f"{type(self).__name__}: the state is of {len(state_dict['_last_lr'])} groups, but "
                f"the optimizer has {len(self.optimizer.param_groups)}"
            )
        for name, value in state_dict.items():
            setattr(self, name, list(value) if isinstance(value, list) else value)


def for_each_group(what: str, value: Any, groups: list[Group]) -> list[Any]:
    """A list with one value a group, from such a list or from one value for all.

    Raises ValueError for a list of another length.
    """
    if not isinstance(value, list | tuple):
        return [value] * len(groups)
    if len(value) != len(groups):
        raise ValueError(f"{what}: {len(value)} were given for {len(groups)} groups")
    return list(value)


def at_least(what: str, value: float, least: float) -> None:
    """Raise ValueError for a value below the least."""
    if not value >= least:
        raise ValueError(f"{what} must be at least {least}, not {value}")
