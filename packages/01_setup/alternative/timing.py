"""Another solution of task 1.1: collect all the durations, then take the smallest."""

import time
from collections.abc import Callable


def best_seconds(
    action: Callable[[], object],
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    if repeats <= 0:
        raise ValueError(f"cannot take the best of {repeats} repeats")
    durations = []
    for _ in range(1 + repeats):
        before = clock()
        action()
        after = clock()
        durations.append(after - before)
    return sorted(durations[1:])[0]


def multiply_adds(m: int, k: int, n: int) -> int:
    results = m * n
    return results * k
