"""What the contract tests share: how a result is compared, and how a refusal is read.

Every check names what was tried, what came, and what was expected. Expected values are computed
here, by NumPy in float64.

What is drawn at random is counted, and compared with what should come: a count may lie six standard
deviations off, which happens to right code in one of five hundred million draws.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import pytest

# The checks run as training does: watched.
importlib.import_module("tinytorch.autograd")

TOLERANCE = {"float16": 4e-3, "float32": 1e-5, "float64": 1e-11, "uint8": 0.0}


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
    """with refused(ValueError, "dropout", "1.5"): raises this, and its message has these."""
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
def assert_share() -> Callable[..., None]:
    """assert_share(which, p, tried): of these booleans, drawn independently, the share p is true,
    as far as chance allows."""
    return _assert_share


def _assert_share(which: Any, p: float, tried: str) -> None:
    found = float(np.mean(which))
    allowed = 6 * (p * (1 - p) / np.size(which)) ** 0.5
    assert abs(found - p) <= allowed, (
        f"{tried}\n  happened to   {found:.4f} of {np.size(which)}\n"
        f"  expected      {p:.4f}, within {allowed:.4f}"
    )


@pytest.fixture(scope="session")
def assert_mean() -> Callable[..., None]:
    """assert_mean(values, mean, deviation, tried): the mean of independent draws that have this
    mean and standard deviation, as far as chance allows."""
    return _assert_mean


def _assert_mean(values: Any, mean: float, deviation: float, tried: str) -> None:
    found = float(np.mean(np.asarray(values, np.float64)))
    allowed = 6 * deviation / np.size(values) ** 0.5
    assert abs(found - mean) <= allowed, (
        f"{tried}\n  has the mean  {found:.5f}, over {np.size(values)} numbers\n"
        f"  expected      {mean:.5f}, within {allowed:.5f}"
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Any]:
    """drawn(2, 3, seed=1, dtype="float32"): numbers from 1 to 2, or from −2 to −1: none near 0."""
    return _drawn


def _drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> Any:
    draws = np.random.default_rng(seed)
    return (draws.uniform(1, 2, shape) * draws.choice([-1.0, 1.0], shape)).astype(dtype)


@pytest.fixture(scope="session")
def laid_out() -> Callable[[Any, str], Any]:
    """laid_out(array, "every second"): an equal array that lies in memory in another way."""
    return _laid_out


def _laid_out(array: Any, how: str) -> Any:
    if how == "channels last":
        return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 1, -1)), -1, 1)
    if how == "Fortran order":
        return np.asfortranarray(array)
    if how == "backwards":
        return np.ascontiguousarray(array[::-1, ..., ::-1])[::-1, ..., ::-1]
    wider = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wider[..., ::2] = array
    return wider[..., ::2]
