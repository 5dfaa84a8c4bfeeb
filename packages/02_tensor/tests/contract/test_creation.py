"""Making tensors."""

from __future__ import annotations

import numpy as np
import pytest

import tinytorch.tensor as tt


@pytest.mark.parametrize(
    ("data", "expected", "dtype"),
    [
        (3, 3, "int64"),
        (3.0, 3, "float32"),
        (True, True, "bool"),
        ([1, 2], [1, 2], "int64"),
        ([1, 2.5], [1, 2.5], "float32"),
        ([True, False], [True, False], "bool"),
        ([[1.0], [2.0]], [[1], [2]], "float32"),
        ((1, 2), [1, 2], "int64"),
        ([], [], "float32"),
        ([[], []], [[], []], "float32"),
        (np.float64([1, 2]), [1, 2], "float64"),
        (np.int8([1, 2]), [1, 2], "int8"),
        (np.float64(2), 2, "float64"),
        (np.int32(2), 2, "int32"),
    ],
)
def test_from_data(data, expected, dtype, assert_tensor):
    assert_tensor(tt.tensor(data), expected, f"tensor({data!r})", dtype=dtype)


def test_from_tensors(assert_tensor):
    x = tt.tensor([1.0, 2.0])
    assert_tensor(tt.tensor(x), np.float32([1, 2]), "tensor of a tensor")
    assert_tensor(tt.tensor([x, x]), np.float32([[1, 2], [1, 2]]), "tensor of a list of tensors")
    assert_tensor(tt.tensor([tt.tensor(1), tt.tensor(2)]), np.array([1, 2]), "of 0-d tensors")


def test_a_dtype_may_be_asked_for(assert_tensor):
    assert_tensor(tt.tensor([1, 2], dtype=tt.float16), np.float16([1, 2]), "tensor as float16")
    assert_tensor(tt.tensor([2.7, -2.7], dtype="int64"), np.array([2, -2]), "tensor as int64")
    assert_tensor(tt.tensor([0, 3], dtype=tt.bool), np.array([False, True]), "tensor as bool")


@pytest.mark.in_process("writes into an array that a tensor shares")
def test_tensor_copies_and_the_class_shares():
    array = np.float32([1, 2])
    copied, shared = tt.tensor(array), tt.Tensor(array)
    array[0] = 9
    assert copied.tolist() == [1, 2]
    assert shared.tolist() == [9, 2]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("text", TypeError),
        ([1, None], TypeError),
        (1j, TypeError),
        ([[1], [1, 2]], ValueError),
        ({}, TypeError),
    ],
)
def test_what_cannot_be_a_tensor(data, error):
    with pytest.raises(error):
        tt.tensor(data)


def test_a_number_that_the_dtype_cannot_hold(refused):
    with refused(ValueError, "300"):
        tt.tensor([300], dtype=tt.uint8)
    with refused(ValueError, "300"):
        tt.full((2,), 300, dtype=tt.uint8)


@pytest.mark.parametrize(
    "size", [(), (0,), (3,), (2, 3), (2, 0, 4), [2, 3], (np.int64(2), 3)], ids=str
)
@pytest.mark.parametrize(
    "make",
    [tt.zeros, tt.ones, tt.empty, tt.rand, tt.randn],
    ids=["zeros", "ones", "empty", "rand", "randn"],
)
def test_sizes(make, size):
    assert make(size).shape == tuple(size)
    assert make(*size).shape == tuple(size)
    assert make(size).dtype == tt.float32


@pytest.mark.parametrize(
    "make", [tt.zeros, tt.ones, tt.empty, tt.rand], ids=["zeros", "ones", "empty", "rand"]
)
def test_sizes_that_cannot_be(make, refused):
    with refused(ValueError, "-1"):
        make(2, -1)
    with pytest.raises(TypeError):
        make(2.5, 3)
    with pytest.raises(TypeError):
        make("3")


def test_filled(assert_tensor):
    assert_tensor(tt.zeros(2, 1), np.float32([[0], [0]]), "zeros(2, 1)")
    assert_tensor(tt.ones(2, dtype="int8"), np.int8([1, 1]), "ones(2) as int8")
    assert_tensor(tt.full((2,), 7), np.array([7, 7]), "full of 7")
    assert_tensor(tt.full((2,), 2.5), np.float32([2.5, 2.5]), "full of 2.5")
    assert_tensor(tt.full((), True), np.array(True), "full of True")
    assert_tensor(tt.full(2, 2.5, dtype="int32"), np.int32([2, 2]), "full of 2.5 as int32")
    assert_tensor(tt.full((2,), np.float64(2)), np.float32([2, 2]), "full of np.float64(2)")
    assert_tensor(tt.full((2,), tt.tensor(3)), np.array([3, 3]), "full of a 0-d tensor")


def test_like_another(assert_tensor):
    x = tt.tensor([[1, 2, 3]], dtype="int8")
    assert_tensor(tt.zeros_like(x), np.int8([[0, 0, 0]]), "zeros_like")
    assert_tensor(tt.ones_like(x), np.int8([[1, 1, 1]]), "ones_like")
    assert_tensor(tt.full_like(x, 5), np.int8([[5, 5, 5]]), "full_like")
    assert_tensor(tt.ones_like(x, dtype="float64"), np.float64([[1, 1, 1]]), "ones_like, float64")
    assert tt.empty_like(x).shape == (1, 3)
    assert tt.rand_like(x.float()).shape == tt.randn_like(x.double()).shape == (1, 3)
    assert tt.randn_like(x.double()).dtype == tt.float64


@pytest.mark.parametrize(
    ("given", "expected", "dtype"),
    [
        ((3,), [0, 1, 2], "int64"),
        ((2, 5), [2, 3, 4], "int64"),
        ((5, 0, -2), [5, 3, 1], "int64"),
        ((0,), [], "int64"),
        ((2.5,), [0, 1, 2], "float32"),
        ((0, 1, 0.25), [0, 0.25, 0.5, 0.75], "float32"),
        ((1, 0, -0.5), [1, 0.5], "float32"),
        ((3, 3), [], "int64"),
        ((np.int64(3),), [0, 1, 2], "int64"),
    ],
)
def test_arange(given, expected, dtype, assert_tensor):
    assert_tensor(tt.arange(*given), expected, f"arange{given}", dtype=dtype)


def test_arange_with_a_dtype(assert_tensor):
    assert_tensor(tt.arange(3, dtype="float64"), np.float64([0, 1, 2]), "arange(3) as float64")
    assert_tensor(tt.arange(0.0, 3.0, dtype="int64"), np.array([0, 1, 2]), "arange as int64")


@pytest.mark.parametrize("given", [(3, 1), (1, 3, -1), (1, 3, 0), (-1,)])
def test_arange_that_leads_away(given, refused):
    with refused(ValueError, "arange"):
        tt.arange(*given)


def test_linspace(assert_tensor, refused):
    assert_tensor(tt.linspace(0, 1, 5), np.float32([0, 0.25, 0.5, 0.75, 1]), "linspace(0, 1, 5)")
    assert_tensor(tt.linspace(1, -1, 3), np.float32([1, 0, -1]), "linspace(1, -1, 3)")
    assert_tensor(tt.linspace(3, 9, 1), np.float32([3]), "linspace of one step")
    assert_tensor(tt.linspace(3, 9, 0), np.float32([]), "linspace of no step")
    with refused(ValueError, "linspace", "-1"):
        tt.linspace(0, 1, -1)


def test_eye(assert_tensor):
    assert_tensor(tt.eye(2), np.float32([[1, 0], [0, 1]]), "eye(2)")
    assert_tensor(tt.eye(2, 3), np.float32([[1, 0, 0], [0, 1, 0]]), "eye(2, 3)")
    assert_tensor(tt.eye(2, 0), np.zeros((2, 0), np.float32), "eye(2, 0)")
    assert_tensor(tt.eye(1, dtype="bool"), np.array([[True]]), "eye(1) as bool")


@pytest.mark.parametrize(
    "make",
    [
        lambda wanted: tt.tensor([1.0], requires_grad=wanted),
        lambda wanted: tt.zeros(1, requires_grad=wanted),
        lambda wanted: tt.ones(1, requires_grad=wanted),
        lambda wanted: tt.full((1,), 2.0, requires_grad=wanted),
        lambda wanted: tt.rand(1, requires_grad=wanted),
        lambda wanted: tt.randn(1, requires_grad=wanted),
        lambda wanted: tt.Tensor(np.zeros(1), requires_grad=wanted),
        lambda wanted: tt.zeros_like(tt.zeros(1), requires_grad=wanted),
    ],
)
def test_a_gradient_may_be_wanted(make):
    x = make(True)
    assert x.requires_grad
    assert x.is_leaf
    assert x.grad is None
    assert not make(False).requires_grad


def test_integers_have_no_gradient(refused):
    with refused(RuntimeError, "int64"):
        tt.tensor([1], requires_grad=True)
    with refused(RuntimeError, "bool"):
        tt.zeros(1, dtype="bool").requires_grad_()


@pytest.mark.in_process("looks at an array that a tensor shares")
def test_from_numpy_shares_memory():
    array = np.arange(3)
    x = tt.from_numpy(array)
    x.fill_(7)
    assert array.tolist() == [7, 7, 7]


def test_from_numpy_takes_arrays(refused):
    assert tt.from_numpy(np.arange(3)).tolist() == [0, 1, 2]
    with refused(TypeError, "list"):
        tt.from_numpy([1, 2])


def test_as_tensor_copies_only_what_it_must():
    x = tt.ones(2)
    assert tt.as_tensor(x) is x
    assert tt.as_tensor(x, dtype="float64").dtype == tt.float64


@pytest.mark.in_process("looks at an array that a tensor shares")
def test_as_tensor_shares_an_array():
    array = np.zeros(2, np.float32)
    tt.as_tensor(array)[0] = 5
    assert array.tolist() == [5, 0]


def test_is_tensor():
    assert tt.is_tensor(tt.ones(1))
    assert not tt.is_tensor(np.ones(1))


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="equally long"):
        tt.tensor([[1, 2], [3]])


@pytest.mark.parametrize("value", [10**30, object()])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="64 bits"):
        tt.tensor(value)
