"""What all schedulers share, and those that are given."""

import json
import math
import warnings
from typing import Any

import numpy as np
import pytest

from tinytorch.optimizers import (
    SGD,
    Adagrad,
    Adam,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LinearWarmup,
    LinearWarmupCosine,
    LRScheduler,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)
from tinytorch.tensor import Tensor

KINDS: dict[str, Any] = {
    "LambdaLR": lambda o: LambdaLR(o, lambda t: 1 / (t + 1)),
    "StepLR": lambda o: StepLR(o, 3, 0.5),
    "MultiStepLR": lambda o: MultiStepLR(o, [2, 7, 7]),
    "ExponentialLR": lambda o: ExponentialLR(o, 0.9),
    "ConstantLR": lambda o: ConstantLR(o, 0.5, 4),
    "LinearLR": lambda o: LinearLR(o, 0.1, 1.0, 6),
    "PolynomialLR": lambda o: PolynomialLR(o, 10, 2.0),
    "CosineAnnealingLR": lambda o: CosineAnnealingLR(o, 6, 0.01),
    "CosineAnnealingWarmRestarts": lambda o: CosineAnnealingWarmRestarts(o, 2, 2, 0.01),
    "LinearWarmup": lambda o: LinearWarmup(o, 5),
    "LinearWarmupCosine": lambda o: LinearWarmupCosine(o, 3, 10, 0.01),
    "OneCycleLR": lambda o: OneCycleLR(o, 0.7, 20, three_phase=True),
    "SequentialLR": lambda o: SequentialLR(
        o, [LinearLR(o, 0.1, 1.0, 3), ExponentialLR(o, 0.9), StepLR(o, 2)], [3, 8]
    ),
}
kinds = pytest.mark.parametrize("kind", list(KINDS))


def an_optimizer(*learning_rates: float) -> Any:
    groups = [{"params": [Tensor(np.zeros(1))], "lr": lr} for lr in learning_rates or (0.5,)]
    return SGD(groups, momentum=0.5)


def go(optimizer: Any, scheduler: Any, steps: int) -> list[list[float]]:
    found = [scheduler.get_last_lr()]
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        found.append(scheduler.get_last_lr())
    return found


def in_optimizer(optimizer: Any) -> list[float]:
    return [group["lr"] for group in optimizer.param_groups]


def same(found: Any, expected: Any, tried: str = "") -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15, err_msg=tried)


# What all share


@kinds
def test_every_group_has_its_own_learning_rate(kind: str) -> None:
    optimizer = an_optimizer(0.5, 0.25)
    found = go(optimizer, KINDS[kind](optimizer), 12)
    assert in_optimizer(optimizer) == found[-1]
    for number, lr in enumerate((0.5, 0.25)):
        alone = an_optimizer(lr)
        expected = [each[0] for each in go(alone, KINDS[kind](alone), 12)]
        same([each[number] for each in found], expected, f"{kind}: group {number}")


@kinds
@pytest.mark.parametrize("at", [0, 1, 3, 7, 8])
def test_going_on_from_a_state(kind: str, at: int) -> None:
    straight = an_optimizer(0.5, 0.25)
    expected = go(straight, KINDS[kind](straight), 14)

    before = an_optimizer(0.5, 0.25)
    scheduler = KINDS[kind](before)
    go(before, scheduler, at)
    saved = json.loads(json.dumps(scheduler.state_dict()))
    of_optimizer = json.loads(json.dumps(before.state_dict()))
    go(before, scheduler, 2)

    after = an_optimizer(0.5, 0.25)
    again = KINDS[kind](after)
    after.load_state_dict(of_optimizer)
    again.load_state_dict(saved)
    assert again.last_epoch == at
    assert go(after, again, 14 - at) == expected[at:], f"{kind}, saved after {at} steps"


@kinds
def test_the_state_of_another_kind(kind: str, refused: Any) -> None:
    optimizer = an_optimizer()
    scheduler = KINDS[kind](optimizer)
    before = scheduler.state_dict()
    other = ReduceLROnPlateau(an_optimizer())
    with refused(ValueError, kind):
        scheduler.load_state_dict(other.state_dict())
    assert scheduler.state_dict() == before


def test_the_state_of_other_groups(refused: Any) -> None:
    scheduler = StepLR(an_optimizer(), 3)
    with refused(ValueError, "StepLR", "2", "1"):
        scheduler.load_state_dict(StepLR(an_optimizer(0.5, 0.25), 3).state_dict())


def test_two_schedulers_multiply() -> None:
    optimizer = an_optimizer(1.0)
    first, second = LinearWarmup(optimizer, 3), StepLR(optimizer, 2, 0.5)
    found = in_optimizer(optimizer)
    for _ in range(5):
        optimizer.step()
        first.step()
        second.step()
        found += in_optimizer(optimizer)
    same(found, [0.25, 0.5, 0.375, 0.5, 0.25, 0.25])


@pytest.mark.in_process("changes an option in a dict")
@pytest.mark.parametrize(
    ("kind", "expected"),
    [("StepLR", 0.05), ("ExponentialLR", 0.09), ("ConstantLR", 0.2), ("LinearLR", 0.1 * 7 / 5.5)],
)
def test_a_learning_rate_changed_by_hand_is_kept(kind: str, expected: float) -> None:
    optimizer = an_optimizer()
    scheduler = KINDS[kind](optimizer)
    steps = {"StepLR": 2, "ConstantLR": 3}.get(kind, 3)
    go(optimizer, scheduler, steps)
    optimizer.param_groups[0]["lr"] = 0.1
    optimizer.step()
    scheduler.step()
    same(in_optimizer(optimizer), [expected], f"{kind} behind a learning rate of 0.1")


def test_going_on_from_last_epoch(refused: Any) -> None:
    optimizer = an_optimizer()
    go(optimizer, ExponentialLR(optimizer, 0.5), 3)
    again = ExponentialLR(optimizer, 0.5, last_epoch=2)
    same([again.last_epoch, *in_optimizer(optimizer)], [3, 0.5**4])
    same(go(optimizer, again, 1), [[0.5**4], [0.5**5]])
    with refused(KeyError, "initial_lr"):
        ExponentialLR(an_optimizer(), 0.5, last_epoch=2)


@pytest.mark.in_process("a warning")
def test_the_wrong_order_warns() -> None:
    optimizer = an_optimizer()
    scheduler = StepLR(optimizer, 3)
    with pytest.warns(UserWarning, match="optimizer.step"):
        scheduler.step()
    optimizer = an_optimizer()
    scheduler = StepLR(optimizer, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.step()
        scheduler.step()


def test_what_is_no_optimizer(refused: Any) -> None:
    for make in (lambda o: StepLR(o, 3), lambda o: OneCycleLR(o, 0.1, 5), ReduceLROnPlateau):
        with refused(TypeError, "Optimizer", "str"):
            make("SGD")


@pytest.mark.in_process("a subclass of LRScheduler")
def test_a_schedule_of_ones_own() -> None:
    class Inverse(LRScheduler):
        def factor(self, step: int) -> float:
            return 1 / (1 + step)

    optimizer = an_optimizer()
    same(go(optimizer, Inverse(optimizer), 3), [[0.5], [0.25], [0.5 / 3], [0.125]])
    with pytest.raises(NotImplementedError, match="factor"):
        LRScheduler(an_optimizer())


# One by one


def test_by_a_function() -> None:
    optimizer = an_optimizer(0.5, 0.25)
    found = go(optimizer, LambdaLR(optimizer, [lambda t: t + 1, lambda t: 2.0**-t]), 3)
    same(found, [[0.5, 0.25], [1.0, 0.125], [1.5, 0.0625], [2.0, 0.03125]])


def test_milestones() -> None:
    optimizer = an_optimizer(1.0)
    found = go(optimizer, MultiStepLR(optimizer, [5, 2, 5], 0.5), 6)
    same([lr for (lr,) in found], [1, 1, 0.5, 0.5, 0.5, 0.125, 0.125])


def test_constant_at_first() -> None:
    optimizer = an_optimizer(1.0)
    found = go(optimizer, ConstantLR(optimizer, 0.25, 2), 4)
    same([lr for (lr,) in found], [0.25, 0.25, 1, 1, 1])
    optimizer = an_optimizer(1.0)
    found = go(optimizer, ConstantLR(optimizer), 5)
    same([lr for (lr,) in found], [1 / 3] * 5 + [1])
    optimizer = an_optimizer(1.0)
    found = go(optimizer, ConstantLR(optimizer, 0.0, 2), 3)
    same([lr for (lr,) in found], [0, 0, 1, 1])


@pytest.mark.parametrize("milestones", [[3, 7], [1, 2], [4, 5]])
def test_one_after_another(milestones: list[int]) -> None:
    def parts(optimizer: Any) -> list[Any]:
        return [
            LinearLR(optimizer, 0.1, 1.0, 3),
            CosineAnnealingWarmRestarts(optimizer, 3),
            ExponentialLR(optimizer, 0.5),
        ]

    optimizer = an_optimizer()
    scheduler = SequentialLR(optimizer, parts(optimizer), milestones)
    found = [lr for (lr,) in go(optimizer, scheduler, 11)]
    expected = []
    for number, steps in enumerate((milestones[0], milestones[1] - milestones[0], 12)):
        alone = an_optimizer()
        only = [
            lambda o: LinearLR(o, 0.1, 1.0, 3),
            lambda o: CosineAnnealingWarmRestarts(o, 3),
            lambda o: ExponentialLR(o, 0.5),
        ][number](alone)
        expected += [lr for (lr,) in go(alone, only, steps - 1)]
    same(found, expected[:12], f"SequentialLR with milestones {milestones}")


def test_what_cannot_follow(refused: Any) -> None:
    optimizer = an_optimizer()
    parts = [StepLR(optimizer, 3), StepLR(optimizer, 3)]
    with refused(ValueError, "SequentialLR", "2"):
        SequentialLR(optimizer, parts, [2, 3])
    with refused(ValueError, "SequentialLR", "another optimizer"):
        SequentialLR(an_optimizer(), parts, [2])
    with refused(ValueError, "SequentialLR", "ReduceLROnPlateau"):
        SequentialLR(optimizer, [parts[0], ReduceLROnPlateau(optimizer)], [2])
    with refused(ValueError, "SequentialLR", "1", "2"):
        SequentialLR(optimizer, parts, [2]).load_state_dict(
            SequentialLR(optimizer, parts[:1], []).state_dict()
        )


def test_momentum_that_is_not_there(refused: Any) -> None:
    with refused(ValueError, "OneCycleLR", "Adagrad", "cycle_momentum"):
        OneCycleLR(Adagrad([Tensor(np.zeros(1))]), 0.1, 5)
    OneCycleLR(Adam([Tensor(np.zeros(1))]), 0.1, 5)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda o: StepLR(o, 0), ["step_size", "0"]),
        (lambda o: ConstantLR(o, 1.5), ["factor", "1.5"]),
        (lambda o: ConstantLR(o, 0.5, 0), ["total_iters", "0"]),
        (lambda o: LinearLR(o, 0.0), ["start_factor", "0.0"]),
        (lambda o: LinearLR(o, 0.5, 1.5), ["end_factor", "1.5"]),
        (lambda o: LinearLR(o, 0.5, 1.0, 0), ["total_iters", "0"]),
        (lambda o: PolynomialLR(o, 0), ["total_iters", "0"]),
        (lambda o: CosineAnnealingLR(o, 0), ["T_max", "0"]),
        (lambda o: CosineAnnealingWarmRestarts(o, 0), ["T_0", "0"]),
        (lambda o: CosineAnnealingWarmRestarts(o, 2, 0), ["T_mult", "0"]),
        (lambda o: CosineAnnealingWarmRestarts(o, 2).step(-1.0), ["epoch", "-1.0"]),
        (lambda o: LinearWarmup(o, -1), ["warmup_steps", "-1"]),
        (lambda o: LinearWarmupCosine(o, 5, 5), ["total_steps", "5"]),
        (lambda o: LambdaLR(o, [abs, abs]), ["lr_lambda", "2", "1"]),
        (lambda o: ReduceLROnPlateau(o, factor=1.0), ["factor", "1.0"]),
        (lambda o: ReduceLROnPlateau(o, "least"), ["mode", "least"]),
        (lambda o: ReduceLROnPlateau(o, threshold_mode="ratio"), ["threshold_mode", "ratio"]),
        (lambda o: ReduceLROnPlateau(o, patience=-1), ["patience", "-1"]),
        (lambda o: ReduceLROnPlateau(o, min_lr=[0.1, 0.1]), ["min_lr", "2", "1"]),
    ],
    ids=[str(number) for number in range(19)],
)
def test_what_is_refused(make: Any, words: list[str], refused: Any) -> None:
    with refused(ValueError, *words):
        make(an_optimizer())


# Plateaus


def told(scheduler: Any, metrics: list[float]) -> list[float]:
    found = []
    for metric in metrics:
        scheduler.step(metric)
        found += scheduler.get_last_lr()
    return found


def test_patience() -> None:
    optimizer = an_optimizer(1.0)
    scheduler = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    found = told(scheduler, [3.0, 2.0, 2.0, 1.9, 1.9, 1.9, 1.9, 1.9])
    same(found, [1, 1, 1, 1, 1, 0.5, 0.5, 0.25], "the second step without anything better")
    same(in_optimizer(optimizer), [0.25])
    assert scheduler.best == 1.9


@pytest.mark.parametrize(
    ("options", "metrics", "is_lowered"),
    [
        ({"threshold": 0.1}, [10.0, 9.1], True),
        ({"threshold": 0.1}, [10.0, 8.9], False),
        ({"threshold": 0.1, "threshold_mode": "abs"}, [10.0, 9.95], True),
        ({"threshold": 0.1, "threshold_mode": "abs"}, [10.0, 9.8], False),
        ({"threshold": 0.1, "mode": "max"}, [10.0, 10.9], True),
        ({"threshold": 0.1, "mode": "max"}, [10.0, 11.1], False),
        ({"threshold": 0.1, "mode": "max", "threshold_mode": "abs"}, [10.0, 10.05], True),
        ({"threshold": 0.1, "mode": "max", "threshold_mode": "abs"}, [10.0, 10.2], False),
        ({}, [1.0, math.nan], True),
        ({}, [math.nan], True),
        ({}, [math.inf], True),
        ({"mode": "max"}, [-5.0], False),
        ({"eps": 0.95}, [1.0, 1.0], False),
    ],
    ids=[str(number) for number in range(13)],
)
def test_what_is_better(options: dict[str, Any], metrics: list[float], is_lowered: bool) -> None:
    optimizer = an_optimizer(1.0)
    found = told(ReduceLROnPlateau(optimizer, patience=0, **options), metrics)
    expected = [1.0] * (len(metrics) - 1) + [0.1 if is_lowered else 1.0]
    same(found, expected, f"ReduceLROnPlateau(patience=0, {options}) told {metrics}")


def test_a_cooldown_and_a_floor() -> None:
    optimizer = an_optimizer(1.0, 0.5)
    scheduler = ReduceLROnPlateau(optimizer, factor=0.5, patience=0, cooldown=2, min_lr=[0.3, 0.1])
    found = told(scheduler, [1.0] * 9)
    first = [1, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3, 0.3]
    second = [0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.1, 0.1]
    same(found[::2], first, "the first group")
    same(found[1::2], second, "the second group")


def test_a_plateau_from_a_state() -> None:
    metrics = [3.0, 2.0, 2.5, 2.6, 2.7, 2.8, 1.0, 1.5, 1.5, 1.5]
    options: dict[str, Any] = {"factor": 0.5, "patience": 1, "cooldown": 1}
    expected = told(ReduceLROnPlateau(an_optimizer(1.0), **options), metrics)
    for at in range(len(metrics)):
        optimizer = an_optimizer(1.0)
        scheduler = ReduceLROnPlateau(optimizer, **options)
        told(scheduler, metrics[:at])
        after = an_optimizer(1.0)
        again = ReduceLROnPlateau(after)
        after.load_state_dict(optimizer.state_dict())
        again.load_state_dict(json.loads(json.dumps(scheduler.state_dict(), allow_nan=False)))
        assert told(again, metrics[at:]) == expected[at:], f"saved after {at} metrics"
