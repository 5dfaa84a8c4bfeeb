"""Task 2.2 by other ways: shapes meet two at a time, sizes are looked up from the end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import zip_longest

from .errors import broadcast_message


def broadcast_shapes(*shapes: Sequence[int]) -> tuple[int, ...]:
    def meet(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
        backwards = []
        for m, n in zip_longest(reversed(a), reversed(b), fillvalue=1):
            if m != n and m != 1 and n != 1:
                raise ValueError(broadcast_message([tuple(shape) for shape in shapes]))
            backwards.append(n if m == 1 else m)
        return tuple(reversed(backwards))

    return reduce(meet, (tuple(shape) for shape in shapes), ())


def resolve_expand(shape: Sequence[int], target: Sequence[int]) -> tuple[int, ...]:
    sizes = list(target)
    if len(shape) > len(sizes):
        raise ValueError(f"broadcast_to: {tuple(shape)} has more dimensions than {tuple(sizes)}")
    for back in range(1, len(sizes) + 1):
        if sizes[-back] == -1:
            if back > len(shape):
                raise ValueError(
                    f"broadcast_to: {tuple(target)} keeps a size that {tuple(shape)} does not have"
                )
            sizes[-back] = shape[-back]
    return tuple(sizes)
