"""Parameter: a tensor that a module learns."""

import copy

import numpy as np
import pytest

from tinytorch.layers import Parameter
from tinytorch.tensor import Tensor, ones, tensor, zeros


def test_it_is_a_tensor_that_wants_a_gradient() -> None:
    parameter = Parameter(ones(2, 3))
    assert isinstance(parameter, Tensor)
    assert parameter.requires_grad
    assert parameter.is_leaf
    assert parameter.grad is None
    assert parameter.shape == (2, 3)
    assert parameter.dtype == np.float32


def test_it_can_be_frozen() -> None:
    parameter = Parameter(ones(2), requires_grad=False)
    assert not parameter.requires_grad
    assert parameter.requires_grad_() is parameter
    assert parameter.requires_grad


@pytest.mark.parametrize("data", [[1.0, 2.0], np.array([1.0, 2.0], np.float32), tensor([1.0, 2.0])])
def test_what_it_is_made_of(data: object) -> None:
    assert Parameter(data).tolist() == [1.0, 2.0]


def test_it_shares_memory_and_the_count_of_writes() -> None:
    source = zeros(3)
    parameter = Parameter(source)
    before = parameter.version[0]
    source.fill_(2)
    assert parameter.tolist() == [2, 2, 2]
    assert parameter.version[0] > before
    assert not source.requires_grad


@pytest.mark.parametrize("data", [[1, 2], [True]])
def test_only_floating_numbers_can_be_learnt(data: list[object]) -> None:
    with pytest.raises(RuntimeError, match="floating"):
        Parameter(data)


def test_results_of_operations_are_plain_tensors() -> None:
    parameter = Parameter(ones(2))
    for result in (parameter + 1, parameter.detach(), parameter.reshape(1, 2), parameter[0]):
        assert type(result) is Tensor


def test_a_deep_copy_is_a_parameter_of_its_own() -> None:
    parameter = Parameter(ones(2), requires_grad=False)
    twin = copy.deepcopy(parameter)
    assert type(twin) is Parameter
    assert not twin.requires_grad
    twin.fill_(5)
    assert parameter.tolist() == [1, 1]
    assert copy.deepcopy(Parameter(ones(2))).requires_grad


def test_how_it_is_shown() -> None:
    assert repr(Parameter(ones(2))) == (
        "Parameter containing:\ntensor([1., 1.], requires_grad=True)"
    )
    assert repr(Parameter(ones(2), requires_grad=False)) == (
        "Parameter containing:\ntensor([1., 1.])"
    )
