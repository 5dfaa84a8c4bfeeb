"""Schedulers that multiply the learning rate by a factor, which depends on the step alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .optimizer import Optimizer
from .scheduler import LRScheduler, at_least, for_each_group
from .schedules import cosine_factor, linear_factor, step_factor, warmup_factor

Factor = Callable[[int], float]


class LambdaLR(LRScheduler):
    """base · lr_lambda(step), whatever the learning rate has been.

    lr_lambda: a function of the number of steps, or a list of one for each group. It is not in the
    state.
    """

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor], last_epoch: int = -1
    ) -> None:
        groups = optimizer.param_groups if isinstance(optimizer, Optimizer) else []
        self.lr_lambdas: list[Factor] = for_each_group("LambdaLR: lr_lambda", lr_lambda, groups)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [base * function(self.last_epoch) for base, function in pairs]

    def state_dict(self) -> dict[str, Any]:
        state = super().state_dict()
        del state["lr_lambdas"]
        return state


class StepLR(LRScheduler):
    """Multiplies by gamma every `step_size` steps."""

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        at_least("StepLR: step_size", step_size, 1)
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, step: int) -> float:
        return step_factor(step, self.step_size, self.gamma)


class MultiStepLR(LRScheduler):
    """Multiplies by gamma at each of the milestones: numbers of steps, in any order.

    One that is given twice counts twice.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = sorted(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, step: int) -> float:
        passed = bisect_right(self.milestones, step)
        return float(self.gamma**passed)


class ExponentialLR(LRScheduler):
    """Multiplies by gamma at every step."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, step: int) -> float:
        return step_factor(step, 1, self.gamma)


class ConstantLR(LRScheduler):
    """base · factor for `total_iters` steps, then base."""

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(f"ConstantLR: factor must be from 0 to 1, not {factor}")
        at_least("ConstantLR: total_iters", total_iters, 1)
        self.share = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def factor(self, step: int) -> float:
        return self.share if step < self.total_iters else 1.0


class LinearLR(LRScheduler):
    """On a straight line from base · start_factor to base · end_factor, in `total_iters` steps."""

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(
                f"LinearLR: start_factor must be above 0 and at most 1, not {start_factor}"
            )
        if not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: end_factor must be from 0 to 1, not {end_factor}")
        at_least("LinearLR: total_iters", total_iters, 1)
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def factor(self, step: int) -> float:
        return linear_factor(step, self.start_factor, self.end_factor, self.total_iters)


class PolynomialLR(LRScheduler):
    """base · (1 − step / total_iters)^power, and 0 from step `total_iters` on."""

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        at_least("PolynomialLR: total_iters", total_iters, 1)
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def factor(self, step: int) -> float:
        return float(linear_factor(step, 1.0, 0.0, self.total_iters) ** self.power)


class CosineAnnealingLR(LRScheduler):
    """From base to eta_min in `T_max` steps on half a wave; and back up on the next half.

    eta_min + (base − eta_min) · (1 + cos(π · step / T_max)) / 2. Loshchilov & Hutter 2017, without
    their restarts.
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        at_least("CosineAnnealingLR: T_max", T_max, 1)
        self.T_max = T_max
        self.eta_min = eta_min
        self.floor = eta_min
        super().__init__(optimizer, last_epoch)

    def factor(self, step: int) -> float:
        return cosine_factor(step, self.T_max)


class LinearWarmup(LRScheduler):
    """Up from base / (warmup_steps + 1) in equal steps to base, which it is from `warmup_steps` on.

    PyTorch has none of this name; `LinearLR` with a start_factor of 1 / (warmup_steps + 1) is the
    same. Another scheduler of the optimizer may lower the learning rate meanwhile. Goyal et al.
    2017.
    """

    def __init__(self, optimizer: Optimizer, warmup_steps: int, last_epoch: int = -1) -> None:
        at_least("LinearWarmup: warmup_steps", warmup_steps, 0)
        self.warmup_steps = warmup_steps
        super().__init__(optimizer, last_epoch)

    def factor(self, step: int) -> float:
        return warmup_factor(step, self.warmup_steps)
