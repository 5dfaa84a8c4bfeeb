"""Schedules by other ways: loops, and one function for every wave."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi

from .schedules import Phase


def step_factor(step: int, step_size: int, gamma: float) -> float:
    factor = 1.0
    for _ in range(step_size, step + 1, step_size):
        factor *= gamma
    return factor


def linear_factor(step: int, start: float, end: float, total: int) -> float:
    share = min(1.0, step / total)
    return (1 - share) * start + share * end


def cosine_factor(step: float, total: float) -> float:
    return cos(step / total * pi) / 2 + 0.5


def within_cycle(step: float, first: int, growth: int) -> tuple[float, int]:
    if step < first:
        return step, first
    return within_cycle(step - first, first * growth, growth)


def warmup_factor(step: int, warmup_steps: int) -> float:
    return 1.0 if step >= warmup_steps else (1 + step) / (1 + warmup_steps)


def warmup_cosine(
    step: int, peak: float, warmup_steps: int, total_steps: int, floor: float = 0.0
) -> float:
    if step < warmup_steps:
        return peak * (1 + step) / (1 + warmup_steps)
    share = min(1.0, (step - warmup_steps) / (total_steps - warmup_steps))
    return anneal(Phase(0, peak, floor), share, "cos")


def anneal(phase: Phase, share: float, strategy: str) -> float:
    left = 1 - share if strategy == "linear" else (1 + cos(pi * share)) / 2
    return left * phase.start + (1 - left) * phase.end


def through_phases(step: int, phases: Sequence[Phase], strategy: str) -> float:
    starts = [0.0, *(phase.until for phase in phases)]
    number = 0
    while number < len(phases) - 1 and step > phases[number].until:
        number += 1
    phase, began = phases[number], starts[number]
    share = 1.0 if phase.until == began else (step - began) / (phase.until - began)
    return anneal(phase, share, strategy)
