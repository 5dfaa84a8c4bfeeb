"""What all optimizers share: groups, missing gradients, many parameters, memory."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.autograd import no_grad
from tinytorch.layers import Linear, Parameter
from tinytorch.optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop
from tinytorch.tensor import Tensor

KINDS: dict[str, Any] = {
    "SGD": lambda p: SGD(p, lr=0.1, momentum=0.9),
    "plain SGD": lambda p: SGD(p, lr=0.1),
    "Adagrad": lambda p: Adagrad(p, lr=0.1, initial_accumulator_value=0.5),
    "RMSprop": lambda p: RMSprop(p, lr=0.1, momentum=0.5, centered=True, alpha=0.7),
    "Adam": lambda p: Adam(p, lr=0.1),
    "AdamW": lambda p: AdamW(p, lr=0.1, amsgrad=True),
}
kinds = pytest.mark.parametrize("kind", list(KINDS))


def steps_of_one(kind: str, start: Any, gradients: list[Any]) -> Any:
    """Where a parameter comes to that has an optimizer of its own. None: no step is taken."""
    parameter = Tensor(np.array(start))
    optimizer = KINDS[kind]([parameter])
    for gradient in gradients:
        if gradient is not None:
            parameter.grad = Tensor(np.array(gradient))
            optimizer.step()
    return parameter.numpy().copy()


# Many parameters


@kinds
def test_each_goes_as_if_it_were_alone(kind: str, drawn: Any, leaf: Any, assert_close: Any) -> None:
    shapes = [(3,), (2, 4), (), (1,), (200, 300), (0, 2), (5, 1, 2)]
    starts = [drawn(*shape, seed=i) for i, shape in enumerate(shapes)]
    gradients = [[drawn(*s, seed=100 * i + t) for t in range(4)] for i, s in enumerate(shapes)]
    parameters = [leaf(start) for start in starts]
    optimizer = KINDS[kind](parameters)
    for t in range(4):
        for parameter, each in zip(parameters, gradients, strict=True):
            parameter.grad = Tensor(each[t])
        optimizer.step()
    for parameter, start, each in zip(parameters, starts, gradients, strict=True):
        expected = steps_of_one(kind, start, each)
        assert_close(parameter, expected, f"{kind}: a parameter of {start.shape} among others")


@kinds
@settings(derandomize=True, max_examples=25, deadline=None)
@given(
    pattern=st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=6),
    seed=st.integers(0, 99),
)
def test_without_a_gradient_nothing_changes(
    kind: str, pattern: list[list[bool]], seed: int
) -> None:
    """Neither the value nor what is remembered: a later step is its next one."""
    draws = np.random.default_rng(seed)
    starts = [draws.standard_normal(size) for size in (2, 3, 1, 4)]
    parameters = [Tensor(start.copy()) for start in starts]
    optimizer = KINDS[kind](parameters)
    given_to: list[list[Any]] = [[], [], [], []]
    for row in pattern:
        for i, has_gradient in enumerate(row):
            gradient = draws.standard_normal(starts[i].shape) if has_gradient else None
            given_to[i].append(gradient)
            parameters[i].grad = None if gradient is None else Tensor(gradient)
        optimizer.step()
    for i, parameter in enumerate(parameters):
        expected = steps_of_one(kind, starts[i], given_to[i])
        np.testing.assert_allclose(
            parameter.numpy(), expected, rtol=1e-9, err_msg=f"{kind}: parameter {i} of {pattern}"
        )


def test_none_has_a_gradient(leaf: Any) -> None:
    p = leaf([1.0, 2.0])
    AdamW([p]).step()
    assert p.tolist() == [1.0, 2.0]


@kinds
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_types(kind: str, dtype: str, drawn: Any, leaf: Any, assert_close: Any) -> None:
    start, gradient = drawn(4, seed=1, dtype=dtype), drawn(4, seed=2, dtype=dtype)
    parameter, other = leaf(start, gradient), leaf([1.0], [1.0])
    optimizer = KINDS[kind]([other, parameter])
    optimizer.step()
    expected = steps_of_one(kind, start.astype("float64"), [gradient.astype("float64")])
    assert_close(parameter, expected, f"{kind} of {dtype} beside float64", dtype)


LAYOUTS: dict[str, Any] = {
    "channels last": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1),
    "Fortran order": np.asfortranarray,
    "backwards": lambda x: np.ascontiguousarray(x[::-1, ..., ::-1])[::-1, ..., ::-1],
    "every second": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "row by row": np.ascontiguousarray,
}


@pytest.mark.parametrize("of_parameter", list(LAYOUTS))
@pytest.mark.parametrize("of_gradient", list(LAYOUTS))
@pytest.mark.parametrize("shape", [(4, 3, 2, 5), (40, 30, 8, 5)])
def test_any_order_in_memory(
    of_parameter: str, of_gradient: str, shape: tuple[int, ...], drawn: Any, assert_close: Any
) -> None:
    start, gradients = drawn(*shape, seed=1), [drawn(*shape, seed=2), drawn(*shape, seed=3)]
    small = Tensor(np.zeros(3))
    parameter = Tensor(LAYOUTS[of_parameter](start))
    optimizer = KINDS["Adam"]([small, parameter])
    for gradient in gradients:
        parameter.grad = Tensor(LAYOUTS[of_gradient](gradient))
        optimizer.step()
    expected = steps_of_one("Adam", start, gradients)
    assert_close(parameter, expected, f"a parameter {of_parameter}, its gradient {of_gradient}")


def test_a_network(drawn: Any, assert_close: Any) -> None:
    layer = Linear(3, 2, dtype="float64")
    weight, bias = layer.weight.detach().numpy().copy(), layer.bias.detach().numpy().copy()
    optimizer = SGD(layer.parameters(), lr=0.5)
    layer.weight.grad, layer.bias.grad = Tensor(drawn(2, 3)), Tensor(drawn(2))
    optimizer.step()
    assert_close(layer.weight.detach(), weight - 0.5 * drawn(2, 3), "the weight of a Linear")
    assert_close(layer.bias.detach(), bias - 0.5 * drawn(2), "its bias")
    x = drawn(4, 3, seed=3)
    expected = x @ (weight - 0.5 * drawn(2, 3)).T + bias - 0.5 * drawn(2)
    assert_close(layer(Tensor(x)).detach(), expected, "what it computes after the step")


# Memory


def test_a_parameter_that_was_given_other_values(leaf: Any) -> None:
    p, q = leaf([1.0, 2.0], [1.0, 1.0]), leaf([5.0], [1.0])
    optimizer = SGD([p, q], lr=1.0, momentum=0.5)
    optimizer.step()
    p.data = Tensor(np.array([10.0, 20.0]))
    optimizer.step()
    assert p.tolist() == [8.5, 18.5], "10 and 20, less a buffer of 0.5 · 1 + 1"
    p.copy_(Tensor(np.array([100.0, 200.0])))
    optimizer.step()
    assert p.tolist() == [98.25, 198.25], "100 and 200, less a buffer of 1.75"
    assert q.tolist() == [0.75]


def test_a_parameter_that_was_given_another_type(leaf: Any) -> None:
    p, q = leaf([1.0, 2.0], [1.0, 1.0]), leaf([5.0], [1.0])
    optimizer = SGD([p, q], lr=1.0, momentum=0.5)
    optimizer.step()
    p.data = Tensor(np.array([10.0, 20.0], "float32"))
    p.grad = Tensor(np.array([1.0, 1.0], "float32"))
    optimizer.step()
    assert p.tolist() == [8.5, 18.5], "the buffer of 1.5 stays"
    assert p.dtype == np.dtype("float32")
    assert q.tolist() == [2.5]


def test_a_parameter_that_was_given_another_shape(leaf: Any, refused: Any) -> None:
    p = leaf([1.0, 2.0], [1.0, 1.0])
    optimizer = Adam([p])
    optimizer.step()
    p.grad = None
    p.data = Tensor(np.zeros(3))
    with refused(RuntimeError, "Adam", "(3,)", "(2,)"):
        optimizer.step()


@pytest.mark.parametrize("whole", [True, False])
def test_two_parameters_that_share_memory(whole: bool, leaf: Any) -> None:
    table = Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]))
    one = Parameter(table, requires_grad=False)
    other = Parameter(table if whole else table[:, 1:], requires_grad=False)
    optimizer = SGD([leaf([0.0]), one, other], lr=1.0)
    one.grad = Tensor(np.full((2, 2), 0.5))
    other.grad = Tensor(np.full(other.shape, 0.25))
    optimizer.step()
    expected = [[0.25, 1.25], [2.25, 3.25]] if whole else [[0.5, 1.25], [2.5, 3.25]]
    assert one.tolist() == expected, "both are stepped"
    assert table.tolist() == expected
    assert other.tolist() == (expected if whole else [[1.25], [3.25]])


def test_memory_that_is_shared_later(leaf: Any) -> None:
    one, other = leaf([1.0, 2.0], [0.5, 0.5]), leaf([7.0, 7.0], [0.25, 0.25])
    optimizer = SGD([{"params": [one]}, {"params": [other]}], lr=1.0)
    other.data = one.detach()
    optimizer.step()
    assert one.tolist() == other.tolist() == [0.25, 1.25], "tied now, and both are stepped"


def test_two_optimizers_of_the_same_parameters(leaf: Any) -> None:
    p, q = leaf([8.0], [1.0]), leaf([4.0], [1.0])
    first, second = SGD([p, q], lr=1.0), SGD([q, p], lr=0.5)
    for _ in range(2):
        first.step()
        second.step()
    assert (p.item(), q.item()) == (5.0, 1.0)


def test_writes_are_counted(leaf: Any) -> None:
    p, q = leaf([1.0], [1.0]), leaf([1.0])
    optimizer = SGD([p, q])
    before = p.version[0], q.version[0]
    optimizer.step()
    assert p.version[0] > before[0], "autograd must see that the parameter was written to"
    assert q.version[0] == before[1], "it has no gradient, and was not written to"


def test_a_step_keeps_the_gradient(leaf: Any) -> None:
    p = leaf([1.0], [1.0])
    SGD([p], lr=1.0).step()
    assert p.grad.tolist() == [1.0]


# Groups


def test_groups_have_options_of_their_own(leaf: Any) -> None:
    p, q, r = (leaf([1.0], [1.0]) for _ in range(3))
    optimizer = SGD([{"params": [p], "lr": 0.5}, {"params": [q, r]}], lr=0.25)
    optimizer.step()
    assert [p.item(), q.item(), r.item()] == [0.5, 0.75, 0.75]
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.25]
    assert [len(group["params"]) for group in optimizer.param_groups] == [1, 2]
    assert optimizer.param_groups[0]["momentum"] == 0.0, "options that were not given, too"


@pytest.mark.in_process("changes an option in a dict")
def test_an_option_may_change_between_steps(leaf: Any) -> None:
    p = leaf([1.0], [1.0])
    optimizer = SGD([p], lr=0.5)
    optimizer.step()
    optimizer.param_groups[0]["lr"] = 0.25
    optimizer.step()
    assert p.item() == 0.25
    optimizer.param_groups[0]["momentum"] = 0.5
    optimizer.step()
    optimizer.step()
    assert p.item() == 0.25 - 0.25 - 0.25 * 1.5, "a first buffer of 1, then 1.5"


@pytest.mark.in_process("passes a group whose dict it looks into later")
def test_a_group_that_was_passed_stays_as_it_was(leaf: Any) -> None:
    given_group = {"params": [leaf([1.0])]}
    SGD([given_group])
    assert list(given_group) == ["params"]


def test_a_group_added_later(leaf: Any) -> None:
    p, q = leaf([1.0], [1.0]), leaf([1.0], [1.0])
    optimizer = SGD([p], lr=0.5, momentum=0.5)
    optimizer.step()
    optimizer.add_param_group({"params": q, "lr": 0.25})
    optimizer.step()
    assert p.item() == 1 - 0.5 - 0.5 * 1.5, "its buffer stays"
    assert q.item() == 0.75


def test_a_parameter_given_twice_is_one(leaf: Any) -> None:
    p = leaf([1.0], [1.0])
    optimizer = SGD([p, p], lr=0.25)
    optimizer.step()
    assert p.item() == 0.75


def test_names(leaf: Any) -> None:
    layer = Linear(2, 1)
    optimizer = SGD(layer.named_parameters())
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    layer.weight.grad = Tensor(np.ones((1, 2), "float32"))
    before = layer.weight.tolist()
    optimizer.step()
    assert layer.weight.tolist() != before


def test_what_it_says_of_itself(leaf: Any) -> None:
    told = repr(SGD([leaf([1.0])], lr=0.25))
    assert "SGD" in told
    assert "lr: 0.25" in told


# Gradients, and the closure


def test_gradients_are_forgotten(leaf: Any) -> None:
    p, q = leaf([1.0], [1.0]), leaf([1.0])
    optimizer = SGD([{"params": [p]}, {"params": [q]}])
    optimizer.zero_grad()
    assert p.grad is None
    assert q.grad is None


def test_or_become_zeros(leaf: Any) -> None:
    p, q = leaf([1.0], [1.0]), leaf([1.0])
    optimizer = SGD([p, q], lr=1.0, momentum=0.5)
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0.0]
    assert q.grad is None
    optimizer.step()
    assert p.item() == 1 - 1 - 0.5, "a gradient of zero is one: the buffer goes on"


def test_a_closure_is_recorded_also_within_no_grad(leaf: Any) -> None:
    p = leaf([3.0]).requires_grad_()
    optimizer = SGD([p], lr=0.5)

    def closure() -> float:
        loss = (p * p).sum()
        loss.backward()
        return loss.item()

    with no_grad():
        assert optimizer.step(closure) == 9.0
    assert p.tolist() == [0.0]


def test_a_closure_is_called_first(leaf: Any) -> None:
    p = leaf([1.0])

    def closure() -> float:
        p.grad = Tensor(np.array([2.0]))
        return 42.0

    optimizer = SGD([p], lr=0.25)
    assert optimizer.step(closure) == 42.0
    assert p.item() == 0.5
    assert optimizer.step() is None


# What is refused


def test_no_parameters(refused: Any) -> None:
    with refused(ValueError, "SGD", "no parameters"):
        SGD([])


def test_what_is_no_parameter(leaf: Any, refused: Any) -> None:
    with refused(TypeError, "SGD", "str"):
        SGD(["weight"])
    with refused(TypeError, "SGD", "[p]"):
        SGD(leaf([1.0]))
    with refused(TypeError, "Adam", "int64"):
        Adam([Tensor(np.array([1, 2]))])
    with refused(TypeError, "SGD", "int"):
        SGD(3)
    with refused(ValueError, "params"):
        SGD([{"lr": 0.1}])


@pytest.mark.in_process("a set of tensors")
def test_a_set_has_no_order(leaf: Any, refused: Any) -> None:
    with refused(TypeError, "set"):
        SGD([{"params": {leaf([1.0])}}])


def test_one_parameter_in_two_groups(leaf: Any, refused: Any) -> None:
    p, q = leaf([1.0]), leaf([1.0])
    with refused(ValueError, "more than one group"):
        SGD([{"params": [p]}, {"params": [q, p]}])
    optimizer = SGD([p])
    with refused(ValueError, "more than one group"):
        optimizer.add_param_group({"params": [q, p]})
    assert len(optimizer.param_groups) == 1


def test_names_for_some_only(leaf: Any, refused: Any) -> None:
    with refused(ValueError, "name"):
        SGD([("weight", leaf([1.0])), leaf([1.0])])
    optimizer = SGD([("weight", leaf([1.0]))])
    with refused(ValueError, "name"):
        optimizer.add_param_group({"params": [leaf([1.0])]})


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("SGD", {"lr": -0.1}, ["lr", "-0.1"]),
        ("SGD", {"momentum": -1.0}, ["momentum", "-1.0"]),
        ("SGD", {"weight_decay": -1.0}, ["weight_decay", "-1.0"]),
        ("SGD", {"nesterov": True}, ["nesterov", "momentum"]),
        ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, ["nesterov", "0.1"]),
        ("Adagrad", {"lr_decay": -1.0}, ["lr_decay", "-1.0"]),
        ("Adagrad", {"initial_accumulator_value": -1.0}, ["initial_accumulator_value", "-1.0"]),
        ("RMSprop", {"alpha": -0.5}, ["alpha", "-0.5"]),
        ("RMSprop", {"eps": -1.0}, ["eps", "-1.0"]),
        ("Adam", {"betas": (1.0, 0.9)}, ["betas", "1.0"]),
        ("Adam", {"betas": (0.9, -0.1)}, ["betas", "-0.1"]),
        ("AdamW", {"betas": (0.9,)}, ["betas", "0.9"]),
        ("AdamW", {"weight_decay": -0.1}, ["weight_decay", "-0.1"]),
        ("AdamW", {"lr": float("nan")}, ["lr", "nan"]),
    ],
    ids=str,
)
def test_options_out_of_range(
    kind: str, options: dict[str, Any], words: list[str], leaf: Any, refused: Any
) -> None:
    make = {"SGD": SGD, "Adagrad": Adagrad, "RMSprop": RMSprop, "Adam": Adam, "AdamW": AdamW}[kind]
    with refused(ValueError, kind, *words):
        make([leaf([1.0])], **options)
    optimizer = make([leaf([1.0])])
    with refused(ValueError, kind, *words):
        optimizer.add_param_group({"params": [leaf([1.0])], **options})


# A rule of one's own


@pytest.mark.in_process("a subclass of Optimizer")
def test_a_rule_of_ones_own(leaf: Any) -> None:
    class Sign(Optimizer):
        """Steps by the sign of the mean of the gradients."""

        def __init__(self, params: Any, lr: float) -> None:
            super().__init__(params, {"lr": lr})

        def initial_state(self, group: Any) -> dict[str, float]:
            return {"mean": 0.0}

        def update(self, parameter: Any, gradient: Any, state: Any, step: int, group: Any) -> None:
            state["mean"] += (gradient - state["mean"]) / step
            parameter -= group["lr"] * np.sign(state["mean"])

    p, q = leaf([0.0, 0.0], [3.0, -1.0]), leaf([[1.0]], [[-2.0]])
    optimizer = Sign([p, q], lr=0.25)
    optimizer.step()
    p.grad, q.grad = Tensor(np.array([-1.0, 4.0])), None
    optimizer.step()
    assert p.tolist() == [-0.5, 0.0], "means 3, −1, then 1, 1.5"
    assert q.tolist() == [[1.25]]
    assert optimizer.state_dict()["state"][0]["step"] == 2
    assert optimizer.state_dict()["state"][0]["mean"].tolist() == [1.0, 1.5]


@pytest.mark.in_process("a subclass of Optimizer")
def test_a_rule_that_is_missing(leaf: Any) -> None:
    with pytest.raises(NotImplementedError, match="initial_state"):
        Optimizer([leaf([1.0], [1.0])], {"lr": 0.1}).step()
