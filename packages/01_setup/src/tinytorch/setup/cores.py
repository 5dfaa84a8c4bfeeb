"""How many cores this process may really use."""

import math


def parse_quota(text: str) -> float | None:
    """The cores that a Linux control group's `cpu.max` grants, or None for no limit.

    `text` holds two words, the microseconds of processor time granted in every period and the
    period's length: `"150000 100000"` is 1.5 cores. `"max 100000"` is no limit.
    """
    granted, period = text.split()
    return None if granted == "max" else int(granted) / int(period)


def usable_cores(logical: int, allowed: int | None = None, quota: float | None = None) -> int:
    """The number of threads worth starting: at least 1, and no more than any limit permits.

    logical: cores the operating system sees
    allowed: cores this process may be scheduled on (its affinity), where that is known
    quota: cores' worth of time a container grants, None for no limit; a part of a core counts
        as one, as it can keep one thread busy for a part of the time
    """
    limits = [logical]
    if allowed is not None:
        limits.append(allowed)
    if quota is not None:
        limits.append(math.ceil(quota))
    return max(1, min(limits))
