"""What the contract tests share: central differences, and how gradients are compared with them.

What is expected is computed here, by NumPy in float64, from a function on arrays that the test
gives; what came is taken out of tensors as arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import pytest

import tinytorch.autograd as ag
import tinytorch.tensor as tt
from tinytorch.tensor.testing import gradients_of

Array = np.ndarray[Any, Any]
STEP = 1e-5


def differences(function: Callable[..., Any], inputs: Sequence[Any], which: int, g: Any) -> Array:
    """∂(Σ g·f)/∂inputs[which], entry by entry: (f(x + h) − f(x − h)) / 2h. Arrays in float64.

    g: an array, or a tuple of them where the function has several results.
    """
    x = np.array(inputs[which], dtype=np.float64)
    arriving = g if isinstance(g, tuple) else (g,)

    def total() -> float:
        found = function(*inputs[:which], x, *inputs[which + 1 :])
        results = found if isinstance(found, tuple) else (found,)
        return sum(float(np.vdot(a, r)) for a, r in zip(arriving, results, strict=True))

    gradient = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        here = x[index]
        x[index] = here + STEP
        above = total()
        x[index] = here - STEP
        below = total()
        x[index] = here
        gradient[index] = (above - below) / (2 * STEP)
    return gradient


@pytest.fixture(scope="session")
def assert_gradient() -> Callable[..., None]:
    """assert_gradient(found, expected, tried): a gradient's shape, dtype and values."""
    return _assert_gradient


def _assert_gradient(
    found: Any, expected: Any, tried: str, *, dtype: str = "float64", tolerance: float = 1e-6
) -> None:
    """found: a tensor, or an array."""
    assert found is not None, f"{tried}: there is no gradient"
    values = found if isinstance(found, np.ndarray | np.generic) else found.detach().numpy()
    expected = np.asarray(expected)
    told = f"{tried}\n  gradient  {_told(values)}\n  expected  {_told(expected)}"
    assert values.shape == expected.shape, told
    assert values.dtype == np.dtype(dtype), told
    wide = values.astype(np.float64)
    close = np.isclose(wide, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
    assert close.all(), f"{told}\n  first difference at index {tuple(np.argwhere(~close)[0])}"


def _told(array: Any) -> str:
    text = np.array2string(array, threshold=30, precision=6, separator=", ", prefix=" " * 12)
    return f"shape {array.shape}, {array.dtype}\n            {text}"


@pytest.fixture(scope="session")
def check_rule_of() -> Callable[..., None]:
    """check_rule_of("mul", np.multiply, a, b): what the rule gives is what differences give.

    Nothing is asked of the engine: the rule is run by itself, on arrays and on tensors. An
    operation that somebody has composed of others has no rule; then the way back is gone.
    """
    return _check_rule_of


def _check_rule_of(
    name: str,
    function: Callable[..., Any],
    *inputs: Any,
    wanted: Sequence[int] | None = None,
    expected: dict[int, Any] | None = None,
    g: Any = None,
    tolerance: float = 1e-6,
    **attributes: Any,
) -> None:
    """function: the operation by NumPy, of the inputs alone. inputs: arrays and numbers.

    wanted: which inputs; all float arrays if not given. expected: gradients where differences are
    no help, at ties and edges. A list as the only input stands for a variadic operation's.
    """
    given = inputs[0] if len(inputs) == 1 and isinstance(inputs[0], list) else list(inputs)
    if wanted is None:
        wanted = [i for i, x in enumerate(given) if is_floating(x)]
    results = function(*given)
    if g is None:
        g = _arriving(results)
    found = _by_rule(name, given, wanted, attributes, g, isinstance(inputs[0], list))
    for i in wanted:
        tried = f"the gradient of {name}{_shapes(given)} {attributes or ''} by input {i}"
        if expected is not None and i in expected:
            right = np.asarray(expected[i], np.float64)
        else:
            right = differences(function, given, i, g)
        gradients = {
            how: np.zeros(right.shape) if each[i] is None else np.asarray(each[i])
            for how, each in found.items()
        }
        for how, gradient in gradients.items():
            _assert_gradient(gradient, right, f"{tried}, {how}", tolerance=tolerance)
        first, *others = gradients.values()
        for other in others:
            told = f"{tried}, on tensors where it should be as on arrays"
            _assert_gradient(other, first, told, tolerance=1e-11)


def _arriving(results: Any) -> Any:
    rng = np.random.default_rng(7)
    if isinstance(results, tuple):
        return tuple(_arriving(each) for each in results)
    results = np.asarray(results)
    drawn = rng.uniform(0.5, 1.5, results.shape) * rng.choice([-1.0, 1.0], results.shape)
    return drawn if results.dtype.kind == "f" else np.zeros(results.shape)


def _by_rule(
    name: str,
    given: list[Any],
    wanted: Sequence[int],
    attributes: dict[str, Any],
    g: Any,
    variadic: bool,
) -> dict[str, list[Any]]:
    operation = tt.operations().get(name)
    if operation is None or operation.rule is None:
        return {"on the way back": _by_engine(name, given, wanted, attributes, g, variadic)}
    returned = operation.forward(*given, **attributes)
    returned = returned if isinstance(returned, tuple) else (returned,)
    cut = len(returned) - len(operation.saves)
    results, saved = list(returned[:cut]), tuple(returned[cut:])
    needs = tuple(i in wanted for i in range(len(given)))
    on_arrays = gradients_of(operation, needs, given, attributes, results, saved, g)
    on_tensors = gradients_of(
        operation, needs, lifted(given), attributes, lifted(results), saved, lifted(g)
    )
    return {
        "on arrays": on_arrays,
        "on tensors": [None if x is None else x.numpy() for x in on_tensors],
    }


def _by_engine(
    name: str,
    given: list[Any],
    wanted: Sequence[int],
    attributes: dict[str, Any],
    g: Any,
    variadic: bool,
) -> list[Any]:
    tensors = [
        tt.Tensor(x, requires_grad=i in wanted) if isinstance(x, np.ndarray) else x
        for i, x in enumerate(given)
    ]
    function = getattr(tt, name)
    found = function(tensors, **attributes) if variadic else function(*tensors, **attributes)
    found.backward(tt.Tensor(np.asarray(g)))
    return [
        x.grad.numpy() if i in wanted and x.grad is not None else None
        for i, x in enumerate(tensors)
    ]


def lifted(value: Any) -> Any:
    if isinstance(value, list):
        return [lifted(each) for each in value]
    if isinstance(value, tuple):
        return tuple(lifted(each) for each in value)
    return tt.Tensor(value) if isinstance(value, np.ndarray | np.generic) else value


def is_floating(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def _shapes(given: list[Any]) -> str:
    return f"({', '.join(str(getattr(x, 'shape', x)) for x in given)})"


@pytest.fixture(scope="session")
def check_gradients() -> Callable[..., None]:
    """check_gradients(on_tensors, on_arrays, a, b): the way back through any computation."""
    return _check_gradients


def _check_gradients(
    on_tensors: Callable[..., Any],
    on_arrays: Callable[..., Any],
    *inputs: Array,
    tolerance: float = 1e-6,
) -> None:
    """on_tensors, on_arrays: the same computation of one result, twice."""
    g = _arriving(np.asarray(on_arrays(*inputs)))
    leaves = [tt.Tensor(np.array(x), requires_grad=True) for x in inputs]
    y = on_tensors(*leaves)
    y.backward(tt.Tensor(np.asarray(g)))
    for i, leaf in enumerate(leaves):
        expected = differences(on_arrays, inputs, i, g)
        found = np.zeros(expected.shape) if leaf.grad is None else leaf.grad.numpy()
        _assert_gradient(found, expected, f"the gradient by input {i}", tolerance=tolerance)


@pytest.fixture(scope="session")
def refused() -> Callable[..., AbstractContextManager[None]]:
    """with refused(RuntimeError, "mul"): the block raises this, and its message has these words."""
    return _refused


@contextmanager
def _refused(error: type[Exception], *words: str) -> Iterator[None]:
    with pytest.raises(error) as caught:
        yield
    told = str(caught.value)
    assert not told.startswith("task "), "the task is not written yet"
    missing = [repr(word) for word in words if word not in told]
    assert not missing, (
        f"the text of the {type(caught.value).__name__} should name {' and '.join(missing)}, so "
        f"that a reader finds the mistake; it says: {told}"
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Array]:
    """drawn(2, 3, seed=1): normal numbers."""

    def draw(*shape: int, seed: int = 0) -> Array:
        return np.random.default_rng(seed).standard_normal(shape)

    return draw


@pytest.fixture(scope="session")
def apart() -> Callable[..., Array]:
    """apart(2, 3, seed=1): numbers of either sign that lie at least 0.1 from 0 and one another."""

    def draw(*shape: int, seed: int = 0) -> Array:
        rng = np.random.default_rng(seed)
        size = int(np.prod(shape))
        magnitudes = rng.permutation(np.arange(1, size + 1)) * 0.3 + rng.uniform(-0.1, 0.1, size)
        return (magnitudes * rng.choice([-1.0, 1.0], size)).reshape(shape)

    return draw


@pytest.fixture(scope="session")
def positive() -> Callable[..., Array]:
    """positive(2, 3, seed=1): numbers from 0.5 to 2."""

    def draw(*shape: int, seed: int = 0) -> Array:
        return np.random.default_rng(seed).uniform(0.5, 2.0, shape)

    return draw


@pytest.fixture(autouse=True)
def recording() -> Iterator[None]:
    """Every test begins and ends with recording on."""
    ag.set_grad_enabled(True)
    yield
    ag.set_grad_enabled(True)
