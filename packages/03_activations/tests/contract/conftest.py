"""What the checks of this module share: a comparison that says what was tried, what came, and what
was expected."""

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule

if importlib.util.find_spec("tinytorch.autograd"):
    import tinytorch.autograd  # noqa: F401  (gives the operations their gradient rules)

Array = np.ndarray[Any, Any]


class Judge:
    """Calls an activation as a careful user would, and looks at all that comes back."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = str(getattr(function, "__name__", function))

    def call(self, x: Array, **options: Any) -> Array:
        """The result for a tensor of `x`, as an array. NumPy may report nothing on the way."""
        given = x.copy()
        where = f"{self.name}({_short(x)}{_listed(options)}) in {x.dtype}"
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                result = self.function(Tensor(x), **options)
        except FloatingPointError as report:
            pytest.fail(
                f"{where}: NumPy reports {str(report)!r}. For these inputs the result can be had "
                "without: find the step that leaves the range of the dtype"
            )
        return self._looked_at(result, x, given, where)

    def call_with_infinities(self, x: Array, **options: Any) -> Array:
        """The same where ∞ or nan are among the numbers, and NumPy may say so."""
        given = x.copy()
        where = f"{self.name}({_short(x)}{_listed(options)}) in {x.dtype}"
        with np.errstate(all="ignore"):
            result = self.function(Tensor(x), **options)
        return self._looked_at(result, x, given, where)

    def _looked_at(self, result: Any, x: Array, given: Array, where: str) -> Array:
        assert isinstance(result, Tensor), (
            f"{where} gave a {type(result).__name__}, where a Tensor was expected"
        )
        assert result.shape == x.shape, (
            f"{where} gave the shape {result.shape}, but the input has {x.shape}"
        )
        expected = x.dtype if x.dtype.kind == "f" or self.name == "relu" else np.dtype(np.float32)
        assert result.dtype == expected, f"{where} gave {result.dtype}, expected {expected}"
        assert np.array_equal(x, given, equal_nan=x.dtype.kind == "f"), (
            f"{where} changed its input to {_short(x)}: write into a new array"
        )
        assert not np.shares_memory(result.array, x), (
            f"{where} gave back the memory of its input: a later write to one would change both"
        )
        return result.array

    def agrees(
        self,
        x: Array,
        expected: Any,
        *,
        eps: float = 16,
        absolute: Any = 0.0,
        kinks: tuple[float, ...] = (),
        **options: Any,
    ) -> None:
        """Fail unless the result is `expected`, to `eps` units in the last place of its dtype.

        absolute: an error that is allowed besides. The smallest normal number always is.
        kinks: where the function is not smooth, so that its gradient rule is not checked there.
        """
        expected = np.broadcast_to(np.asarray(expected, np.float64), x.shape)
        finite = np.isfinite(x).all()
        found = self.call(x, **options) if finite else self.call_with_infinities(x, **options)
        limits = np.finfo(found.dtype)
        with np.errstate(all="ignore"):
            allowed = float(limits.tiny) + float(limits.eps) * eps * np.abs(expected) + absolute
            wrong = np.abs(found.astype(np.float64) - expected) > allowed
        # Infinities and nan have to be exactly where they are expected.
        special = ~(np.isfinite(expected) & np.isfinite(found))
        same = np.isclose(found, expected, rtol=0, atol=0, equal_nan=True)
        wrong = np.where(special, ~same, wrong)
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            pytest.fail(
                f"{self.name}{_listed(options) and '(x' + _listed(options) + ')'} in {x.dtype}, "
                f"shape {x.shape}: {wrong.sum()} of {wrong.size} results are wrong. "
                f"At {at}, for x = {x[at]!r}, came {found[at]!r}, expected {expected[at]!r}"
            )
        self.gradient(x, kinks=kinks, **options)

    def gradient(self, x: Array, *, kinks: tuple[float, ...] = (), **options: Any) -> None:
        """Check the gradient rule, if there is one, where the numbers are tame."""
        if getattr(self.function, "rule", None) is None or x.dtype.kind != "f" or not x.size:
            return
        points = np.asarray(x, np.float64)
        if "dim" not in options:  # each number for itself: take a few of the tame ones
            points = points[np.isfinite(points) & (np.abs(points) < 30)]
            for kink in kinks:
                points = points[np.abs(points - kink) > 1e-3]
            points = points[:: max(1, points.size // 12)]
        if points.size and points.size <= 100 and (np.abs(points) < 30).all():
            check_rule(self.function, points, **options)  # type: ignore[arg-type]


def _short(x: Array) -> str:
    text = np.array2string(x, threshold=6, edgeitems=2, separator=", ").replace("\n", "")
    return text if len(text) < 100 else text[:97] + "..."


def _listed(options: dict[str, Any]) -> str:
    return "".join(f", {name}={value!r}" for name, value in options.items())


@pytest.fixture(scope="session")
def judge() -> type[Judge]:
    return Judge


@pytest.fixture(params=["float16", "float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> Any:
    """Each floating dtype."""
    return np.dtype(request.param)


LAYOUTS: dict[str, Callable[[], Array]] = {
    "0-d": lambda: np.array(-1.5),
    "one": lambda: np.array([0.5]),
    "empty": lambda: np.zeros((0,)),
    "empty, 2-d": lambda: np.zeros((3, 0)),
    "ones among the sizes": lambda: np.linspace(-3, 3, 6).reshape(1, 6, 1),
    "3-d": lambda: np.linspace(-4, 4, 24).reshape(2, 3, 4),
    "transposed": lambda: np.linspace(-4, 4, 12).reshape(3, 4).T,
    "every second": lambda: np.linspace(-4, 4, 12)[::2],
    "backwards": lambda: np.linspace(-4, 4, 7)[::-1],
    "broadcast": lambda: np.broadcast_to(np.linspace(-2, 2, 3), (4, 3)),
    "Fortran order": lambda: np.asfortranarray(np.linspace(-4, 4, 12).reshape(4, 3)),
}


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> Array:
    """An array in one of the shapes and orders in memory that tensors have."""
    return LAYOUTS[request.param]()
