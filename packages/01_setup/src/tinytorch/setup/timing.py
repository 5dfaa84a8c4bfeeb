"""How long a piece of code takes, and how much work a matrix product is."""

import time
from collections.abc import Callable


def best_seconds(
    action: Callable[[], object],
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """The seconds `action()` takes when nothing else gets in its way.

    It is called once without being timed (the first call pays for caches, pages and threads that
    later ones find ready), then `repeats` times with `clock` read right before and right after.
    The smallest is returned, not the mean: whatever disturbs a measurement makes it longer.

    Raises ValueError when `repeats` is less than 1.
    """
    if repeats < 1:
        raise ValueError(f"best_seconds needs at least one repeat, got {repeats}")
    action()
    best = float("inf")
    for _ in range(repeats):
        start = clock()
        action()
        best = min(best, clock() - start)
    return best


def multiply_adds(m: int, k: int, n: int) -> int:
    """The multiplications (each followed by an addition) in a product of (m, k) and (k, n)."""
    return m * k * n
