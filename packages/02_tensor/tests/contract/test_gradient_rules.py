"""Every differentiable operation at a smooth point: its result, and its gradient rule, if any.

Module 09 fills in the rules. Where it is installed, a forward that is right by itself but breaks
training after a swap is found here.
"""

from __future__ import annotations

import numpy as np
import pytest

import tinytorch.tensor as tt

A = np.array([[0.7, 1.9, 1.1], [2.3, 0.4, 1.6]])
B = np.array([[1.2, 0.8, 2.1], [0.9, 1.4, 0.5]])
ROW = np.array([0.6, 1.7, 1.3])
INDEX = np.array([[0, 2], [1, 1]])
MASK = np.array([[True, False, True], [False, True, True]])

# name, inputs, attributes, what NumPy says
CALLS = [
    ("add", (A, ROW), {}, A + ROW),
    ("sub", (ROW, A), {}, ROW - A),
    ("mul", (A, ROW), {}, A * ROW),
    ("div", (ROW, A), {}, ROW / A),
    ("pow", (A, ROW), {}, A**ROW),
    ("pow", (A, 3), {}, A**3),
    ("pow", (2.0, A), {}, 2**A),
    ("neg", (A,), {}, -A),
    ("remainder", (A, B), {}, A % B),
    ("maximum", (A, ROW), {}, np.maximum(A, ROW)),
    ("minimum", (A, ROW), {}, np.minimum(A, ROW)),
    ("clip", (A,), {"min": 1, "max": 2}, A.clip(1, 2)),
    ("where", (MASK, A, ROW), {}, np.where(MASK, A, ROW)),
    ("exp", (A,), {}, np.exp(A)),
    ("log", (A,), {}, np.log(A)),
    ("log1p", (A,), {}, np.log1p(A)),
    ("sqrt", (A,), {}, np.sqrt(A)),
    ("rsqrt", (A,), {}, 1 / np.sqrt(A)),
    ("reciprocal", (A,), {}, 1 / A),
    ("abs", (A - 1,), {}, np.abs(A - 1)),
    ("square", (A,), {}, A * A),
    ("sin", (A,), {}, np.sin(A)),
    ("cos", (A,), {}, np.cos(A)),
    ("broadcast_to", (ROW,), {"shape": (4, 3)}, np.broadcast_to(ROW, (4, 3))),
    ("sum", (A,), {"dim": 1}, A.sum(1)),
    ("sum", (A,), {}, A.sum()),
    ("mean", (A,), {"dim": 0, "keepdim": True}, A.mean(0, keepdims=True)),
    ("var", (A,), {"dim": -1}, A.var(-1, ddof=1)),
    ("logsumexp", (A,), {"dim": 1}, np.log(np.exp(A).sum(1))),
    ("prod", (A,), {"dim": 1}, A.prod(1)),
    ("amax", (A,), {"dim": 1}, A.max(1)),
    ("amin", (A,), {}, A.min()),
    ("max_along", (A,), {"dim": 1}, (A.max(1), A.argmax(1))),
    ("min_along", (A,), {"dim": 0, "keepdim": True}, (A.min(0)[None], A.argmin(0)[None])),
    ("cumsum", (A,), {"dim": 1}, A.cumsum(1)),
    ("norm", (A,), {"dim": 1}, np.sqrt((A * A).sum(1))),
    ("getitem", (A,), {"index": (slice(None), 1)}, A[:, 1]),
    ("getitem", (A,), {"index": INDEX[1]}, A[INDEX[1]]),
    ("take", (A,), {"index": np.array([0, 4, 4])}, A.reshape(-1)[[0, 4, 4]]),
    ("gather", (A,), {"dim": 1, "index": INDEX}, np.take_along_axis(A, INDEX, 1)),
    (
        "scatter_add",
        (A, B[:, :2]),
        {"dim": 1, "index": INDEX},
        np.add(A, [[B[0, 0], 0, B[0, 1]], [0, B[1, 0] + B[1, 1], 0]]),
    ),
    ("masked_select", (A,), {"mask": MASK}, A[MASK]),
    ("sort_along", (A,), {"dim": 1}, (np.sort(A, 1), np.argsort(A, 1))),
    ("topk_along", (A,), {"k": 1, "dim": 1}, (A.max(1)[:, None], A.argmax(1)[:, None])),
    ("matmul", (A, B.T), {}, A @ B.T),
    ("matmul", (A, ROW), {}, A @ ROW),
    ("contract", [A, B], {"equation": "ij,kj->ik"}, A @ B.T),
    ("reshape", (A,), {"shape": (3, 2)}, A.reshape(3, 2)),
    ("view", (A,), {"shape": (6,)}, A.reshape(6)),
    ("permute", (A,), {"dims": (1, 0)}, A.T),
    ("transpose", (A,), {"dim0": 0, "dim1": 1}, A.T),
    ("squeeze", (A[:1],), {"dim": 0}, A[0]),
    ("unsqueeze", (A,), {"dim": 1}, A[:, None]),
    ("cat", [A, B], {"dim": 1}, np.concatenate([A, B], 1)),
    ("stack", [A, B], {"dim": 0}, np.stack([A, B])),
    ("split", (A,), {"split_size": 2, "dim": 1}, (A[:, :2], A[:, 2:])),
    ("pad", (A,), {"pad": (1, 0), "value": 3.0}, np.pad(A, [(0, 0), (1, 0)], constant_values=3)),
    ("flip", (A,), {"dims": (1,)}, A[:, ::-1]),
    ("roll", (A,), {"shifts": 1, "dims": 1}, np.roll(A, 1, 1)),
    ("tril", (A,), {}, np.tril(A)),
    ("triu", (A,), {"diagonal": 1}, np.triu(A, 1)),
    ("contiguous", (A.T,), {}, A.T),
    ("clone", (A,), {}, A),
    ("cast", (A,), {"dtype": np.float64}, A),
    ("erf", (np.array([0.0, 0.5]),), {}, np.array([0.0, 0.5204998778130465])),
]


def lifted(x):
    return tt.tensor(x) if isinstance(x, np.ndarray) else x


@pytest.mark.parametrize(
    ("name", "inputs", "attributes", "expected"),
    CALLS,
    ids=[f"{name}{list(attributes.values()) or ''}" for name, _, attributes, _ in CALLS],
)
def test_result_and_rule(name, inputs, attributes, expected, assert_tensor, check_gradient):
    operation = tt.operations()[name] if name in tt.operations() else getattr(tt, name)
    tensors = [lifted(x) for x in inputs]
    found = operation(
        tensors if isinstance(inputs, list) else tensors[0],
        *([] if isinstance(inputs, list) else tensors[1:]),
        **attributes,
    )
    several = isinstance(expected, tuple)
    for result, values in zip(
        found if several else [found], expected if several else [expected], strict=True
    ):
        assert_tensor(result, np.asarray(values), f"{name} with {attributes}")
    if isinstance(inputs, list):
        check_gradient(name, inputs, **attributes)
    else:
        check_gradient(name, *inputs, **attributes)


def test_every_differentiable_operation_is_here():
    tried = {name for name, *_ in CALLS}
    there = {
        name
        for name, operation in tt.operations().items()
        if operation.differentiable and operation.__module__.startswith("tinytorch.tensor.")
    }
    assert there - tried == set(), "differentiable operations that no call above tries"
