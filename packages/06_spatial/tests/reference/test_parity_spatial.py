"""The same work done by PyTorch: equal results, equal gradients, equal words."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tinytorch import spatial
from tinytorch.tensor import Operation, Tensor
from tinytorch.tensor.testing import gradients_of

Array = np.ndarray[Any, Any]


def drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def both(
    name: str, inputs: list[Array], options: dict[str, Any]
) -> tuple[list[Array], list[Array]]:
    """The result and the gradients of the inputs, ours and theirs, for the same g."""
    operation: Operation[Any] = getattr(spatial, name)
    theirs = [torch.tensor(x, requires_grad=True) for x in inputs]
    out = getattr(F, name)(*theirs, **options)
    g = drawn(*out.shape, seed=9)
    out.backward(torch.from_numpy(g))
    found = operation(*map(Tensor, inputs), **options).numpy()
    arrays: list[Any] = [*inputs, None] if name == "conv2d" and len(inputs) == 2 else [*inputs]
    needs = tuple(x is not None for x in arrays)
    back = gradients_of(operation, needs, arrays, options, [found], (), g)
    return (
        [found, *(each for each in back if each is not None)],
        [out.detach().numpy(), *(x.grad.numpy() for x in theirs if x.grad is not None)],
    )


def compare(name: str, inputs: list[Array], **options: Any) -> None:
    ours, theirs = both(name, inputs, options)
    told = f"{name} of {[x.shape for x in inputs]} with {options}"
    assert [x.shape for x in ours] == [x.shape for x in theirs], told
    for found, expected in zip(ours, theirs, strict=True):
        assert found.dtype == expected.dtype, told
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10, err_msg=told)


def draws(seed: int) -> Callable[[int, int], int]:
    rng = np.random.default_rng(seed)
    return lambda low, high: int(rng.integers(low, high + 1))


# Convolution


@pytest.mark.parametrize("kernel", ["loops", "im2col", "fast"])
@pytest.mark.parametrize("first", range(0, 100, 25))
def test_conv2d(kernel: str, first: int) -> None:
    for seed in range(first, first + (25 if kernel != "loops" else 2)):
        draw = draws(seed)
        groups, inner, outer = draw(1, 3), draw(1, 3), draw(1, 3)
        window, dilation = (draw(1, 4), draw(1, 4)), (draw(1, 3), draw(1, 3))
        padding = (draw(0, 3), draw(0, 3))
        size = [
            max(1, d * (k - 1) + 1 - 2 * p) + draw(0, 6)
            for k, d, p in zip(window, dilation, padding, strict=True)
        ]
        x = drawn(draw(0, 4), groups * inner, *size, seed=seed)
        x = x[0] if seed % 5 == 0 and len(x) else x
        weight = drawn(groups * outer, inner, *window, seed=seed + 1)
        bias = [drawn(groups * outer, seed=seed + 2)] if seed % 2 else []
        with spatial.conv2d.using(kernel):
            compare(
                "conv2d",
                [x, weight, *bias],
                stride=(draw(1, 4), draw(1, 4)),
                padding=padding,
                dilation=dilation,
                groups=groups,
            )


@pytest.mark.parametrize("kernel", ["im2col", "fast"])
@pytest.mark.parametrize("window", list(itertools.product(range(1, 6), (1, 2, 5))), ids=str)
@pytest.mark.parametrize("dilation", [1, 2, (1, 3)], ids=str)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_same_padding(kernel: str, window: tuple[int, int], dilation: Any) -> None:
    with spatial.conv2d.using(kernel):
        x, weight = drawn(2, 2, 7, 6), drawn(3, 2, *window, seed=1)
        compare("conv2d", [x, weight], padding="same", dilation=dilation)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtypes(dtype: str) -> None:
    x, weight = drawn(2, 3, 8, 8, dtype=dtype), drawn(4, 3, 3, 3, seed=1, dtype=dtype)
    expected = F.conv2d(torch.from_numpy(x), torch.from_numpy(weight)).numpy()
    rtol = {"float16": 3e-2, "float32": 1e-4, "float64": 1e-10}[dtype]
    for kernel in spatial.conv2d.kernels:
        with spatial.conv2d.using(kernel):
            found = spatial.conv2d(Tensor(x), Tensor(weight)).numpy()
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol)
    for name in ("max_pool2d", "avg_pool2d", "adaptive_avg_pool2d"):
        expected = getattr(F, name)(torch.from_numpy(x), 3).numpy()
        found = getattr(spatial, name)(Tensor(x), 3).numpy()
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol)


# Pooling


def pools(seed: int, dilated: bool) -> tuple[Array, dict[str, Any]]:
    draw = draws(seed)
    kernel = (draw(1, 4), draw(1, 4))
    dilation = (draw(1, 3), draw(1, 3)) if dilated else (1, 1)
    padding = (draw(0, kernel[0] // 2), draw(0, kernel[1] // 2))
    ceil_mode = bool(draw(0, 1))
    stride = (draw(1, 5), draw(1, 5))
    size = [
        # A window with gaps must meet the image: else PyTorch's index points beside it.
        max(d, d * (k - 1) + 1 - 2 * p) + draw(0, 6)
        for k, d, p in zip(kernel, dilation, padding, strict=True)
    ]
    x = drawn(draw(0, 2) if seed % 10 == 0 else 2, 3, *size, seed=seed)
    if seed % 5 == 1:
        x = x[0]
    if seed % 3 == 0:
        x = np.round(x)  # so that there are ties
    options: dict[str, Any] = {"kernel_size": kernel, "padding": padding, "ceil_mode": ceil_mode}
    if seed % 4:
        options["stride"] = stride
    if dilated:
        options["dilation"] = dilation
    return x, options


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_max_pool2d(first: int) -> None:
    for seed in range(first, first + 100):
        x, options = pools(seed, dilated=True)
        compare("max_pool2d", [x], **options)
        values, places = spatial.max_pool2d(Tensor(x), return_indices=True, **options)
        expected = F.max_pool2d(torch.from_numpy(x), return_indices=True, **options)
        np.testing.assert_array_equal(values.numpy(), expected[0].numpy())
        np.testing.assert_array_equal(places.numpy(), expected[1].numpy(), f"{x.shape} {options}")
        assert places.numpy().dtype == np.int64


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_avg_pool2d(first: int) -> None:
    for seed in range(first, first + 100):
        x, options = pools(seed, dilated=False)
        options["count_include_pad"] = bool(seed % 2)
        if seed % 7 == 0:
            options["divisor_override"] = seed % 3 + 1
        compare("avg_pool2d", [x], **options)


def test_a_window_of_nothing_but_minus_infinity() -> None:
    x = np.full((1, 1, 4, 4), -np.inf)
    _, places = spatial.max_pool2d(Tensor(x), 3, 2, 1, return_indices=True)
    expected = F.max_pool2d(torch.from_numpy(x), 3, 2, 1, return_indices=True)[1]
    np.testing.assert_array_equal(places.numpy(), expected.numpy())


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64"])
def test_the_largest_of_whole_numbers(dtype: str) -> None:
    x = np.random.default_rng(0).integers(0, 100, (2, 3, 7, 7)).astype(dtype)
    x[0, 0] = np.iinfo(dtype).min
    expected = F.max_pool2d(torch.from_numpy(x), 3, 2, 1).numpy()
    found = spatial.max_pool2d(Tensor(x), 3, 2, 1).numpy()
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("size", [(1, 1), (5, 7), (8, 3), (12, 12)], ids=str)
@pytest.mark.parametrize(
    "output_size", [1, 2, 5, (3, 1), (None, 2), (4, None), (None, None), (13, 2)], ids=str
)
def test_adaptive_avg_pool2d(size: tuple[int, int], output_size: Any) -> None:
    for shape in ((2, 3, *size), (3, *size), (0, 3, *size)):
        x = drawn(*shape)
        expected = F.adaptive_avg_pool2d(torch.from_numpy(x), output_size).numpy()
        found = spatial.adaptive_avg_pool2d(Tensor(x), output_size).numpy()
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_nan_and_infinity() -> None:
    x = drawn(2, 2, 6, 6)
    x[0, 0, 1, 2], x[0, 1, 5, 0], x[1, 1, 0, 5] = np.nan, np.inf, -np.inf
    for name, given in (
        ("max_pool2d", (3, 2, 1)),
        ("avg_pool2d", (3, 2, 1)),
        ("adaptive_avg_pool2d", ((4, 2),)),
        ("adaptive_avg_pool2d", (1,)),
    ):
        expected = getattr(F, name)(torch.from_numpy(x), *given).numpy()
        found = getattr(spatial, name)(Tensor(x), *given).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=name)


# What is refused


def refusals() -> dict[str, Callable[[Any, Any], Any]]:
    """Each is called with the functions of one side, and with what makes a tensor of zeros."""
    return {
        "channels": lambda f, z: f.conv2d(z(1, 3, 4, 4), z(2, 4, 3, 3)),
        "groups": lambda f, z: f.conv2d(z(1, 3, 4, 4), z(2, 1, 3, 3), groups=2),
        "a bias": lambda f, z: f.conv2d(z(1, 1, 4, 4), z(2, 1, 3, 3), z(1)),
        "a window": lambda f, z: f.conv2d(z(1, 1, 2, 2), z(1, 1, 3, 3)),
        "an empty image": lambda f, z: f.conv2d(z(1, 1, 0, 4), z(1, 1, 1, 1), padding=1),
        "padding below 0": lambda f, z: f.conv2d(z(1, 1, 4, 4), z(1, 1, 3, 3), padding=-1),
        "no stride": lambda f, z: f.conv2d(z(1, 1, 4, 4), z(1, 1, 3, 3), stride=0),
        "same": lambda f, z: f.conv2d(z(1, 1, 4, 4), z(1, 1, 3, 3), padding="same", stride=2),
        "a word": lambda f, z: f.conv2d(z(1, 1, 4, 4), z(1, 1, 3, 3), padding="full"),
        "half a window": lambda f, z: f.max_pool2d(z(1, 1, 6, 6), 3, padding=2),
        "half, dilated": lambda f, z: f.max_pool2d(z(1, 1, 9, 9), 3, padding=2, dilation=2),
        "half, mean": lambda f, z: f.avg_pool2d(z(1, 1, 6, 6), 3, padding=2),
        "too large": lambda f, z: f.max_pool2d(z(1, 1, 6, 6), 7),
        "too large, mean": lambda f, z: f.avg_pool2d(z(1, 1, 6, 6), (2, 7)),
        "no window": lambda f, z: f.max_pool2d(z(1, 1, 6, 6), 0),
        "nothing to pool": lambda f, z: f.max_pool2d(z(1, 1, 0, 4), 2, padding=1),
        "two dimensions": lambda f, z: f.avg_pool2d(z(4, 4), 2),
        "a divisor": lambda f, z: f.avg_pool2d(z(1, 1, 4, 4), 2, divisor_override=0),
        "nothing to average": lambda f, z: f.adaptive_avg_pool2d(z(1, 1, 0, 4), 2),
        "three sizes": lambda f, z: f.adaptive_avg_pool2d(z(1, 1, 4, 4), (1, 2, 3)),
    }


@pytest.mark.parametrize("name", list(refusals()))
def test_what_both_refuse(name: str) -> None:
    with pytest.raises((RuntimeError, ValueError, IndexError)):
        refusals()[name](F, torch.zeros)
    with pytest.raises(ValueError):
        refusals()[name](spatial, lambda *shape: Tensor(np.zeros(shape)))


# Layers


LAYERS: dict[str, Callable[[Any], Any]] = {
    "conv": lambda nn: nn.Conv2d(3, 8, 3),
    "conv, all options": lambda nn: nn.Conv2d(4, 8, (3, 5), 2, (1, 2), (1, 3), 2, False),
    "conv same": lambda nn: nn.Conv2d(4, 8, 3, padding="same", groups=2),
    "conv valid": lambda nn: nn.Conv2d(4, 8, 3, padding="valid"),
    "conv dilated": lambda nn: nn.Conv2d(4, 8, 3, dilation=2),
    "max": lambda nn: nn.MaxPool2d(2),
    "max, all options": lambda nn: nn.MaxPool2d((2, 3), 1, 1, 2, True, True),
    "avg": lambda nn: nn.AvgPool2d(2),
    "avg, all options": lambda nn: nn.AvgPool2d((2, 2), 1, 1, True, False, 3),
    "adaptive": lambda nn: nn.AdaptiveAvgPool2d(1),
    "adaptive, two": lambda nn: nn.AdaptiveAvgPool2d((None, 2)),
    "flatten": lambda nn: nn.Flatten(),
    "flatten, some": lambda nn: nn.Flatten(0, 2),
}
NOT_OURS = {"transposed", "output_padding", "padding_mode"}


@pytest.mark.parametrize("name", list(LAYERS))
def test_attributes_and_words(name: str) -> None:
    ours, theirs = LAYERS[name](spatial), LAYERS[name](torch.nn)
    assert repr(ours) == repr(theirs)
    expected = {k: v for k, v in vars(theirs).items() if not k.startswith("_")}
    found = {k: v for k, v in vars(ours).items() if not k.startswith("_")}
    assert found == {k: v for k, v in expected.items() if k not in NOT_OURS}
    shapes = {k: tuple(v.shape) for k, v in theirs.state_dict().items()}
    assert {k: v.shape for k, v in ours.state_dict().items()} == shapes


@pytest.mark.parametrize("name", list(LAYERS))
def test_layers_compute_the_same(name: str) -> None:
    ours, theirs = LAYERS[name](spatial), LAYERS[name](torch.nn)
    ours.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
    x = drawn(2, 3 if name == "conv" else 4, 16, 15, dtype="float32")
    found, expected = ours(Tensor(x)), theirs(torch.from_numpy(x))
    if not isinstance(found, tuple):
        found, expected = (found,), (expected,)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(
            one.detach().numpy(), other.detach().numpy(), rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize(("into", "groups"), [(8, 1), (8, 4)], ids=["one group", "four groups"])
def test_where_filters_start(into: int, groups: int) -> None:
    torch.manual_seed(0)
    theirs = torch.nn.Conv2d(into, 4000, 3, groups=groups)
    ours = spatial.Conv2d(into, 4000, 3, groups=groups, generator=np.random.default_rng(0))
    for name, tensor in theirs.state_dict().items():
        expected, found = tensor.numpy(), ours.state_dict()[name].numpy()
        assert np.abs(found).max() == pytest.approx(np.abs(expected).max(), rel=0.01)
        quantiles = np.linspace(0.02, 0.98, 25)
        np.testing.assert_allclose(
            np.quantile(found, quantiles),
            np.quantile(expected, quantiles),
            atol=0.12 * float(expected.std()),
        )
