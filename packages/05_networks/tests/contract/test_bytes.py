"""Task 5.5: counting bytes."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.activations import ReLU
from tinytorch.layers import Linear, Module, Parameter
from tinytorch.networks import MLP, Sequential, activation_bytes, parameter_bytes
from tinytorch.tensor import Tensor, ones, tensor, zeros

SIZES = {"float16": 2, "float32": 4, "float64": 8}


def expect(found: Any, expected: int, tried: str) -> None:
    assert found == expected, f"{tried} gave {found} bytes, expected {expected}"
    assert isinstance(found, int), f"{tried} gave a {type(found).__name__}, expected an int"


class Mixed(Module):
    """One parameter of each floating dtype."""

    def __init__(self) -> None:
        super().__init__()
        self.narrow = Parameter(ones(3, dtype="float16"))
        self.usual = Parameter(ones(5, 2))
        self.wide = Parameter(ones(7, dtype="float64"))
        self.register_buffer("kept", ones(1000))


# Parameters


BY_HAND: dict[str, tuple[Callable[[], Module], int]] = {
    "linear": (lambda: Linear(3, 5), 4 * 20),
    "no-bias": (lambda: Linear(3, 5, bias=False), 4 * 15),
    "float64": (lambda: Linear(3, 5, dtype="float64"), 8 * 20),
    "digits": (lambda: MLP(784, [128], 10), 4 * 101_770),
    "empty": (lambda: Sequential(), 0),
    "activations": (lambda: Sequential(ReLU(), lambda x: x), 0),
    "mixed": (lambda: Mixed(), 3 * 2 + 10 * 4 + 7 * 8),
    "nested": (lambda: Sequential(Linear(2, 2), Mixed()), 24 + 102),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_parameters_by_hand(case: str) -> None:
    build, expected = BY_HAND[case]
    network = build()
    expect(parameter_bytes(network), expected, f"parameter_bytes of {network!r}")


@pytest.mark.parametrize(("dtype", "size"), SIZES.items())
def test_parameters_in_each_dtype(dtype: str, size: int) -> None:
    network = MLP(4, [8], 2).to(dtype)
    expect(parameter_bytes(network), size * (40 + 18), f"parameter_bytes in {dtype}")


def test_shared_parameters_occupy_memory_once() -> None:
    shared = Linear(4, 4)
    expect(parameter_bytes(Sequential(shared, shared)), 80, "a layer used twice")
    a, b = Linear(3, 3), Linear(3, 3)
    b.weight = a.weight
    expect(parameter_bytes(Sequential(a, b)), 4 * 15, "two layers with one weight")


def test_frozen_parameters_occupy_memory_too() -> None:
    expect(parameter_bytes(Linear(3, 5).requires_grad_(False)), 80, "a frozen layer")


# Results


@pytest.mark.parametrize(
    ("shape", "dtype", "expected"),
    [
        ((32, 128), "float32", 16_384),
        ((32, 128), "float64", 32_768),
        ((32, 128), "float16", 8_192),
        ((5,), "int64", 40),
        ((5,), "int8", 5),
        ((2, 3, 4), "float32", 96),
        ((), "float32", 4),
        ((0, 9), "float32", 0),
    ],
)
def test_results_by_hand(shape: tuple[int, ...], dtype: str, expected: int) -> None:
    expect(activation_bytes(zeros(shape, dtype=dtype)), expected, f"zeros({shape}, {dtype})")


def test_booleans_occupy_a_byte_each() -> None:
    expect(activation_bytes(tensor([1.0, -1.0, 2.0]) > 0), 3, "three booleans")


def test_several_results_add_up() -> None:
    expect(activation_bytes(), 0, "no result")
    found = activation_bytes(zeros(2, 3), zeros(4, dtype="float64"), zeros(0))
    expect(found, 24 + 32, "zeros(2, 3), 4 doubles and an empty tensor")


def test_a_result_that_requires_a_gradient_is_counted_as_any_other() -> None:
    expect(activation_bytes(Tensor(np.ones(3, np.float32), requires_grad=True)), 12, "3 floats")


def test_memory_order_does_not_matter() -> None:
    expect(activation_bytes(zeros(6, 4).T), 96, "a transposed tensor")
    expect(activation_bytes(zeros(6, 4)[::2]), 48, "every second row of a tensor")


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(0, 6), max_size=4).map(tuple),
    st.sampled_from(["float16", "float32", "float64", "int32", "int64", "uint8"]),
)
def test_results_are_elements_times_the_size_of_one(shape: tuple[int, ...], dtype: str) -> None:
    expected = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    expect(activation_bytes(zeros(shape, dtype=dtype)), expected, f"zeros({shape}, {dtype})")


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.sampled_from(sorted(SIZES)))
def test_an_mlp_occupies_its_parameters(sizes: list[int], dtype: str) -> None:
    n, *hidden, m = sizes
    numbers = sum((a + 1) * b for a, b in pairwise(sizes))
    found = parameter_bytes(MLP(n, hidden, m).to(dtype))
    expect(found, numbers * SIZES[dtype], f"parameter_bytes of {sizes} in {dtype}")
