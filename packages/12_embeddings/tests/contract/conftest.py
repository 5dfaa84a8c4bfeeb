"""What the contract tests share: how a result is compared, and how a refusal is read.

Every check names what was tried, what came, and what was expected. Expected values are computed
here, by plain Python and by NumPy in float64.
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

# What is expected comes in float64. What is judged adds up some dozens of normal numbers, in
# which float32 loses a few units of 1e-6: no draw comes near these.
TOLERANCE = {"float16": 4e-3, "float32": 1e-4, "float64": 1e-11}


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
    bound = TOLERANCE[str(wanted)] if tolerance is None else tolerance
    close = np.isclose(values.astype(np.float64), expected.astype(np.float64), bound, bound)
    assert close.all(), f"{told}\n  first difference at index {tuple(np.argwhere(~close)[0])}"


def _told(array: Any) -> str:
    text = np.array2string(array, threshold=30, precision=6, separator=", ", prefix=" " * 12)
    return f"shape {array.shape}, {array.dtype}\n            {text}"


@pytest.fixture(scope="session")
def refused() -> Callable[..., AbstractContextManager[None]]:
    """with refused(ValueError, "rotary", "(2,)"): raises this, and its message has these."""
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
def laid_out() -> Callable[[Any, str], Any]:
    """laid_out(array, "every second"): an equal array that lies in memory in another way."""
    return _laid_out


def _laid_out(array: Any, how: str) -> Any:
    if how == "Fortran order":
        return np.asfortranarray(array)
    if how == "backwards":
        return np.ascontiguousarray(array[::-1, ..., ::-1])[::-1, ..., ::-1]
    wider = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wider[..., ::2] = array
    return wider[..., ::2]
