"""The matrix product: where a network spends its time.

For a: (n, k) and b: (k, m), element (i, j) of the product is the sum over all k of a[i, k]·b[k, j]:
n·k·m multiplications and as many additions, on n·k + k·m + n·m numbers. All that differs between
the kernels below is the order in which the same work is done, and how much of it happens outside
Python.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ._operation import operation
from .dtypes import Array


@operation(promote="common", kernel="blas")
def matmul(a: Array, b: Array) -> Array:
    """The matrix product a @ b over the last two dimensions.

    a: (…, n, k); b: (…, k, m); the result: (…, n, m), leading dimensions broadcast. A 1-d `a` is a
    row, a 1-d `b` a column, and the dimension added for it is taken away again, so that two 1-d
    tensors give their 0-d dot product. Raises ValueError for a 0-d input or where the inner sizes
    differ.
    """
    try:
        if a.ndim > 2 and b.ndim == 2 and a.flags.c_contiguous:
            # One large product instead of many small ones, when all matrices meet the same b.
            rows = a.reshape(prod(a.shape[:-1]), a.shape[-1])
            return np.matmul(rows, b).reshape(*a.shape[:-1], b.shape[-1])
        return np.matmul(a, b)
    except ValueError:
        check_matmul(a, b)
        raise


def check_matmul(a: Array, b: Array) -> None:
    """Raise ValueError if a @ b is not defined."""
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError(
            f"matmul: the shapes {a.shape} and {b.shape}: a 0-d tensor is a number; multiply with *"
        )
    rows = b.shape[-2] if b.ndim > 1 else b.shape[0]
    if a.shape[-1] != rows:
        raise ValueError(
            f"matmul: the shapes {a.shape} and {b.shape} do not fit: the last size of the first, "
            f"{a.shape[-1]}, must be the last but one of the second, {rows}. Transpose one of "
            "them (.mT)?"
        )


def matmul_loops(a: Array, b: Array) -> Array:
    """a @ b by its definition, three loops over numbers.

    a: (n, k); b: (k, m); the result: (n, m), with the dtype of `a`. Empty matrices are fine: a sum
    of nothing is 0.
    """
    n, k = a.shape
    m = b.shape[1]
    out = np.zeros((n, m), dtype=a.dtype)
    for i in range(n):
        for j in range(m):
            for p in range(k):
                out[i, j] += a[i, p] * b[p, j]
    return out


def matmul_rows(a: Array, b: Array) -> Array:
    """a @ b with one loop: row i of the product is the sum of the rows of b, each times its number
    in row i of a.

    a: (n, k); b: (k, m); the result: (n, m), with the dtype of `a`. What remains inside the loop is
    a few NumPy calls on whole rows, read in the order in which they lie in memory.
    """
    out = np.empty((a.shape[0], b.shape[1]), dtype=a.dtype)
    for i, row in enumerate(a):
        out[i] = (row[:, None] * b).sum(axis=0)
    return out


@matmul.add_kernel("loops")
def _(a: Array, b: Array) -> Array:
    return _matrices_only(matmul_loops, a, b)


@matmul.add_kernel("rows")
def _(a: Array, b: Array) -> Array:
    return _matrices_only(matmul_rows, a, b)


def _matrices_only(kernel: Any, a: Array, b: Array) -> Array:
    """Run a kernel for two matrices on inputs of any shape that `matmul` takes."""
    check_matmul(a, b)
    row, column = a.ndim == 1, b.ndim == 1
    a = a[None, :] if row else a
    b = b[:, None] if column else b
    leading = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a = np.broadcast_to(a, leading + a.shape[-2:])
    b = np.broadcast_to(b, leading + b.shape[-2:])
    out = np.empty((*leading, a.shape[-2], b.shape[-1]), dtype=a.dtype)
    for index in np.ndindex(*leading):
        out[index] = kernel(a[index], b[index])
    if column:
        out = out[..., 0]
    if row:
        out = out[..., 0] if column else out[..., 0, :]
    return out


@operation(promote="common", called="einsum")
def contract(*operands: Array, equation: str) -> Array:
    """The sum of products that `equation` names, in Einstein's notation. See `einsum`."""
    result = np.einsum(equation, *operands, optimize=len(operands) > 1)
    return result.copy() if result.base is not None else result


def einsum(equation: str, *operands: Any) -> Any:
    """Sums of products, named by letters: `einsum("bij,bjk->bik", a, b)` is a batch of matrix
    products.

    Each letter is a dimension; letters that the result (right of `->`) does not name are summed
    over. Without `->` the result has the letters that occur once, in alphabetical order; `...`
    stands for any leading dimensions. Operands may also come as one list. Raises ValueError where
    the letters do not match the dimensions.
    """
    if len(operands) == 1 and isinstance(operands[0], list | tuple):
        operands = tuple(operands[0])
    return contract(operands, equation=equation)


def dot(a: Any, b: Any) -> Any:
    """The sum of products of two 1-d tensors of the same size.

    Raises ValueError for other shapes.
    """
    if len(a.shape) != 1 or a.shape != b.shape:
        raise ValueError(
            f"dot: expected two 1-d tensors of one size, but got {a.shape} and {b.shape}"
        )
    return matmul(a, b)


def outer(a: Any, b: Any) -> Any:
    """All products of an element of `a`, (n,), with one of `b`, (m,): the result is (n, m)."""
    if len(a.shape) != 1 or len(b.shape) != 1:
        raise ValueError(f"outer: expected two 1-d tensors, but got {a.shape} and {b.shape}")
    return a[:, None] * b
