"""`@operation`: how a function on arrays becomes an operation on tensors."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import tinytorch.tensor as tt


@tt.operation
def scaled(x, *, by=2.0, shift=0.0):
    """x · by + shift."""
    return x * by + shift


@tt.operation(promote="common")
def blended(a, b):
    return a + b


@tt.operation(promote="floating")
def ratio(a, b):
    return a / b


@tt.operation
def joined(*parts, dim=0):
    return np.concatenate(parts, axis=dim)


@tt.operation
def halves(x):
    n = len(x) // 2
    return x[:n].copy(), x[n:].copy()


@tt.operation(saves=("root",))
def inverse_root(x):
    root = np.sqrt(x)
    return 1 / root, root


@tt.operation(views=True)
def every_second(x, *, copied=False):
    return x[::2].copy() if copied else x[::2]


@tt.operation(differentiable=False)
def whether_positive(x):
    return x > 0


@tt.operation
def picked(x, *, index):
    return x[index]


class Notes:
    """A recorder that writes down what it is shown."""

    def __init__(self, recording: bool = True) -> None:
        self.recording = recording
        self.calls: list[dict[str, Any]] = []
        self.asked: list[tuple[Any, ...]] = []

    def record(self, operation, needs, inputs, arrays, attributes, results, saved):
        self.calls.append(
            {
                "operation": operation,
                "needs": needs,
                "inputs": inputs,
                "arrays": arrays,
                "attributes": dict(attributes),
                "results": results,
                "saved": saved,
            }
        )
        for result in results:
            result.requires_grad_()
            result.grad_fn = operation.name

    def backward(self, tensor, gradient, *, retain_graph, create_graph):
        self.asked.append((tensor, gradient, retain_graph, create_graph))

    def is_recording(self):
        return self.recording


@pytest.fixture
def notes(recorder_slot):
    recorder = Notes()
    recorder_slot(recorder)
    return recorder


# Lifting


def test_tensors_give_tensors_and_arrays_give_arrays():
    lifted = scaled(tt.tensor([1.0, 2.0]))
    assert isinstance(lifted, tt.Tensor)
    assert lifted.tolist() == [2, 4]
    plain = scaled(np.array([1.0, 2.0]))
    assert type(plain) is np.ndarray
    assert plain.tolist() == [2, 4]


def test_one_tensor_among_arrays_and_numbers_is_enough():
    for found in (
        blended(tt.tensor([1.0]), np.float32([2.0])),
        blended(np.float32([1.0]), tt.tensor([2.0])),
        blended(1, tt.tensor([2.0])),
    ):
        assert isinstance(found, tt.Tensor)
        assert found.tolist() == [3]


def test_it_keeps_its_name_and_words():
    assert scaled.__name__ == scaled.name == "scaled"
    assert scaled.__doc__ == "x · by + shift."
    assert scaled.inputs == ("x",)
    assert scaled.attributes == ("by", "shift")
    assert tt.operations()["scaled"] is scaled
    assert repr(scaled) == "<operation scaled(x, by, shift)>"


def test_attributes_by_position_and_by_name():
    x = tt.tensor([1.0])
    assert scaled(x, 3.0).tolist() == [3]
    assert scaled(x, 3.0, 1.0).tolist() == [4]
    assert scaled(x, 3.0, shift=1.0).tolist() == [4]
    assert scaled(x, shift=1.0).tolist() == [3]
    assert scaled(x=x, by=5.0).tolist() == [5]
    assert scaled(np.array([1.0]), 3.0).tolist() == [3]


def test_calls_that_do_not_fit(refused):
    x = tt.tensor([1.0])
    with refused(TypeError, "scaled", "by"):
        scaled(x, 3.0, by=4.0)
    with refused(TypeError, "scaled", "4"):
        scaled(x, 1, 2, 3)
    with refused(TypeError, "blended", "b"):
        blended(x)
    with refused(TypeError, "scaled", "wrong"):
        scaled(x, wrong=1)


def test_a_list_of_tensors():
    parts = [tt.tensor([[1.0]]), tt.tensor([[2.0]])]
    assert joined(parts).tolist() == [[1], [2]]
    assert joined(tuple(parts), 1).tolist() == [[1, 2]]
    assert joined(parts, dim=-1).tolist() == [[1, 2]]
    assert joined(parts=parts).tolist() == [[1], [2]]
    assert type(joined([np.ones(1), np.ones(1)])) is np.ndarray


def test_several_results_are_a_tuple_of_tensors():
    found = halves(tt.tensor([1.0, 2.0, 3.0, 4.0]))
    assert type(found) is tuple
    assert [part.tolist() for part in found] == [[1, 2], [3, 4]]
    arrays = halves(np.arange(4))
    assert [type(part) for part in arrays] == [np.ndarray, np.ndarray]


def test_what_is_saved_is_not_returned():
    found = inverse_root(tt.tensor([4.0]))
    assert isinstance(found, tt.Tensor)
    assert found.tolist() == [0.5]
    assert inverse_root(np.array([4.0])).tolist() == [0.5]


def test_a_tensor_may_be_an_attribute():
    x = tt.tensor([1.0, 2.0, 3.0])
    assert picked(x, tt.tensor([2, 0])).tolist() == [3, 1]
    assert picked(x, index=tt.tensor([True, False, True])).tolist() == [1, 3]


def test_an_attribute_that_wants_a_gradient_is_refused(refused):
    with refused(TypeError, "scaled", "by", "detach"):
        scaled(tt.tensor([1.0]), by=tt.tensor(2.0, requires_grad=True))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (tt.tensor([1.0]), tt.tensor([1]), "float32"),
        (tt.tensor([1.0]), tt.tensor([1.0], dtype=tt.float64), "float64"),
        (tt.tensor([1.0]), 2.0, "float32"),
        (tt.tensor([1]), 2.0, "float32"),
        (tt.tensor([1]), 2, "int64"),
        (True, tt.tensor([1], dtype=tt.int8), "int8"),
    ],
)
def test_inputs_are_brought_to_a_common_dtype(a, b, expected):
    assert blended(a, b).dtype == np.dtype(expected)


def test_inputs_are_brought_to_a_floating_dtype():
    assert ratio(tt.tensor([1]), tt.tensor([2])).dtype == tt.float32
    assert ratio(tt.tensor([1], dtype=tt.float16), 2).dtype == tt.float16
    assert ratio(tt.tensor([True]), 2).dtype == tt.float32


def test_an_error_is_told_in_the_words_of_the_operation(refused):
    with refused(ValueError, "blended", "(2,)", "(3,)", "dimension -1"):
        blended(tt.zeros(2), tt.zeros(3))
    with refused(IndexError, "picked", "(3,)"):
        picked(tt.zeros(3), index=7)
    with refused(TypeError, "blended", "str"):
        blended(tt.zeros(2), "two")


def test_an_error_in_the_function_itself_is_not_hidden():
    @tt.operation
    def mistaken(x):
        return x.no_such_attribute

    with pytest.raises(AttributeError, match="no_such_attribute"):
        mistaken(tt.zeros(2))


@pytest.mark.in_process("its own operation gives a view")
def test_a_view_counts_writes_with_its_source():
    x = tt.tensor([1.0, 2.0, 3.0])
    view, copied = every_second(x), every_second(x, copied=True)
    x.fill_(0)
    assert view.version[0] == 1
    assert copied.version[0] == 0
    view.fill_(1)
    assert x.version[0] == 2


# Kernels


def test_an_operation_may_have_several_kernels(refused):
    @tt.operation(kernel="plain")
    def doubled(x):
        return x + x

    @doubled.add_kernel("by two")
    def _(x):
        return x * 2.5  # wrong on purpose, to be told from the other

    x = tt.tensor([1.0])
    assert list(doubled.kernels) == ["plain", "by two"]
    assert doubled.kernel == "plain"
    with doubled.using("by two"):
        assert doubled.kernel == "by two"
        assert doubled(x).tolist() == [2.5]
    assert doubled(x).tolist() == [2]
    with pytest.raises(ZeroDivisionError), doubled.using("by two"):
        _ = 1 / 0
    assert doubled(x).tolist() == [2], "after an error inside using(), the kernel is back"
    doubled.use("by two")
    assert doubled(x).tolist() == [2.5]
    with refused(ValueError, "doubled", "'fast'", "plain", "by two"):
        doubled.use("fast")


# The recorder


def test_a_call_is_shown_to_the_recorder(notes):
    a, b = tt.tensor([1.0, 2.0], requires_grad=True), tt.tensor([3])
    result = blended(a, b)
    (call,) = notes.calls
    assert call["operation"] is blended
    assert call["needs"] == 0b01
    assert call["inputs"][0] is a
    assert call["inputs"][1] is b
    assert [array.dtype for array in call["arrays"]] == [tt.float32, tt.float32]
    assert call["results"][0] is result
    assert call["attributes"] == {}
    assert call["saved"] == ()


def test_needs_has_a_bit_for_each_input(notes):
    plain, wanted = tt.tensor([1.0]), tt.tensor([1.0], requires_grad=True)
    blended(plain, wanted)
    blended(wanted, wanted)
    blended(2.0, wanted)
    joined([plain, plain, wanted])
    assert [call["needs"] for call in notes.calls] == [0b10, 0b11, 0b10, 0b100]


def test_attributes_and_saved_values_are_shown(notes):
    x = tt.tensor([4.0], requires_grad=True)
    scaled(x, 3.0)
    inverse_root(x)
    assert notes.calls[0]["attributes"] == {"by": 3.0}
    assert notes.calls[1]["saved"][0].tolist() == [2]
    assert len(notes.calls[1]["results"]) == 1


def test_all_of_several_results_are_shown(notes):
    first, second = halves(tt.tensor([1.0, 2.0], requires_grad=True))
    assert notes.calls[0]["results"][0] is first
    assert notes.calls[0]["results"][1] is second
    assert first.grad_fn == "halves"
    assert not first.is_leaf


def test_what_needs_no_gradient_is_not_shown(notes):
    wanted = tt.tensor([1.0], requires_grad=True)
    scaled(tt.tensor([1.0]))
    whether_positive(wanted)
    scaled(wanted.detach())
    scaled(np.array([1.0]))
    assert notes.calls == []


def test_methods_and_operators_are_shown_too(notes):
    x = tt.tensor([[1.0, 2.0]], requires_grad=True)
    _ = x * 2 + 1
    _ = x.exp()
    _ = x[0]
    _ = x.double()
    names = [call["operation"].name for call in notes.calls]
    assert names == ["mul", "add", "exp", "getitem", "cast"]


def test_without_a_recorder_nothing_is_remembered(recorder_slot):
    recorder_slot(None)
    assert tt.get_recorder() is None
    result = scaled(tt.tensor([1.0], requires_grad=True))
    assert result.grad_fn is None
    assert not result.requires_grad


def test_backward_asks_the_recorder(notes):
    x, g = tt.tensor(1.0, requires_grad=True), tt.tensor(1.0)
    x.backward()
    x.backward(g, retain_graph=True)
    x.backward(create_graph=True)
    x.backward(retain_graph=False, create_graph=True)
    assert notes.asked[0] == (x, None, False, False)
    assert notes.asked[1][1] is g
    assert [asked[2:] for asked in notes.asked[1:]] == [(True, False), (True, True), (False, True)]


def test_backward_without_a_recorder_says_what_is_missing(recorder_slot, refused):
    recorder_slot(None)
    with refused(RuntimeError, "tinytorch.autograd"):
        tt.tensor(1.0, requires_grad=True).backward()


def test_an_operation_is_copied_as_a_function_is():
    assert copy.copy(tt.exp) is tt.exp
    assert copy.deepcopy([tt.exp])[0] is tt.exp


def test_arrays_alone_are_promoted_like_tensors():
    found = tt.div(np.array([1, 2]), np.array([4, 4]))
    assert type(found) is np.ndarray
    assert found.dtype == np.float32
    assert found.tolist() == [0.25, 0.5]


def test_a_numpy_scalar_counts_as_an_array():
    assert tt.exp(np.float64(0.0)) == 1.0


@pytest.mark.parametrize("inputs", [(2.0,), (True,), (None,)])
def test_numbers_alone_are_refused(inputs):
    with pytest.raises(TypeError, match="exp: expected a tensor"):
        tt.exp(*inputs)
