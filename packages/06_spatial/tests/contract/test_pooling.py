"""Task 6.4: the largest number of each window, and the mean."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.spatial import avg_pool2d, max_pool2d
from tinytorch.tensor import Tensor, tensor
from tinytorch.tensor.testing import check_rule

Array = np.ndarray[Any, Any]
bounded = settings(derandomize=True, max_examples=60, deadline=None)


# By NumPy, window by window


def as_pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def starts(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> list[int]:
    """Where the windows begin, along one dimension of the image: −padding is the first place.

    With `ceil_mode` there is one more where those before have not come to the end, if it begins
    inside of the image or before it.
    """
    reach, end = dilation * (kernel - 1) + 1, size + padding
    found: list[int] = []
    start = -padding
    while start + reach <= end:
        found.append(start)
        start += stride
    uncovered = start - stride + reach < end
    if ceil_mode and uncovered and start < size:
        found.append(start)
    return found


def seen(
    x: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Iterator[tuple[int, int, int, int, Array]]:
    """For each window: its row and column in the result, where it begins, and its numbers of the
    image, without padding.
    """
    kernel, apart, around = as_pair(kernel_size), as_pair(dilation), as_pair(padding)
    steps = kernel if stride is None else as_pair(stride)
    begins = [
        starts(*each, ceil_mode)
        for each in zip(x.shape[-2:], kernel, steps, around, apart, strict=True)
    ]
    for i, top in enumerate(begins[0]):
        for j, left in enumerate(begins[1]):
            rows = range(top, top + apart[0] * kernel[0], apart[0])
            columns = range(left, left + apart[1] * kernel[1], apart[1])
            inside = (
                [r for r in rows if 0 <= r < x.shape[-2]],
                [c for c in columns if 0 <= c < x.shape[-1]],
            )
            yield i, j, top, left, x[..., inside[0], :][..., inside[1]]


def gathered(found: dict[tuple[int, int], Array]) -> Array:
    rows, columns = (1 + max(each) for each in zip(*found, strict=True))
    return np.stack([np.stack([found[i, j] for j in range(columns)], -1) for i in range(rows)], -2)


def largest(x: Array, **options: Any) -> Array:
    return gathered({(i, j): n.max((-2, -1)) for i, j, _, _, n in seen(x, **options)})


def means(
    x: Array,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    **options: Any,
) -> Array:
    kernel, around = as_pair(options["kernel_size"]), as_pair(options.get("padding", 0))
    found = {}
    for i, j, top, left, numbers in seen(x, **options):
        whole = [
            min(start + k, n + p) - start
            for start, k, n, p in zip((top, left), kernel, x.shape[-2:], around, strict=True)
        ]
        count = whole[0] * whole[1] if count_include_pad else numbers.shape[-1] * numbers.shape[-2]
        total = numbers.astype(np.float64).sum((-2, -1))
        found[i, j] = (total / (divisor_override or count)).astype(x.dtype)
    return gathered(found)


def told(name: str, x: Array, options: dict[str, Any]) -> str:
    chosen = ", ".join(f"{each}={value!r}" for each, value in options.items())
    return f"{name} of {x.shape} with {chosen}"


@pytest.fixture
def check_max(assert_tensor: Callable[..., None]) -> Callable[..., None]:
    def check(x: Any, **options: Any) -> None:
        given = x if isinstance(x, Tensor) else Tensor(x)
        before = np.array(given.numpy())
        found = max_pool2d(given, **options)
        tried = told("max_pool2d", before, options)
        assert_tensor(found, largest(before, **options), tried)
        np.testing.assert_array_equal(given.numpy(), before, f"{tried} wrote to its input")

    return check


@pytest.fixture
def check_avg(assert_tensor: Callable[..., None]) -> Callable[..., None]:
    def check(x: Any, **options: Any) -> None:
        given = x if isinstance(x, Tensor) else Tensor(x)
        before = np.array(given.numpy())
        found = avg_pool2d(given, **options)
        tried = told("avg_pool2d", before, options)
        assert_tensor(found, means(before, **options), tried)
        np.testing.assert_array_equal(given.numpy(), before, f"{tried} wrote to its input")

    return check


# How many windows there are


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "dilation", "ceil_mode", "expected"),
    [
        (4, 2, 2, 0, 1, False, 2),
        (5, 2, 2, 0, 1, False, 2),
        (5, 2, 2, 0, 1, True, 3),
        (4, 2, 2, 0, 1, True, 2),
        (5, 3, 2, 1, 1, False, 3),
        (6, 3, 2, 1, 1, False, 3),
        (6, 3, 2, 1, 1, True, 4),
        (3, 2, 2, 1, 1, False, 2),
        (2, 2, 2, 1, 1, True, 2),
        (3, 2, 3, 1, 1, True, 2),
        (2, 2, 3, 1, 1, True, 1),
        (3, 1, 4, 0, 1, True, 1),
        (7, 3, 2, 0, 2, False, 2),
        (8, 3, 2, 0, 2, True, 3),
        (2, 3, 2, 0, 1, True, 1),
    ],
)
def test_how_many_windows(
    size: int,
    kernel: int,
    stride: int,
    padding: int,
    dilation: int,
    ceil_mode: bool,
    expected: int,
) -> None:
    options = {"stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil_mode}
    found = max_pool2d(Tensor(np.zeros((1, 1, size, size))), kernel_size=kernel, **options)
    assert found.shape == (1, 1, expected, expected), (
        f"in each direction {expected} windows of {kernel} fit into {size} places with {options}; "
        f"max_pool2d gave the shape {found.shape}"
    )


# The largest number


def test_the_largest_by_hand(assert_tensor: Callable[..., None]) -> None:
    x = tensor([[[[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 8.0, 1.0], [0.0, -1.0, -5.0, -2.0],
                  [-3.0, -4.0, -6.0, -7.0]]]])  # fmt: skip
    expected = np.array([[[[5, 8], [0, -2]]]], np.float32)
    assert_tensor(max_pool2d(x, 2), expected, "max_pool2d of a 4×4 image with a window of 2")


SHAPES = {
    "several images": (2, 3, 6, 8),
    "one image alone": (3, 6, 5),
    "no image": (0, 3, 4, 4),
    "one window": (2, 3, 2, 2),
}
WINDOWS: dict[str, dict[str, Any]] = {
    "not square": {"kernel_size": (2, 3)},
    "one place": {"kernel_size": 1},
    "overlapping": {"kernel_size": 3, "stride": 1},
    "with gaps": {"kernel_size": 2, "stride": (3, 4)},
    "steps": {"kernel_size": (3, 2), "stride": (1, 2)},
    "padded": {"kernel_size": 3, "padding": 1},
    "padded on the sides": {"kernel_size": (2, 5), "stride": 1, "padding": (0, 2)},
    "padded above and below": {"kernel_size": (4, 1), "stride": 2, "padding": (2, 0)},
    "rounded up": {"kernel_size": 2, "stride": 2, "ceil_mode": True},
    "rounded up, three": {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    "rounded up and padded": {"kernel_size": 3, "stride": 3, "padding": 1, "ceil_mode": True},
    "as large as the image": {"kernel_size": (7, 9)},
}
DILATED: dict[str, dict[str, Any]] = {
    "dilated": {"kernel_size": 3, "stride": 1, "dilation": 2},
    "dilated rows": {"kernel_size": 2, "stride": 2, "dilation": (3, 1)},
    "dilated, padded, rounded up": {
        "kernel_size": (3, 2), "stride": 2, "padding": 1, "dilation": (1, 3), "ceil_mode": True,
    },
}  # fmt: skip


@pytest.mark.parametrize("shape", list(SHAPES))
def test_the_largest_of_any_shape(
    shape: str, drawn: Callable[..., Array], check_max: Callable[..., None]
) -> None:
    check_max(drawn(*SHAPES[shape]), kernel_size=2)


@pytest.mark.parametrize("window", [*WINDOWS, *DILATED])
def test_the_largest_in_any_window(
    window: str, drawn: Callable[..., Array], check_max: Callable[..., None]
) -> None:
    options = (WINDOWS | DILATED)[window]
    check_max(drawn(2, 3, 7, 9), **options)
    check_max(-1 - np.abs(drawn(2, 7, 9)), **options)


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "float64", "int8", "int32", "int64", "uint8", "bool"]
)
def test_the_largest_of_any_dtype(
    dtype: str, drawn: Callable[..., Array], check_max: Callable[..., None]
) -> None:
    numbers = 50 * drawn(2, 2, 5, 5)
    if dtype in ("uint8", "bool"):
        numbers = np.abs(numbers) * (numbers > 0)
    check_max(numbers.astype(dtype), kernel_size=3, stride=2, padding=1)
    if dtype != "uint8":
        check_max((-np.abs(numbers)).astype(dtype), kernel_size=3, stride=2, padding=1)


def test_the_smallest_number_of_all_is_not_below_the_padding(
    check_max: Callable[..., None],
) -> None:
    check_max(np.full((1, 1, 3, 3), -np.inf), kernel_size=3, stride=2, padding=1)
    check_max(np.full((1, 1, 3, 3), -128, np.int8), kernel_size=3, stride=2, padding=1)


def test_nan_is_the_largest_of_all(
    drawn: Callable[..., Array], check_max: Callable[..., None]
) -> None:
    x = drawn(1, 2, 6, 6)
    x[0, 0, 1, 2], x[0, 1, 5, 0], x[0, 1, 0, 5] = np.nan, np.inf, -np.inf
    check_max(x, kernel_size=2)
    check_max(x, kernel_size=3, stride=1, padding=1)


def of_any_memory() -> dict[str, Tensor]:
    x = Tensor(np.random.default_rng(5).standard_normal((2, 4, 8, 6)))
    return {
        "channels last": x.permute(0, 3, 1, 2),
        "rows and columns exchanged": x.mT,
        "every second row": x[:, :, ::2],
        "a window of a larger image": x[..., 2:7, 1:5],
        "backwards": Tensor(x.numpy()[:, :, ::-1, ::-1]),
        "one image for the whole batch": x[:1].broadcast_to(3, 4, 8, 6),
    }


@pytest.mark.parametrize("memory", list(of_any_memory()))
def test_any_memory(
    memory: str, check_max: Callable[..., None], check_avg: Callable[..., None]
) -> None:
    for check in (check_max, check_avg):
        check(of_any_memory()[memory], kernel_size=2, padding=1)


@pytest.mark.parametrize("pool", ["max_pool2d", "avg_pool2d"])
def test_the_result_has_memory_of_its_own(pool: str, drawn: Callable[..., Array]) -> None:
    x = Tensor(drawn(2, 3, 4, 4))
    before = np.array(x.numpy())
    result = {"max_pool2d": max_pool2d, "avg_pool2d": avg_pool2d}[pool](x, 1)
    result.fill_(7)
    np.testing.assert_array_equal(x.numpy(), before, "writing to the result changed the input")


WINDOW = (
    st.tuples(*[st.integers(1, 4)] * 2),
    st.none() | st.tuples(*[st.integers(1, 5)] * 2),
    st.tuples(*[st.integers(0, 2)] * 2),
    st.booleans(),
    st.tuples(st.integers(0, 2), st.integers(1, 2), st.integers(0, 6), st.integers(0, 6)),
    st.integers(0, 99),
)


def sized(
    kernel: tuple[int, int],
    padding: tuple[int, int],
    dilation: tuple[int, int],
    counts: tuple[int, int, int, int],
) -> tuple[tuple[int, int], list[int]]:
    """A padding of at most half a window, and an image in which the window fits."""
    around = (min(padding[0], kernel[0] // 2), min(padding[1], kernel[1] // 2))
    size = [
        max(1, d * (k - 1) + 1 + more - 2 * p)
        for k, p, d, more in zip(kernel, around, dilation, counts[2:], strict=True)
    ]
    return around, [*counts[:2], *size]


@bounded
@given(*WINDOW, st.tuples(*[st.integers(1, 3)] * 2))
def test_the_largest_in_windows_at_random(
    drawn: Callable[..., Array],
    assert_tensor: Callable[..., None],
    kernel: tuple[int, int],
    stride: tuple[int, int] | None,
    padding: tuple[int, int],
    ceil_mode: bool,
    counts: tuple[int, int, int, int],
    seed: int,
    dilation: tuple[int, int],
) -> None:
    around, shape = sized(kernel, padding, dilation, counts)
    # A window whose numbers stand apart may see nothing of a small image: its −∞ are the padding's.
    shape[2:] = [max(n, d) for n, d in zip(shape[2:], dilation, strict=True)]
    x = drawn(*shape, seed=seed)
    options = {
        "kernel_size": kernel,
        "stride": stride,
        "padding": around,
        "dilation": dilation,
        "ceil_mode": ceil_mode,
    }
    expected = largest(x, **options)
    assert_tensor(max_pool2d(Tensor(x), **options), expected, told("max_pool2d", x, options))


# The mean


def test_the_mean_by_hand(assert_tensor: Callable[..., None]) -> None:
    x = tensor([[[[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 8.0, 1.0]]]])
    expected = np.array([[[[3.25, 2.75]]]], np.float32)
    assert_tensor(avg_pool2d(x, 2), expected, "avg_pool2d of a 2×4 image with a window of 2")
    ones = tensor([[[[1.0, 1.0], [1.0, 1.0]]]])
    expected = np.full((1, 1, 2, 2), 0.25, np.float32)
    assert_tensor(avg_pool2d(ones, 2, 2, 1), expected, "with padding, three of four are zeros")
    expected = np.ones((1, 1, 2, 2), np.float32)
    found = avg_pool2d(ones, 2, 2, 1, count_include_pad=False)
    assert_tensor(found, expected, "with padding that does not count")


@pytest.mark.parametrize("shape", list(SHAPES))
def test_the_mean_of_any_shape(
    shape: str, drawn: Callable[..., Array], check_avg: Callable[..., None]
) -> None:
    check_avg(drawn(*SHAPES[shape]), kernel_size=2)


COUNTED: dict[str, dict[str, Any]] = {
    "all": {},
    "without the padding": {"count_include_pad": False},
    "divided by 3": {"divisor_override": 3},
    "divided by -2": {"divisor_override": -2, "count_include_pad": False},
}


@pytest.mark.parametrize("window", list(WINDOWS))
@pytest.mark.parametrize("counted", list(COUNTED))
def test_the_mean_in_any_window(
    window: str, counted: str, drawn: Callable[..., Array], check_avg: Callable[..., None]
) -> None:
    check_avg(drawn(2, 3, 7, 9), **WINDOWS[window], **COUNTED[counted])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_mean_of_any_dtype(
    dtype: str, drawn: Callable[..., Array], check_avg: Callable[..., None]
) -> None:
    check_avg(drawn(2, 2, 5, 5, dtype=dtype), kernel_size=3, stride=2, padding=1)


@pytest.mark.parametrize("dtype", ["int32", "int64", "bool"])
def test_there_is_no_mean_of_integers(dtype: str, refused: Callable[..., Any]) -> None:
    with refused(TypeError, "avg_pool2d", dtype, ".float()"):
        avg_pool2d(Tensor(np.ones((1, 1, 4, 4), dtype)), 2)


def test_nan_and_infinity_stay_in_their_windows(
    drawn: Callable[..., Array], check_avg: Callable[..., None]
) -> None:
    x = drawn(1, 1, 6, 6)
    x[0, 0, 1, 2], x[0, 0, 5, 0] = np.nan, np.inf
    check_avg(x, kernel_size=2)
    check_avg(x, kernel_size=3, stride=1, padding=1, count_include_pad=False)


@bounded
@given(*WINDOW, st.booleans(), st.none() | st.integers(1, 9))
def test_the_mean_in_windows_at_random(
    drawn: Callable[..., Array],
    assert_tensor: Callable[..., None],
    kernel: tuple[int, int],
    stride: tuple[int, int] | None,
    padding: tuple[int, int],
    ceil_mode: bool,
    counts: tuple[int, int, int, int],
    seed: int,
    count_include_pad: bool,
    divisor: int | None,
) -> None:
    around, shape = sized(kernel, padding, (1, 1), counts)
    x = drawn(*shape, seed=seed)
    options = {
        "kernel_size": kernel,
        "stride": stride,
        "padding": around,
        "ceil_mode": ceil_mode,
        "count_include_pad": count_include_pad,
        "divisor_override": divisor,
    }
    assert_tensor(
        avg_pool2d(Tensor(x), **options), means(x, **options), told("avg_pool2d", x, options)
    )


# Gradients: their rules are given, and stand on what is written here


@pytest.mark.parametrize("window", [*WINDOWS, *DILATED])
def test_gradients_of_the_largest(window: str, drawn: Callable[..., Array]) -> None:
    check_rule(max_pool2d, spread(drawn(2, 2, 7, 9)), **(WINDOWS | DILATED)[window])
    check_rule(max_pool2d, spread(drawn(2, 7, 9)), **(WINDOWS | DILATED)[window])


def spread(x: Array) -> Array:
    """As x is ordered, but with no two numbers close: there the largest is not smooth."""
    ranks = np.empty(x.size)
    ranks[np.argsort(x, axis=None)] = np.arange(x.size)
    return ranks.reshape(x.shape) / 10


@pytest.mark.parametrize("window", list(WINDOWS))
@pytest.mark.parametrize("counted", list(COUNTED))
def test_gradients_of_the_mean(window: str, counted: str, drawn: Callable[..., Array]) -> None:
    check_rule(avg_pool2d, drawn(2, 1, 7, 9), **WINDOWS[window], **COUNTED[counted])
    check_rule(avg_pool2d, drawn(2, 7, 9), **WINDOWS[window], **COUNTED[counted])
