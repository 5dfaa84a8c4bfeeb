"""What the contract tests share: parameters with gradients, and how they are compared.

Expected values are computed in the checks, by NumPy in float64. Every check names what was tried,
what came, and what was expected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor

# Sums of a few steps in float32 are exact to some units in the last place of the largest number.
TOLERANCE = {"float16": 4e-3, "float32": 1e-4, "float64": 1e-10}


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Any]:
    """drawn(2, 3, seed=1, dtype="float32"): normal numbers."""
    return _drawn


def _drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.fixture(scope="session")
def leaf() -> Callable[..., Any]:
    """leaf(values, gradient): a tensor with memory of its own, and a gradient if one is given."""
    return _leaf


def _leaf(values: Any, gradient: Any = None) -> Any:
    tensor = Tensor(np.array(values))
    if gradient is not None:
        tensor.grad = Tensor(np.array(gradient))
    return tensor


@pytest.fixture(scope="session")
def walk() -> Callable[..., Any]:
    """walk(make, rule, gradients): check an optimizer against a rule, step for step.

    make: gives an optimizer of a list of parameters. rule: a function of p, g, the number of the
    step and a dict that it may keep things in, which gives the new p. gradients: for each step.
    """
    return _walk


def _walk(
    make: Callable[[list[Any]], Any],
    rule: Callable[[Any, Any, int, dict[str, Any]], Any],
    gradients: Sequence[Any],
    tried: str,
    *,
    start: Any = None,
) -> None:
    start = _drawn(*np.shape(gradients[0]), seed=99) if start is None else start
    start = np.asarray(start, dtype=np.asarray(gradients[0]).dtype)
    parameter = _leaf(start)
    optimizer = make([parameter])
    expected: Any = start.astype(np.float64)
    kept: dict[str, Any] = {}
    for step, gradient in enumerate(gradients, 1):
        parameter.grad = Tensor(np.array(gradient))
        optimizer.step()
        expected = rule(expected, np.asarray(gradient, np.float64), step, kept)
        _assert_close(parameter, expected, f"{tried}: the parameter after step {step}", start.dtype)
        _assert_close(parameter.grad, gradient, f"{tried}: the gradient, which is only read")


@pytest.fixture(scope="session")
def assert_close() -> Callable[..., None]:
    """assert_close(found, expected, tried): a tensor's or array's shape and values are these."""
    return _assert_close


def _assert_close(found: Any, expected: Any, tried: str, dtype: Any = None) -> None:
    expected = np.asarray(expected)
    wanted = expected.dtype if dtype is None else np.dtype(dtype)
    values = found if isinstance(found, np.ndarray) else found.detach().numpy()
    told = f"{tried}\n  gave      {_told(values)}\n  expected  {_told(expected)}"
    assert values.shape == expected.shape, told
    assert values.dtype == wanted, told
    bound = TOLERANCE[str(wanted)]
    close = np.isclose(
        values.astype(np.float64), expected.astype(np.float64), bound, bound, equal_nan=True
    )
    assert close.all(), f"{told}\n  first difference at index {tuple(np.argwhere(~close)[0])}"


def _told(array: Any) -> str:
    text = np.array2string(array, threshold=20, precision=7, separator=", ", prefix=" " * 12)
    return f"shape {array.shape}, {array.dtype}\n            {text}"


@pytest.fixture(scope="session")
def refused() -> Callable[..., AbstractContextManager[None]]:
    """with refused(ValueError, "SGD", "-1"): raises this, and its message has these."""
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
def copied() -> Callable[[Any], Any]:
    """copied(optimizer.state_dict()): the same, with arrays of its own for the tensors."""
    return _copied


def _copied(state: Any) -> Any:
    entries = {
        number: {
            name: value if isinstance(value, int | float) else value.numpy().copy()
            for name, value in each.items()
        }
        for number, each in state["state"].items()
    }
    return {"state": entries, "param_groups": [dict(group) for group in state["param_groups"]]}
