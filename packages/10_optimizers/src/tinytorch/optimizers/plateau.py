"""Lowering the learning rate when nothing gets better any more."""

from __future__ import annotations

from math import inf
from typing import Literal, SupportsFloat

from .optimizer import Optimizer
from .scheduler import LRScheduler, at_least, for_each_group


class ReduceLROnPlateau(LRScheduler):
    """Multiplies the learning rate by `factor` when a metric has not got better for long.

    mode: whether a small metric is good ("min", a loss) or a large one ("max", an accuracy).
    patience: how many steps without improvement are borne; with the next one, it is lowered.
    threshold: what counts as better: by this share of the best ("rel"), or by this much ("abs").
    cooldown: for how many steps behind a reduction nothing is counted. min_lr: no lower than this,
    for all groups or a list. eps: changes no larger than this are not made.

    best: the best metric so far; None before there is one.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if not factor < 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be below 1, not {factor}")
        if mode not in ("min", "max"):
            raise ValueError(f"ReduceLROnPlateau: mode must be 'min' or 'max', not {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"ReduceLROnPlateau: threshold_mode must be 'rel' or 'abs', not {threshold_mode!r}"
            )
        at_least("ReduceLROnPlateau: patience", patience, 0)
        self.mode: str = mode
        self.reduce_by = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode: str = threshold_mode
        self.cooldown = cooldown
        self.eps = eps
        self.best: float | None = None
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        super().__init__(optimizer)
        groups = optimizer.param_groups
        self.min_lrs: list[float] = for_each_group("ReduceLROnPlateau: min_lr", min_lr, groups)

    def get_lr(self) -> list[float]:
        return self._current()

    def step(self, metrics: SupportsFloat) -> None:  # type: ignore[override]
        """Tell it the metric of the step, or epoch, that is over."""
        current = float(metrics)
        self.last_epoch += 1
        if self.is_better(current):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        rates = self._current()
        if self.num_bad_epochs > self.patience:
            rates = self._reduced(rates)
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._set(rates)

    def is_better(self, metric: float) -> bool:
        """Whether a metric is better than the best so far, by more than the threshold."""
        smaller = self.mode == "min"
        if self.best is None:
            return metric < inf if smaller else metric > -inf
        margin = self.threshold * (self.best if self.threshold_mode == "rel" else 1.0)
        return metric < self.best - margin if smaller else metric > self.best + margin

    def _reduced(self, rates: list[float]) -> list[float]:
        lowered = [
            max(lr * self.reduce_by, least) for lr, least in zip(rates, self.min_lrs, strict=True)
        ]
        pairs = zip(rates, lowered, strict=True)
        return [new if lr - new > self.eps else lr for lr, new in pairs]
