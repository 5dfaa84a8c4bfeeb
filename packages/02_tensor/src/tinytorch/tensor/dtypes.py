"""Number types: which there are, and which one meets which.

A type is a NumPy dtype. What differs from NumPy is how types are combined; the rule is PyTorch's,
made for networks in which float32 should stay float32:

1. Types fall into three categories: bool < integers < floats. The highest category among the
   operands wins.
2. Within it, tensors with dimensions decide; a 0-d tensor counts only if no tensor of that category
   has dimensions, a number (Python's or a NumPy scalar) only if there is no tensor of that category
   at all.
3. Among those that decide, the widest type wins.

So float32 * 2.0 is float32, int64 * 2.0 is float32 (the default), float16 + int64 is float16.
An integer that does not fit into the type it meets (uint8 + 300) is an error; PyTorch wraps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy import typing as npt

Array: TypeAlias = npt.NDArray[Any]
DTypeLike: TypeAlias = npt.DTypeLike | None
Scalar: TypeAlias = bool | int | float

float16 = np.dtype(np.float16)
float32 = np.dtype(np.float32)
float64 = np.dtype(np.float64)
int8 = np.dtype(np.int8)
int16 = np.dtype(np.int16)
int32 = np.dtype(np.int32)
int64 = np.dtype(np.int64)
uint8 = np.dtype(np.uint8)
bool_ = np.dtype(np.bool_)

DTYPES = frozenset({float16, float32, float64, int8, int16, int32, int64, uint8, bool_})
DEFAULT_FLOAT = float32
DEFAULT_INT = int64

# What takes the type of an array of these kinds (float, int, unsigned, bool), or has none.
_TAKES_TYPE_OF: dict[str, tuple[type, ...]] = {
    "f": (float, int, bool, type(None)),
    "i": (int, bool, type(None)),
    "u": (int, bool, type(None)),
    "b": (bool, type(None)),
}
_CATEGORY = {"b": 0, "i": 1, "u": 1, "f": 2}
_OF_PYTHON_TYPE: dict[type, np.dtype[Any]] = {bool: bool_, int: DEFAULT_INT, float: DEFAULT_FLOAT}


def as_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """The supported dtype that `dtype` names. As in PyTorch, Python's `float` means float64.

    Raises TypeError for types that tensors do not have (complex, strings, objects, …).
    """
    found = np.dtype(dtype)
    if found in DTYPES and found.isnative:
        return found
    if found not in DTYPES:
        names = ", ".join(sorted(map(str, DTYPES)))
        raise TypeError(f"a tensor cannot hold {found}; it can hold {names}")
    return found.newbyteorder("=")


def category(dtype: np.dtype[Any]) -> int:
    """0 for booleans, 1 for integers, 2 for floats: what can be cast to what without a word."""
    return _CATEGORY[dtype.kind]


def is_floating_point(dtype: np.dtype[Any]) -> bool:
    """Whether `dtype` is float16, float32 or float64: the types that can have gradients."""
    return dtype.kind == "f"


def result_type(*operands: Any) -> np.dtype[Any]:
    """The dtype in which `operands` (arrays, tensors, numbers) meet, by the rule above."""
    agreed = agreed_dtype(operands)
    if agreed is not None:
        return agreed
    ranked: dict[tuple[int, int], np.dtype[Any]] = {}
    for operand in operands:
        dtype, says = _dtype_and_say(operand)
        key = (category(dtype), says)
        ranked[key] = np.promote_types(ranked[key], dtype) if key in ranked else dtype
    return ranked[max(ranked)]


def agreed_dtype(values: Sequence[Any]) -> np.dtype[Any] | None:
    """The dtype of all arrays in `values`, if they have one, which the numbers in it can take."""
    dtype, has_others = None, False
    for x in values:
        if type(x) is not np.ndarray:
            has_others = True
        elif dtype is None:
            dtype = x.dtype
        elif x.dtype is not dtype:
            return None
    if dtype is None or not has_others:
        return dtype
    takers = _TAKES_TYPE_OF.get(dtype.kind, ())
    for x in values:
        if type(x) is not np.ndarray and type(x) not in takers:
            return None
    return dtype


def _dtype_and_say(operand: Any) -> tuple[np.dtype[Any], int]:
    """An operand's dtype and its say: 2 with dimensions, 1 for 0-d, 0 for a number."""
    if isinstance(operand, bool | int | float | np.generic):
        return _OF_PYTHON_TYPE[type(_plain_number(operand))], 0
    if operand.dtype not in DTYPES:
        raise TypeError(f"a tensor cannot meet an array of {operand.dtype}")
    return operand.dtype, 2 if operand.ndim else 1


def _plain_number(x: Any) -> Any:
    """A number as Python's own bool, int or float; NumPy's scalars are numbers like others."""
    if isinstance(x, np.generic):
        x = x.item()
    for kind in (bool, int, float):
        if isinstance(x, kind):
            return kind(x)
    raise TypeError(f"a tensor cannot hold {x!r}")


def promote(arrays: Iterable[Any], floating: bool = False) -> list[Any]:
    """`arrays` cast to their common dtype; to a floating one if `floating`.

    Python numbers stay what they are: NumPy lets them take the type of the array they meet. None
    stays None.
    """
    arrays = list(arrays)
    dtype = result_type(*(x for x in arrays if x is not None))
    if floating and dtype.kind != "f":
        dtype = DEFAULT_FLOAT
    return [_promoted(x, dtype) for x in arrays]


def _promoted(x: Any, dtype: np.dtype[Any]) -> Any:
    if isinstance(x, np.ndarray):
        return x.astype(dtype, copy=False)
    return None if x is None else _plain_number(x)
