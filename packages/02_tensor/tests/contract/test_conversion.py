"""What a tensor is, and the ways out of the tensor world and between dtypes."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import tinytorch.tensor as tt


def test_what_it_is(refused):
    x = tt.zeros(2, 3, dtype="int16")
    assert x.shape == x.size() == (2, 3)
    assert x.size(0) == 2
    assert x.size(-1) == 3
    assert x.ndim == x.dim() == 2
    assert x.numel() == 6
    assert x.dtype == tt.int16
    assert x.itemsize == x.element_size() == 2
    assert x.nbytes == 12
    assert x.stride() == (3, 1)
    assert x.stride(0) == 3
    assert x.data_ptr() == x[0].data_ptr()
    assert x[1].data_ptr() == x.data_ptr() + 6
    assert not x.is_floating_point()
    assert x.half().is_floating_point()
    with refused(IndexError, "size", "2"):
        x.size(2)
    with refused(IndexError, "stride", "-3"):
        x.stride(-3)


def test_item_and_tolist(refused):
    assert tt.tensor([[2.5]]).item() == 2.5
    assert type(tt.tensor(3).item()) is int
    assert type(tt.tensor(True).item()) is bool
    assert tt.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert tt.tensor(1.5).tolist() == 1.5
    with refused(ValueError, "item", "(2,)"):
        tt.tensor([1, 2]).item()
    with refused(ValueError, "item", "(0,)"):
        tt.zeros(0).item()


def test_python_numbers(refused):
    assert float(tt.tensor([2.5])) == 2.5
    assert int(tt.tensor(2.7)) == 2
    assert bool(tt.tensor([0.0])) is False
    assert bool(tt.tensor(3)) is True
    assert [10, 20, 30][tt.tensor(2)] == 30
    assert list(range(tt.tensor(3))) == [0, 1, 2]
    with refused(ValueError, "(2,)", "any()"):
        bool(tt.tensor([1, 2]))
    with refused(ValueError, "(0,)"):
        bool(tt.zeros(0))
    with refused(TypeError, "integer"):
        _ = [1, 2][tt.tensor(1.0)]
    with refused(ValueError, "item"):
        float(tt.tensor([1.0, 2.0]))


@pytest.mark.in_process("looks at memory through an array")
def test_numpy_shares_memory():
    x = tt.zeros(3)
    array = x.numpy()
    array[0] = 5
    assert x.tolist() == [5, 0, 0]
    assert array.ctypes.data == x.data_ptr()
    assert np.asarray(x) is array
    assert np.array(x) is not array
    assert not np.shares_memory(np.array(x, copy=True), array)


def test_numpy_of_what_requires_a_gradient(refused):
    wanted = tt.zeros(3, requires_grad=True)
    with refused(RuntimeError, "detach"):
        wanted.numpy()
    assert wanted.detach().numpy().tolist() == [0, 0, 0]


def test_numpy_functions_take_tensors():
    x = tt.tensor([1.0, 2.0])
    assert np.asarray(x).tolist() == [1, 2]
    assert np.asarray(x, np.float64).dtype == np.float64
    assert np.array(x, copy=True).tolist() == [1, 2]
    assert np.stack([x, x]).tolist() == [[1, 2], [1, 2]]
    assert np.sum(x.numpy()) == 3
    with pytest.raises(ValueError, match="copy"):
        np.asarray(x, np.float64, copy=False)


def test_an_array_on_the_left_leaves_the_work_to_the_tensor(assert_tensor):
    array, x = np.float32([1, 2]), tt.tensor([3.0, 4.0])
    assert_tensor(array + x, np.float32([4, 6]), "array + tensor")
    assert_tensor(array @ x, np.float32(11), "array @ tensor")
    assert_tensor(np.float32(2) * x, np.float32([6, 8]), "NumPy scalar * tensor")
    assert_tensor(array < x, np.array([True, True]), "array < tensor")


@pytest.mark.parametrize(
    ("convert", "kind"),
    [
        (lambda x: x.float(), "float32"),
        (lambda x: x.double(), "float64"),
        (lambda x: x.half(), "float16"),
        (lambda x: x.int(), "int32"),
        (lambda x: x.long(), "int64"),
        (lambda x: x.bool(), "bool"),
        (lambda x: x.to(tt.uint8), "uint8"),
        (lambda x: x.to("int8"), "int8"),
        (lambda x: x.to(float), "float64"),
        (lambda x: x.type_as(tt.tensor([1])), "int64"),
    ],
)
def test_to_another_dtype(convert, kind, assert_tensor):
    x = tt.tensor([0.0, 2.75])
    found = convert(x)
    assert_tensor(found, np.array([0, 2.75]).astype(kind), f"as {kind}")
    assert convert(found) is found, "what has the dtype already is returned as it is"


@pytest.mark.in_process("DLPack hands over memory")
def test_dlpack_both_ways():
    x = tt.tensor([[1.0, 2.0], [3.0, 4.0]])
    array = np.from_dlpack(x)
    assert array.tolist() == [[1, 2], [3, 4]]
    assert np.shares_memory(array, x.numpy())
    source = np.arange(3)
    y = tt.from_dlpack(source)
    assert y.tolist() == [0, 1, 2]
    assert np.shares_memory(y.numpy(), source)
    assert tt.from_dlpack(x).tolist() == x.tolist()


def test_a_deep_copy_is_a_leaf_with_memory_of_its_own(refused):
    x = tt.tensor([1.0, 2.0], requires_grad=True)
    x.grad = tt.tensor([3.0, 4.0])
    twin = copy.deepcopy(x)
    assert twin.requires_grad
    assert twin.tolist() == [1, 2]
    assert twin.grad.tolist() == [3, 4]
    twin.detach().fill_(0)
    twin.grad.fill_(0)
    assert x.tolist() == [1, 2]
    assert x.grad.tolist() == [3, 4]
    first, second = copy.deepcopy([x, x])
    assert first is second, "what was one tensor is one tensor in the copy"
    x.grad_fn = "a call"
    with refused(RuntimeError, "detach"):
        copy.deepcopy(x)


def test_requires_grad_can_be_switched(refused):
    x = tt.tensor([1.0])
    assert x.requires_grad_() is x
    assert x.requires_grad
    x.requires_grad = False
    assert not x.requires_grad
    x.requires_grad = True
    x.grad_fn = "a call"
    assert not x.is_leaf
    with refused(RuntimeError, "leaves", "detach"):
        x.requires_grad_(False)
    assert x.detach().is_leaf


def test_a_leaf_and_its_clone():
    x = tt.tensor([1.0, 2.0])
    assert +x is x
    assert x.clone() is not x
    assert x.clone().tolist() == [1, 2]
