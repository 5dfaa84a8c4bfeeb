"""While something records, layers are still filled, loaded, cast, and nothing of it is recorded."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import pytest

from tinytorch.layers import Linear, Module, Parameter, init
from tinytorch.tensor import Operation, Tensor, get_recorder, ones, set_recorder, zeros


class FakeRecorder:
    """Remembers the names of recorded calls and which inputs needed a gradient."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []

    def record(
        self,
        operation: Operation[Any],
        needs: int,
        inputs: Sequence[Any],
        arrays: Sequence[Any],
        attributes: Mapping[str, Any],
        results: Sequence[Tensor],
        saved: tuple[Any, ...],
    ) -> None:
        self.calls.append((operation.name, needs))
        for result in results:
            result.requires_grad = True
            result.grad_fn = self

    def backward(
        self, tensor: Tensor, gradient: Tensor | None, *, retain_graph: bool, create_graph: bool
    ) -> None:
        raise AssertionError("nothing here goes backward")

    def is_recording(self) -> bool:
        return True

    def pause(self) -> AbstractContextManager[None]:
        raise AssertionError("nothing here asks for a pause")


@pytest.fixture
def recorder() -> Iterator[FakeRecorder]:
    before = get_recorder()
    fake = FakeRecorder()
    set_recorder(fake)
    yield fake
    set_recorder(before)


def test_the_fake_is_strict(recorder: FakeRecorder) -> None:
    with pytest.raises(RuntimeError):
        Parameter(zeros(2)).fill_(1)
    assert (Parameter(zeros(2)) + 1).requires_grad
    assert recorder.calls == [("add", 1)]


def test_linear_is_one_recorded_call(recorder: FakeRecorder) -> None:
    assert Linear(3, 2)(ones(4, 3)).requires_grad
    assert Linear(3, 2, bias=False)(ones(4, 3)).requires_grad
    x = Tensor(np.ones((4, 3), np.float32), requires_grad=True)
    Linear(3, 2).requires_grad_(False)(x)
    assert recorder.calls == [("linear", 0b110), ("linear", 0b010), ("linear", 0b001)]


@pytest.mark.parametrize(
    "fill",
    [
        init.uniform_,
        init.normal_,
        init.zeros_,
        init.ones_,
        init.xavier_uniform_,
        init.xavier_normal_,
        init.kaiming_uniform_,
        init.kaiming_normal_,
        lambda parameter: init.constant_(parameter, 3),
    ],
)
def test_initialisers(recorder: FakeRecorder, fill: Any) -> None:
    parameter = Parameter(zeros(3, 4))
    assert fill(parameter) is parameter
    assert parameter.requires_grad
    assert parameter.is_leaf
    assert recorder.calls == []


def test_layers_are_made_and_drawn_anew(recorder: FakeRecorder) -> None:
    Linear(3, 2).reset_parameters()
    assert recorder.calls == []


def test_states_are_saved_and_loaded(recorder: FakeRecorder) -> None:
    source, target = Linear(3, 2), Linear(3, 2)
    target.load_state_dict(source.state_dict())
    target.load_state_dict(dict(source.named_parameters()))
    assert target.weight.tolist() == source.weight.tolist()
    assert target.weight.is_leaf
    assert recorder.calls == []


def test_gradients_become_zeros_even_where_they_were_recorded(recorder: FakeRecorder) -> None:
    module = Module()
    module.weight = Parameter(ones(2))
    gradient = module.weight * 2
    assert gradient.requires_grad
    module.weight.grad = gradient
    module.zero_grad(set_to_none=False)
    assert module.weight.grad.tolist() == [0, 0]
    assert not module.weight.grad.requires_grad
    assert gradient.detach().tolist() == [0, 0]


def test_casting(recorder: FakeRecorder) -> None:
    layer = Linear(3, 2)
    layer.weight.grad = ones(2, 3)
    layer.double()
    assert layer.weight.dtype == layer.weight.grad.dtype == np.float64
    assert layer.weight.is_leaf
    assert recorder.calls == []
