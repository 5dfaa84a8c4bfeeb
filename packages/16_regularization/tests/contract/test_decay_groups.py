"""Task 16.3: which parameters weight decay is for."""

from typing import Any

import numpy as np
import pytest

from tinytorch.layers import Linear, Module, Parameter
from tinytorch.networks import MLP
from tinytorch.optimizers import AdamW
from tinytorch.regularization import decay_groups
from tinytorch.tensor import Tensor


def named(model: Any, groups: Any) -> list[tuple[list[str], float]]:
    """The groups with the names of their parameters, which are told by where they lie."""
    names = {p.data_ptr(): name for name, p in model.named_parameters()}
    return [
        ([names[p.data_ptr()] for p in group["params"]], group["weight_decay"]) for group in groups
    ]


def numbers(*shape: int) -> Any:
    return Parameter(Tensor(np.ones(shape)))


class Holding(Module):
    """A module with whatever parameters and modules it is given."""

    def __init__(self, **held: Any) -> None:
        super().__init__()
        for name, each in held.items():
            setattr(self, name, each)


class LayerNorm(Holding):
    """Named as a normalisation, and so it is taken for one."""


class BatchNorm2d(Holding):
    pass


class OfItsOwnKind(LayerNorm):
    pass


class Normal(Holding):
    """Not a normalisation."""


def test_matrices_decay_and_biases_do_not() -> None:
    model = MLP(3, [4, 5], 2)
    found = named(model, decay_groups(model, 0.1))
    weights = [name for name, p in model.named_parameters() if name.endswith("weight")]
    biases = [name for name, p in model.named_parameters() if name.endswith("bias")]
    assert found == [(weights, 0.1), (biases, 0.0)], "decay_groups of an MLP"


def test_dimensions_and_names() -> None:
    model = Holding(
        scale=numbers(4),
        table=numbers(10, 4),
        kernel=numbers(2, 3, 3, 3),
        bias=numbers(4, 4),
        number=numbers(),
        biases=numbers(2, 2),
    )
    assert named(model, decay_groups(model, 0.25)) == [
        (["table", "kernel", "biases"], 0.25),
        (["scale", "bias", "number"], 0.0),
    ]


def test_normalisations_do_not_decay() -> None:
    """Whatever dimensions their weights have."""
    model = Holding(
        first=LayerNorm(weight=numbers(3, 4)),
        second=BatchNorm2d(weight=numbers(3, 4), inner=Holding(weight=numbers(5, 6))),
        third=OfItsOwnKind(weight=numbers(2, 2)),
        fourth=Normal(weight=numbers(2, 3)),
    )
    assert named(model, decay_groups(model, 0.1)) == [
        (["second.inner.weight", "fourth.weight"], 0.1),
        (["first.weight", "second.weight", "third.weight"], 0.0),
    ], "LayerNorm, BatchNorm2d and a class made of the first are normalisations; Normal is not"


def test_a_parameter_that_is_used_twice_comes_once() -> None:
    shared = numbers(4, 4)
    model = Holding(a=Holding(weight=shared), b=Holding(weight=shared, bias=numbers(4)))
    assert named(model, decay_groups(model, 0.1)) == [(["a.weight"], 0.1), (["b.bias"], 0.0)]
    layer = Linear(2, 2)
    twice = Holding(a=layer, b=layer)
    assert named(twice, decay_groups(twice, 0.1)) == [(["a.weight"], 0.1), (["a.bias"], 0.0)]


def test_no_group_is_empty() -> None:
    model = Holding(weight=numbers(2, 2))
    assert named(model, decay_groups(model, 0.1)) == [(["weight"], 0.1)]
    model = Holding(scale=numbers(2))
    assert named(model, decay_groups(model, 0.1)) == [(["scale"], 0.0)]


def test_an_optimizer_takes_them(drawn: Any, assert_close: Any) -> None:
    """With gradients of 0, AdamW does nothing but decay."""
    model = MLP(3, [4], 2)
    for i, p in enumerate(model.parameters()):
        p.detach().copy_(drawn(*p.shape, seed=i))
    before = {name: p.detach().numpy().copy() for name, p in model.named_parameters()}
    optimizer = AdamW(decay_groups(model, 0.5), lr=0.1)
    for p in model.parameters():
        p.grad = Tensor(np.zeros(p.shape, np.float32))
    optimizer.step()
    for name, p in model.named_parameters():
        factor = 0.95 if name.endswith("weight") else 1.0
        tried = f"{name} after a step of AdamW(decay_groups(model, 0.5), lr=0.1), gradients 0"
        assert_close(p.detach(), before[name] * np.float32(factor), tried)


def test_0_is_a_weight_decay() -> None:
    model = MLP(3, [4], 2)
    assert [group["weight_decay"] for group in decay_groups(model, 0.0)] == [0.0, 0.0]


@pytest.mark.parametrize("weight_decay", [-0.1, float("nan")])
def test_what_does_not_fit(weight_decay: float, refused: Any) -> None:
    with refused(ValueError, "decay_groups", str(weight_decay)):
        decay_groups(MLP(3, [4], 2), weight_decay)
    with refused(ValueError, "decay_groups", "no parameters"):
        decay_groups(Holding(), 0.1)
