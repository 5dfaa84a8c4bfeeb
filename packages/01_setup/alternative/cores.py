"""Another solution of task 1.2: no limit is an infinite one."""

import math


def parse_quota(text: str) -> float | None:
    words = text.split()
    if words[0] == "max":
        return None
    return float(words[0]) / float(words[1])


def usable_cores(logical: int, allowed: int | None = None, quota: float | None = None) -> int:
    cores: float = logical
    for limit in (allowed, quota):
        cores = min(cores, math.inf if limit is None else limit)
    return max(math.ceil(cores), 1)
