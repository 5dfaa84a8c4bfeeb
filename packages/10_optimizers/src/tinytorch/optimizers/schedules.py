"""How a learning rate changes with time, as functions of the number of steps taken.

Those named `…_factor` say by what to multiply a learning rate; the others give it. A scheduler (see
`LRScheduler`) hands it to an optimizer.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi
from typing import NamedTuple


def step_factor(step: int, step_size: int, gamma: float) -> float:
    """γ for every `step_size` steps that are over: 1, 1, …, γ, γ, …, γ², …"""
    return gamma ** (step // step_size)


def linear_factor(step: int, start: float, end: float, total: int) -> float:
    """From `start` to `end` on a straight line, which it reaches at step `total`; then `end`."""
    return start + (end - start) * min(step, total) / total


def cosine_factor(step: float, total: float) -> float:
    """From 1 at step 0 to 0 at step `total` on half a wave, and on along the wave behind it.

        (1 + cos(π · step / total)) / 2

    Loshchilov & Hutter 2017.
    """
    return (1 + cos(pi * step / total)) / 2


def within_cycle(step: float, first: int, growth: int) -> tuple[float, int]:
    """How far into its cycle a step is, and how long that cycle is.

    The first cycle has `first` steps, each next one `growth` times as many, a whole number of at
    least 1.
    """
    length = first
    while step >= length:
        step -= length
        length *= growth
    return step, length


def warmup_factor(step: int, warmup_steps: int) -> float:
    """From 1 / (warmup_steps + 1) at step 0 in equal steps to 1 at step `warmup_steps`; then 1."""
    return min(1.0, (step + 1) / (warmup_steps + 1))


def warmup_cosine(
    step: int, peak: float, warmup_steps: int, total_steps: int, floor: float = 0.0
) -> float:
    """The learning rate of a GPT: up to `peak` by `warmup_factor`, down to `floor` by half a wave.

    It is `peak` at step `warmup_steps` and `floor` from step `total_steps` on. Radford et al. 2018;
    Brown et al. 2020, appendix B.
    """
    if step < warmup_steps:
        return peak * warmup_factor(step, warmup_steps)
    if step >= total_steps:
        return floor
    share = cosine_factor(step - warmup_steps, total_steps - warmup_steps)
    return floor + (peak - floor) * share


class Phase(NamedTuple):
    """A part of a cycle: from value `start` to value `end`, which it reaches at step `until`."""

    until: float
    start: float
    end: float


def anneal(phase: Phase, share: float, strategy: str) -> float:
    """The value when `share` of a phase is over: on half a wave for "cos", or for "linear" on a
    straight line.
    """
    if strategy == "cos":
        return phase.end + (phase.start - phase.end) * cosine_factor(share, 1)
    return phase.start + (phase.end - phase.start) * share


def through_phases(step: int, phases: Sequence[Phase], strategy: str) -> float:
    """The value at a step of phases that follow each other, the first from step 0 on.

    A step belongs to the first phase that is not over before it, or else to the last, whose curve
    goes on behind its end. A phase of no length is at its end. Smith & Topin 2018.
    """
    began = 0.0
    for phase in phases[:-1]:
        if step <= phase.until:
            break
        began = phase.until
    else:
        phase = phases[-1]
    length = phase.until - began
    return anneal(phase, (step - began) / length if length else 1.0, strategy)
