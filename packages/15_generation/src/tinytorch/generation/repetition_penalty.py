"""The repetition penalty: what has been said becomes less likely."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array


def repetition_penalty(logits: Array, seen: Array, penalty: float) -> Array:
    """Logits of tokens that have occurred, made smaller: z / penalty above 0, z · penalty below.

    logits: (…, vocab). seen: the same shape, bool: True where the token has occurred in this row.
    With a penalty of 1 all stays; below 1 what has occurred becomes likelier. The result has their
    shape and dtype; logits are left alone. Raises ValueError unless penalty > 0. Keskar, McCann,
    Varshney, Xiong and Socher 2019 (CTRL), section 4.1, in the form of Hugging Face, in which a
    negative logit becomes smaller as well.
    """
    if not penalty > 0:
        raise ValueError(f"repetition_penalty: it divides logits and must be above 0: {penalty}")
    factor = float(penalty)
    punished = np.where(logits > 0, logits / factor, logits * factor)
    return np.where(seen, punished, logits)
