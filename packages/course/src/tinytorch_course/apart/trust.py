"""Which answers of a judged object are believed.

Everything that the respondent says may be made up. A made-up *value* is harmless: the check
compares it, here, with what it expects, and a guess is wrong. Harmful is an *object* that is told
the expectation and asked whether it agrees. So, of a mirrored object:

- `==`, `<` and the like are asked only about plain numbers, arrays and other mirrors, and only the
  elementwise kind of answer, an object again, is taken. Whether *that* is true is not asked: who
  wants to know has to take its values out and compare them here. For dataclasses, `==` compares
  the fields, here; but not with those of an object that the check had the respondent make, since
  that has told it what they are. For all else objects are equal that are the same.
- `in` walks through what there is and compares here.
- What strings and containers are asked about their contents (`startswith`, `count`, `issubset`, …)
  is not asked of a mirror: where a check does that it expects a value.
- Names that stand for values (`shape`, `array`, `tolist`, …) must bring values, not mirrors.
- Arithmetic with a number or array of the judge's is answered by the respondent, but must agree
  with NumPy's on the values that the mirror had *before* the number was told. What holds no
  numbers does no arithmetic with the judge's.

Any breach makes the check fail, even if it catches what is raised here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

COMPARISONS = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"})
QUESTIONS = frozenset({
    "startswith", "endswith", "find", "rfind", "rindex", "count",
    "issubset", "issuperset", "isdisjoint", "__contains__", "__instancecheck__",
})  # fmt: skip
VALUES = frozenset({
    "array", "numpy", "tolist", "item", "shape", "dtype", "ndim", "nbytes", "itemsize", "strides",
    "numel", "stride", "dim", "element_size", "data_ptr", "is_contiguous", "is_floating_point",
    "requires_grad", "is_leaf", "training",
})  # fmt: skip
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "__add__": operator.add,
    "__sub__": operator.sub,
    "__mul__": operator.mul,
    "__truediv__": operator.truediv,
    "__matmul__": operator.matmul,
}


class Distrusted(AssertionError):
    """A check would have had to believe the code that it judges."""


def comparable(other: Any) -> bool:
    return isinstance(other, bool | int | float | np.ndarray | np.generic)


def reflected(name: str) -> tuple[str, bool]:
    """`__radd__` is `__add__` with the operands exchanged."""
    if name.startswith("__r") and f"__{name[3:]}" in ARITHMETIC:
        return f"__{name[3:]}", True
    return name, False


def disagrees(name: str, values: Any, other: Any, claimed: Any) -> bool:
    """Whether `claimed` is no result of that operator, by far: within what rounding can do, the
    check itself decides. values: what the mirror held before.
    """
    plain, exchanged = reflected(name)
    if plain not in ARITHMETIC:
        return False
    pair = (other, values) if exchanged else (values, other)
    try:
        with np.errstate(all="ignore"):
            wide = [np.asarray(each).astype(np.float64) for each in pair]
            expected = ARITHMETIC[plain](*wide)
            size = ARITHMETIC[plain](*map(np.abs, wide)) if plain == "__matmul__" else None
    except (TypeError, ValueError):
        return False
    if claimed is None or claimed.dtype.kind not in "biuf" or claimed.shape != expected.shape:
        return True
    if claimed.dtype.kind == "b":
        return any(np.asarray(each).dtype.kind != "b" for each in pair)
    limits = np.finfo(claimed.dtype) if claimed.dtype.kind == "f" else np.iinfo(claimed.dtype)
    step = float(limits.eps) if isinstance(limits, np.finfo) else 1.0
    scale = sum(np.max(np.abs(each), initial=0.0) for each in wide) if size is None else size
    wide_claim = claimed.astype(np.float64)
    with np.errstate(all="ignore"):
        allowed = 0.01 * np.abs(expected) + (8 * step * scale if step < 1 else 1e-9)
        near = np.abs(wide_claim - expected) <= allowed
        beyond = (np.abs(expected) >= 0.99 * float(limits.max)) | (expected < float(limits.min))
    same = (wide_claim == expected) | (np.isnan(wide_claim) & np.isnan(expected))
    return not bool((near | same | beyond).all())
