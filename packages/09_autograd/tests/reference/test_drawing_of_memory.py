"""What drawings tell of memory: who keeps what, and that it is freed."""

import re
from typing import Any

import numpy as np
import pytest

from tinytorch.activations import relu
from tinytorch.autograd.drawing import draw, to_dot, to_svg
from tinytorch.networks import MLP
from tinytorch.tensor import Tensor, exp, operation


def ones(*shape: int, requires_grad: bool = True) -> Tensor:
    return Tensor(np.ones(shape, "float32"), requires_grad=requires_grad)


def labels(tensor: Tensor, names: Any = None) -> list[list[str]]:
    found = re.findall(r'^ +\d+ \[label="(.*?)", style', to_dot(tensor, names), re.MULTILINE)
    return [label.split(r"\n") for label in found]


def caption(tensor: Tensor, names: Any = None) -> list[str]:
    (found,) = re.findall(r'^ +graph .*label="(.*?)"', to_dot(tensor, names), re.MULTILINE)
    return str(found).split(r"\n")


def test_a_call_tells_what_it_keeps() -> None:
    a, b = ones(2, 3), ones(3)
    assert ["mul", "(2, 3)", "keeps a, b: 36 B"] in labels(a * b)
    assert ["exp", "(3,)", "keeps out: 12 B"] in labels(exp(b))
    assert ["add", "(2, 3)"] in labels(a + b)
    assert ["mul", "(3,)", "keeps a, b: 12 B"] in labels(b * b)


def test_the_record_counts_each_array_once_and_no_leaf() -> None:
    a = ones(5, 5)
    h = exp(a)
    assert caption(h)[0] == "the record keeps 100 bytes"
    assert caption(h * h)[0] == "the record keeps 100 bytes"
    assert caption(a * a)[0] == "the record keeps 0 bytes"
    assert caption(a * ones(5, 5, requires_grad=False))[0] == "the record keeps 100 bytes"


def test_a_view_counts_as_what_it_looks_into() -> None:
    a, h = ones(4), exp(ones(10, 4))
    assert caption(a * h.detach()[0])[0] == "the record keeps 160 bytes"


@pytest.mark.parametrize("retain", [True, False])
def test_after_the_way_back(retain: bool) -> None:
    a = ones(5)
    result = (exp(a) * a).sum()
    before = labels(result)
    result.backward(retain_graph=retain)
    after = labels(result)
    if retain:
        assert after == before
        return
    assert [lines[0] for lines in after if lines[-1] == "freed"] == ["exp", "mul"]
    assert "keeps" not in str(after)
    assert caption(result)[0] == "the record keeps 0 bytes"
    assert caption(result)[-1] == "2 of 3 calls freed"
    assert to_dot(result).count("->") == 4


def test_a_kept_tensor_without_a_gradient_is_shown_if_it_has_a_name() -> None:
    x, w = ones(2, 3, requires_grad=False), ones(3, 4)
    result = (x @ w).sum()
    assert ["x", "(2, 3)"] in labels(result, {"x": x})
    assert to_svg(result, {"x": x}).count("stroke-dasharray") == 1
    assert len(labels(result)) == 3
    result.backward()
    assert ["x", "(2, 3)"] not in labels(result, {"x": x})


def test_a_missing_rule_is_told() -> None:
    @operation
    def without_a_rule(x: Any) -> Any:
        return x + 1

    assert ["without_a_rule", "(2,)", "no gradient rule"] in labels(without_a_rule(ones(2)))


def test_a_network() -> None:
    model = MLP(4, [8], 2)
    names = [lines[0] for lines in labels(model(ones(3, 4)).sum(), model.named_parameters())]
    assert {name for name, _ in model.named_parameters()} < set(names)
    assert names.count("linear") == 2


def test_gradients_of_gradients() -> None:
    a = ones(3)
    (relu(a) * a * a).sum().backward(create_graph=True)
    assert a.grad is not None
    assert len(labels(a.grad.sum())) > 4


def test_a_notebook_shows_it() -> None:
    a = ones(3)
    drawing = draw(exp(a))
    assert drawing._repr_svg_() == to_svg(exp(a))
    assert repr(drawing) == "<drawing of a record: 2 boxes, 1 arrows>"


def test_svg_is_plain_ascii() -> None:
    a = ones(3)
    assert to_svg(exp(a), {"β": a}).isascii()
