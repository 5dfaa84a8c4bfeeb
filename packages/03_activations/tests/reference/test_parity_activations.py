"""The same work in PyTorch: equal results, dtypes and shapes."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import tinytorch.activations as ta
from tinytorch.tensor import Tensor

Array = Any

POINTWISE: list[tuple[str, dict[str, Any]]] = [
    ("relu", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.2}),
    ("leaky_relu", {"negative_slope": 0.0}),
    ("leaky_relu", {"negative_slope": -0.3}),
    ("leaky_relu", {"negative_slope": 2.0}),
    ("elu", {}),
    ("elu", {"alpha": 2.5}),
    ("elu", {"alpha": 0.0}),
    ("elu", {"alpha": -1.0}),
    ("sigmoid", {}),
    ("tanh", {}),
    ("softplus", {}),
    ("softplus", {"beta": 3.0}),
    ("softplus", {"beta": 0.5, "threshold": 4.0}),
    ("softplus", {"beta": -1.0}),
    ("softplus", {"threshold": -3.0}),
    ("silu", {}),
    ("gelu", {}),
    ("gelu", {"approximate": "tanh"}),
]
EACH = pytest.mark.parametrize(
    ("name", "options"), POINTWISE, ids=[f"{name} {options}" for name, options in POINTWISE]
)
DTYPE = pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
BOTH = pytest.mark.parametrize("name", ["softmax", "log_softmax"])


def theirs(name: str) -> Callable[..., torch.Tensor]:
    return getattr(torch if name in ("sigmoid", "tanh") else F, name)


def compare(name: str, x: Array, *, units: float, **options: Any) -> None:
    """units: how many units in the last place of its dtype the two may lie apart."""
    with np.errstate(all="ignore"):
        found = getattr(ta, name)(Tensor(x), **options).array
    expected = theirs(name)(torch.from_numpy(x), **options).numpy()
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    limits = np.finfo(expected.dtype)
    close = np.isclose(
        found.astype(np.float64),
        expected.astype(np.float64),
        rtol=units * float(limits.eps),
        atol=float(limits.tiny),
        equal_nan=True,
    )
    if not close.all():
        at = tuple(np.argwhere(~close)[0])
        pytest.fail(
            f"{name} {options} {x.dtype}: {(~close).sum()} of {close.size} differ; "
            f"for {x[at]!r} here {found[at]!r}, in PyTorch {expected[at]!r}"
        )


def tame(dtype: str) -> Array:
    """Where both compute to the last digits: gelu and silu lose some on the left, each its own."""
    steps = np.concatenate([np.linspace(-2, 60, 2000), np.logspace(-6, 1, 200)])
    return np.concatenate([steps, -np.logspace(-6, 0, 200)]).astype(dtype)


@DTYPE
@EACH
def test_values(name: str, options: dict[str, Any], dtype: str) -> None:
    units = 400 if name == "gelu" else 8 * max(1, options.get("beta", 1) * 8)
    compare(name, tame(dtype), units=units if dtype != "float16" else 4, **options)


@DTYPE
@EACH
def test_values_far_to_the_left(name: str, options: dict[str, Any], dtype: str) -> None:
    """Absolutely: PyTorch, too, computes 1 + erf there, and gives up on subnormal results."""
    x = np.linspace(-120, -2, 1000).astype(dtype)
    found = getattr(ta, name)(Tensor(x), **options).array
    expected = theirs(name)(torch.from_numpy(x), **options).numpy()
    # Each number is compared beside x, or beside the result where that is larger.
    size = np.maximum(np.abs(expected.astype(np.float64)), 10)
    error = np.abs(found.astype(np.float64) - expected.astype(np.float64))
    assert (error <= 8 * float(np.finfo(dtype).eps) * size).all()


@DTYPE
@EACH
def test_special_values(name: str, options: dict[str, Any], dtype: str) -> None:
    limits = np.finfo(dtype)
    sizes = [0.0, limits.max, limits.tiny, limits.smallest_subnormal, limits.eps, np.inf, 20.0]
    x = np.array([*sizes, *(-size for size in sizes), np.nan, 20.5], dtype)
    with np.errstate(all="ignore"):
        found = getattr(ta, name)(Tensor(x), **options).array
    expected = theirs(name)(torch.from_numpy(x), **options).numpy()
    same = np.isclose(
        found.astype(np.float64),
        expected.astype(np.float64),
        rtol=4 * float(limits.eps) * max(1, abs(options.get("beta", 1)) * 8),
        atol=20 * float(limits.eps),
        equal_nan=True,
    )
    if name == "gelu" and not options and dtype != "float64":
        # PyTorch's vectorised kernels give inf or nan for these two, on some processors.
        at = x >= limits.max
        assert np.array_equal(found[at], x[at])
        same |= at
    assert same.all(), f"{x[~same]}: here {found[~same]}, in PyTorch {expected[~same]}"


def layouts() -> Iterator[Array]:
    rng = np.random.default_rng(5)
    for shape in [(), (0,), (1,), (17,), (0, 3), (3, 0), (1, 1), (5, 1, 3), (2, 3, 4, 5)]:
        yield rng.standard_normal(shape).astype(np.float32) * 3
    yield np.ascontiguousarray(rng.standard_normal((4, 6), np.float32)).T
    yield rng.standard_normal((4, 6), np.float32)[:, ::2]


@EACH
def test_shapes(name: str, options: dict[str, Any]) -> None:
    for x in layouts():
        given = np.array(x)  # 0-d stays an array
        with np.errstate(all="raise", under="ignore"):
            found = getattr(ta, name)(Tensor(given), **options).array
        expected = theirs(name)(torch.from_numpy(given), **options).numpy()
        assert found.shape == expected.shape
        assert np.allclose(found, expected, rtol=1e-5, atol=1e-6)


@BOTH
@DTYPE
def test_distributions_of_any_shape_and_dimension(name: str, dtype: str) -> None:
    for x in layouts():
        given = np.array(x).astype(dtype)
        for dim in range(-max(given.ndim, 1), max(given.ndim, 1)):
            found = getattr(ta, name)(Tensor(given), dim=dim).array
            expected = theirs(name)(torch.from_numpy(given), dim=dim).numpy()
            assert found.shape == expected.shape
            assert found.dtype == expected.dtype
            eps = float(np.finfo(dtype).eps)
            assert np.allclose(found, expected, rtol=40 * eps, atol=4 * eps)


ROWS = {
    "large": [1e4, 1e4 + 1, 0.0],
    "far apart": [0.0, -3e4, 3e4],
    "minus infinity": [-np.inf, 0.0, 1.0],
    "minus infinity alone": [-np.inf, -np.inf, -np.inf],
    "plus infinity": [np.inf, 0.0, 1.0],
    "nan": [np.nan, 0.0, 1.0],
    "equal": [-5.0, -5.0, -5.0],
}


@BOTH
@DTYPE
@pytest.mark.parametrize("row", ROWS)
def test_special_rows(name: str, dtype: str, row: str) -> None:
    x = np.array(ROWS[row], dtype)
    with np.errstate(all="ignore"):
        found = getattr(ta, name)(Tensor(x), dim=0).array
    expected = theirs(name)(torch.from_numpy(x), dim=0).numpy()
    eps = float(np.finfo(dtype).eps)
    assert np.allclose(found, expected, rtol=4 * eps, atol=4 * eps, equal_nan=True)


@BOTH
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_farther_apart_than_the_dtype_reaches(name: str, dtype: str) -> None:
    largest = np.finfo(dtype).max
    x = np.array([largest, -largest], dtype)
    found = getattr(ta, name)(Tensor(x), dim=0).tolist()
    assert found == theirs(name)(torch.from_numpy(x), dim=0).tolist()


def test_softmax_over_more_classes_than_float16_counts() -> None:
    x = np.zeros(70_000, np.float16)
    found = ta.softmax(Tensor(x), dim=0).array
    assert np.array_equal(found, F.softmax(torch.from_numpy(x), dim=0).numpy())


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
@pytest.mark.parametrize("kind", ["int8", "int64", "uint8", "bool"])
def test_whole_numbers(name: str, kind: str) -> None:
    """The others refuse them in PyTorch; here they become float32 in all."""
    x = np.array([-3, 0, 1, 5]).astype(kind)
    found = getattr(ta, name)(Tensor(x)).array
    expected = theirs(name)(torch.from_numpy(x)).numpy()
    assert found.dtype == expected.dtype == np.float32
    assert np.allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "int64", "uint8"])
def test_relu_of_whole_numbers(kind: str) -> None:
    x = np.array([-3, 0, 1, 5]).astype(kind)
    found = ta.relu(Tensor(x)).array
    expected = F.relu(torch.from_numpy(x)).numpy()
    assert found.dtype == expected.dtype
    assert found.tolist() == expected.tolist()


OBJECTS: list[tuple[Any, Any]] = [
    (ta.ReLU(), nn.ReLU()),
    (ta.LeakyReLU(), nn.LeakyReLU()),
    (ta.LeakyReLU(0.3), nn.LeakyReLU(0.3)),
    (ta.ELU(), nn.ELU()),
    (ta.ELU(0.5), nn.ELU(0.5)),
    (ta.Sigmoid(), nn.Sigmoid()),
    (ta.Tanh(), nn.Tanh()),
    (ta.Softplus(), nn.Softplus()),
    (ta.Softplus(2.0, 5.0), nn.Softplus(2.0, 5.0)),
    (ta.SiLU(), nn.SiLU()),
    (ta.GELU(), nn.GELU()),
    (ta.GELU("tanh"), nn.GELU("tanh")),
    (ta.Softmax(1), nn.Softmax(1)),
    (ta.Softmax(dim=-1), nn.Softmax(dim=-1)),
    (ta.LogSoftmax(0), nn.LogSoftmax(0)),
]


@pytest.mark.parametrize(("ours", "module"), OBJECTS, ids=[repr(ours) for ours, _ in OBJECTS])
def test_objects(ours: Any, module: nn.Module) -> None:
    x = np.random.default_rng(6).standard_normal((4, 5)).astype(np.float32) * 4
    expected = module(torch.from_numpy(x)).numpy()
    assert np.allclose(ours(Tensor(x)).array, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("ours", "module"), OBJECTS, ids=[repr(ours) for ours, _ in OBJECTS])
def test_objects_look_alike(ours: Any, module: nn.Module) -> None:
    if isinstance(module, nn.LogSoftmax):  # PyTorch forgets to show its dim
        assert repr(ours) == "LogSoftmax(dim=0)"
    else:
        assert repr(ours) == repr(module)
