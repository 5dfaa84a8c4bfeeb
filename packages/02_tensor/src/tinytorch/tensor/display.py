"""How a tensor is shown: as PyTorch shows it."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Any

import numpy as np

from .dtypes import DEFAULT_FLOAT, DEFAULT_INT, Array, bool_

if TYPE_CHECKING:
    from ._tensor import Tensor

PRECISION = 4
THRESHOLD = 1000
EDGE_ITEMS = 3
LINE_WIDTH = 80


def render(tensor: Tensor) -> str:
    """`tensor(…)` with its values, and its dtype and gradient where they are not the usual."""
    array = tensor.array
    notes = []
    if array.size == 0 and array.ndim != 1:
        notes.append(f"size={array.shape}")
    if array.dtype not in (
        (DEFAULT_FLOAT,) if array.size == 0 else (DEFAULT_FLOAT, DEFAULT_INT, bool_)
    ):
        notes.append(f"dtype={array.dtype}")
    if tensor.grad_fn is not None:
        notes.append(f"grad_fn={tensor.grad_fn}")
    elif tensor.requires_grad:
        notes.append("requires_grad=True")
    prefix = "tensor("
    body = values(array, len(prefix)) if array.size else "[]"
    return _with_notes(prefix + body, notes)


def _with_notes(text: str, notes: list[str]) -> str:
    """Notes behind the values, on a line of their own where they would not fit."""
    last = len(text) - text.rfind("\n") + 1
    for note in notes:
        if last + len(note) + 2 > LINE_WIDTH:
            text += ",\n" + " " * len("tensor(") + note
            last = len("tensor(") + len(note)
        else:
            text += ", " + note
            last += len(note) + 2
    return text + ")"


def values(array: Array, indent: int) -> str:
    """The values in brackets; of a large array, the edges of each dimension."""
    summarize = array.size > THRESHOLD
    shown = _edges(array) if summarize else array
    return _rows(array, indent, summarize, *_number_format(shown))


def _rows(array: Array, indent: int, summarize: bool, write: Any, width: int) -> str:
    if array.ndim == 0:
        return str(write(array[()]))
    if array.ndim == 1:
        return _row(array, indent, summarize, write, width)
    head, tail = _ends(len(array), summarize)
    parts = [_rows(array[i], indent + 1, summarize, write, width) for i in head]
    if tail:
        parts += ["...", *(_rows(array[i], indent + 1, summarize, write, width) for i in tail)]
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(parts) + "]"


def _row(array: Array, indent: int, summarize: bool, write: Any, width: int) -> str:
    head, tail = _ends(len(array), summarize)
    parts = [write(array[i]).rjust(width) for i in head]
    if tail:
        parts += [" ...", *(write(array[i]).rjust(width) for i in tail)]
    a_line = max(1, floor((LINE_WIDTH - indent) / (width + 2)))
    lines = [", ".join(parts[i : i + a_line]) for i in range(0, len(parts), a_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _ends(n: int, summarize: bool) -> tuple[range, range]:
    if summarize and n > 2 * EDGE_ITEMS:
        return range(EDGE_ITEMS), range(n - EDGE_ITEMS, n)
    return range(n), range(0)


def _edges(array: Array) -> Array:
    for axis, n in enumerate(array.shape):
        if n > 2 * EDGE_ITEMS:
            kept = [*range(EDGE_ITEMS), *range(n - EDGE_ITEMS, n)]
            array = np.take(array, kept, axis=axis)
    return array


def _number_format(shown: Array) -> tuple[Any, int]:
    """The function that writes one value, chosen for all, and the width to write it in.

    As in PyTorch, the width is that of the widest finite number other than 0: a nan among digits
    may stand out.
    """
    if shown.dtype.kind != "f":
        return str, max((len(str(x)) for x in shown.ravel()), default=0)
    finite = shown[np.isfinite(shown) & (shown != 0)].astype(np.float64)
    write = _float_format(finite)
    return write, max((len(write(x)) for x in finite), default=1)


def _float_format(finite: Array) -> Any:
    """Whole numbers as `1.`, others with four digits; powers of ten where sizes lie far apart."""
    size = np.abs(finite)
    low, high = (size.min(), size.max()) if size.size else (1.0, 1.0)
    if not (finite == np.ceil(finite)).all():
        if high > 1000 * low or high > 1e8 or low < 1e-4:
            return lambda x: f"{float(x):.{PRECISION}e}"
        return lambda x: f"{float(x):.{PRECISION}f}"
    if high > 1000 * low or high > 1e8:
        return lambda x: f"{float(x):.{PRECISION}e}"
    return lambda x: f"{float(x):.0f}." if np.isfinite(x) else f"{float(x):.0f}"
