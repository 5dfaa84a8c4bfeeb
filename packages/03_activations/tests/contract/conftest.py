"""What the checks of this module share: a comparison and a refusal, both of which say what was
tried, what came, and what was expected."""

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

SILENT: Any = {"over": "raise", "divide": "raise", "invalid": "raise"}
"""For np.errstate: nothing but underflow may be reported."""
MOST_SHOWN = 3


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
            with np.errstate(**SILENT):
                result = self.function(Tensor(x), **options)
        except FloatingPointError as report:
            culprits = self._reporting(given, options)
            raise AssertionError(
                f"{where}: NumPy reports {str(report)!r}{culprits}. {_remedy(str(report), x)}"
            ) from report
        return self._looked_at(result, x, given, where)

    def _reporting(self, x: Array, options: dict[str, Any]) -> str:
        """The entries that bring a report alone, in words; none where entries see each other."""
        found: list[str] = []
        for entry in () if "dim" in options else dict.fromkeys(x.ravel().tolist()):
            alone = np.array([entry], x.dtype)
            try:
                with np.errstate(**SILENT):
                    self.function(Tensor(alone), **options)
            except FloatingPointError:
                found.append(str(alone[0]))
        shown = ", ".join(found[:MOST_SHOWN])
        more = f" and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
        return f" for x = {shown}{more}" if found else ""

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
        assert result.dtype == expected, (
            f"{where} gave {result.dtype}, expected {expected}{_on_float64(result.dtype, expected)}"
        )
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
        smallest: float | None = None,
        kinks: tuple[float, ...] = (),
        **options: Any,
    ) -> None:
        """Fail unless the result is `expected`, to `eps` units in the last place of its dtype.

        absolute: an error that is allowed besides.
        smallest: one that is allowed of any result: the smallest normal number, unless told.
        kinks: where the function is not smooth, so that its gradient rule is not checked there.
        """
        expected = np.broadcast_to(np.asarray(expected, np.float64), x.shape)
        finite = np.isfinite(x).all()
        found = self.call(x, **options) if finite else self.call_with_infinities(x, **options)
        limits = np.finfo(found.dtype)
        least = float(limits.tiny) if smallest is None else smallest
        with np.errstate(all="ignore"):
            allowed = least + float(limits.eps) * eps * np.abs(expected) + absolute
            error = np.abs(found.astype(np.float64) - expected)
            wrong = error > allowed
        # Infinities and nan have to be exactly where they are expected.
        special = ~(np.isfinite(expected) & np.isfinite(found))
        same = np.isclose(found, expected, rtol=0, atol=0, equal_nan=True)
        wrong = np.where(special, ~same, wrong)
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            pytest.fail(
                f"{self.name}(x{_listed(options)}) in {x.dtype}, shape {x.shape}: "
                f"{wrong.sum()} of {wrong.size} results {'is' if wrong.sum() == 1 else 'are'} "
                f"wrong. At index {at[0] if len(at) == 1 else at}, for x = {x[at]!s}, "
                f"came {found[at]!s}, expected {expected[at]!s}"
                f"{'' if special[at] else _compared(error[at], expected[at], allowed[at])}"
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


def _remedy(report: str, x: Array) -> str:
    """What to do about something that NumPy reports, in a sentence or two."""
    if report.startswith("overflow"):
        return (
            "The result can be had without it: rewrite the step that overflows or, if you can say "
            'why it does no harm there, put that one line under np.errstate(over="ignore")'
        )
    if not x.size:
        return (
            "There are no entries, so their sum is 0, and NumPy reports its logarithm and what is "
            "divided by it: return an array without entries before that"
        )
    if report.startswith("divide by zero"):
        return "The result can be had without it: find what is 0 in a quotient or a logarithm"
    return "The result can be had without it: find the inf - inf, inf * 0, inf / inf or 0 / 0"


def _on_float64(found: np.dtype[Any], expected: np.dtype[Any]) -> str:
    if (found, expected) != (np.float64, np.float32):
        return ""
    return (
        ". A number of NumPy, such as np.sqrt(2), is a float64 and makes one of what it meets; "
        "a number of Python, such as math.sqrt(2), takes the dtype of the array"
    )


def _compared(error: float, expected: float, allowed: float) -> str:
    size = abs(expected)
    if size == 0:
        return f": {error:.2g} too far from it, where {allowed:.2g} is allowed"
    return f": a relative error of {error / size:.2g}, where {allowed / size:.2g} is allowed"


def _short(x: Array) -> str:
    text = np.array2string(x, threshold=6, edgeitems=2, separator=", ").replace("\n", "")
    return text if len(text) < 100 else text[:97] + "..."


def _listed(options: dict[str, Any]) -> str:
    return "".join(f", {name}={value!r}" for name, value in options.items())


@pytest.fixture(scope="session")
def judge() -> type[Judge]:
    return Judge


@pytest.fixture(scope="session")
def refused() -> Callable[..., None]:
    """refused(TypeError, "relu(1)", lambda: relu(1), "relu"): the call, written out before it,
    raises this error, and its message has these words."""
    return _refused


def _refused(
    expected: type[Exception], tried: str, call: Callable[[], object], *words: str
) -> None:
    message = _message_of(expected, tried, call)
    missing = [word for word in words if word not in message]
    assert not missing, (
        f"{tried} raises {_a(expected)}, but its message should say {' and '.join(missing)}. "
        f"It says: {message}"
    )


def _message_of(expected: type[Exception], tried: str, call: Callable[[], object]) -> str:
    try:
        came = call()
    except expected as error:
        return str(error)
    except NotImplementedError:  # an empty function of a starter says so itself
        raise
    except Exception as error:
        raise AssertionError(
            f"{tried} should raise {_a(expected)}, but raised {_a(type(error))}: {error}"
        ) from error
    raise AssertionError(f"{tried} should raise {_a(expected)}, but raised nothing and gave {came}")


def _a(error: type[Exception]) -> str:
    name = error.__name__
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


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
