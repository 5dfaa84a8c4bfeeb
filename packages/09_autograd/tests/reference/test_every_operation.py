"""A walk over all operations that are registered: each is marked as not differentiable, or its
gradients, and gradients of gradients, agree with central differences.

An operation without a case fails here; so a new one cannot be forgotten. Spatial and normalization
are walked over, too, where they are installed.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np
import pytest

import tinytorch.activations as act
import tinytorch.layers
import tinytorch.networks
import tinytorch.tensor as tt
from tinytorch.autograd import grad, gradcheck, gradgradcheck
from tinytorch.autograd.order import newest_first
from tinytorch.tensor import Tensor, operation

Work = Callable[..., Any]
Case = tuple[Work, list[Any]]
CASES: dict[str, list[Case]] = {}
RNG = np.random.default_rng(0)
linear = tinytorch.layers.linear_layer.linear


def n(*shape: int) -> Any:
    """Normal numbers."""
    return RNG.standard_normal(shape)


def p(*shape: int) -> Any:
    """Positive numbers."""
    return RNG.uniform(0.5, 2, shape)


def far(*shape: int) -> Any:
    """Numbers that lie far from 0, ±1 and one another."""
    steps = RNG.permutation(np.arange(int(np.prod(shape)))) * 0.37 + 0.21
    return (steps * RNG.choice([-1.0, 1.0], steps.shape)).reshape(shape)


def const(values: Any) -> Any:
    return Tensor(np.array(values))


def cases(name: str, *given: Case) -> None:
    CASES.setdefault(name, []).extend(given)


ODD = [(2, 3), (), (1,), (0, 3), (2, 1, 2)]
for name in ("exp", "square", "sin", "cos", "erf", "neg", "clone"):
    cases(name, *[(getattr(tt, name, Tensor.clone), [n(*shape)]) for shape in ODD])
for name in ("log", "log1p", "sqrt", "rsqrt", "reciprocal"):
    cases(name, *[(getattr(tt, name), [p(*shape)]) for shape in ODD])
for name in ("sigmoid", "tanh", "silu", "gelu", "softplus"):
    cases(name, *[(getattr(act, name), [n(*shape)]) for shape in ODD])
for name in ("relu", "leaky_relu", "elu"):
    cases(name, *[(getattr(act, name), [far(*shape)]) for shape in ODD])
cases("abs", *[(tt.abs, [far(*shape)]) for shape in ODD])

PAIRS = [[(2, 3), (2, 3)], [(3, 1), (4,)], [(), (2, 3)], [(2, 3), ()], [(1, 1), (2, 2)],
         [(0, 3), (1, 3)], [(), ()], [(2, 1, 3), (4, 1)]]  # fmt: skip
cases("add", *[(lambda a, b: a + b, [n(*a), n(*b)]) for a, b in PAIRS])
cases("sub", *[(lambda a, b: a - b, [n(*a), n(*b)]) for a, b in PAIRS])
cases("sub", (lambda b: 2 - b, [n(3)]))
cases("mul", *[(lambda a, b: a * b, [n(*a), n(*b)]) for a, b in PAIRS])
cases("mul", (lambda a: a * a, [n(3)]), (lambda a: a * 3, [n(3)]))
cases("div", *[(lambda a, b: a / b, [n(*a), p(*b)]) for a, b in PAIRS])
cases("div", (lambda b: 2 / b, [p(3)]), (lambda a: a / 3, [n(3)]))
cases("pow", *[(lambda a, b: a**b, [p(*a), n(*b)]) for a, b in PAIRS])
cases("pow", *[(lambda a, k=k: a**k, [p(3)]) for k in (3, 2, 1, 0, -1, 0.5, -1.5)])
cases("pow", (lambda b: 2.0**b, [n(4)]), (lambda a: a**3, [n(4)]))
cases("remainder", (lambda a, b: a % b, [far(2, 3), 0.9 + 0 * n(3)]), (lambda a: a % 0.9, [far(4)]))
cases("maximum", (tt.maximum, [far(2, 3), 0.05 + 0 * n(3)]), (tt.maximum, [far(), far(2) + 0.1]))
cases("minimum", (tt.minimum, [far(2, 3), 0.05 + 0 * n(3)]), (tt.minimum, [far(), far(2) + 0.1]))
cases(
    "clip",
    (lambda x: tt.clip(x, -1, 1), [far(9)]),
    (lambda x: tt.clip(x, min=0.1), [far(9)]),
    (lambda x: tt.clip(x, max=const(np.full(3, 1.0))), [far(2, 3)]),
)
YES = [True, False, True]
cases(
    "where",
    (lambda a, b: tt.where(const(YES), a, b), [n(3), n(2, 3)]),
    (lambda a: tt.where(const(YES), a, 0.0), [n(3)]),
    (lambda b: tt.where(const(YES), 1.0, b), [n(2, 1)]),
    (lambda x: tt.masked_fill(x, const(YES), 3.0), [n(2, 3)]),
    (lambda a, b: tt.where(const(YES), a, b), [n(), n(1, 1)]),
)

DIMS: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((2, 3), {}), ((2, 3), {"dim": 1}), ((2, 3), {"dim": -2, "keepdim": True}),
    ((2, 3, 2), {"dim": (0, -1)}), ((2, 3, 2), {"dim": (2, 1), "keepdim": True}), ((), {}),
    ((1, 3), {"dim": 0}), ((), {"dim": 0}),
]  # fmt: skip
for name in ("sum", "mean", "var"):
    few = DIMS[:5] if name == "var" else DIMS
    cases(name, *[(lambda x, f=name, a=a: getattr(x, f)(**a), [n(*shape)]) for shape, a in few])
for name in ("amax", "amin"):
    cases(name, *[(lambda x, f=name, a=a: getattr(x, f)(**a), [far(*shape)]) for shape, a in DIMS])
cases("sum", (lambda x: x.sum(1), [n(0, 3)]), (lambda x: x.sum(0), [n(0, 3)]))
cases("var", (lambda x: x.var(1, correction=0), [n(2, 3)]), (lambda x: x.std((0, 1)), [n(2, 3, 2)]))
cases(
    "logsumexp",
    *[(lambda x, a=a: x.logsumexp(**a), [n(*s)]) for s, a in DIMS if "dim" in a],
    (lambda x: x.logsumexp(1), [1000 + n(2, 3)]),
)
ZEROS = np.array([[0.0, 2, 3], [0, 0, 2], [1, 2, 3.0]])
cases(
    "prod",
    (lambda x: x.prod(), [n(2, 3)]), (lambda x: x.prod(0), [n(3, 3)]),
    (lambda x: x.prod(-1, keepdim=True), [n(2, 3)]), (lambda x: x.prod(1), [ZEROS]),
    (lambda x: x.prod(0), [ZEROS]), (lambda x: x.prod(), [ZEROS[:1]]), (lambda x: x.prod(), [n()]),
    (lambda x: x.prod(1), [n(2, 3, 2)]), (lambda x: x.prod(0), [n(0, 2)]),
)  # fmt: skip
cases(
    "max_along",
    (lambda x: x.max(1).values, [far(2, 3)]),
    (lambda x: x.max(-2, keepdim=True).values, [far(2, 3)]),
    (lambda x: x.max(0).values, [far()]),
)  # fmt: skip
cases("min_along", (lambda x: x.min(0).values, [far(2, 3)]), (lambda x: x.min(1), [far(2, 3, 2)]))
cases("cumsum", (lambda x: x.cumsum(1), [n(2, 3)]), (lambda x: x.cumsum(-2), [n(2, 3)]))
cases("cumsum", (lambda x: x.cumsum(0), [n()]), (lambda x: x.cumsum(0), [n(0)]))
for power in (1, 2, 3, 1.5, inf, -inf, 0):
    cases(
        "norm",
        (lambda x, q=power: x.norm(q), [far(2, 3)]),
        (lambda x, q=power: x.norm(q, -1, keepdim=True), [far(2, 3)]),
    )
cases("norm", (lambda x: x.norm(), [far()]), (lambda x: x.norm(2, (0, 2)), [far(2, 3, 2)]))

READS: list[Any] = [
    0, -1, slice(1, None), (slice(None), slice(None, None, 2)), (..., None, 1), None, (), (0, 2),
    const([0, 1, 0, 0]), const([-1, 0]), const([[True, False, True], [False, True, True]]),
    (const([0, 1, 1]), const([2, 0, 0])), (slice(None), const([2, 2])), slice(0, 0),
]  # fmt: skip
cases("getitem", *[(lambda x, i=i: x[i], [n(2, 3)]) for i in READS])
cases("getitem", (lambda x: x[0, :, const([0, 0, 1])], [n(2, 3, 2)]), (lambda x: x[...], [n()]))
cases("getitem", (lambda x: tt.index_select(x, 1, const([0, 0, 2])), [n(2, 3)]))
cases("put_back", (lambda x: grad_of_reading(x), [n(4)]))
cases("take", (lambda x: tt.take(x, const([[0, 3], [3, -1]])), [n(2, 3)]))
PICKS = const([[0, 0], [2, 1]])
cases(
    "gather",
    (lambda x: tt.gather(x, 1, PICKS), [n(2, 3)]),
    (lambda x: tt.gather(x, -2, const([[0, 1, 1]])), [n(2, 3)]),
)
cases(
    "scatter_add",
    (lambda x, s: tt.scatter_add(x, s, dim=1, index=PICKS), [n(2, 3), n(2, 2)]),
    (lambda x: tt.scatter_add(x, const(np.ones((2, 2))), dim=-1, index=PICKS), [n(2, 3)]),
)
cases("masked_select", (lambda x: tt.masked_select(x, const(YES)), [n(2, 3)]))
cases("masked_select", (lambda x: tt.masked_select(x, const([YES, YES])), [n(3)]))
cases(
    "sort_along", (lambda x: x.sort(1, True).values, [far(2, 4)]), (lambda x: x.sort(0), [far(3)])
)
cases(
    "topk_along",
    (lambda x: x.topk(2, 0).values, [far(4, 2)]),
    (lambda x: x.topk(1, -1, False).values, [far(2, 3)]),
)

PRODUCTS = [
    [(2, 3), (3, 4)], [(5, 2, 3), (3, 4)], [(2, 3), (5, 3, 4)], [(5, 1, 2, 3), (2, 3, 4)],
    [(2, 3), (3,)], [(3,), (3, 2)], [(3,), (3,)], [(4, 2, 3), (3,)], [(3,), (4, 3, 2)],
    [(2, 0), (0, 3)], [(0, 3), (3, 2)], [(1, 1), (1, 1)],
]  # fmt: skip
cases("matmul", *[(lambda a, b: a @ b, [n(*a), n(*b)]) for a, b in PRODUCTS])
cases("matmul", (lambda a, b: a.T @ b.mT, [n(3, 2), n(4, 3)]))
SUMS = [
    ("bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]), ("ii->i", [(3, 3)]), ("ij->i", [(2, 3)]),
    ("ii", [(3, 3)]), ("...i,...i", [(2, 3), (4, 1, 3)]), ("i,ij,j", [(2,), (2, 3), (3,)]),
    ("ij,ij->i", [(2, 1), (2, 3)]), ("ba,bc", [(2, 3), (2, 2)]), ("iij->ij", [(2, 2, 3)]),
    ("i->", [(3,)]), ("ij,k->i", [(2, 3), (2,)]), ("i,j->ji", [(2,), (3,)]),
]  # fmt: skip
cases(
    "contract", *[(lambda *x, e=e: tt.einsum(e, *x), [n(*s) for s in shapes]) for e, shapes in SUMS]
)
cases(
    "linear",
    (linear, [n(2, 3), n(4, 3), n(4)]), (linear, [n(2, 2, 3), n(4, 3)]),
    (linear, [n(3), n(4, 3), n(4)]), (linear, [n(0, 3), n(4, 3), n(4)]),
)  # fmt: skip

cases("reshape", (lambda x: x.reshape(3, -1), [n(2, 3)]), (lambda x: x.reshape(1, 1), [n()]))
cases("reshape", (lambda x: x.T.reshape(6), [n(2, 3)]), (lambda x: x.flatten(), [n(2, 0)]))
cases("view", (lambda x: x.view(6), [n(2, 3)]))
cases("permute", (lambda x: x.permute(-1, 0, 1), [n(2, 3, 4)]), (lambda x: x.T, [n(2, 3)]))
cases("transpose", (lambda x: x.transpose(0, -1), [n(2, 3, 2)]), (lambda x: x.mT, [n(2, 3, 2)]))
cases("squeeze", (lambda x: x.squeeze(), [n(1, 3, 1)]), (lambda x: x.squeeze(-1), [n(1, 3, 1)]))
cases("unsqueeze", (lambda x: x.unsqueeze(1), [n(3)]), (lambda x: x.unsqueeze(-1), [n()]))
cases(
    "broadcast_to",
    (lambda x: x.broadcast_to(2, 3), [n(3)]),
    (lambda x: x.expand(4, 2, -1), [n(1, 3)]),
    (lambda x: x.broadcast_to(0, 3), [n(1, 3)]),
)
cases(
    "cat",
    (lambda a, b: tt.cat([a, b], -1), [n(2, 3), n(2, 1)]),
    (lambda a, b: tt.cat([a, b, a]), [n(2, 3), n(0, 3)]),
)
cases("stack", (lambda a, b: tt.stack([a, b], -1), [n(2, 3), n(2, 3)]))
cases("stack", (lambda a: tt.stack([a, a]), [n()]))
cases(
    "split",
    (lambda x: x.split(2, 1), [n(2, 5)]), (lambda x: x.split(2, -1)[1], [n(2, 5)]),
    (lambda x: tt.square(x.split([1, 4], 1)[0]), [n(2, 5)]),
    (lambda x: x.chunk(2), [n(3)]),
)  # fmt: skip
cases(
    "pad", (lambda x: tt.pad(x, (1, 2, 0, 1)), [n(2, 3)]), (lambda x: tt.pad(x, (-1, 2)), [n(2, 3)])
)
cases("flip", (lambda x: tt.flip(x, (0, -1)), [n(2, 3)]), (lambda x: tt.flip(x, 0), [n(2, 3)]))
cases("roll", (lambda x: tt.roll(x, 1, 0), [n(3, 2)]), (lambda x: tt.roll(x, 2), [n(3, 2)]))
cases("roll", (lambda x: tt.roll(x, (1, -1), (0, 1)), [n(3, 2)]))
cases("tril", (tt.tril, [n(3, 3)]), (lambda x: tt.tril(x, 1), [n(2, 2, 3)]))
cases("triu", (tt.triu, [n(3, 3)]), (lambda x: tt.triu(x, -1), [n(2, 2, 3)]))
cases("contiguous", (lambda x: x.T.contiguous(), [n(2, 3)]))
cases("cast", (lambda x: tt.shapes.cast(x, dtype=np.float64), [n(2)]))

cases("elu", (lambda x: act.elu(x, 1.5), [far(5)]))
cases("softplus", (lambda x: act.softplus(x, 2.0), [n(5)]))
cases("softplus", (lambda x: act.softplus(x, 1.0, 0.5), [far(5)]))
cases("gelu", (lambda x: act.gelu(x, approximate="tanh"), [n(5)]))
for name in ("softmax", "log_softmax"):
    function = getattr(act, name)
    cases(
        name,
        (lambda x, f=function: f(x, dim=1), [n(2, 3)]),
        (lambda x, f=function: f(x, dim=-2), [n(2, 3, 2)]),
        (lambda x, f=function: f(x, dim=0), [n(1, 3)]),
        (lambda x, f=function: f(x, dim=1), [n(0, 3)]),
    )


def grad_of_reading(x: Any) -> Any:
    """The gradient of reading, as a function of what arrives: that is `put_back`."""
    source = Tensor(np.zeros((3, 2)), requires_grad=True)
    y = source[const([0, 2, 0, 0])][:, 1]
    (found,) = grad(y, source, x, create_graph=True)
    return found


@operation(saves=("squared",))
def cubed_by_arrays(x: Any) -> Any:
    """An operation with a rule on arrays, which is there however little is installed."""
    return x * x * x, x * x


@cubed_by_arrays.define_fused_rule
def _(g: Any, squared: Any) -> Any:
    return 3 * g * squared


FUSED: dict[str, list[Case]] = {"cubed_by_arrays": [(cubed_by_arrays, [n(3)])]}
if importlib.util.find_spec("tinytorch.spatial"):
    spatial: Any = importlib.import_module("tinytorch.spatial")
    FUSED["conv2d"] = [
        (lambda x, w, b: spatial.conv2d(x, w, b, padding=1), [n(2, 3, 4, 4), n(2, 3, 3, 3), n(2)]),
        (lambda x, w: spatial.conv2d(x, w, stride=2, groups=2), [n(1, 4, 5, 5), n(2, 2, 2, 2)]),
    ]
    FUSED["max_pool2d"] = [(lambda x: spatial.max_pool2d(x, 2), [far(1, 2, 4, 4)])]
    FUSED["avg_pool2d"] = [(lambda x: spatial.avg_pool2d(x, 2, padding=1), [n(1, 2, 4, 4)])]
if importlib.util.find_spec("tinytorch.normalization"):
    norms: Any = importlib.import_module("tinytorch.normalization")
    FUSED["layer_norm"] = [
        (lambda x, w, b: norms.layer_norm(x, w, b, normalized_shape=(4,)), [n(3, 4), n(4), n(4)]),
        (lambda x: norms.layer_norm(x, normalized_shape=(4,)), [n(3, 4)]),
    ]
    FUSED["rms_norm"] = [
        (lambda x, w: norms.rms_norm(x, w, normalized_shape=(4,)), [n(3, 4), n(4)])
    ]
    FUSED["group_norm"] = [
        (lambda x, w, b: norms.group_norm(x, w, b, num_groups=2), [n(3, 4, 2), n(4), n(4)])
    ]
    FUSED["batch_norm"] = [
        (
            lambda x, w, b: norms.batch_norm(
                x, w, b, running_mean=None, running_var=None, training=True
            ),
            [n(5, 3), n(3), n(3)],
        ),
        (
            lambda x: norms.batch_norm(x, running_mean=None, running_var=None, training=True),
            [n(5, 3)],
        ),
    ]


def leaves(inputs: list[Any]) -> list[Any]:
    return [Tensor(np.array(x), requires_grad=True) for x in inputs]


def calls_of(work: Work, given: list[Any]) -> set[str]:
    """The names of all operations that `work` has called."""
    found = work(*given)
    results = [found] if isinstance(found, Tensor) else list(found)
    return {node.name for node in newest_first([y.grad_fn for y in results if y.grad_fn])}


PLAIN = [(name, k) for name, given in CASES.items() for k in range(len(given))]
ARRAYS = [(name, k) for name, given in FUSED.items() for k in range(len(given))]


@pytest.mark.parametrize(("name", "which"), PLAIN)
def test_both_orders(name: str, which: int) -> None:
    work, inputs = CASES[name][which]
    assert name in calls_of(work, leaves(inputs)), f"this case never calls {name}"
    assert gradcheck(work, leaves(inputs))
    assert gradgradcheck(work, leaves(inputs))


@pytest.mark.parametrize(("name", "which"), [each for each in PLAIN if each[0] != "view"])
def test_lying_in_memory_otherwise(name: str, which: int) -> None:
    """Every input with its elements in another order, two apart, or standing alone."""
    work, inputs = CASES[name][which]
    strided = []
    for x in inputs:
        wide = np.zeros((*x.shape, 2))
        wide[..., 0] = x
        turned = np.asfortranarray(wide)[..., 0]
        strided.append(Tensor(turned, requires_grad=True))
    assert gradcheck(work, strided)


@pytest.mark.parametrize(("name", "which"), PLAIN)
@pytest.mark.parametrize(("dtype", "bound"), [("float32", 2e-4), ("float16", 5e-2)])
def test_narrow_leaves(name: str, which: int, dtype: str, bound: float) -> None:
    """Gradients in the dtype of their leaf, near those in float64."""
    work, inputs = CASES[name][which]
    if dtype == "float16":
        inputs = [np.where(np.abs(x) > 100, x - 1000, x) for x in inputs]
    rounded = [x.astype(dtype).astype("f8") for x in inputs]
    wide = gradients(work, rounded, "float64")
    for found, right in zip(gradients(work, inputs, dtype), wide, strict=True):
        assert found.dtype == np.dtype(dtype)
        scale = 1 + np.abs(right).max(initial=0)
        np.testing.assert_allclose(found.astype("f8"), right, atol=bound * scale, rtol=bound)


def gradients(work: Work, inputs: list[Any], dtype: str) -> list[Any]:
    given = [Tensor(x.astype(dtype), requires_grad=True) for x in inputs]
    found = work(*given)
    results = [y for y in ([found] if isinstance(found, Tensor) else found) if y.requires_grad]
    arriving = [Tensor(np.ones(y.shape, y.dtype)) for y in results]
    return [x.numpy() for x in grad(results, given, arriving)]


@pytest.mark.parametrize(("name", "which"), ARRAYS)
def test_rules_on_arrays(name: str, which: int) -> None:
    work, inputs = FUSED[name][which]
    assert name in calls_of(work, leaves(inputs)), f"this case never calls {name}"
    assert gradcheck(work, leaves(inputs))
    with pytest.raises(NotImplementedError, match=name):
        gradgradcheck(work, leaves(inputs))


def test_no_operation_is_left_out() -> None:
    ours = {
        name: operation
        for name, operation in tt.operations().items()
        if operation.__module__.startswith(tuple(PACKAGES))
    }
    flows = {name for name, operation in ours.items() if operation.differentiable}
    assert not {name for name in flows if ours[name].rule is None}, "operations without a rule"
    first_order = {name for name in flows if ours[name].rule.first_order}
    assert flows - first_order == set(CASES), "operations without a case, or cases of none"
    assert first_order == set(FUSED) - {"cubed_by_arrays"}, (
        "operations without a case, or cases of none"
    )


PACKAGES = [
    f"tinytorch.{name}."
    for name in (
        "tensor",
        "activations",
        "layers",
        "networks",
        "autograd",
        "spatial",
        "normalization",
    )
]


@pytest.mark.parametrize("name", ["eq", "floor", "argmax", "sign", "isnan", "floor_divide"])
def test_what_is_not_differentiable_ends_the_record(name: str) -> None:
    operation = tt.operations()[name]
    assert not operation.differentiable
    x = Tensor(np.ones(3), requires_grad=True)
    result: Any = operation(*([x] * len(operation.inputs)))
    assert (result.requires_grad, result.grad_fn) == (False, None)
