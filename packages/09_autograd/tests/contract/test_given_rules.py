"""The rules that are given, each against central differences; no operation of Part I is left out.

The rules of the tasks have files of their own, with more cases.
"""

from __future__ import annotations

from math import erf, inf, pi
from typing import Any

import numpy as np
import pytest

import tinytorch.tensor as tt

RNG = np.random.default_rng(11)
X, Y = RNG.standard_normal((2, 3)), RNG.standard_normal((2, 3))
P, CUBE = RNG.uniform(0.5, 2.0, (2, 3)), RNG.standard_normal((2, 3, 4))
ROW, SQUARE = RNG.standard_normal(3), RNG.standard_normal((3, 3))
APART = np.array([[-1.9, 0.7, 3.1], [1.3, -0.4, -2.5]]) + RNG.uniform(-0.1, 0.1, (2, 3))
PICKS = np.array([[0, 0], [2, 1]])
by_element = np.vectorize(erf, otypes=[float])


def scattered(x: Any, src: Any) -> Any:
    out = x.copy()
    np.add.at(out, (np.array([[0], [1]]), PICKS), src)
    return out


def put(g: Any) -> Any:
    out = np.zeros((2, 3))
    np.add.at(out, (np.array([0, 1, 0]),), g)
    return out


def logsumexp(x: Any, axis: Any, keepdims: bool = False) -> Any:
    return np.log(np.exp(x).sum(axis, keepdims=keepdims))


def norm(p: float, axis: Any) -> Any:
    return lambda x: (np.abs(x) ** p).sum(axis) ** (1 / p)


def softplus(x: Any) -> Any:
    return np.log1p(np.exp(2 * x)) / 2


def gelu_tanh(x: Any) -> Any:
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / pi) * (x + 0.044715 * x**3)))


def sort_of(x: Any) -> Any:
    return np.sort(x, 1)[:, ::-1], np.argsort(-x, 1)


CASES: list[tuple[str, Any, list[Any], dict[str, Any]]] = [
    ("add", np.add, [X, ROW], {}),
    ("add", np.add, [X[:, :1], ROW], {}),
    ("sub", np.subtract, [ROW, X], {}),
    ("sub", np.subtract, [2.0, X], {}),
    ("neg", np.negative, [X], {}),
    ("remainder", np.remainder, [APART, 0.9 + 0 * P], {}),
    ("log1p", np.log1p, [P], {}),
    ("rsqrt", lambda x: 1 / np.sqrt(x), [P], {}),
    ("reciprocal", lambda x: 1 / x, [P], {}),
    ("square", np.square, [X], {}),
    ("abs", np.abs, [APART], {}),
    ("sin", np.sin, [X], {}),
    ("cos", np.cos, [X], {}),
    ("erf", by_element, [X], {}),
    ("clip", lambda x: np.clip(x, -1, 1), [APART], {"min": -1, "max": 1}),
    ("clip", lambda x: np.maximum(x, 1), [APART], {"min": 1.0}),
    ("clip", lambda x: np.minimum(x, 1), [APART], {"max": np.ones(3)}),
    ("var", lambda x: x.var(1, ddof=1), [X], {"dim": 1}),
    ("var", lambda x: x.var(ddof=0), [X], {"correction": 0}),
    ("var", lambda x: x.var((0, 2), ddof=1, keepdims=True), [CUBE],
     {"dim": (0, -1), "keepdim": True}),
    ("logsumexp", lambda x: logsumexp(x, 1), [X], {"dim": 1}),
    ("logsumexp", lambda x: logsumexp(x, (0, 1), True), [X], {"dim": (0, 1), "keepdim": True}),
    ("prod", lambda x: x.prod(), [X], {}),
    ("prod", lambda x: x.prod(1), [CUBE], {"dim": 1}),
    ("prod", lambda x: x.prod(0, keepdims=True), [np.array([[0.0, 0, 1], [2, 0, 3]])],
     {"dim": 0, "keepdim": True}),
    ("prod", lambda x: x.prod(), [np.array([[0.0, 5.0, 1.0]])], {}),
    ("cumsum", lambda x: x.cumsum(1), [CUBE], {"dim": 1}),
    ("cumsum", lambda x: x.cumsum(-1), [X], {"dim": -1}),
    ("norm", norm(2, None), [X], {}),
    ("norm", norm(3, 1), [APART], {"p": 3, "dim": 1}),
    ("norm", norm(1, 0), [APART], {"p": 1, "dim": 0}),
    ("norm", lambda x: np.abs(x).max(1), [APART], {"p": inf, "dim": 1}),
    ("norm", lambda x: np.abs(x).min(1), [APART], {"p": -inf, "dim": 1}),
    ("norm", lambda x: (x != 0).sum(1).astype(float), [APART], {"p": 0, "dim": 1}),
    ("max_along", lambda x: (x.max(1), x.argmax(1)), [APART], {"dim": 1}),
    ("min_along", lambda x: (x.min(0)[None], x.argmin(0)[None]), [APART],
     {"dim": 0, "keepdim": True}),
    ("scatter_add", scattered, [X, X[:, :2]], {"dim": 1, "index": PICKS}),
    ("sort_along", sort_of, [APART], {"dim": 1, "descending": True}),
    ("topk_along", lambda x: (np.sort(x, 0)[:1], np.argsort(x, 0)[:1]), [APART],
     {"k": 1, "dim": 0, "largest": False}),
    ("put_back", put, [X[[0, 1, 1]]], {"index": np.array([0, 1, 0]), "shape": (2, 3)}),
    ("contract", lambda a, b: a @ b.T, [[X, Y]], {"equation": "ij,kj->ik"}),
    ("contract", lambda a: np.einsum("ii->i", a), [[SQUARE]], {"equation": "ii->i"}),
    ("contract", lambda a: np.einsum("ii", a), [[SQUARE]], {"equation": "ii"}),
    ("contract", lambda a, b: np.einsum("...i,...i", a, b), [[X, CUBE[:, :, 0][:, None]]],
     {"equation": "...i,...i"}),
    ("contract", lambda a, b, c: np.einsum("i,ij,j", a, b, c), [[X[:, 0], X, ROW]],
     {"equation": "i,ij,j"}),
    ("contract", lambda a, b: np.einsum("ba,bc", a, b), [[X, Y]], {"equation": "ba, bc"}),
    ("contract", lambda a, b: np.einsum("ij,ij->i", a, b), [[X[:, :1], Y]],
     {"equation": "ij,ij->i"}),
    ("contract", lambda a, b: np.einsum("ij,k->i", a, b), [[X, ROW]], {"equation": "ij,k->i"}),
    ("broadcast_to", lambda x: np.broadcast_to(x, (4, 2, 3)), [X[:, :1]], {"shape": (4, 2, 3)}),
    ("reshape", lambda x: x.reshape(3, 2), [X], {"shape": (3, -1)}),
    ("view", lambda x: x.reshape(6), [X], {"shape": (6,)}),
    ("squeeze", lambda x: x[:, 0], [CUBE[:, :1]], {"dim": 1}),
    ("unsqueeze", lambda x: x[:, :, None], [X], {"dim": -1}),
    ("transpose", lambda x: x.swapaxes(0, 2), [CUBE], {"dim0": 0, "dim1": -1}),
    ("stack", lambda *x: np.stack(x, -1), [[X, Y]], {"dim": -1}),
    ("stack", lambda *x: np.stack(x, 1), [[X, Y, X]], {"dim": 1}),
    ("split", lambda x: tuple(np.split(x, [1], 1)), [X], {"split_size": (1, 2), "dim": 1}),
    ("pad", lambda x: np.pad(x, [(0, 1), (1, 2)]), [X], {"pad": (1, 2, 0, 1)}),
    ("pad", lambda x: np.pad(x[:, 1:], [(0, 0), (0, 2)]), [X], {"pad": (-1, 2)}),
    ("flip", lambda x: x[::-1, :, ::-1], [CUBE], {"dims": (0, 2)}),
    ("roll", lambda x: np.roll(x, (1, -1), (0, 1)), [X], {"shifts": (1, -1), "dims": (0, 1)}),
    ("roll", lambda x: np.roll(x, 2), [X], {"shifts": 2}),
    ("tril", lambda x: np.tril(x, -1), [SQUARE], {"diagonal": -1}),
    ("triu", lambda x: np.triu(x, 1), [CUBE], {"diagonal": 1}),
    ("contiguous", lambda x: x, [X.T], {}),
    ("clone", lambda x: x, [X], {}),
    ("cast", lambda x: x, [X], {"dtype": np.dtype(np.float64)}),
    ("leaky_relu", lambda x: np.where(x > 0, x, 0.2 * x), [APART], {"negative_slope": 0.2}),
    ("elu", lambda x: np.where(x > 0, x, 1.5 * np.expm1(x)), [APART], {"alpha": 1.5}),
    ("softplus", softplus, [X], {"beta": 2.0}),
    ("silu", lambda x: x / (1 + np.exp(-x)), [X], {}),
    ("gelu", lambda x: x * (1 + by_element(x / np.sqrt(2))) / 2, [X], {}),
    ("gelu", gelu_tanh, [X], {"approximate": "tanh"}),
]  # fmt: skip
OF_TASKS = {
    "mul", "div", "pow", "matmul", "linear", "exp", "log", "sqrt", "where", "maximum", "minimum",
    "relu", "sigmoid", "tanh", "softmax", "log_softmax", "sum", "mean", "amax", "amin", "permute",
    "cat", "getitem", "take", "gather", "masked_select",
}  # fmt: skip


@pytest.mark.parametrize("which", range(len(CASES)), ids=lambda k: f"{k} {CASES[k][0]}")
def test_rule(which: int, check_rule_of: Any) -> None:
    name, function, inputs, attributes = CASES[which]
    check_rule_of(name, function, *inputs, **attributes)


def test_edges(check_rule_of: Any) -> None:
    g = np.array([3.0, 5.0, 7.0])
    check_rule_of("abs", np.abs, np.array([0.0, -2.0, 2.0]), g=g, expected={0: [0.0, -5.0, 7.0]})
    bounds = np.array([-1.0, 0.0, 1.0])
    check_rule_of("clip", lambda x: np.clip(x, -1, 1), bounds, min=-1, max=1, g=g, expected={0: g})
    for p in (1, 1.5, 2, 3, inf):
        check_rule_of(
            "norm", lambda x: np.zeros(()), np.zeros(3), p=p, g=np.array(2.0),
            expected={0: np.zeros(3)},
        )  # fmt: skip
    empty = np.full((1, 2), -inf)
    check_rule_of(
        "logsumexp", lambda x: np.array([-inf]), empty, dim=1, g=np.array([2.0]),
        expected={0: np.zeros((1, 2))},
    )  # fmt: skip
    ties = np.array([1.0, 4.0, 4.0])
    check_rule_of(
        "max_along", lambda x: (x.max(), x.argmax()), ties, dim=0,
        g=(np.array(3.0), np.array(0.0)), expected={0: [0.0, 3.0, 0.0]},
    )  # fmt: skip


def test_no_operation_is_left_out() -> None:
    """Each differentiable operation of Part I has a rule, and a case here or in a task's tests."""
    packages = ("tinytorch.tensor.", "tinytorch.activations.", "tinytorch.layers.",
                "tinytorch.networks.", "tinytorch.autograd.")  # fmt: skip
    there = {
        name: operation
        for name, operation in tt.operations().items()
        if operation.__module__.startswith(packages) and operation.differentiable
    }
    without = [name for name, operation in there.items() if operation.rule is None]
    assert not without, f"operations without a rule: {without}"
    untried = set(there) - OF_TASKS - {name for name, *_ in CASES}
    assert not untried, f"operations that no case tries: {sorted(untried)}"
