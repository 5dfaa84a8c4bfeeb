"""Schedulers that set the learning rate itself: cosine with restarts, warm-up, one cycle."""

from __future__ import annotations

from math import floor
from typing import Literal

from .optimizer import Optimizer
from .parameter_groups import Group
from .scheduler import LRScheduler, at_least, for_each_group
from .schedules import Phase, cosine_factor, through_phases, warmup_cosine, within_cycle


class CosineAnnealingWarmRestarts(LRScheduler):
    """From base to eta_min on half a wave, and from base again.

    The first cycle has T_0 steps, each next one T_mult times as many. T_cur: how far into its cycle
    it is; T_i: how long that is. Loshchilov & Hutter 2017.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        for name, value in {"T_0": T_0, "T_mult": T_mult}.items():
            if not isinstance(value, int) or value < 1:
                raise ValueError(
                    f"CosineAnnealingWarmRestarts: {name} must be a whole number of at least 1, "
                    f"not {value}"
                )
        self.T_0 = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = max(0, last_epoch + 1)
        self.T_i = T_0
        super().__init__(optimizer, last_epoch)
        self.T_cur, self.T_i = within_cycle(self.T_cur, T_0, T_mult)

    def get_lr(self) -> list[float]:
        share = cosine_factor(self.T_cur, self.T_i)
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go on by one step; or to any point in time, such as epoch 2.5, if one is given.

        Raises ValueError for one below 0.
        """
        if epoch is None:
            self.last_epoch += 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        else:
            at_least("CosineAnnealingWarmRestarts: epoch", epoch, 0)
            self.last_epoch = floor(epoch)
            self.T_cur, self.T_i = within_cycle(epoch, self.T_0, self.T_mult)
        self._set(self.get_lr())

    def restart(self) -> None:
        self.T_cur, self.T_i = 0, self.T_0
        super().restart()


class LinearWarmupCosine(LRScheduler):
    """The schedule of GPTs: up in equal steps, down on half a wave, then eta_min.

    It is base / (warmup_steps + 1) at first, base at step `warmup_steps`, and eta_min from step
    `total_steps` on. PyTorch has none of this name. Radford et al. 2018; Brown et al. 2020.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        warmup_steps: int,
        total_steps: int,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        at_least("LinearWarmupCosine: warmup_steps", warmup_steps, 0)
        if not total_steps > warmup_steps:
            raise ValueError(
                f"LinearWarmupCosine: total_steps must be more than warmup_steps, {warmup_steps}, "
                f"not {total_steps}"
            )
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return [
            warmup_cosine(self.last_epoch, base, self.warmup_steps, self.total_steps, self.eta_min)
            for base in self.base_lrs
        ]


class OneCycleLR(LRScheduler):
    """Once up to max_lr and once down to far below the beginning; the momentum the other way.

    max_lr: for all groups, or a list. total_steps, or epochs and steps_per_epoch: how long it all
    is; stepping further raises ValueError. pct_start: the share of it that goes up.
    anneal_strategy: "cos" or "linear". The first learning rate is max_lr / div_factor, the last one
    the first / final_div_factor. three_phase: go down first to where it began, in as many steps as
    it went up in.
    cycle_momentum: move the momentum (the first beta, in Adam) from max_momentum to base_momentum
    while the learning rate goes up, and back.

    The groups' own lr is not used; what they begin and end with is kept in them. Smith & Topin
    2018.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
            total_steps = epochs * steps_per_epoch
        at_least("OneCycleLR: the number of steps", total_steps, 1)
        if not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: pct_start must be from 0 to 1, not {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"OneCycleLR: anneal_strategy must be 'cos' or 'linear', not {anneal_strategy!r}"
            )
        self.total_steps = total_steps
        self.pct_start = pct_start
        self.anneal_strategy: str = anneal_strategy
        self.cycle_momentum = cycle_momentum
        self.three_phase = three_phase
        defaults = optimizer.defaults if isinstance(optimizer, Optimizer) else {"betas": ()}
        self.use_beta1 = "betas" in defaults
        if cycle_momentum and not self.use_beta1 and "momentum" not in defaults:
            raise ValueError(
                f"OneCycleLR: {type(optimizer).__name__} has no momentum: use cycle_momentum=False"
            )
        if last_epoch == -1 and isinstance(optimizer, Optimizer):
            groups = optimizer.param_groups
            highest = for_each_group("OneCycleLR: max_lr", max_lr, groups)
            for group, peak in zip(groups, highest, strict=True):
                group["max_lr"] = peak
                group["lr"] = group["initial_lr"] = peak / div_factor
                group["min_lr"] = group["initial_lr"] / final_div_factor
            if cycle_momentum:
                least = for_each_group("OneCycleLR: base_momentum", base_momentum, groups)
                most = for_each_group("OneCycleLR: max_momentum", max_momentum, groups)
                for group, base, top in zip(groups, least, most, strict=True):
                    group["base_momentum"], group["max_momentum"] = base, top
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"OneCycleLR: the cycle has {self.total_steps} steps, but this is step "
                f"{self.last_epoch}"
            )
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                self._set_momentum(group)
        return [
            self._along(group["initial_lr"], group["max_lr"], group["initial_lr"], group["min_lr"])
            for group in self.optimizer.param_groups
        ]

    def _set_momentum(self, group: Group) -> None:
        low, high = group["base_momentum"], group["max_momentum"]
        momentum = self._along(high, low, high, high)
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum

    def _along(self, first: float, middle: float, again: float, last: float) -> float:
        """Where a value is that goes from `first` to `middle` and, over `again` if there are three
        phases, to `last`.
        """
        peak = self.pct_start * self.total_steps - 1
        phases = [Phase(peak, first, middle)]
        if self.three_phase:
            phases.append(Phase(2 * self.pct_start * self.total_steps - 2, middle, again))
            middle = again
        phases.append(Phase(self.total_steps - 1, middle, last))
        return through_phases(self.last_epoch, phases, self.anneal_strategy)
