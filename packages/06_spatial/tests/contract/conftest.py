"""What the contract tests share: NumPy's own answers, how a tensor is compared, a refusal read.

Every check names what was tried, what came, and what was expected.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import pytest

from tinytorch.spatial import conv2d
from tinytorch.tensor import Tensor

# Where gradients can be had, the checks run as they do in training: watched.
if importlib.util.find_spec("tinytorch.autograd"):
    importlib.import_module("tinytorch.autograd")

TOLERANCE = {"float16": 1e-2, "float32": 2e-5, "float64": 1e-11}
Array = np.ndarray[Any, Any]


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Array]:
    """drawn(2, 3, 4, 4): an array of this shape from the normal distribution."""

    def draw(*shape: int, seed: int = 0, dtype: str = "float64") -> Array:
        return np.random.default_rng(seed).standard_normal(shape).astype(dtype)

    return draw


@pytest.fixture(scope="session")
def assert_tensor() -> Callable[..., None]:
    """assert_tensor(found, expected, tried): shape, dtype and values are those of `expected`."""
    return _assert_tensor


def _assert_tensor(found: Any, expected: Array, tried: str) -> None:
    assert isinstance(found, Tensor), f"{tried} gave a {type(found).__name__}, not a Tensor"
    values = found.detach().numpy()
    told = f"{tried}\n  gave      {_told(values)}\n  expected  {_told(expected)}"
    assert values.shape == expected.shape, told
    assert values.dtype == expected.dtype, told
    bound = TOLERANCE.get(str(expected.dtype), 0.0)
    close = np.isclose(
        values.astype(np.float64), expected.astype(np.float64), bound, bound, equal_nan=True
    )
    assert close.all(), f"{told}\n  first difference at index {tuple(np.argwhere(~close)[0])}"


def _told(array: Any) -> str:
    text = np.array2string(array, threshold=40, separator=", ", prefix=" " * 12)
    return f"shape {array.shape}, {array.dtype}\n            {text}"


@pytest.fixture(scope="session")
def refused() -> Callable[..., AbstractContextManager[None]]:
    """with refused(ValueError, "conv2d", "(2,)"): the block raises this; its message has these."""
    return _refused


@contextmanager
def _refused(error: type[Exception], *words: str) -> Iterator[None]:
    with pytest.raises(error) as caught:
        yield
    assert not isinstance(caught.value, NotImplementedError), "the task is not written yet"
    told = str(caught.value)
    missing = [repr(word) for word in words if word not in told]
    assert not missing, (
        f"the text of the {type(caught.value).__name__} should name {' and '.join(missing)}, so "
        f"that a reader finds the mistake; it says: {told}"
    )


@pytest.fixture(scope="session")
def check_convolution() -> Callable[..., None]:
    """check_convolution("im2col", x, weight, bias, stride=2): that kernel gives NumPy's answer."""
    return _check_convolution


def _check_convolution(kernel: str, x: Any, weight: Any, bias: Any = None, **options: Any) -> None:
    """x, weight, bias: arrays or tensors; they must be what they were afterwards."""
    given = [each if each is None or isinstance(each, Tensor) else Tensor(each)
             for each in (x, weight, bias)]  # fmt: skip
    before = [None if each is None else np.array(each.numpy()) for each in given]
    with conv2d.using(kernel):
        found = conv2d(*given, **options)
    after = [None if each is None else each.numpy() for each in given]
    shapes = " and ".join(str(each.shape) for each in before if each is not None)
    chosen = ", ".join(f"{name}={value!r}" for name, value in options.items())
    tried = f"conv2d (kernel {kernel!r}) of {shapes}" + (f" with {chosen}" if chosen else "")
    _assert_tensor(found, _convolved(*before, **options), tried)
    for name, old, new in zip(("x", "weight", "bias"), before, after, strict=True):
        np.testing.assert_array_equal(old, new, err_msg=f"{tried} wrote to {name}")


@pytest.fixture(scope="session")
def convolved() -> Callable[..., Array]:
    """convolved(x, weight, bias, stride=2): the convolution by NumPy, of arrays."""
    return _convolved


def _convolved(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Array:
    """For each place in the window, a product over the channels."""
    (sh, sw), (dh, dw) = pair(stride), pair(dilation)
    images = x if x.ndim == 4 else x[None]
    out_channels, per_group, kh, kw = weight.shape
    images = np.pad(images, ((0, 0), (0, 0), *around(padding, (kh, kw), (dh, dw))))
    rows = (images.shape[2] - dh * (kh - 1) - 1) // sh + 1
    columns = (images.shape[3] - dw * (kw - 1) - 1) // sw + 1
    y = np.zeros((len(images), out_channels, rows, columns), x.dtype)
    each = out_channels // groups
    for k in range(groups):
        inner = slice(k * per_group, (k + 1) * per_group)
        outer = slice(k * each, (k + 1) * each)
        for u, v in np.ndindex(kh, kw):
            bottom, right = dh * u + sh * (rows - 1) + 1, dw * v + sw * (columns - 1) + 1
            seen = images[:, inner, dh * u : bottom : sh, dw * v : right : sw]
            y[:, outer] += np.einsum("nchw,oc->nohw", seen, weight[outer, :, u, v])
    if bias is not None:
        y += bias.reshape(-1, 1, 1)
    return y if x.ndim == 4 else y[0]


def pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def around(padding: Any, kernel: tuple[int, int], dilation: tuple[int, int]) -> Any:
    """((top, bottom), (left, right))"""
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        lost = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        return [(n // 2, n - n // 2) for n in lost]
    height, width = pair(padding)
    return (height, height), (width, width)
