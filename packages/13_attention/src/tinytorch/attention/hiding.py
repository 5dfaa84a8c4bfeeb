"""What hides keys from queries, in the two forms that a mask can have, and as numbers to add."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, Tensor

Mask = Tensor | Array | None


def flags_and_bias(attn_mask: Mask) -> tuple[Array | None, Tensor | None]:
    """A mask as booleans, or as numbers to add to the scores: one of the two is None.

    Raises TypeError for integers, which could be meant either way.
    """
    if attn_mask is None:
        return None, None
    mask = attn_mask if isinstance(attn_mask, Tensor) else Tensor(attn_mask)
    if mask.dtype.kind == "b":
        return mask.array, None
    if mask.dtype.kind == "f":
        return None, mask
    raise TypeError(
        f"attn_mask: {mask.dtype} is neither boolean (True: may look) nor floating (added to the "
        "scores); use .bool() or .float()"
    )


def as_addend(flags: Array, dtype: np.dtype[np.floating]) -> Array:
    """0 where a flag is True, −∞ where it is False."""
    return np.where(flags, dtype.type(0), dtype.type(-np.inf))
