"""Task 4.6: train, eval, apply, zero_grad."""

from typing import Any

import numpy as np
import pytest

from tinytorch.layers import Linear, Module, Parameter
from tinytorch.tensor import Tensor, ones, zeros


class Named(Module):
    def __init__(self, name: str, *parts: Module) -> None:
        super().__init__()
        self.name = name
        for number, part in enumerate(parts):
            self.add_module(str(number), part)


def tree() -> Named:
    return Named("root", Named("left", Named("leaf"), Named("twig")), Named("right"))


def modes(module: Module) -> dict[str, bool]:
    return {part.name: part.training for part in module.modules()}


# Modes


def test_a_module_starts_in_training_mode_and_train_and_eval_reach_every_part() -> None:
    net = tree()
    assert all(modes(net).values()), f"all parts should start in training mode, got {modes(net)}"
    net.train(False)
    assert not any(modes(net).values()), f"after train(False), {modes(net)}"
    net.train()
    assert all(modes(net).values()), f"after train(), {modes(net)}"
    net.eval()
    assert not any(modes(net).values()), f"after eval(), {modes(net)}"
    net.train(True)
    assert all(modes(net).values()), f"after train(True), {modes(net)}"


def test_the_mode_is_exactly_true_or_false() -> None:
    net = tree()
    assert net.eval().training is False
    assert net.train().training is True


def test_train_and_eval_return_the_module() -> None:
    net = tree()
    assert net.train() is net, "train() should return the module, so that calls can be chained"
    assert net.train(False) is net
    assert net.eval() is net


def test_a_part_can_be_in_another_mode() -> None:
    net = tree()
    left = net.get_submodule("0")
    left.eval()
    expected = {"root": True, "left": False, "leaf": False, "twig": False, "right": True}
    assert modes(net) == expected, f"after left.eval(), expected {expected}, got {modes(net)}"
    net.train()
    assert all(modes(net).values())


def test_parts_that_are_none_or_shared_do_not_disturb() -> None:
    shared = Named("shared")
    net = Named("root", shared, Named("other", shared))
    net.add_module("nothing", None)
    net.eval()
    assert modes(net) == {"root": False, "shared": False, "other": False}
    net.train()
    assert modes(net) == {"root": True, "shared": True, "other": True}


def test_a_part_may_decide_for_itself() -> None:
    class Frozen(Named):
        """Stays in evaluation mode, whatever it is told: the usual way to freeze batch norm."""

        def train(self, mode: bool = True) -> "Frozen":
            super().train(False)
            return self

    net = Named("root", Frozen("frozen", Named("inside")), Named("free"))
    net.train()
    expected = {"root": True, "frozen": False, "inside": False, "free": True}
    assert modes(net) == expected, (
        "a part that overrides train should be told by its own train: "
        f"expected {expected}, got {modes(net)}"
    )


@pytest.mark.parametrize("mode", [0, 1, None, "eval", ones(2)])
def test_a_mode_is_true_or_false(mode: Any) -> None:
    net = tree()
    net.eval()
    with pytest.raises(ValueError, match=type(mode).__name__):
        net.train(mode)
    assert not any(modes(net).values()), "a refused call should change nothing"


# Apply


def test_apply_meets_children_before_their_parent() -> None:
    met: list[str] = []
    net = tree()
    result = net.apply(lambda module: met.append(module.name))
    expected = ["leaf", "twig", "left", "right", "root"]
    assert met == expected, f"expected the order {expected}, got {met}"
    assert result is net, "apply should return the module, so that calls can be chained"


def test_apply_ignores_what_the_function_returns() -> None:
    net = tree()
    left = net.get_submodule("0")
    assert net.apply(lambda module: Linear(1, 1)) is net
    assert net.get_submodule("0") is left


def test_apply_initialises() -> None:
    def one(module: Module) -> None:
        if isinstance(module, Linear):
            module.weight.detach().fill_(1)

    net = Named("root", Linear(2, 3), Named("inner", Linear(3, 2)))
    net.apply(one)
    weights = [p for name, p in net.named_parameters() if name.endswith("weight")]
    assert len(weights) == 2
    for weight in weights:
        assert (weight.detach().array == 1).all(), "apply did not reach every Linear"


def test_apply_on_a_module_without_parts() -> None:
    met: list[Module] = []
    alone = Named("alone")
    alone.apply(met.append)
    assert met == [alone]


def test_apply_passes_over_none() -> None:
    net = tree()
    net.add_module("nothing", None)
    met: list[Any] = []
    net.apply(met.append)
    assert None not in met
    assert len(met) == 5


def test_a_child_under_two_names_is_met_once_by_its_parent() -> None:
    shared = Named("shared")
    met: list[str] = []
    Named("root", shared, shared).apply(lambda module: met.append(module.name))
    assert met == ["shared", "root"], f"expected ['shared', 'root'], got {met}"


# Gradients


def with_gradients() -> tuple[Module, list[Parameter]]:
    net = Named("root", Linear(2, 3), Named("inner", Linear(3, 2, bias=False)))
    parameters = list(net.parameters())
    for parameter in parameters:
        parameter.grad = Tensor(np.ones(parameter.shape, np.float32))
    return net, parameters


def test_zero_grad_forgets_the_gradients() -> None:
    net, parameters = with_gradients()
    values = [p.tolist() for p in parameters]
    net.zero_grad()
    grads = [p.grad for p in parameters]
    assert grads == [None] * 3, f"after zero_grad() every .grad should be None, got {grads}"
    assert [p.tolist() for p in parameters] == values, "zero_grad changed the parameters"
    net.zero_grad()
    assert [p.grad for p in parameters] == [None] * 3


def test_zero_grad_can_write_zeros_instead() -> None:
    net, parameters = with_gradients()
    memories = [p.grad.data_ptr() for p in parameters]
    parameters[0].grad = None
    net.zero_grad(set_to_none=False)
    assert parameters[0].grad is None, "where there was no gradient there should still be none"
    for parameter, memory in zip(parameters[1:], memories[1:], strict=True):
        assert isinstance(parameter.grad, Tensor), (
            "zero_grad(set_to_none=False) should keep a gradient of zeros"
        )
        assert parameter.grad.shape == parameter.shape
        assert (parameter.grad.array == 0).all(), "the gradient should be zeros"
        assert parameter.grad.data_ptr() == memory, (
            "the zeros should be in the gradient's own memory"
        )


def test_zero_grad_of_a_part_leaves_the_rest() -> None:
    net, parameters = with_gradients()
    net.get_submodule("1").zero_grad()
    assert [p.grad is None for p in parameters] == [False, False, True]


def test_zero_grad_reaches_frozen_and_tied_parameters() -> None:
    net, parameters = with_gradients()
    parameters[0].requires_grad_(False)
    net.get_submodule("1").tied = parameters[1]
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_zero_grad_leaves_buffers_alone() -> None:
    net, _ = with_gradients()
    net.register_buffer("mean", ones(2))
    net.zero_grad()
    net.zero_grad(set_to_none=False)
    assert net.mean.tolist() == [1, 1]


# What else is done to all


def test_requires_grad() -> None:
    net, parameters = with_gradients()
    assert net.eval().requires_grad_(False) is net
    assert not any(p.requires_grad for p in parameters)
    net.train().requires_grad_()
    assert all(p.requires_grad for p in parameters)


def test_casting() -> None:
    net = Named("root", Linear(2, 3))
    net.register_buffer("count", Tensor(np.array(3)))
    net.register_buffer("mean", zeros(2))
    weight = next(net.parameters())
    weight.grad = ones(3, 2)
    for cast, dtype in (
        (net.eval().double, "float64"),
        (net.half, "float16"),
        (net.float, "float32"),
        (lambda: net.to(np.float64), "float64"),
    ):
        assert cast() is net
        assert {str(p.dtype) for p in net.parameters()} == {dtype}
        assert net.mean.dtype == weight.grad.dtype == dtype
        assert net.count.dtype == np.int64
    assert next(net.parameters()) is weight
    assert weight.requires_grad
    with pytest.raises(TypeError, match="int64"):
        net.train().to("int64")
    assert weight.dtype == np.float64
