"""What the contract tests share: how a tensor is compared, a refusal read, a gradient rule checked.

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

import tinytorch.tensor as tt
from tinytorch.tensor.testing import check_rule

# Where the gradient rules are installed, every operation that has one is checked against it.
if importlib.util.find_spec("tinytorch.autograd"):
    importlib.import_module("tinytorch.autograd")

# A function of the tasks that is composed of operations speaks with their names.
OF_TASKS = frozenset({
    "add", "sub", "mul", "div", "neg", "pow", "maximum", "minimum", "clip", "permute", "transpose",
    "unsqueeze", "mean", "var", "logsumexp", "take", "gather", "scatter_add",
})  # fmt: skip
TOLERANCE = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-12}


@pytest.fixture(scope="session")
def assert_tensor() -> Callable[..., None]:
    """assert_tensor(found, expected, tried): shape, dtype and values are those of `expected`."""
    return _assert_tensor


def _assert_tensor(
    found: Any, expected: Any, tried: str, *, dtype: Any = None, tolerance: float | None = None
) -> None:
    """found: what came. expected: an array, or numbers with `dtype`. tried: what was called."""
    expected = np.asarray(expected)
    wanted = expected.dtype if dtype is None else np.dtype(dtype)
    expected = expected.astype(wanted)
    assert isinstance(found, tt.Tensor), f"{tried} gave a {type(found).__name__}, not a Tensor"
    values = found.detach().numpy()
    told = f"{tried}\n  gave      {_told(values)}\n  expected  {_told(expected)}"
    assert values.shape == expected.shape, told
    assert values.dtype == wanted, told
    if wanted.kind != "f":
        assert np.array_equal(values, expected), told
        return
    bound = TOLERANCE[str(wanted)] if tolerance is None else tolerance
    close = np.isclose(
        values.astype(np.float64), expected.astype(np.float64), bound, bound, equal_nan=True
    )
    assert close.all(), f"{told}\n  first difference at index {tuple(np.argwhere(~close)[0])}"


def _told(array: Any) -> str:
    text = np.array2string(array, threshold=30, separator=", ", prefix=" " * 12)
    return f"shape {array.shape}, {array.dtype}\n            {text}"


@pytest.fixture(scope="session")
def refused() -> Callable[..., AbstractContextManager[None]]:
    """with refused(ValueError, "add", "(2,)"): the block raises this, and its message has these."""
    return _refused


@contextmanager
def _refused(error: type[Exception], *words: str) -> Iterator[None]:
    with pytest.raises(error) as caught:
        yield
    assert not isinstance(caught.value, NotImplementedError), "the task is not written yet"
    told = str(caught.value)
    wanted = [word for word in words if word not in OF_TASKS or word in tt.operations()]
    missing = [repr(word) for word in wanted if word not in told]
    assert not missing, (
        f"the text of the {type(caught.value).__name__} should name {' and '.join(missing)}, so "
        f"that a reader finds the mistake; it says: {told}"
    )


@pytest.fixture(scope="session")
def check_gradient() -> Callable[..., None]:
    """check_gradient("add", a, b): the gradient rule of the operation, where it has one, is right.

    Without module 09 no operation has a rule, and there is nothing to check.
    """
    return _check_gradient


def _check_gradient(name: str, *inputs: Any, **attributes: Any) -> None:
    operation = tt.operations().get(name)
    if operation is not None and operation.rule is not None:
        check_rule(operation, *inputs, **attributes)


@pytest.fixture
def recorder_slot() -> Iterator[Callable[[Any], None]]:
    """set_recorder, for one test: afterwards the recorder that was there before is back."""
    before = tt.get_recorder()
    yield tt.set_recorder
    tt.set_recorder(before)
