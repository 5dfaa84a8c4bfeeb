"""Writing in place: what is changed, what is counted, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import tinytorch.tensor as tt

WRITES = {
    "add_": (lambda x: x.add_(2), [3, 6]),
    "add_ with alpha": (lambda x: x.add_(tt.tensor([1.0, 2.0]), alpha=10), [11, 24]),
    "sub_": (lambda x: x.sub_(2), [-1, 2]),
    "sub_ with alpha": (lambda x: x.sub_(3, alpha=2), [-5, -2]),
    "mul_": (lambda x: x.mul_(tt.tensor([2.0, 3.0])), [2, 12]),
    "div_": (lambda x: x.div_(2), [0.5, 2]),
    "copy_": (lambda x: x.copy_(tt.tensor([7, 8])), [7, 8]),
    "fill_": (lambda x: x.fill_(5), [5, 5]),
    "fill_ with a tensor": (lambda x: x.fill_(tt.tensor(5)), [5, 5]),
    "zero_": (lambda x: x.zero_(), [0, 0]),
    "clamp_": (lambda x: x.clamp_(min=2, max=3), [2, 3]),
    "masked_fill_": (lambda x: x.masked_fill_(tt.tensor([True, False]), -1), [-1, 4]),
}


@pytest.fixture
def recording(recorder_slot):
    """A recorder is there, and remembers what this thread does."""

    class Watching:
        recording = True

        def record(self, *call):
            pass

        def is_recording(self):
            return self.recording

    recorder = Watching()
    recorder_slot(recorder)
    return recorder


@pytest.mark.parametrize("name", WRITES)
def test_a_write(name, assert_tensor):
    write, expected = WRITES[name]
    x = tt.tensor([1.0, 4.0])
    memory = x.data_ptr()
    assert write(x) is x, f"{name} returns the tensor itself"
    assert_tensor(x, np.float32(expected), f"{name} of [1, 4]")
    assert x.data_ptr() == memory, f"{name} keeps the memory"
    assert x.version[0] == 1, f"{name} is counted once"


@pytest.mark.parametrize("name", WRITES)
def test_a_write_to_a_view_is_one_to_its_source(name, assert_tensor):
    write, expected = WRITES[name]
    x = tt.tensor([[1.0, 0.0], [4.0, 0.0]])
    write(x[:, 0])
    assert_tensor(x, np.float32([[expected[0], 0], [expected[1], 0]]), f"{name} of a column")
    assert x.version[0] == 1


def test_the_operators_write_in_place(assert_tensor):
    x = tt.tensor([1.0, 4.0])
    same = x
    x += 1
    x -= tt.tensor([0.0, 1.0])
    x *= 3
    x /= 2
    assert x is same
    assert_tensor(x, np.float32([3, 6]), "+= 1, -= [0, 1], *= 3, /= 2")
    assert x.version[0] == 4


def test_broadcast_into_but_not_out_of(assert_tensor, refused):
    x = tt.zeros(2, 2)
    assert_tensor(x.add_(tt.tensor([1.0, 2.0])), np.float32([[1, 2], [1, 2]]), "add_ of a row")
    with refused(ValueError, "add_", "(2, 2)", "(3, 2, 2)"):
        x.add_(tt.ones(3, 2, 2))
    with refused(ValueError, "(2,)", "(3,)"):
        tt.zeros(2).mul_(tt.zeros(3))
    with refused(ValueError, "(3,)", "(2,)"):
        tt.zeros(2).copy_(tt.zeros(3))


@pytest.mark.parametrize(
    ("kind", "other", "expected"),
    [
        ("float32", tt.tensor([1.5], dtype="float64"), "float32"),
        ("float16", tt.tensor([1.5], dtype="float32"), "float16"),
        ("int8", tt.tensor([2]), "int8"),
        ("uint8", tt.tensor([2]), "uint8"),
        ("float32", 2, "float32"),
    ],
)
def test_the_dtype_stays(kind, other, expected):
    x = tt.ones(1, dtype=kind)
    assert x.add_(other).dtype == np.dtype(expected)
    assert x.item() == 1 + (other.item() if isinstance(other, tt.Tensor) else other)


@pytest.mark.parametrize(
    "write",
    [
        lambda: tt.tensor([1]).add_(0.5),
        lambda: tt.tensor([1]).div_(2),
        lambda: tt.tensor([1]).mul_(tt.tensor([0.5])),
        lambda: tt.tensor([True]).add_(1),
    ],
)
def test_what_a_dtype_cannot_hold(write, refused):
    with refused(TypeError, "_: "):
        write()


def test_copy_and_fill_cast(assert_tensor):
    assert_tensor(tt.tensor([1, 2]).copy_(tt.tensor([2.7, -2.7])), np.array([2, -2]), "copy_")
    assert_tensor(tt.tensor([1, 2]).fill_(2.7), np.array([2, 2]), "fill_ of integers with 2.7")


def test_a_failed_write_changes_nothing():
    x = tt.tensor([1, 2])
    with pytest.raises(TypeError):
        x.add_(0.5)
    with pytest.raises(ValueError, match="shapes"):
        x.add_(tt.zeros(3, dtype="int64"))
    assert x.tolist() == [1, 2]
    assert x.version[0] == 0


def test_a_tensor_may_be_written_from_itself(assert_tensor):
    x = tt.tensor([[1.0, 2.0], [3.0, 4.0]])
    x.add_(x.T)
    assert_tensor(x, np.float32([[2, 5], [5, 8]]), "x.add_(x.T)")


@pytest.mark.parametrize("name", WRITES)
def test_a_recorded_leaf_is_not_written_to(name, recording, refused):
    x = tt.tensor([1.0, 4.0], requires_grad=True)
    with refused(RuntimeError, name.split()[0], "no_grad"):
        WRITES[name][0](x)
    with refused(RuntimeError, "__setitem__", "no_grad"):
        x[0] = 1
    assert x.tolist() == [1, 4]
    recording.recording = False
    WRITES[name][0](x)
    assert x.version[0] == 1, "inside no_grad() it is"
    assert x.requires_grad


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("add_", lambda x, wanted: x.add_(wanted)),
        ("copy_", lambda x, wanted: x.copy_(wanted)),
        ("fill_", lambda x, wanted: x.fill_(wanted)),
        ("masked_fill_", lambda x, wanted: x.masked_fill_(tt.tensor([True, False]), wanted)),
        ("__setitem__", lambda x, wanted: x.__setitem__(0, wanted)),
    ],
)
def test_a_value_that_wants_a_gradient_is_not_swallowed(name, write, recording, refused):
    x = tt.tensor([1.0, 4.0])
    with refused(RuntimeError, name, "detach"):
        write(x, tt.tensor(2.0, requires_grad=True))
    assert x.tolist() == [1, 4]


def test_the_detached_share_memory_and_count(recording):
    x = tt.tensor([1.0], requires_grad=True)
    view = x.detach()
    assert not view.requires_grad
    view.fill_(3)
    assert x.tolist() == [3]
    assert x.version[0] == 1


def test_data_shares_memory_and_does_not_count(recording):
    x = tt.tensor([1.0], requires_grad=True)
    x.data.fill_(3)
    assert x.tolist() == [3]
    assert x.version[0] == 0
    x.data = tt.tensor([5.0])
    assert x.tolist() == [5]


def test_a_read_only_array_is_not_written_to(refused):
    array = np.zeros(2)
    array.flags.writeable = False
    x = tt.from_numpy(array)
    for write in (lambda: x.fill_(1), lambda: x.__setitem__(0, 1), lambda: x.add_(1)):
        with refused(RuntimeError, "clone"):
            write()
    assert x.clone().fill_(1).tolist() == [1, 1]
