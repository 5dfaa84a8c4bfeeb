"""What is given of the layers: what they are made of, how they are shown, what they refuse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinytorch.layers import Module, Parameter
from tinytorch.spatial import (
    AdaptiveAvgPool2d,
    AvgPool2d,
    Conv2d,
    Flatten,
    MaxPool2d,
    adaptive_avg_pool2d,
    avg_pool2d,
    max_pool2d,
)
from tinytorch.tensor import Tensor

Array = np.ndarray[Any, Any]


def test_names_and_shapes_of_the_parameters() -> None:
    layer = Conv2d(4, 6, (3, 2), groups=2)
    assert {name: t.shape for name, t in layer.state_dict().items()} == {
        "weight": (6, 2, 3, 2),
        "bias": (6,),
    }
    for name in ("weight", "bias"):
        parameter = getattr(layer, name)
        assert isinstance(parameter, Parameter), f"{name} should be a Parameter"
        assert parameter.requires_grad
        assert parameter.dtype == np.float32
    assert list(Conv2d(4, 6, 3, bias=False).state_dict()) == ["weight"]
    for layer in (MaxPool2d(2), AvgPool2d(2), AdaptiveAvgPool2d(1), Flatten()):
        assert isinstance(layer, Module)
        assert list(layer.state_dict()) == []


def test_a_state_can_be_loaded_into_another_layer(drawn: Callable[..., Array]) -> None:
    first, second = Conv2d(2, 3, 2), Conv2d(2, 3, 2)
    second.load_state_dict(first.state_dict())
    x = Tensor(drawn(1, 2, 4, 4, dtype="float32"))
    assert first(x).tolist() == second(x).tolist()


def test_attributes() -> None:
    layer = Conv2d(4, 6, 3, 2, "valid", 2, 2)
    found = {name: getattr(layer, name) for name in (
        "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups",
    )}  # fmt: skip
    assert found == {
        "in_channels": 4,
        "out_channels": 6,
        "kernel_size": (3, 3),
        "stride": (2, 2),
        "padding": "valid",
        "dilation": (2, 2),
        "groups": 2,
    }
    assert Conv2d(1, 1, 3, padding=1).padding == (1, 1)
    assert MaxPool2d((2, 3)).stride == (2, 3)
    assert MaxPool2d(3, 1).stride == 1
    assert AvgPool2d(3).stride == 3


def test_reprs() -> None:
    shown = {
        "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))": Conv2d(3, 8, 3),
        "Conv2d(4, 8, kernel_size=(3, 5), stride=(2, 2), padding=(1, 2), dilation=(1, 3), "
        "groups=2, bias=False)": Conv2d(4, 8, (3, 5), 2, (1, 2), (1, 3), 2, bias=False),
        "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=same)": Conv2d(
            3, 8, 3, padding="same"
        ),
        "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)": MaxPool2d(2),
        "MaxPool2d(kernel_size=(2, 3), stride=1, padding=1, dilation=2, ceil_mode=True)": (
            MaxPool2d((2, 3), 1, 1, 2, ceil_mode=True)
        ),
        "AvgPool2d(kernel_size=2, stride=(1, 2), padding=1)": AvgPool2d(2, (1, 2), 1),
        "AdaptiveAvgPool2d(output_size=(None, 2))": AdaptiveAvgPool2d((None, 2)),
        "Flatten(start_dim=1, end_dim=-1)": Flatten(),
    }
    for expected, layer in shown.items():
        assert repr(layer) == expected


MAX: dict[str, dict[str, Any]] = {
    "window": {"kernel_size": 2},
    "stride": {"kernel_size": 3, "stride": 1},
    "padding": {"kernel_size": 3, "padding": 1},
    "dilation": {"kernel_size": 2, "dilation": 2},
    "ceil_mode": {"kernel_size": 2, "ceil_mode": True},
}
AVG: dict[str, dict[str, Any]] = {
    "window": {"kernel_size": 2},
    "stride": {"kernel_size": 3, "stride": 1},
    "padding": {"kernel_size": 3, "padding": 1},
    "ceil_mode": {"kernel_size": 2, "ceil_mode": True},
    "count_include_pad": {"kernel_size": 3, "padding": 1, "count_include_pad": False},
    "divisor_override": {"kernel_size": 2, "divisor_override": 7},
}


@pytest.mark.parametrize("option", list(MAX))
def test_the_largest_as_a_layer(
    option: str, drawn: Callable[..., Array], assert_tensor: Callable[..., None]
) -> None:
    x = Tensor(drawn(2, 3, 7, 5))
    expected = max_pool2d(x, **MAX[option]).numpy()
    assert_tensor(MaxPool2d(**MAX[option])(x), expected, f"MaxPool2d of {MAX[option]}")


@pytest.mark.parametrize("option", list(AVG))
def test_the_mean_as_a_layer(
    option: str, drawn: Callable[..., Array], assert_tensor: Callable[..., None]
) -> None:
    x = Tensor(drawn(2, 3, 7, 5))
    expected = avg_pool2d(x, **AVG[option]).numpy()
    assert_tensor(AvgPool2d(**AVG[option])(x), expected, f"AvgPool2d of {AVG[option]}")


@pytest.mark.parametrize("output_size", [1, 3, (2, None)], ids=str)
def test_any_size_as_a_layer(
    output_size: Any, drawn: Callable[..., Array], assert_tensor: Callable[..., None]
) -> None:
    x = Tensor(drawn(2, 3, 7, 5))
    expected = adaptive_avg_pool2d(x, output_size).numpy()
    found = AdaptiveAvgPool2d(output_size)(x)
    assert_tensor(found, expected, f"AdaptiveAvgPool2d({output_size})")


REFUSED: dict[str, tuple[dict[str, Any], type[Exception], list[str]]] = {
    "no input": ({"in_channels": 0}, ValueError, ["0"]),
    "negative output": ({"out_channels": -2}, ValueError, ["-2"]),
    "groups of neither": ({"groups": 5}, ValueError, ["groups=5", "4", "6"]),
    "groups of the output": ({"groups": 3}, ValueError, ["groups=3", "4", "6"]),
    "groups of the input": ({"groups": 4}, ValueError, ["groups=4", "4", "6"]),
    "no groups": ({"groups": 0}, ValueError, ["groups=0"]),
    "an empty window": ({"kernel_size": 0}, ValueError, ["kernel_size", "0"]),
    "three sizes": ({"kernel_size": (1, 2, 3)}, ValueError, ["kernel_size", "(1, 2, 3)"]),
    "a fraction": ({"kernel_size": 2.5}, TypeError, ["kernel_size", "2.5"]),
    "no stride": ({"stride": 0}, ValueError, ["stride", "0"]),
    "no dilation": ({"dilation": (1, 0)}, ValueError, ["dilation", "(1, 0)"]),
    "negative padding": ({"padding": -1}, ValueError, ["padding", "-1"]),
    "unknown padding": (
        {"padding": "full"},
        ValueError,
        ["padding", "'full'", "'same'", "'valid'"],
    ),
    "same with strides": ({"padding": "same", "stride": 2}, ValueError, ["'same'", "stride"]),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_layers_that_cannot_be_made(case: str, refused: Callable[..., Any]) -> None:
    options, error, words = REFUSED[case]
    with refused(error, "Conv2d", *words):
        Conv2d(**({"in_channels": 4, "out_channels": 6, "kernel_size": 3} | options))


def test_a_size_that_is_none_is_refused_when_the_layer_is_made(
    refused: Callable[..., Any],
) -> None:
    with refused(ValueError, "output_size", "0"):
        AdaptiveAvgPool2d((0, 2))


def test_images_that_do_not_fit_the_layer(refused: Callable[..., Any]) -> None:
    with refused(ValueError, "conv2d", "(1, 4, 5, 5)", "(6, 3, 3, 3)"):
        Conv2d(3, 6, 3)(Tensor(np.zeros((1, 4, 5, 5))))


def test_arithmetic_is_told_for_a_summary() -> None:
    layer = Conv2d(4, 6, (3, 2), groups=2)
    places = 5 * 7
    assert layer.flops((2, 4, 7, 8), (2, 6, 5, 7)) == 2 * (2 * 6 * places) * (2 * 3 * 2), (
        "a multiplication and an addition for each output and each of the 12 numbers it is made of"
    )
    layer = Conv2d(4, 6, (3, 2), groups=2, bias=False)
    assert layer.flops((2, 4, 7, 8), (2, 6, 5, 7)) == (2 * 6 * places) * (2 * 2 * 3 * 2 - 1), (
        "without a bias 12 products take 11 additions"
    )
