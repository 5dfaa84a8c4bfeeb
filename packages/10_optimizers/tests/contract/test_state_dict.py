"""Going on where another optimizer ended, to the last bit."""

import json
from typing import Any

import numpy as np
import pytest

from tinytorch.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop
from tinytorch.tensor import Tensor

SHAPES = [(3,), (2, 4), (), (5, 1)]
KINDS: dict[str, Any] = {
    "SGD": lambda p: SGD(p, lr=0.1, momentum=0.9, dampening=0.3),
    "plain SGD": lambda p: SGD(p, lr=0.1),
    "Adagrad": lambda p: Adagrad(p, lr=0.1, lr_decay=0.1, initial_accumulator_value=0.5),
    "RMSprop": lambda p: RMSprop(p, lr=0.1, momentum=0.5, centered=True, alpha=0.7),
    "Adam": lambda p: Adam(p, lr=0.1),
    "AdamW": lambda p: AdamW(p, lr=0.1, amsgrad=True),
}
kinds = pytest.mark.parametrize("kind", list(KINDS))


def start(dtype: str = "float32") -> list[Any]:
    return [
        Tensor(np.random.default_rng(i).standard_normal(shape).astype(dtype))
        for i, shape in enumerate(SHAPES)
    ]


def train(optimizer: Any, parameters: list[Any], first: int, last: int) -> None:
    """Steps first to last − 1; at step t, parameter i has a gradient unless (t + i) % 3 is 2."""
    for t in range(first, last):
        for i, parameter in enumerate(parameters):
            draws = np.random.default_rng(100 * t + i)
            gradient = draws.standard_normal(SHAPES[i]).astype("float32")
            parameter.grad = Tensor(np.asarray(gradient)) if (t + i) % 3 != 2 else None
        optimizer.step()


def through_json(state: Any) -> Any:
    """What is left of it after a file: arrays by number and name, all else as JSON."""
    plain = {
        str(number): {n: v for n, v in each.items() if isinstance(v, int | float)}
        for number, each in state["state"].items()
    }
    arrays = {
        str(number): {n: v for n, v in each.items() if not isinstance(v, int | float)}
        for number, each in state["state"].items()
    }
    read = json.loads(json.dumps({"state": plain, "param_groups": state["param_groups"]}))
    for number, each in arrays.items():
        read["state"][number].update(each)
    return read


@kinds
@pytest.mark.parametrize("at", [0, 1, 2, 5])
@pytest.mark.parametrize("by_json", [False, True])
def test_the_same_to_the_last_bit(kind: str, at: int, by_json: bool, copied: Any) -> None:
    straight = start()
    train(KINDS[kind](straight), straight, 0, 9)

    before = start()
    optimizer = KINDS[kind](before)
    train(optimizer, before, 0, at)
    saved = copied(optimizer.state_dict())
    values = [p.numpy().copy() for p in before]
    train(optimizer, before, at, at + 2)

    after = [Tensor(value) for value in values]
    again = KINDS[kind](after)
    again.load_state_dict(through_json(saved) if by_json else saved)
    train(again, after, at, 9)
    for i, (one, other) in enumerate(zip(straight, after, strict=True)):
        np.testing.assert_array_equal(
            other.numpy(), one.numpy(), f"{kind}, saved after {at} steps: parameter {i}"
        )


@kinds
def test_loading_into_one_that_has_stepped(kind: str, copied: Any) -> None:
    fresh, used = start(), start()
    one, other = KINDS[kind](fresh), KINDS[kind](used)
    saved = copied(one.state_dict())
    train(other, used, 0, 4)
    other.load_state_dict(saved)
    for p, values in zip(used, start(), strict=True):
        p.copy_(values)
    train(one, fresh, 4, 7)
    train(other, used, 4, 7)
    for i, (p, q) in enumerate(zip(fresh, used, strict=True)):
        np.testing.assert_array_equal(q.numpy(), p.numpy(), f"{kind}: parameter {i}")


def test_the_layout_is_pytorchs(copied: Any) -> None:
    parameters = start()[:2]
    optimizer = Adam([{"params": [parameters[0]], "lr": 0.5}, {"params": [parameters[1]]}])
    parameters[1].grad = Tensor(np.ones((2, 4), "float32"))
    optimizer.step()
    optimizer.step()
    state = copied(optimizer.state_dict())
    assert list(state["state"]) == [1], "a parameter without a step has no state"
    assert set(state["state"][1]) == {"step", "exp_avg", "exp_avg_sq"}
    assert state["state"][1]["step"] == 2
    np.testing.assert_allclose(state["state"][1]["exp_avg"], np.full((2, 4), 0.19), rtol=1e-5)
    np.testing.assert_allclose(
        state["state"][1]["exp_avg_sq"], np.full((2, 4), 0.001999), rtol=1e-5
    )
    assert [group["params"] for group in state["param_groups"]] == [[0], [1]]
    assert [group["lr"] for group in state["param_groups"]] == [0.5, 0.001]
    assert set(state["param_groups"][0]) == {
        "params",
        "lr",
        "betas",
        "eps",
        "weight_decay",
        "amsgrad",
        "maximize",
    }


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("SGD", {"momentum_buffer"}),
        ("Adagrad", {"step", "sum"}),
        ("RMSprop", {"step", "square_avg", "momentum_buffer", "grad_avg"}),
        ("AdamW", {"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"}),
    ],
)
def test_names_and_shapes(kind: str, names: set[str], copied: Any) -> None:
    parameters = start()
    optimizer = KINDS[kind](parameters)
    train(optimizer, parameters, 0, 3)
    state = copied(optimizer.state_dict())["state"]
    assert sorted(state) == [0, 1, 2, 3]
    for number, entries in state.items():
        assert set(entries) == names
        for name, value in entries.items():
            if name != "step":
                assert value.shape == SHAPES[number], f"{name} of parameter {number}"
                assert value.dtype == np.dtype("float32")


def test_plain_sgd_has_no_state(copied: Any) -> None:
    parameters = start()
    optimizer = SGD(parameters, lr=0.1)
    train(optimizer, parameters, 0, 3)
    assert copied(optimizer.state_dict())["state"] == {}


def test_options_are_loaded(leaf: Any) -> None:
    p, q = leaf([0.0], [1.0]), leaf([0.0], [1.0])
    saved = SGD([p], lr=0.25, weight_decay=0.5).state_dict()
    optimizer = SGD([q], lr=1.0)
    optimizer.load_state_dict(saved)
    assert optimizer.param_groups[0]["lr"] == 0.25
    assert optimizer.param_groups[0]["weight_decay"] == 0.5
    optimizer.step()
    assert q.item() == -0.25


def test_betas_are_a_tuple_again(leaf: Any) -> None:
    optimizer = Adam([leaf([0.0], [1.0])], betas=(0.5, 0.75))
    read = json.loads(json.dumps(optimizer.state_dict()))
    again = Adam([leaf([0.0], [1.0])])
    again.load_state_dict(read)
    assert again.param_groups[0]["betas"] == (0.5, 0.75)
    again.step()


def test_what_was_loaded_is_a_copy(copied: Any) -> None:
    parameters, others = start(), start()
    optimizer, other = Adam(parameters), Adam(others)
    train(optimizer, parameters, 0, 2)
    other.load_state_dict(optimizer.state_dict())
    before = copied(other.state_dict())
    train(optimizer, parameters, 2, 5)
    after = copied(other.state_dict())
    for number, entries in before["state"].items():
        for name, value in entries.items():
            np.testing.assert_array_equal(after["state"][number][name], value)


def test_the_state_of_another_type(leaf: Any) -> None:
    saved = {
        "state": {0: {"step": np.float32(3), "exp_avg": np.ones(2), "exp_avg_sq": np.ones(2)}},
        "param_groups": Adam([leaf([0.0, 0.0])]).state_dict()["param_groups"],
    }
    p = Tensor(np.zeros(2, "float32"))
    optimizer = Adam([p])
    optimizer.load_state_dict(saved)
    told = optimizer.state_dict()["state"][0]
    assert told["step"] == 3
    assert told["exp_avg"].dtype == np.dtype("float32")
    assert told["exp_avg"].tolist() == [1.0, 1.0]


def unchanged(optimizer: Any, before: Any, copied: Any) -> None:
    after = copied(optimizer.state_dict())
    assert after["param_groups"] == before["param_groups"]
    assert after["state"].keys() == before["state"].keys()
    for number, entries in before["state"].items():
        for name, value in entries.items():
            np.testing.assert_array_equal(after["state"][number][name], value)


def test_what_does_not_fit(copied: Any, leaf: Any, refused: Any) -> None:
    parameters = start()
    optimizer = Adam(parameters)
    train(optimizer, parameters, 0, 3)
    before = copied(optimizer.state_dict())

    with refused(ValueError, "Adam", "[1]", "[4]"):
        optimizer.load_state_dict(Adam([leaf([1.0])]).state_dict())
    with refused(ValueError, "Adam", "betas"):
        optimizer.load_state_dict(SGD(start()).state_dict())
    wrong = copied(optimizer.state_dict())
    wrong["param_groups"][0]["lr"] = 7.0
    wrong["state"][2]["exp_avg"] = np.ones(3, "float32")
    with refused(ValueError, "exp_avg", "2", "(3,)", "()"):
        optimizer.load_state_dict(wrong)
    wrong = copied(optimizer.state_dict())
    wrong["state"][9] = wrong["state"][1]
    with refused(ValueError, "9"):
        optimizer.load_state_dict(wrong)
    wrong = copied(optimizer.state_dict())
    wrong["param_groups"][0]["lr"] = -1.0
    with refused(ValueError, "lr", "-1.0"):
        optimizer.load_state_dict(wrong)
    unchanged(optimizer, before, copied)
