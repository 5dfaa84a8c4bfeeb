"""Gradients of every operation here and in PyTorch, on the same inputs: at smooth points, and where
a derivative is a matter of agreement.

Where the two differ on purpose, the difference is at the end of this file.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional

import tinytorch.activations as act
import tinytorch.autograd as ag
import tinytorch.tensor as tt
from tinytorch.layers import linear_layer

pytestmark = pytest.mark.filterwarnings("ignore")
Array = np.ndarray[Any, Any]
TOLERANCE = {"float16": 4e-3, "float32": 2e-5, "float64": 1e-9}


@dataclass
class Library:
    """One of the two, as the works below speak of it."""

    t: Any
    nn: Any
    linear: Any
    grad: Any

    def const(self, values: Any) -> Any:
        return self.t.tensor(np.asarray(values))


OURS = Library(tt, act, linear_layer.linear, ag.grad)
THEIRS = Library(torch, torch.nn.functional, torch.nn.functional.linear, torch.autograd.grad)


def drawn(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(shape)


def positive(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).uniform(0.5, 2.0, shape)


def arr(*values: Any) -> Array:
    return np.array(values, dtype=np.float64)


def as_array(gradient: Any) -> Array:
    plain = gradient.detach()
    return np.array(plain.numpy(force=True) if isinstance(plain, torch.Tensor) else plain.numpy())


def outputs(found: Any) -> list[Any]:
    several = found if isinstance(found, tuple | list) else [found]
    return [y for y in several if y.requires_grad]


def leaves(library: Library, inputs: Any, dtype: str) -> list[Any]:
    made = [library.t.tensor(x.astype(dtype)) for x in inputs]
    return [x.requires_grad_() for x in made]


def first(library: Library, work: Any, inputs: Any, dtype: str) -> list[Array | None]:
    given = leaves(library, inputs, dtype)
    found = outputs(work(library, *given))
    arriving = [library.t.tensor(weights(y.shape, k).astype(dtype)) for k, y in enumerate(found)]
    arriving = [g.to(y.dtype) for g, y in zip(arriving, found, strict=True)]
    gradients = library.grad(found, given, arriving, allow_unused=True)
    return [None if g is None else as_array(g) for g in gradients]


def second(library: Library, work: Any, inputs: Any, dtype: str) -> list[Array | None]:
    """The gradient of a sum of all first gradients, each weighted."""
    given = leaves(library, inputs, dtype)
    found = outputs(work(library, *given))
    arriving = [library.t.tensor(weights(y.shape, k).astype(dtype)) for k, y in enumerate(found)]
    arriving = [g.to(y.dtype).requires_grad_() for g, y in zip(arriving, found, strict=True)]
    wanted = [*given, *arriving]
    gradients = library.grad(found, given, arriving, create_graph=True, allow_unused=True)
    total = 0.0
    for k, g in enumerate(gradients):
        if g is not None and g.requires_grad:
            total = total + (g * library.t.tensor(weights(g.shape, 7 + k).astype(dtype))).sum()
    if isinstance(total, float):
        return [None for _ in wanted]
    again = library.grad(total, wanted, allow_unused=True)
    return [None if g is None else as_array(g) for g in again]


def weights(shape: Any, seed: int) -> Array:
    return np.random.default_rng(100 + seed).uniform(0.5, 1.5, tuple(shape))


def compare(tried: str, ours: Any, theirs: Any, dtype: str, exact_none: bool = True) -> None:
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if a is None or b is None:
            other = b if a is None else a
            assert other is None or not exact_none or not np.any(other), f"{tried}: {i}: {a}, {b}"
            continue
        told = f"{tried}, gradient {i}: here {a.tolist()}, in PyTorch {b.tolist()}"
        assert a.shape == b.shape, told
        assert a.dtype == b.dtype, told
        bound = TOLERANCE[dtype]
        wide, other = a.astype("f8"), b.astype("f8")
        assert np.allclose(wide, other, bound, bound, equal_nan=True), told


Work = Callable[..., Any]
X, Y, ROW, P = drawn(2, 3), drawn(2, 3, seed=1), drawn(3, seed=2), positive(2, 3, seed=3)
CUBE, SQUARE = drawn(2, 3, 4, seed=4), drawn(3, 3, seed=5)
MASK = np.array([[True, False, True], [False, True, True]])
PICKS = np.array([[0, 0], [2, 1]])

SMOOTH: dict[str, tuple[Work, list[Array]]] = {
    "add": (lambda m, a, b: a + b, [X, ROW]),
    "add columns": (lambda m, a, b: a + b, [drawn(2, 1), drawn(1, 3)]),
    "add a number": (lambda m, a: a + 2.5, [X]),
    "sub": (lambda m, a, b: a - b, [ROW, X]),
    "a number minus": (lambda m, b: 2 - b, [X]),
    "mul": (lambda m, a, b: a * b, [CUBE[:, :1], drawn(4)]),
    "mul with itself": (lambda m, a: a * a, [X]),
    "div": (lambda m, a, b: a / b, [X, P]),
    "div, broadcast": (lambda m, a, b: a / b, [ROW, P]),
    "a number over": (lambda m, b: 2 / b, [P]),
    "neg": (lambda m, x: -x, [X]),
    "pow 3": (lambda m, x: x**3, [X]),
    "pow -2": (lambda m, x: x**-2, [P]),
    "pow 0": (lambda m, x: x**0, [X]),
    "pow half": (lambda m, x: x**0.5, [P]),
    "pow of two": (lambda m, a, b: a**b, [P, ROW]),
    "2 to the power": (lambda m, b: 2.0**b, [X]),
    "remainder": (lambda m, a, b: a % b, [X, P]),
    "remainder of a number": (lambda m, a: a % 0.7, [X]),
    "exp": (lambda m, x: m.t.exp(x), [X]),
    "log": (lambda m, x: m.t.log(x), [P]),
    "log1p": (lambda m, x: m.t.log1p(x), [P]),
    "sqrt": (lambda m, x: m.t.sqrt(x), [P]),
    "rsqrt": (lambda m, x: m.t.rsqrt(x), [P]),
    "reciprocal": (lambda m, x: m.t.reciprocal(x), [P]),
    "abs": (lambda m, x: m.t.abs(x), [X]),
    "square": (lambda m, x: m.t.square(x), [X]),
    "sin": (lambda m, x: m.t.sin(x), [X]),
    "cos": (lambda m, x: m.t.cos(x), [X]),
    "erf": (lambda m, x: m.t.erf(x), [X]),
    "maximum": (lambda m, a, b: m.t.maximum(a, b), [X, ROW]),
    "minimum": (lambda m, a, b: m.t.minimum(a, b), [X, ROW]),
    "clip": (lambda m, x: m.t.clip(x, -0.5, 0.5), [X]),
    "clip from below": (lambda m, x: m.t.clip(x, min=0.1), [X]),
    "clip from above": (lambda m, x: m.t.clip(x, max=0.1), [X]),
    "where": (lambda m, a, b: m.t.where(m.const(MASK), a, b), [X, ROW]),
    "where, a number": (lambda m, a: m.t.where(m.const(MASK), a, 0.0), [X]),
    "where, broadcast by the condition": (
        lambda m, a, b: m.t.where(m.const(MASK), a, b), [drawn(1), drawn(2, 1)],
    ),
    "sum": (lambda m, x: x.sum(), [X]),
    "sum along": (lambda m, x: x.sum(1), [X]),
    "sum along two": (lambda m, x: x.sum((0, -1), keepdim=True), [CUBE]),
    "sum of a number": (lambda m, x: x.sum(), [drawn()]),
    "sum in double": (lambda m, x: x.sum(0, dtype=m.t.float64), [X]),
    "mean": (lambda m, x: x.mean(), [X]),
    "mean along": (lambda m, x: x.mean(-1, keepdim=True), [X]),
    "var": (lambda m, x: x.var(), [X]),
    "var along": (lambda m, x: x.var(1, correction=0), [X]),
    "std": (lambda m, x: x.std((0, 2)), [CUBE]),
    "logsumexp": (lambda m, x: x.logsumexp(1), [X]),
    "logsumexp of all": (lambda m, x: x.logsumexp((0, 1), keepdim=True), [X]),
    "prod": (lambda m, x: x.prod(), [X]),
    "prod along": (lambda m, x: x.prod(0, keepdim=True), [X]),
    "amax": (lambda m, x: x.amax(1), [X]),
    "amin": (lambda m, x: x.amin((0, 1)), [X]),
    "max": (lambda m, x: x.max(), [X]),
    "max along": (lambda m, x: x.max(1).values, [X]),
    "min along": (lambda m, x: x.min(0, keepdim=True).values, [X]),
    "cumsum": (lambda m, x: x.cumsum(1), [X]),
    "norm": (lambda m, x: x.norm(), [X]),
    "norm along": (lambda m, x: x.norm(2, 1), [X]),
    "norm 1": (lambda m, x: x.norm(1, 1), [X]),
    "norm 3": (lambda m, x: x.norm(3, 0, keepdim=True), [X]),
    "norm inf": (lambda m, x: x.norm(inf, 0), [X]),
    "norm -inf": (lambda m, x: x.norm(-inf, 0), [X]),
    "norm 0": (lambda m, x: x.norm(0, 1), [X]),
    "norm half": (lambda m, x: x.norm(0.5, 1), [X]),
    "row": (lambda m, x: x[0], [X]),
    "slices": (lambda m, x: x[:, 1:], [X]),
    "steps": (lambda m, x: x[..., ::2], [CUBE]),
    "None": (lambda m, x: x[..., None, 1], [X]),
    "rows twice": (lambda m, x: x[m.const([0, 1, 0, 0])], [X]),
    "negative positions": (lambda m, x: x[m.const([-1, 0, -1])], [X]),
    "mask": (lambda m, x: x[m.const(MASK)], [X]),
    "number and positions": (lambda m, x: x[0, :, m.const([0, 0, 1])], [CUBE]),
    "two arrays": (lambda m, x: x[m.const([0, 1, 1]), m.const([2, 0, 0])], [X]),
    "take": (lambda m, x: m.t.take(x, m.const([[0, 3], [3, -1]])), [X]),
    "gather": (lambda m, x: m.t.gather(x, 1, m.const(PICKS)), [X]),
    "scatter_add": (lambda m, x, s: x.scatter_add(1, m.const(PICKS), s), [X, drawn(2, 2)]),
    "masked_select": (lambda m, x: m.t.masked_select(x, m.const(MASK)), [X]),
    "masked_select, broadcast": (lambda m, x: m.t.masked_select(x, m.const(MASK)), [ROW]),
    "masked_fill": (lambda m, x: x.masked_fill(m.const(MASK), 3.0), [X]),
    "index_select": (lambda m, x: m.t.index_select(x, 1, m.const([0, 0, 2])), [X]),
    "sort": (lambda m, x: x.sort(1, descending=True).values, [X]),
    "topk": (lambda m, x: x.topk(2, 1).values, [X]),
    "matmul": (lambda m, a, b: a @ b, [X, drawn(3, 4)]),
    "matrix, vector": (lambda m, a, b: a @ b, [X, ROW]),
    "vector, matrix": (lambda m, a, b: a @ b, [ROW, drawn(3, 2)]),
    "vector, vector": (lambda m, a, b: a @ b, [ROW, ROW[::-1].copy()]),
    "batch, matrix": (lambda m, a, b: a @ b, [CUBE, drawn(4, 2)]),
    "matrix, batch": (lambda m, a, b: a @ b, [drawn(2, 3), CUBE]),
    "batch, vector": (lambda m, a, b: a @ b, [CUBE, drawn(4)]),
    "vector, batch": (lambda m, a, b: a @ b, [ROW, CUBE]),
    "batches, broadcast": (lambda m, a, b: a @ b, [drawn(5, 1, 2, 3), drawn(2, 3, 4)]),
    "dot": (lambda m, a, b: m.t.dot(a, b), [ROW, ROW + 1]),
    "outer": (lambda m, a, b: m.t.outer(a, b), [ROW, drawn(2)]),
    "einsum product": (lambda m, a, b: m.t.einsum("bij,bjk->bik", a, b), [CUBE, drawn(2, 4, 2)]),
    "einsum diagonal": (lambda m, a: m.t.einsum("ii->i", a), [SQUARE]),
    "einsum trace": (lambda m, a: m.t.einsum("ii", a), [SQUARE]),
    "einsum sum": (lambda m, a: m.t.einsum("ij->i", a), [X]),
    "einsum dots": (lambda m, a, b: m.t.einsum("...i,...i", a, b), [X, drawn(4, 1, 3)]),
    "einsum of three": (lambda m, a, b, c: m.t.einsum("i,ij,j", a, b, c), [drawn(2), X, ROW]),
    "einsum, a size of 1": (lambda m, a, b: m.t.einsum("ij,ij->i", a, b), [drawn(2, 1), X]),
    "reshape": (lambda m, x: x.reshape(3, -1), [X]),
    "view": (lambda m, x: x.view(6), [X]),
    "flatten": (lambda m, x: x.flatten(1), [CUBE]),
    "permute": (lambda m, x: x.permute(-1, 0, 1), [CUBE]),
    "transpose": (lambda m, x: x.transpose(0, -1), [CUBE]),
    "squeeze": (lambda m, x: x.squeeze(), [drawn(1, 3, 1)]),
    "squeeze one": (lambda m, x: x.squeeze(-1), [drawn(1, 3, 1)]),
    "unsqueeze": (lambda m, x: x.unsqueeze(-1), [X]),
    "broadcast_to": (lambda m, x: m.t.broadcast_to(x, (4, 2, 3)), [drawn(2, 1)]),
    "cat": (lambda m, a, b: m.t.cat([a, b], -1), [X, drawn(2, 1)]),
    "cat of none": (lambda m, a, b: m.t.cat([a, b], 0), [X, drawn(0, 3)]),
    "stack": (lambda m, a, b: m.t.stack([a, b], -1), [X, Y]),
    "split": (lambda m, x: x.split(2, 1), [X]),
    "split, one used": (lambda m, x: x.split([1, 2], 1)[1], [X]),
    "chunk": (lambda m, x: x.chunk(2, 1), [X]),
    "pad": (lambda m, x: (tt.pad if m.t is tt else m.nn.pad)(x, (1, 2, 0, 1)), [X]),
    "pad, cutting": (lambda m, x: (tt.pad if m.t is tt else m.nn.pad)(x, (-1, 2)), [X]),
    "flip": (lambda m, x: m.t.flip(x, (0, -1)), [X]),
    "roll": (lambda m, x: m.t.roll(x, (1, -1), (0, 1)), [X]),
    "roll as one line": (lambda m, x: m.t.roll(x, 2), [X]),
    "tril": (lambda m, x: m.t.tril(x, -1), [SQUARE]),
    "triu": (lambda m, x: m.t.triu(x, 1), [CUBE]),
    "contiguous": (lambda m, x: x.T.contiguous(), [X]),
    "clone": (lambda m, x: x.clone(), [X]),
    "to double": (lambda m, x: x.double(), [X]),
    "to half and back": (lambda m, x: x.half().float() * 2, [X]),
    "relu": (lambda m, x: m.nn.relu(x), [X]),
    "leaky_relu": (lambda m, x: m.nn.leaky_relu(x, 0.2), [X]),
    "elu": (lambda m, x: m.nn.elu(x, 1.5), [X]),
    "sigmoid": (lambda m, x: m.nn.sigmoid(x), [X]),
    "tanh": (lambda m, x: m.nn.tanh(x), [X]),
    "softplus": (lambda m, x: m.nn.softplus(x, 2.0), [X]),
    "softplus, far right": (lambda m, x: m.nn.softplus(x, 1.0, 0.5), [X]),
    "silu": (lambda m, x: m.nn.silu(x), [X]),
    "gelu": (lambda m, x: m.nn.gelu(x), [X]),
    "gelu tanh": (lambda m, x: m.nn.gelu(x, approximate="tanh"), [X]),
    "softmax": (lambda m, x: m.nn.softmax(x, dim=1), [X]),
    "log_softmax": (lambda m, x: m.nn.log_softmax(x, dim=0), [X]),
    "linear": (lambda m, x, w, b: m.linear(x, w, b), [X, drawn(4, 3), drawn(4)]),
    "linear of a batch": (lambda m, x, w: m.linear(x, w), [drawn(2, 2, 3), drawn(4, 3)]),
    "linear of a vector": (lambda m, x, w, b: m.linear(x, w, b), [ROW, drawn(4, 3), drawn(4)]),
}  # fmt: skip

TIES = arr(1.0, 3.0, 3.0, 2.0)
EDGES: dict[str, tuple[Work, list[Array]]] = {
    "relu at 0": (lambda m, x: m.nn.relu(x), [arr(-1, -0.0, 0, 2, inf, -inf)]),
    "leaky_relu at 0": (lambda m, x: m.nn.leaky_relu(x, 0.1), [arr(-1, 0, 2, inf, -inf)]),
    "elu at 0": (lambda m, x: m.nn.elu(x, 2.0), [arr(-1, 0, 2, inf, -inf)]),
    "elu, far": (lambda m, x: m.nn.elu(x), [arr(-1000, -50, 800)]),
    "softplus at its threshold": (lambda m, x: m.nn.softplus(x), [arr(20, 20.0001, 19.9, -800)]),
    "sigmoid, far": (lambda m, x: m.nn.sigmoid(x), [arr(-800, -30, 30, 800, inf, -inf)]),
    "tanh, far": (lambda m, x: m.nn.tanh(x), [arr(-800, 800, inf, -inf)]),
    "silu, far": (lambda m, x: m.nn.silu(x), [arr(-800, -30, 0, 30, 800)]),
    "gelu, far": (lambda m, x: m.nn.gelu(x), [arr(-80, -9, 0, 9, 80)]),
    "gelu tanh, far": (lambda m, x: m.nn.gelu(x, approximate="tanh"), [arr(-80, -9, 0, 9, 80)]),
    "softmax with -inf": (lambda m, x: m.nn.softmax(x, dim=0), [arr(-inf, 1, 2)]),
    "log_softmax with -inf": (lambda m, x: m.nn.log_softmax(x, dim=0), [arr(-inf, 1, 2)]),
    "abs at 0": (lambda m, x: m.t.abs(x), [arr(-1, -0.0, 0, 2, inf, -inf)]),
    "clip at its bounds": (lambda m, x: x.clip(-1, 1), [arr(-2, -1, 0, 1, 2, nan)]),
    "clip, empty range": (lambda m, x: x.clip(1, -1), [arr(-2, -1, 0, 1, 2)]),
    "maximum, ties": (lambda m, a, b: m.t.maximum(a, b), [arr(1, 2, 0, nan), arr(1, 1, -0.0, 1)]),
    "minimum, ties": (lambda m, a, b: m.t.minimum(a, b), [arr(1, 2, 0, nan), arr(1, 1, -0.0, 1)]),
    "amax, ties": (lambda m, x: x.amax(), [TIES]),
    "amin, ties": (lambda m, x: x.amin(0), [-TIES]),
    "max of all, ties": (lambda m, x: x.max(), [TIES]),
    "max along, ties": (lambda m, x: x.max(0).values, [TIES]),
    "min along, ties": (lambda m, x: x.min(0).values, [-TIES]),
    "amax of a number": (lambda m, x: x.amax(), [drawn()]),
    "pow 2 at 0": (lambda m, x: x**2, [arr(0, -1, 2, inf)]),
    "pow 1 at 0": (lambda m, x: x**1, [arr(0, -1, 2)]),
    "pow 0 at 0": (lambda m, x: x**0, [arr(0, -1, 2, inf, nan)]),
    "pow half at 0": (lambda m, x: x**0.5, [arr(0, 1)]),
    "pow -1 at 0": (lambda m, x: x**-1.0, [arr(0, 1)]),
    "pow of two at 0": (lambda m, a, b: a**b, [arr(0, 0, 0, 2, -1), arr(0, 1, 2, 0, 2)]),
    "0 to the power": (lambda m, b: 0.0**b, [arr(0, 1, 2)]),
    "pow, negative base": (lambda m, a, b: a**b, [arr(-2, -2), arr(2, 3)]),
    "sqrt at 0": (lambda m, x: m.t.sqrt(x), [arr(0, 4, inf)]),
    "rsqrt at 0": (lambda m, x: m.t.rsqrt(x), [arr(0, 4)]),
    "log at 0": (lambda m, x: m.t.log(x), [arr(0, 1, inf)]),
    "reciprocal at 0": (lambda m, x: m.t.reciprocal(x), [arr(0, 2, inf)]),
    "div by 0": (lambda m, a, b: a / b, [arr(1, 0, 2), arr(0, 0, inf)]),
    "0 divided": (lambda m, a, b: a / b, [arr(0, 0), arr(2, -4)]),
    "remainder at a multiple": (lambda m, a, b: a % b, [arr(4, -4, 5, -5), arr(2, 2, -2, 3)]),
    "norm at 0": (lambda m, x: x.norm(), [arr(0, 0)]),
    "norm along, a row of 0": (lambda m, x: x.norm(2, 1), [np.array([[0.0, 0], [3, 4]])]),
    "norm 1 at 0": (lambda m, x: x.norm(1), [arr(0, -2, 3)]),
    "norm 3 at 0": (lambda m, x: x.norm(3), [arr(0, 0)]),
    "norm 3 with a 0": (lambda m, x: x.norm(3), [arr(0, -1, 2)]),
    "norm 1.5 with a 0": (lambda m, x: x.norm(1.5), [arr(0, -1, 2)]),
    "norm inf, ties": (lambda m, x: x.norm(inf), [arr(-3, 1, 3)]),
    "norm -inf, ties": (lambda m, x: x.norm(-inf), [arr(-1, 1, 3)]),
    "norm inf at 0": (lambda m, x: x.norm(inf), [arr(0, 0)]),
    "norm of a number": (lambda m, x: x.norm(), [arr(-2)[0]]),
    "prod, one 0": (lambda m, x: x.prod(), [arr(2, 0, 3)]),
    "prod, two 0s": (lambda m, x: x.prod(), [arr(0, 0, 3)]),
    "prod along, 0s": (
        lambda m, x: x.prod(1), [np.array([[0.0, 2, 3], [0, 0, 2], [1, 2, 3]])],
    ),
    "prod along 0, 0s": (lambda m, x: x.prod(0), [np.array([[0.0, 2, 3], [0, 0, 2], [1, 2, 3]])]),
    "prod with inf": (lambda m, x: x.prod(), [arr(2, inf, 3)]),
    "logsumexp of -inf": (lambda m, x: x.logsumexp(1), [np.array([[-inf, 1.0], [-inf, 2.0]])]),
    "logsumexp of inf": (lambda m, x: x.logsumexp(0), [arr(inf, 2)]),
    "logsumexp, far": (lambda m, x: x.logsumexp(0), [arr(1000, 999, -1000)]),
    "where, inf not taken": (
        lambda m, a, b: m.t.where(m.const([True, False]), a, b), [arr(1, inf), arr(nan, 2)],
    ),
    "where, before it was chosen": (
        lambda m, x: m.t.where(x > 0, m.t.log(x), x * 0.0), [arr(1, 0, -1)],
    ),
    "var of one": (lambda m, x: x.var(), [arr(3)]),
    "var of one, correction 0": (lambda m, x: x.var(0, correction=0), [arr(3)]),
    "mean of none": (lambda m, x: x.mean(), [drawn(0)]),
    "sum of none": (lambda m, x: x.sum(0), [drawn(0, 3)]),
    "prod of none": (lambda m, x: x.prod(), [drawn(0)]),
    "sort, ties": (lambda m, x: m.t.sort(x, dim=0).values if m.t is tt
                   else m.t.sort(x, dim=0, stable=True).values, [TIES]),
    "erf, far": (lambda m, x: m.t.erf(x), [arr(-40, 0, 40, inf)]),
    "exp, far": (lambda m, x: m.t.exp(x), [arr(-800, 0, -inf)]),
    "einsum of none": (lambda m, a, b: m.t.einsum("ij,jk->ik", a, b), [drawn(2, 0), drawn(0, 3)]),
    "matmul of none": (lambda m, a, b: a @ b, [drawn(2, 0), drawn(0, 3)]),
    "batch of none": (lambda m, a, b: a @ b, [drawn(0, 2, 3), drawn(3, 2)]),
    "linear of none": (lambda m, x, w, b: m.linear(x, w, b), [drawn(0, 3), drawn(2, 3), drawn(2)]),
    "max of a number along": (lambda m, x: x.max(0).values, [drawn()]),
    "cumsum of a number": (lambda m, x: x.cumsum(0), [drawn()]),
    "cat of one": (lambda m, x: m.t.cat([x]), [ROW]),
    "the same twice": (lambda m, x: m.t.cat([x, x]), [ROW]),
}  # fmt: skip


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_first_order(name: str, dtype: str) -> None:
    work, inputs = SMOOTH[name]
    ours, theirs = first(OURS, work, inputs, dtype), first(THEIRS, work, inputs, dtype)
    compare(name, ours, theirs, "float16" if "half" in name else dtype)


@pytest.mark.parametrize("name", SMOOTH)
def test_second_order(name: str) -> None:
    work, inputs = SMOOTH[name]
    ours, theirs = second(OURS, work, inputs, "float64"), second(THEIRS, work, inputs, "float64")
    compare(name, ours, theirs, "float16" if "half" in name else "float64")


@pytest.mark.parametrize("name", EDGES)
def test_edges(name: str) -> None:
    work, inputs = EDGES[name]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = first(OURS, work, inputs, "float64"), first(THEIRS, work, inputs, "float64")
    compare(name, ours, theirs, "float64")


# In place, retained, accumulated: the same protocol in both


def agree(work: Callable[[Library], Any]) -> None:
    """What `work` returns, or the kind of error it raises, is the same in both."""
    found = []
    for library in (OURS, THEIRS):
        try:
            found.append(plain(work(library)))
        except (RuntimeError, ValueError, TypeError):
            found.append("refused")
    assert found[0] == found[1], f"here {found[0]}, in PyTorch {found[1]}"


def plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, tt.Tensor | torch.Tensor):
        return [value.requires_grad, value.is_leaf, np.round(as_array(value), 6).tolist()]
    return value


def leaf(m: Library, *values: float) -> Any:
    return m.t.tensor(list(values), requires_grad=True)


def protocol(m: Library, *ways: tuple[Callable[[Any], Any], dict[str, Any]]) -> Any:
    """Several ways back, one after the other; the gradient after each."""
    x = leaf(m, 1.0, 2.0)
    made: dict[Any, Any] = {}
    seen = []
    for work, options in ways:
        if work not in made:
            made[work] = work(x)
        y = made[work]
        y.backward(**options)
        seen.append(np.round(as_array(x.grad), 3).tolist())
    return seen


def square_sum(x: Any) -> Any:
    return (x * x).sum()


def linear_sum(x: Any) -> Any:
    return (x + x).sum()


def exp_sum(x: Any) -> Any:
    return x.exp().sum()


RETAIN: dict[str, Any] = {"retain_graph": True}
PROTOCOLS: dict[str, list[tuple[Callable[[Any], Any], dict[str, Any]]]] = {
    "once": [(square_sum, {})],
    "twice": [(square_sum, {}), (square_sum, {})],
    "retained": [(square_sum, RETAIN), (square_sum, RETAIN), (square_sum, {})],
    "retained, then freed": [(square_sum, RETAIN), (square_sum, {}), (square_sum, {})],
    "create_graph retains": [(square_sum, {"create_graph": True}), (square_sum, {})],
    "create_graph, not retained": [
        (square_sum, {"create_graph": True, "retain_graph": False}), (square_sum, {}),
    ],
    "nothing kept, twice": [(linear_sum, {}), (linear_sum, {})],
    "two losses": [(square_sum, {}), (exp_sum, {})],
    "exp twice": [(exp_sum, {}), (exp_sum, {})],
}  # fmt: skip


@pytest.mark.parametrize("name", PROTOCOLS)
def test_retaining_and_adding_up(name: str) -> None:
    agree(lambda m: protocol(m, *PROTOCOLS[name]))


def in_place(m: Library, work: Callable[[Any], Any], write: Callable[[Any], Any]) -> Any:
    x = leaf(m, 1.0, 2.0)
    y = work(x)
    with (ag if m.t is tt else torch).no_grad():
        write(x)
    y.sum().backward()
    return x.grad


WRITES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "square": (lambda x: x.square(), lambda x: x.add_(1)),
    "mul": (lambda x: x * x, lambda x: x.mul_(2)),
    "by a view": (lambda x: x * x, lambda x: x[0].fill_(7)),
    "by a detached one": (lambda x: x * x, lambda x: x.detach().zero_()),
    "by data": (lambda x: x * x, lambda x: x.data.add_(1)),
    "add needs nothing": (lambda x: x + 1, lambda x: x.add_(1)),
    "sum needs nothing": (lambda x: x.sum(), lambda x: x.add_(1)),
    "exp needs its result": (lambda x: x.exp(), lambda x: x.add_(1)),
    "times a number": (lambda x: x * 3, lambda x: x.add_(1)),
    "promoted": (lambda x: x * x.detach().double(), lambda x: x.add_(1)),
}


@pytest.mark.parametrize("name", WRITES)
def test_writes_in_place(name: str) -> None:
    agree(lambda m: in_place(m, *WRITES[name]))


ASKED: dict[str, Callable[[Library], Any]] = {
    "a leaf": lambda m: m.grad((x := leaf(m, 1.0, 2.0)).square().sum(), x),
    "a result": lambda m: m.grad((y := leaf(m, 1.0, 2.0) * 3).square().sum(), y),
    "leaf and result": lambda m: m.grad(
        (y := (x := leaf(m, 1.0, 2.0)) * 3).square().sum(), [x, y]
    ),
    "itself": lambda m: m.grad(y := leaf(m, 1.0) * 2, y),
    "the leaf itself": lambda m: m.grad(x := leaf(m, 1.0), x),
    "unused": lambda m: m.grad(leaf(m, 1.0) * 2, leaf(m, 1.0)),
    "unused, allowed": lambda m: m.grad(leaf(m, 1.0) * 2, leaf(m, 1.0), allow_unused=True),
    "unused and used": lambda m: m.grad(
        (x := leaf(m, 1.0)) * 2, [x, leaf(m, 1.0)], allow_unused=True
    ),
    "not a number": lambda m: m.grad(x := leaf(m, 1.0, 2.0), x),
    "a gradient of another shape": lambda m: m.grad(
        x := leaf(m, 1.0, 2.0), x, m.t.tensor([1.0, 2.0, 3.0])
    ),
    "no tensor": lambda m: m.grad(x := leaf(m, 1.0), x, 2.0),
    "requires none": lambda m: m.grad(leaf(m, 1.0) * 2, m.t.tensor([1.0])),
    "constant": lambda m: m.grad(m.t.tensor([1.0]), leaf(m, 1.0)),
    "two outputs": lambda m: m.grad(
        [(x := leaf(m, 1.0, 2.0)).sum(), x * 2], x, [None, m.t.tensor([1.0, 10.0])]
    ),
    "create_graph": lambda m: m.grad((x := leaf(m, 2.0)) ** 3, x, create_graph=True)[0].detach(),
    "a size of 1": lambda m: m.grad((x := m.t.tensor([[2.0]], requires_grad=True)) * 3, x),
    "the middle, then the rest": lambda m: [
        m.grad((y := (x := leaf(m, 2.0)) * x) * 3, y), m.grad(y, x),
    ],
    "a branch, then another": lambda m: [
        m.grad(y := (a := leaf(m, 2.0)) * a + (b := leaf(m, 3.0)) * b, a), m.grad(y, b),
    ],
    "an integer": lambda m: m.t.tensor([1]).requires_grad_(),
    "numpy() of a result": lambda m: (leaf(m, 1.0) * 2).numpy(),
    "a write to a leaf": lambda m: leaf(m, 1.0).add_(1),
    "copying a result": lambda m: __import__("copy").deepcopy(leaf(m, 1.0) * 2),
    "float64 arriving at float32": lambda m: m.grad(
        (x := leaf(m, 1.0)) * 2, x, m.t.tensor([3.0], dtype=m.t.float64)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_asking_for_gradients(name: str) -> None:
    agree(ASKED[name])


def of_modes(m: Library) -> Any:
    where = ag if m.t is tt else torch
    seen = [where.is_grad_enabled()]
    with where.no_grad():
        seen.append(where.is_grad_enabled())
        with where.enable_grad():
            seen.append(where.is_grad_enabled())
        with where.set_grad_enabled(True):
            seen.append(where.is_grad_enabled())
        seen.append(where.is_grad_enabled())
    context = where.set_grad_enabled(False)
    seen.append(where.is_grad_enabled())
    with context:
        seen.append(where.is_grad_enabled())
    seen.append(where.is_grad_enabled())

    @where.no_grad
    def decorated() -> bool:
        return bool(where.is_grad_enabled())

    @where.set_grad_enabled(False)
    def set_off() -> bool:
        return bool(where.is_grad_enabled())

    @where.no_grad()
    def steps() -> Any:
        yield where.is_grad_enabled()
        yield where.is_grad_enabled()

    seen += [decorated(), where.is_grad_enabled(), set_off(), where.is_grad_enabled()]
    for inside in steps():
        seen += [inside, where.is_grad_enabled()]
    return seen


def test_modes() -> None:
    agree(of_modes)


# On purpose otherwise


def ours(work: Work, *inputs: Array) -> list[Any]:
    with np.errstate(all="ignore"):
        return [g.tolist() for g in first(OURS, work, list(inputs), "float64") if g is not None]


def theirs(work: Work, *inputs: Array) -> list[Any]:
    return [g.tolist() for g in first(THEIRS, work, list(inputs), "float64") if g is not None]


def test_relu_multiplies_by_its_slope() -> None:
    """g · [x > 0] is eight times as fast as a choice. Where g is infinite and x ≤ 0 that is nan."""

    def root_of_relu(m: Library, x: Any) -> Any:
        return m.t.sqrt(m.nn.relu(x))

    assert str(ours(root_of_relu, arr(-1.0))) == "[[nan]]"
    assert theirs(root_of_relu, arr(-1.0)) == [[0.0]]
    assert ours(lambda m, x: m.nn.relu(x), arr(nan)) == [[0.0]]


def test_logsumexp_of_nothing_but_minus_infinity() -> None:
    """A row that is masked out as a whole gets the gradient 0, not nan."""
    x = np.array([[-inf, -inf]])
    assert ours(lambda m, x: m.t.logsumexp(x, 1), x) == [[[0.0, 0.0]]]
    assert str(theirs(lambda m, x: m.t.logsumexp(x, 1), x)) == "[[[nan, nan]]]"


def test_the_standard_deviation_of_equals() -> None:
    """`std` is the root of `var`, and a root has no slope at 0. PyTorch says 0."""
    assert str(ours(lambda m, x: x.std(), arr(3.0, 3.0))) == "[[nan, nan]]"
    assert theirs(lambda m, x: x.std(), arr(3.0, 3.0)) == [[0.0, 0.0]]


def test_an_index_may_be_written_to_afterwards() -> None:
    """The record has a copy of it. PyTorch refuses the way back."""

    def work(m: Library) -> Any:
        x, index = leaf(m, 1.0, 2.0), m.t.tensor([0, 0])
        y = x[index].sum()
        index.fill_(1)
        y.backward()
        return x.grad.tolist()

    assert work(OURS) == [2.0, 0.0]
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        work(THEIRS)
