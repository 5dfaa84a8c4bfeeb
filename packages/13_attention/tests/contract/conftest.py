"""What the contract tests share: attention by NumPy in float64, how a tensor is compared, a refusal
read.

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

# Where gradients can be had, the checks run as they do in training: watched.
if importlib.util.find_spec("tinytorch.autograd") is not None:
    importlib.import_module("tinytorch.autograd")

# Results are means of values, weighted by what lies between 0 and 1: they lose few digits.
TOLERANCE = {"float16": 4e-3, "float32": 5e-5, "float64": 1e-11}


@pytest.fixture(scope="session")
def assert_close() -> Callable[..., None]:
    """assert_close(found, expected, tried): a tensor's shape, dtype and values are the expected."""
    return _assert_close


def _assert_close(
    found: Any, expected: Any, tried: str, *, dtype: Any = None, tolerance: float | None = None
) -> None:
    """found: a tensor or an array. expected: an array. tried: what was called."""
    expected = np.asarray(expected)
    wanted = expected.dtype if dtype is None else np.dtype(dtype)
    values = found if isinstance(found, np.ndarray) else found.detach().numpy()
    told = f"{tried}\n  gave      {_told(values)}\n  expected  {_told(expected)}"
    assert values.shape == expected.shape, told
    assert values.dtype == wanted, told
    bound = TOLERANCE.get(str(wanted), 0.0) if tolerance is None else tolerance
    close = np.isclose(
        values.astype(np.float64), expected.astype(np.float64), bound, bound, equal_nan=True
    )
    assert close.all(), f"{told}\n  first difference at index {tuple(np.argwhere(~close)[0])}"


def _told(array: Any) -> str:
    text = np.array2string(array, threshold=40, precision=5, separator=", ", prefix=" " * 12)
    return f"shape {array.shape}, {array.dtype}\n            {text}"


@pytest.fixture(scope="session")
def refused() -> Callable[..., AbstractContextManager[None]]:
    """with refused(ValueError, "KVCache", "(2,)"): raises this, and its message has these."""
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
def drawn() -> Callable[..., Any]:
    """drawn(2, 3, seed=1, dtype="float32"): normal numbers."""
    return _drawn


def _drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.fixture(scope="session")
def weights_of() -> Callable[..., Any]:
    """weights_of(q, k, allowed, bias, scale): softmax(q kᵀ · scale + bias), 0 where not allowed."""
    return _weights_of


def _weights_of(
    q: Any, k: Any, allowed: Any = None, bias: Any = None, scale: float | None = None
) -> Any:
    """Row by row, over the keys that may be seen. A row that sees nothing is zeros."""
    q, k = (np.asarray(x, np.float64) for x in (q, k))
    scores = np.einsum("...ld,...sd->...ls", q, k)
    scores *= q.shape[-1] ** -0.5 if scale is None else scale
    if bias is not None:
        scores = scores + bias
    seen = np.isfinite(scores)
    if allowed is not None:
        seen = seen & allowed
    weights = np.zeros(scores.shape)
    for row in np.ndindex(scores.shape[:-1]):
        picked = scores[row][seen[row]]
        if picked.size:
            powers = np.exp(picked - picked.max())
            weights[row][seen[row]] = powers / powers.sum()
    return weights


@pytest.fixture(scope="session")
def attended() -> Callable[..., Any]:
    """attended(q, k, v, allowed, bias, scale): attention by NumPy, in float64.

    Where q has more heads than k and v, neighbours share one.
    """
    return _attended


def _attended(
    q: Any,
    k: Any,
    v: Any,
    allowed: Any = None,
    bias: Any = None,
    scale: float | None = None,
    grouped: bool = False,
) -> Any:
    if grouped:
        group = q.shape[-3] // k.shape[-3]
        k, v = (np.repeat(x, group, axis=-3) for x in (k, v))
    weights = _weights_of(q, k, allowed, bias, scale)
    return np.einsum("...ls,...sd->...ld", weights, np.asarray(v, np.float64))


@pytest.fixture(scope="session")
def behind() -> Callable[..., Any]:
    """behind(length, total): booleans, True where query i may look at key j if none looks ahead."""
    return _behind


def _behind(length: int, total: int) -> Any:
    return np.array(
        [[j <= i + max(total - length, 0) for j in range(total)] for i in range(length)], bool
    ).reshape(length, total)
