"""What hides keys from queries, in the two forms that a mask can have, and as numbers to add."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, Tensor, where

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


def both_masks(attn_mask: Mask, key_padding_mask: Mask) -> Mask:
    """One mask for the scores (B, heads, L, S) from two, each None, boolean or floating.

    attn_mask: fits the scores; True: may look. key_padding_mask: (B, S) or (S,); True: is ignored.
    """
    if key_padding_mask is None:
        return attn_mask
    flags, bias = flags_and_bias(key_padding_mask)
    padding = (~Tensor(flags) if bias is None else bias)[..., None, None, :]
    if attn_mask is None:
        return padding
    allowed, added = flags_and_bias(attn_mask)
    if added is None and bias is None:
        return Tensor(allowed) & padding
    return as_bias(attn_mask) + as_bias(padding)


def as_bias(attn_mask: Mask) -> Tensor:
    """Either kind of mask as what is added to the scores."""
    flags, bias = flags_and_bias(attn_mask)
    return where(Tensor(flags), 0.0, -np.inf) if bias is None else bias
