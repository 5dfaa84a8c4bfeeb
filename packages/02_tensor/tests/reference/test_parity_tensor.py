"""The same work in PyTorch and here: equal results, dtypes, strides, texts and refusals.

Where the two differ on purpose, the difference is at the end of this file.
"""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch.tensor as tt

bounded = settings(max_examples=300, deadline=None, derandomize=True)
pytestmark = pytest.mark.filterwarnings("ignore")

FLOATS = ["float16", "float32", "float64"]
WHOLE = ["int8", "int16", "int32", "int64", "uint8"]
KINDS = [*FLOATS, *WHOLE, "bool"]
TOLERANCE = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-12}


def assert_same(ours: Any, theirs: Any, tried: Any, tolerance: float | None = None) -> None:
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, tt.Tensor), tried
        kind = str(theirs.dtype).removeprefix("torch.")
        assert (str(ours.dtype), ours.shape) == (kind, tuple(theirs.shape)), tried
        a, b = ours.numpy(), theirs.numpy()
        if kind in TOLERANCE:
            bound = TOLERANCE[kind] if tolerance is None else tolerance
            same = np.allclose(a.astype("f8"), b.astype("f8"), bound, bound, equal_nan=True)
        else:
            same = np.array_equal(a, b)
        assert same, f"{tried}: {a.tolist()} here, {b.tolist()} in PyTorch"
    elif isinstance(theirs, tuple | list):
        assert len(ours) == len(theirs), tried
        for one, other in zip(ours, theirs, strict=True):
            assert_same(one, other, tried, tolerance)
    else:
        assert ours == theirs, f"{tried}: {ours} here, {theirs} in PyTorch"


def both(work: Any, tried: Any, tolerance: float | None = None) -> None:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(work(tt), work(torch), tried, tolerance)


def refused_by_both(work: Any, tried: Any) -> None:
    for where in (torch, tt):
        try:
            found = work(where)
        except (ValueError, TypeError, IndexError, RuntimeError, ArithmeticError):
            continue
        pytest.fail(f"{tried}: {where.__name__} gives {found!r}")


def dtype(where: Any, kind: str) -> Any:
    return getattr(where, kind)


def sample(shape: Any, kind: str, seed: int = 0, scale: float = 2.0) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal(shape) * scale
    if kind == "bool":
        return np.asarray(drawn > 0)
    if kind == "uint8":
        drawn = np.abs(drawn)
    return np.asarray(drawn).astype(kind)


# Creation

CREATION = [
    lambda T: T.zeros(2, 3),
    lambda T: T.zeros((2, 3), dtype=T.int8),
    lambda T: T.ones(()),
    lambda T: T.ones(0, 2, dtype=T.bool),
    lambda T: T.full((2,), 3),
    lambda T: T.full((2,), 3.0),
    lambda T: T.full((2,), True),
    lambda T: T.full((), 2.7, dtype=T.int32),
    lambda T: T.full((2,), np.float64(2)),
    lambda T: T.arange(5),
    lambda T: T.arange(2.5),
    lambda T: T.arange(0, 1, 0.1),
    lambda T: T.arange(1, 7, 0.3, dtype=T.float64),
    lambda T: T.arange(5, 0, -2),
    lambda T: T.arange(np.int64(3)),
    lambda T: T.arange(0, 3, dtype=T.uint8),
    lambda T: T.linspace(0, 1, 7),
    lambda T: T.linspace(-1, 1, 1),
    lambda T: T.linspace(3, 4, 0),
    lambda T: T.linspace(0, 10, 4, dtype=T.int64),
    lambda T: T.eye(3),
    lambda T: T.eye(2, 4, dtype=T.int64),
    lambda T: T.tensor(3),
    lambda T: T.tensor(3.0),
    lambda T: T.tensor([True, 2]),
    lambda T: T.tensor([True, 2.5]),
    lambda T: T.tensor([[], []]),
    lambda T: T.tensor(np.float64(2)),
    lambda T: T.tensor(np.int8(2)),
    lambda T: T.tensor([2.7, -2.7], dtype=T.int32),
    lambda T: T.tensor(1e300),
    lambda T: T.tensor([0, 1, 2], dtype=T.bool),
    lambda T: T.zeros_like(T.ones(2, dtype=T.int16)),
    lambda T: T.full_like(T.ones(2, dtype=T.int16), 2.5),
    lambda T: T.ones_like(T.ones(2), dtype=T.float64),
    lambda T: T.from_numpy(np.arange(3, dtype=np.int16)),
]


@pytest.mark.parametrize("n", range(len(CREATION)))
def test_creation(n):
    both(CREATION[n], n)


# Promotion: every pair of dtypes, as tensors, 0-d tensors, and numbers


def operands(where: Any) -> list[Any]:
    lines = [where.ones(2, dtype=dtype(where, kind)) for kind in KINDS]
    singles = [where.ones((), dtype=dtype(where, kind)) for kind in KINDS]
    return [*lines, *singles, True, 1, 1.0, np.float64(1)]


@pytest.mark.parametrize(
    "work",
    [
        lambda T, a, b: a + b,
        lambda T, a, b: a * b,
        lambda T, a, b: a / b,
        lambda T, a, b: T.where(T.tensor([True, False]), a, b),
        lambda T, a, b: T.result_type(a, b),
        lambda T, a, b: a == b,
        lambda T, a, b: a < b,
    ],
    ids=["+", "*", "/", "where", "result_type", "==", "<"],
)
def test_promotion(work):
    for ours, theirs in zip(
        itertools.product(operands(tt), repeat=2),
        itertools.product(operands(torch), repeat=2),
        strict=True,
    ):
        if not any(isinstance(x, torch.Tensor) for x in theirs):
            continue
        here, there = work(tt, *ours), work(torch, *theirs)
        if isinstance(there, torch.dtype):
            assert str(here) == str(there).removeprefix("torch."), theirs
        else:
            assert_same(here, there, theirs)


@pytest.mark.parametrize("name", ["sub", "pow", "floor_divide", "remainder", "maximum", "minimum"])
def test_promotion_of_what_booleans_do_not_have(name):
    for a, b in itertools.product(KINDS, repeat=2):
        if a == b == "bool" and name not in ("maximum", "minimum"):
            continue
        if name == "sub" and "bool" in (a, b):
            continue  # refused in PyTorch, see the end of this file
        both(
            lambda T, a=a, b=b: getattr(T, name)(
                T.ones(2, dtype=dtype(T, a)), T.ones(2, dtype=dtype(T, b))
            ),
            (name, a, b),
        )


def test_cat_and_stack_promote():
    for a, b in itertools.product(KINDS, repeat=2):
        both(
            lambda T, a=a, b=b: T.cat(
                [T.ones(2, dtype=dtype(T, a)), T.zeros(1, dtype=dtype(T, b))]
            ),
            (a, b),
        )


# Element by element

UNARY = ["neg", "abs", "square", "sign", "floor", "ceil", "round", "exp", "log", "log1p", "sqrt",
         "rsqrt", "reciprocal", "sin", "cos", "erf", "isfinite", "isnan", "isinf",
         "logical_not"]  # fmt: skip
SPECIAL = np.array(
    [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, np.inf, -np.inf, np.nan, 60000.0, 1e-7]
)
SHAPES = [(), (1,), (0,), (7,), (2, 3), (3, 0, 2), (2, 1, 3, 2)]


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("kind", KINDS)
def test_functions(name, kind):
    if kind == "bool" and name in ("neg", "abs", "floor", "ceil", "round"):
        return  # refused in PyTorch, see the end of this file
    for shape in SHAPES:
        array = sample(shape, kind)
        both(lambda T, x=array: getattr(T, name)(T.tensor(x)), (name, kind, shape))
    if kind in FLOATS:
        special = SPECIAL[~np.isnan(SPECIAL)] if name == "sign" else SPECIAL
        both(lambda T: getattr(T, name)(T.tensor(special.astype(kind))), (name, kind, "special"))


BINARY = ["add", "sub", "mul", "div", "pow", "maximum", "minimum", "floor_divide", "remainder",
          "eq", "ne", "lt", "le", "gt", "ge"]  # fmt: skip


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "int8", "int64", "uint8"])
def test_two_tensors(name, kind):
    for left, right in [
        ((3,), (3,)),
        ((2, 1), (3,)),
        ((), (2, 2)),
        ((0, 3), (3,)),
        ((4, 1, 2), (3, 1)),
    ]:
        a, b = sample(left, kind), sample(right, kind, 1)
        if kind not in FLOATS:
            b = np.maximum(np.abs(b), 1).astype(kind)
        both(
            lambda T, a=a, b=b: getattr(T, name)(T.tensor(a), T.tensor(b)),
            (name, kind, left, right),
        )
    if kind in FLOATS:
        x = SPECIAL.astype(kind)
        both(lambda T: getattr(T, name)(T.tensor(x)[:, None], T.tensor(x)), (name, kind, "special"))


@pytest.mark.parametrize("number", [0, 1, -1, 2, 3, 0.5, -0.5, 2.0])
def test_numbers_on_either_side(number):
    for kind in ["float32", "float64", "int64", "int8"]:
        x = np.array([1, 2, 5], kind)
        works = [
            lambda T, x: x + number,
            lambda T, x: number - x,
            lambda T, x: x * number,
            lambda T, x: number / x,
            lambda T, x: number // x,
            lambda T, x: number % x,
            lambda T, x: x > number,
        ]
        if number != 0 or kind in FLOATS:
            works += [lambda T, x: x // number, lambda T, x: x % number, lambda T, x: x / number]
        if kind in FLOATS or number >= 0:
            works += [lambda T, x: x**number]
        if kind in FLOATS or number >= 0:
            works += [lambda T, x: number**x]
        for n, work in enumerate(works):
            both(lambda T, w=work, x=x: w(T, T.tensor(x)), (number, kind, n))


CLIPS = [
    lambda T, x: T.clip(x, 1, 2),
    lambda T, x: T.clip(x, 0.5),
    lambda T, x: T.clip(x, max=1.5),
    lambda T, x: T.clip(x, 2, 1),
    lambda T, x: T.clip(x, T.tensor([1.0, 0.0, 2.0])),
    lambda T, x: T.clip(x, T.tensor([[1], [0]]), T.tensor(3)),
    lambda T, x: T.clip(x, max=T.tensor(1.5, dtype=T.float64)),
    lambda T, x: x.clamp(min=1),
    lambda T, x: x.masked_fill(x > 1, 2),
    lambda T, x: x.masked_fill(x > 1, T.tensor(2.5)),
    lambda T, x: x.where(x > 1, 0),
]


@pytest.mark.parametrize("n", range(len(CLIPS)))
@pytest.mark.parametrize("kind", [*FLOATS, *WHOLE])
def test_limits_and_choices(n, kind):
    x = np.array([0, 1, 3], kind)
    both(lambda T: CLIPS[n](T, T.tensor(x)), (n, kind))


# Reductions

REDUCTIONS = {
    "sum": (KINDS, lambda T, x, **how: T.sum(x, **how)),
    "mean": (FLOATS, lambda T, x, **how: T.mean(x, **how)),
    "var": (FLOATS, lambda T, x, **how: T.var(x, **how)),
    "std": (FLOATS, lambda T, x, **how: T.std(x, **how)),
    "var0": (FLOATS, lambda T, x, **how: T.var(x, correction=0, **how)),
    "amax": (KINDS, lambda T, x, **how: T.amax(x, **how)),
    "amin": (KINDS, lambda T, x, **how: T.amin(x, **how)),
    "logsumexp": (FLOATS, lambda T, x, **how: T.logsumexp(x, **how)),
    "norm": (FLOATS, lambda T, x, **how: T.norm(x, **how)),
    "norm1": (FLOATS, lambda T, x, **how: T.norm(x, 1, **how)),
    "norminf": (FLOATS, lambda T, x, **how: T.norm(x, float("inf"), **how)),
    "norm3": (["float32", "float64"], lambda T, x, **how: T.norm(x, 3, **how)),
    "any": ([*FLOATS, "int64", "bool"], lambda T, x, **how: T.any(x, **how)),
    "all": ([*FLOATS, "int64", "bool"], lambda T, x, **how: T.all(x, **how)),
}


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("keepdim", [False, True])
def test_reductions(name, keepdim):
    kinds, work = REDUCTIONS[name]
    for kind in kinds:
        for shape in [(4,), (2, 3), (2, 3, 4), (1, 5), (3, 1)]:
            x = sample(shape, kind)
            # Over several dimensions, PyTorch's norm is that of a matrix.
            every = (0,) if name.startswith("norm") else tuple(range(len(shape)))
            dims = [0, -1, (0,), every]
            for dim in dims:
                both(
                    lambda T, x=x, dim=dim: work(T, T.tensor(x), dim=dim, keepdim=keepdim),
                    (name, kind, shape, dim),
                    5e-3 if kind == "float16" else None,
                )
        single = sample((), kind)
        both(lambda T, x=single: work(T, T.tensor(x), dim=0, keepdim=keepdim), (name, kind, "0-d"))


ALONG = {
    "argmax": (WHOLE + FLOATS, lambda T, x, dim, keep: T.argmax(x, dim, keep)),
    "argmin": (WHOLE + FLOATS, lambda T, x, dim, keep: T.argmin(x, dim, keep)),
    "max": (KINDS, lambda T, x, dim, keep: T.max(x, dim, keep)),
    "min": (KINDS, lambda T, x, dim, keep: T.min(x, dim, keep)),
    "prod": (["float32", "float64", *WHOLE, "bool"], lambda T, x, dim, keep: T.prod(x, dim, keep)),
    "cumsum": (KINDS, lambda T, x, dim, keep: T.cumsum(x, dim)),
}


@pytest.mark.parametrize("name", ALONG)
@pytest.mark.parametrize("keepdim", [False, True])
def test_along_one_dimension(name, keepdim):
    kinds, work = ALONG[name]
    for kind in kinds:
        for shape in [(4,), (2, 3), (2, 3, 4), ()]:
            # Distinct values: which of equal ones is found, PyTorch does not promise.
            n = int(np.prod(shape))
            order = np.random.default_rng(0).permutation(n).reshape(shape)
            x = np.asarray(order % 2 if kind == "bool" else order % 100).astype(kind)
            if name in ("max", "min") and kind == "bool" and shape:
                continue
            for dim in {0, -1}:
                both(
                    lambda T, x=x, dim=dim: work(T, T.tensor(x), dim, keepdim),
                    (name, kind, shape, dim),
                )


OF_ODD = [
    ("sum", ()), ("mean", ()), ("var", ()), ("std", ()), ("prod", ()), ("any", ()), ("all", ()),
    ("sum", (1,)), ("mean", (1,)), ("var", (1,)), ("prod", (1,)), ("logsumexp", (1,)),
    ("any", (1,)), ("all", (1,)), ("norm", ()), ("cumsum", (1,)), ("sum", (0,)), ("amax", (0,)),
    ("argmax", (0,)), ("mean", (0,)), ("logsumexp", (0,)), ("sort", ()), ("argsort", ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), OF_ODD)
def test_of_nothing_and_of_the_infinite(name, args):
    both(lambda T: getattr(T, name)(T.zeros(2, 0), *args), (name, args, "empty"))
    for row in ([np.nan, 1, 2], [np.inf, 1, 2], [-np.inf, -np.inf, -np.inf], [np.inf, -np.inf, 1]):
        x = np.float32([row, [1, 3, 2]])
        both(lambda T, x=x: getattr(T, name)(T.tensor(x), *args), (name, args, row))


@pytest.mark.parametrize("correction", [0, 1, 2, 0.5, 3, 7])
def test_corrections(correction):
    for n in (1, 2, 3, 5):
        x = np.arange(n, dtype=np.float32)
        both(lambda T, x=x: T.var(T.tensor(x), correction=correction), (correction, n))
        both(lambda T, x=x: T.std(T.tensor(x), 0, correction=correction), (correction, n))


def test_sums_of_float16():
    for shape, dim in [((5000,), 0), ((5000, 2), 0), ((2, 5000), 1)]:
        for name in ("sum", "mean", "logsumexp"):
            both(
                lambda T, s=shape, d=dim, n=name: getattr(T, n)(T.ones(s, dtype=T.float16), d), name
            )
    both(lambda T: T.mean(T.tensor([60000.0, 60000.0], dtype=T.float16)), "mean")
    both(lambda T: T.norm(T.tensor([300.0, 400.0], dtype=T.float16)), "norm")


# Views: values and strides

LOOKS = [
    lambda x: x[1:],
    lambda x: x[0],
    lambda x: x[:, ::2],
    lambda x: x[..., 1],
    lambda x: x[None],
    lambda x: x[:, None],
    lambda x: x[:, None, :, None],
    lambda x: x.permute(2, 0, 1),
    lambda x: x.permute(-1, 0, -2),
    lambda x: x.transpose(0, -1),
    lambda x: x.mT,
    lambda x: x.unsqueeze(0),
    lambda x: x.unsqueeze(-1),
    lambda x: x.unsqueeze(2),
    lambda x: x.transpose(0, 1).unsqueeze(1),
    lambda x: x.squeeze(),
    lambda x: x[:1].squeeze(0),
    lambda x: x[:1].expand(5, -1, -1),
    lambda x: x.expand(2, *x.shape),
    lambda x: x.reshape(-1),
    lambda x: x.reshape(4, -1),
    lambda x: x.flatten(1),
    lambda x: x.transpose(0, 1).reshape(-1),
    lambda x: x.transpose(0, 1).contiguous(),
    lambda x: x.split(2, 1),
    lambda x: x.split([1, 1, 1], 1),
    lambda x: x.chunk(3, -1),
    lambda x: x.view(6, 4),
    lambda x: x[0, 0, 0],
    lambda x: x.T.mT if len(x.shape) == 2 else x,
]


@pytest.mark.parametrize("n", range(len(LOOKS)))
@pytest.mark.parametrize("kind", ["float32", "int8", "bool"])
def test_views_and_strides(n, kind):
    x = sample((2, 3, 4), kind)
    ours, theirs = LOOKS[n](tt.tensor(x)), LOOKS[n](torch.tensor(x))
    assert_same(ours, theirs, n)
    for a, b in zip(
        ours if isinstance(ours, tuple) else [ours],
        theirs if isinstance(theirs, tuple) else [theirs],
        strict=True,
    ):
        assert a.stride() == b.stride(), n
        assert a.is_contiguous() == b.is_contiguous(), n


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 0), (2, 0, 3), (1,), (1, 1), (3, 1, 2)])
def test_strides_of_new_tensors(shape):
    assert tt.zeros(shape).stride() == torch.zeros(shape).stride()
    assert tt.contiguous_strides(shape) == torch.zeros(shape).stride()


@bounded
@given(
    shape=st.lists(st.integers(0, 4), max_size=3),
    target=st.lists(st.integers(-1, 6), max_size=4),
)
def test_reshape_of_anything(shape, target):
    try:
        theirs = torch.zeros(shape).reshape(target)
    except RuntimeError:
        with pytest.raises(ValueError, match="reshape"):
            tt.zeros(shape).reshape(target)
    else:
        assert_same(tt.zeros(shape).reshape(target), theirs, (shape, target))


@bounded
@given(
    shape=st.lists(st.integers(0, 3), max_size=3),
    target=st.lists(st.integers(-1, 3), max_size=4),
)
def test_expand_of_anything(shape, target):
    new = target[: max(len(target) - len(shape), 0)]
    try:
        theirs = torch.zeros(shape).expand(target) if -1 not in new else None
    except RuntimeError:
        theirs = None
    if theirs is None:
        with pytest.raises(ValueError, match="broadcast_to"):
            tt.zeros(shape).expand(target)
    else:
        assert_same(tt.zeros(shape).expand(target), theirs, (shape, target))


SHAPING = [
    lambda T, x: T.flip(x, [0]),
    lambda T, x: T.flip(x, [0, 1]),
    lambda T, x: T.roll(x, 1),
    lambda T, x: T.roll(x, (1, -2), (0, 1)),
    lambda T, x: T.tril(x),
    lambda T, x: T.triu(x, 1),
    lambda T, x: T.tril(x, -1),
    lambda T, x: T.stack([x, x], -1),
    lambda T, x: T.cat([x, x[:0], x], 0),
    lambda T, x: T.cat((x, x), dim=1),
    lambda T, x: x.clone(),
    lambda T, x: T.broadcast_tensors(x, x[0])[1],
    lambda T, x: T.squeeze(x[None], (0, 1)),
    lambda T, x: T.take(x, T.tensor([[0, -1], [3, 2]])),
    lambda T, x: T.gather(x, 1, T.tensor([[0, 0, 2], [2, 1, 1]])),
    lambda T, x: T.gather(x, 0, T.tensor([[1, 0]])),
    lambda T, x: x.scatter_add(1, T.tensor([[0, 0], [2, 1]]), x[:, :2]),
    lambda T, x: x.scatter_add(0, T.tensor([[1, 1, 1], [1, 0, 1]]), x),
    lambda T, x: T.index_select(x, 1, T.tensor([2, 0, 0])),
    lambda T, x: T.masked_select(x, x > 0),
    lambda T, x: T.einsum("ij,kj->ik", x, x),
    lambda T, x: T.einsum("ij", x),
    lambda T, x: T.einsum("ij->j", x),
    lambda T, x: T.einsum("ij,ij", x, x),
    lambda T, x: x @ x.T,
    lambda T, x: x @ x[0],
    lambda T, x: T.matmul(x[None], x.mT[None]),
    lambda T, x: T.dot(x[0], x[1]),
]


@pytest.mark.parametrize("n", range(len(SHAPING)))
@pytest.mark.parametrize("kind", ["float32", "float64", "int64"])
def test_shaping_picking_and_products(n, kind):
    x = sample((2, 3), kind, scale=3)
    both(lambda T: SHAPING[n](T, T.tensor(x)), (n, kind))


@pytest.mark.parametrize("pad", [(1, 2), (0, 0, 1, 1), (-1, 2), (-1, -1, 0, 1), (0, -2)])
def test_pad(pad):
    x = sample((2, 3), "float32")
    theirs = torch.nn.functional.pad(torch.tensor(x), pad, value=7.0)
    assert_same(tt.pad(tt.tensor(x), pad, 7.0), theirs, pad)


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (3, 4)), ((3,), (3,)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 2)),
     ((5, 1, 2, 3), (4, 3, 2)), ((2, 3, 0), (0, 4)), ((0, 3), (3, 2)), ((2, 0), (0,))],
)  # fmt: skip
def test_products(left, right):
    for kind in ("float32", "float64", "int64"):
        a, b = sample(left, kind), sample(right, kind, 1)
        both(lambda T, a=a, b=b: T.matmul(T.tensor(a), T.tensor(b)), (left, right, kind))


# Order


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_sort_and_topk(descending, kind):
    x = sample((3, 7), kind)
    if kind in FLOATS:
        x[0, 2] = np.nan
        x[1, 3] = np.inf
    for dim in (0, 1, -1):
        ours = tt.sort(tt.tensor(x), dim, descending)
        theirs = torch.sort(torch.tensor(x), dim=dim, descending=descending, stable=True)
        assert_same(tuple(ours), tuple(theirs), (kind, dim))
        if kind != "bool":
            found = tt.topk(tt.tensor(x), 2, dim, descending)
            told = torch.topk(torch.tensor(x), 2, dim, descending)
            assert_same(found.values, told.values, (kind, dim))


# Indexing

parts = (
    st.integers(-3, 2)
    | st.slices(3).filter(lambda s: s.step is None or s.step > 0)
    | st.none()
    | st.just(...)
    | st.lists(st.integers(-2, 1), min_size=1, max_size=3)
    | st.just([True, False, True])
    | st.booleans()
)


@bounded
@given(index=st.lists(parts, max_size=4).map(tuple))
def test_indexing(index):
    if index.count(...) > 1:
        return
    x = np.arange(27, dtype=np.float32).reshape(3, 3, 3)
    try:
        theirs = torch.tensor(x)[index]
    except (IndexError, RuntimeError):
        with pytest.raises((IndexError, ValueError)):
            tt.tensor(x)[index]
        return
    assert_same(tt.tensor(x)[index], theirs, index)
    ours_written, theirs_written = tt.tensor(x), torch.tensor(x)
    ours_written[index] = -1
    theirs_written[index] = -1
    assert_same(ours_written, theirs_written, ("written", index))


@bounded
@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=3, max_side=4),
    data=st.data(),
)
def test_index_tensors(shape, data):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    index = data.draw(hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2)))
    both(lambda T: T.tensor(x)[tuple(T.tensor(part) for part in index)], (shape, index))


# In place

WRITES = [
    lambda T, x: x.add_(2),
    lambda T, x: x.add_(x, alpha=3),
    lambda T, x: x.sub_(T.tensor(1), alpha=2),
    lambda T, x: x.mul_(x),
    lambda T, x: x.fill_(2.7),
    lambda T, x: x.fill_(T.tensor(3)),
    lambda T, x: x.zero_(),
    lambda T, x: x.copy_(T.tensor([[2.7], [1.2]])),
    lambda T, x: x.clamp_(1, 2),
    lambda T, x: x.masked_fill_(x > 1, 3),
    lambda T, x: x.add_(T.ones(3, dtype=T.int64)),
    lambda T, x: x[0].add_(1),
    lambda T, x: x[:, 1].mul_(4),
    lambda T, x: x.mT.copy_(T.arange(6).reshape(3, 2)),
    lambda T, x: x[1, 1].fill_(9),
]


@pytest.mark.parametrize("n", range(len(WRITES)))
@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "int8", "int64", "uint8"])
def test_writes(n, kind):
    array = np.array([[0, 1, 2], [3, 4, 5]], kind)
    ours, theirs = tt.tensor(array), torch.tensor(array)
    assert_same(WRITES[n](tt, ours), WRITES[n](torch, theirs), n)
    assert_same(ours, theirs, n)


def test_writes_across_dtypes():
    for a, b in itertools.product(KINDS, repeat=2):

        def work(T: Any, a: str = a, b: str = b) -> Any:
            return T.ones(2, dtype=dtype(T, a)).add_(T.ones(2, dtype=dtype(T, b)))

        try:
            work(torch)
        except RuntimeError:
            with pytest.raises(TypeError, match="add_"):
                work(tt)
        else:
            both(work, (a, b))


# Text

GENERATORS = {
    "normal": lambda rng, s: rng.standard_normal(s),
    "large": lambda rng, s: rng.standard_normal(s) * 1e5,
    "wide": lambda rng, s: 10 ** rng.uniform(-6, 6, s),
    "whole": lambda rng, s: rng.integers(-5, 6, s).astype(float),
    "large whole": lambda rng, s: rng.integers(-50_000, 60_000, s).astype(float),
    "small": lambda rng, s: rng.standard_normal(s) * 1e-5,
    "nan": lambda rng, s: np.where(rng.random(s) < 0.3, np.nan, rng.standard_normal(s)),
    "whole and inf": lambda rng, s: np.where(rng.random(s) < 0.3, np.inf, rng.integers(-9, 9, s)),
    "-inf and nan": lambda rng, s: np.where(rng.random(s) < 0.5, -np.inf, np.nan),
    "zeros": lambda rng, s: np.zeros(s),
    "-zeros": lambda rng, s: -np.zeros(s),
    "huge whole": lambda rng, s: rng.integers(1, 9, s) * 1e10,
    "zeros and small": lambda rng, s: np.where(rng.random(s) < 0.5, 0, rng.random(s) * 1e-3),
    "ones and less": lambda rng, s: np.where(rng.random(s) < 0.5, 1, rng.random(s)),
}
SHOWN = [
    *[(), (0,), (1,), (3,), (30,), (100,), (1001,), (0, 3), (2, 0), (2, 3), (7, 7), (2, 3, 4)],
    *[(12, 100), (40, 40), (5, 1, 300), (2, 2, 2, 200), (2, 2, 2, 2, 2), (1000,), (500, 3)],
]


def one_line(text: str) -> str:
    """Without PyTorch's `torch.`, which moves notes to the next line six characters earlier."""
    text = text.replace("torch.", "")
    return text.replace(",\n       dtype", ", dtype").replace(",\n       req", ", req")


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("kind", KINDS)
def test_text(name, kind):
    rng = np.random.default_rng(0)
    for shape in SHOWN:
        array = np.asarray(GENERATORS[name](rng, shape))
        if kind not in FLOATS:
            array = np.nan_to_num(array, posinf=0, neginf=0).astype(np.int64)
        with np.errstate(all="ignore"):
            array = array.astype(kind)
        for wanted in {False, kind in FLOATS}:
            ours = repr(tt.tensor(array, requires_grad=wanted))
            theirs = repr(torch.tensor(array, requires_grad=wanted))
            if "torch." not in theirs:
                assert ours == theirs, (shape, wanted)
            assert one_line(ours) == one_line(theirs), (shape, wanted)


# What both refuse

REFUSED = [
    lambda T: T.zeros(2) + T.zeros(3),
    lambda T: T.zeros(2) + "a",
    lambda T: T.zeros(2) - [1, 2],
    lambda T: T.zeros(2) + None,
    lambda T: T.zeros(2, 3) @ T.zeros(2, 3),
    lambda T: T.zeros(2) @ 2,
    lambda T: T.zeros(2) @ T.tensor(1.0),
    lambda T: T.tensor([True]) - T.tensor([True]),
    lambda T: -T.tensor([True]),
    lambda T: T.tensor([True]) ** T.tensor([True]),
    lambda T: T.tensor([True]) // T.tensor([True]),
    lambda T: T.tensor([True]) % T.tensor([True]),
    lambda T: T.tensor([1]) // 0,
    lambda T: T.tensor([1]) % T.tensor([0]),
    lambda T: T.tensor([1]) ** -1,
    lambda T: ~T.tensor([1.0]),
    lambda T: T.tensor([1.0]) & T.tensor([1.0]),
    lambda T: T.tensor([1]).mean(),
    lambda T: T.tensor([1]).var(),
    lambda T: T.clip(T.zeros(2)),
    lambda T: T.where(True, T.zeros(2), T.zeros(2)),
    lambda T: T.where(T.tensor([1, 0]), T.zeros(2), T.zeros(2)),
    lambda T: T.zeros(2).sum(dim=1),
    lambda T: T.zeros(2).sum(dim=(0, 0)),
    lambda T: T.zeros(0).amax(),
    lambda T: T.zeros(0).argmax(),
    lambda T: T.max(T.zeros(0, 2), 0),
    lambda T: T.zeros(2, 3).permute(0, 0),
    lambda T: T.zeros(2, 3).permute(0),
    lambda T: T.zeros(2, 3).transpose(0, 2),
    lambda T: T.zeros(2).unsqueeze(2),
    lambda T: T.zeros(1).squeeze(1),
    lambda T: T.zeros(2, 3).mT.view(6),
    lambda T: T.zeros(2, 3, 4).t(),
    lambda T: T.cat([]),
    lambda T: T.cat([T.tensor(1.0)]),
    lambda T: T.cat([T.zeros(2, 3), T.zeros(3, 2)]),
    lambda T: T.stack([T.zeros(2), T.zeros(3)]),
    lambda T: T.zeros(4).split([1, 2]),
    lambda T: T.zeros(4).split(0),
    lambda T: T.zeros(4).chunk(0),
    lambda T: T.tril(T.zeros(3)),
    lambda T: T.flip(T.zeros(2), [0, 0]),
    lambda T: T.take(T.zeros(2), T.tensor([2])),
    lambda T: T.gather(T.zeros(2), 0, T.tensor([-1])),
    lambda T: T.gather(T.zeros(2, 3), 0, T.tensor([0])),
    lambda T: T.zeros(2).scatter_add(0, T.tensor([2]), T.ones(1)),
    lambda T: T.topk(T.zeros(2), 3),
    lambda T: T.zeros(2)[2],
    lambda T: T.zeros(2)[::-1],
    lambda T: T.zeros(2)[T.tensor([0.0])],
    lambda T: T.zeros(2)[0, 0],
    lambda T: T.zeros(2)["a"],
    lambda T: T.zeros(2).reshape(3),
    lambda T: T.zeros(2).reshape(-1, -1),
    lambda T: T.zeros(0).reshape(-1, 0),
    lambda T: T.tensor([1]).add_(0.5),
    lambda T: T.tensor([1]).div_(2),
    lambda T: T.tensor([True]).add_(1),
    lambda T: T.zeros(2).add_(T.zeros(3)),
    lambda T: T.zeros(1, 2).expand(3, 2).add_(1),
    lambda T: T.zeros(2).item(),
    lambda T: bool(T.zeros(2)),
    lambda T: bool(T.zeros(0)),
    lambda T: len(T.tensor(1)),
    lambda T: [1, 2][T.tensor(1.0)],
    lambda T: T.tensor([1], requires_grad=True),
    lambda T: T.zeros(1, requires_grad=True).numpy(),
    lambda T: T.tensor([[1], [1, 2]]),
    lambda T: T.tensor("a"),
    lambda T: T.tensor([1, None]),
    lambda T: T.tensor([300], dtype=T.uint8),
    lambda T: T.zeros(2.5, 3),
    lambda T: T.zeros(2, -1),
    lambda T: T.arange(3, 1),
    lambda T: T.arange(1, 3, 0),
    lambda T: T.linspace(0, 1, -1),
    lambda T: T.randint(3, 3, (1,)),
    lambda T: T.multinomial(T.tensor([1.0, -1.0]), 1),
    lambda T: T.multinomial(T.tensor([0.0, 0.0]), 1),
    lambda T: T.multinomial(T.tensor([1.0, 1.0]), 3),
    lambda T: T.einsum("ij,jk->ik", T.zeros(2, 3), T.zeros(2, 3)),
    lambda T: T.dot(T.zeros(2), T.zeros(3)),
]


@pytest.mark.parametrize("n", range(len(REFUSED)))
def test_refused_by_both(n):
    refused_by_both(REFUSED[n], n)


# Where we differ, on purpose


@pytest.mark.parametrize(
    "work",
    [
        lambda T: T.ones(2, dtype=T.uint8) + 300,
        lambda T: T.ones(2, dtype=T.uint8) * -1,
        lambda T: T.tensor([1, 2]) ** T.tensor([-1, 2]),
        lambda T: T.cat([T.zeros(0), T.zeros(2, 3)]),
        lambda T: T.gather(T.tensor(5.0), 0, T.tensor(0)),
        lambda T: T.tensor(1.0).mT,
        lambda T: T.zeros(2)[..., ...],
        lambda T: T.tensor([-1], dtype=T.uint8),
    ],
)
def test_refused_only_here(work):
    """Wrapped numbers, roots of integers, PyTorch's old exceptions for (0,) and 0-d tensors."""
    work(torch)
    with pytest.raises((ValueError, IndexError)):
        work(tt)


@pytest.mark.parametrize(
    "work",
    [
        lambda T: T.maximum(T.zeros(2), 1.0),
        lambda T: T.argmax(T.tensor([False, True])),
        lambda T: T.topk(T.tensor([False, True]), 1),
        lambda T: T.norm(T.tensor([3, 4])),
        lambda T: T.zeros(2) @ T.tensor([1, 2]),
        lambda T: T.floor(T.tensor([True])),
        lambda T: T.abs(T.tensor([True])),
        lambda T: T.round(T.tensor([True])),
        lambda T: T.tensor([2]) - T.tensor([True]),
        lambda T: T.max(T.zeros(2, 2), keepdim=True),
        lambda T: T.masked_fill(T.zeros(2), T.tensor([True, False]), T.tensor([1.0])),
    ],
)
def test_accepted_only_here(work):
    """Numbers beside tensors, mixed dtypes in products, positions of booleans."""
    work(tt)
    with pytest.raises((RuntimeError, TypeError, NotImplementedError)):
        work(torch)


def test_other_answers():
    """any and all are always boolean; lists of NumPy scalars are lists of numbers; nothing is one
    chunk; comparisons are of the numbers themselves; the sign of nan is nan."""
    assert tt.sign(tt.tensor(np.nan)).isnan().item()
    assert torch.sign(torch.tensor(np.nan)).item() == 0
    assert tt.any(tt.ones(2, dtype=tt.uint8)).dtype == tt.bool
    assert torch.any(torch.ones(2, dtype=torch.uint8)).dtype == torch.uint8
    assert tt.tensor([np.float64(1)]).dtype == tt.float32
    assert torch.tensor([np.float64(1)]).dtype == torch.float64
    assert len(tt.zeros(0).chunk(3)) == 1
    assert len(torch.zeros(0).chunk(3)) == 3
    assert (tt.ones(1, dtype=tt.uint8) > -1).item()
    assert not (torch.ones(1, dtype=torch.uint8) > -1).item()
