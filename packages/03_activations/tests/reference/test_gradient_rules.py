"""The contract's checks also judge gradient rules: shown with rules made here, right and wrong."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinytorch.activations as ta
import tinytorch.tensor as tt
from tinytorch.tensor.testing import check_rule

Rule = Callable[..., Any]


def softplus_rule(g: Any, x: Any, beta: Any, threshold: Any) -> Any:
    return g * ((beta * x > threshold) + (beta * x <= threshold) * ta.sigmoid(beta * x))


def gelu_rule(g: Any, x: Any, approximate: Any) -> Any:
    if approximate == "none":
        density = tt.exp(x * x * -0.5) * (1 / math.sqrt(2 * math.pi))
        return g * ((tt.erf(x * math.sqrt(0.5)) + 1) * 0.5 + x * density)
    factor = math.sqrt(2 / math.pi)
    t = ta.tanh((x + x * x * x * 0.044715) * factor)
    return g * ((t + 1) * 0.5 + x * 0.5 * (1 - t * t) * factor * (1 + 3 * 0.044715 * x * x))


RIGHT: dict[str, Rule] = {
    "relu": lambda g, x: g * (x > 0),
    "leaky_relu": lambda g, x, negative_slope: tt.where(x > 0, g, g * negative_slope),
    "elu": lambda g, x, alpha: tt.where(x > 0, g, g * alpha * tt.exp(tt.minimum(x, 0.0))),
    "sigmoid": lambda g, out: g * out * (1 - out),
    "tanh": lambda g, out: g * (1 - out * out),
    "softplus": softplus_rule,
    "silu": lambda g, x: g * ta.sigmoid(x) * (1 + x * ta.sigmoid(-x)),
    "gelu": gelu_rule,
    "softmax": lambda g, out, dim: out * (g - tt.sum(g * out, dim, True)),
    "log_softmax": lambda g, out, dim: g - tt.exp(out) * tt.sum(g, dim, True),
}
WRONG: dict[str, Rule] = {
    "relu": lambda g, x: g * (x > -1),
    "leaky_relu": lambda g, x: g * (x > 0),
    "elu": lambda g, x: g * ((x > 0) + (x <= 0) * tt.exp(tt.minimum(x, 0.0))),
    "sigmoid": lambda g, out: g * out,
    "tanh": lambda g, out: g * (1 - out),
    "softplus": lambda g, x: g * ta.sigmoid(x),
    "silu": lambda g, x: g * ta.sigmoid(x),
    "gelu": lambda g, x: g * (tt.erf(x * math.sqrt(0.5)) + 1) * 0.5,
    "softmax": lambda g, out: g * out * (1 - out),
    "log_softmax": lambda g, out: g - tt.exp(out),
}
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "leaky_relu": [{}, {"negative_slope": 0.3}],
    "elu": [{}, {"alpha": 2.0}],
    "softplus": [{}, {"beta": 2.0}],
    "gelu": [{}, {"approximate": "tanh"}],
    "softmax": [{"dim": 0}, {"dim": -1}],
    "log_softmax": [{"dim": 0}, {"dim": -1}],
}
X = np.array([[-4.0, -1.5, -0.5], [0.5, 1.5, 4.0]])


@pytest.fixture(params=RIGHT)
def bare(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each operation; whatever rule it has is back afterwards."""
    function = getattr(ta, request.param)
    before = function.rule
    yield function
    function.rule = before


def test_a_right_rule_passes(contract: Any, bare: Any) -> None:
    bare.define_rule(x=RIGHT[bare.name])
    for options in OPTIONS.get(bare.name, [{}]):
        check_rule(bare, X, **options)
        contract.Judge(bare).gradient(X, kinks=(0.0,), **options)


def test_a_wrong_rule_fails_in_the_contract(contract: Any, bare: Any) -> None:
    bare.define_rule(x=WRONG[bare.name])
    options = OPTIONS.get(bare.name, [{}])[-1]
    with pytest.raises(AssertionError, match=f"{bare.name}: the gradient of x is wrong"):
        contract.Judge(bare).gradient(X, kinks=(0.0,), **options)


def test_without_a_rule_only_the_values_are_judged(contract: Any, bare: Any) -> None:
    bare.rule = None
    for options in OPTIONS.get(bare.name, [{}]):
        expected = bare.forward(X, **options)
        contract.Judge(bare).agrees(X, expected, **options)
        with pytest.raises(pytest.fail.Exception, match="results are wrong"):
            contract.Judge(bare).agrees(X, expected + 1, **options)


def test_values_and_rule_are_judged_together(contract: Any, bare: Any) -> None:
    bare.define_rule(x=WRONG[bare.name])
    options = OPTIONS.get(bare.name, [{}])[-1]
    right = bare.forward(X, **options)
    with pytest.raises(AssertionError, match=f"{bare.name}: the gradient of x is wrong"):
        contract.Judge(bare).agrees(X, right, kinks=(0.0,), **options)


def test_a_recorder_sees_one_call_of_each(bare: Any) -> None:
    """silu is made of sigmoid, but what is recorded, and has a rule, is silu."""
    seen = []

    class Watcher:
        def record(self, operation: Any, *rest: Any) -> None:
            seen.append(operation.name)

    before = tt.get_recorder()
    tt.set_recorder(Watcher())  # type: ignore[arg-type]
    try:
        bare(tt.Tensor(X, requires_grad=True), **OPTIONS.get(bare.name, [{}])[0])
    finally:
        tt.set_recorder(before)
    assert seen == [bare.name]
