"""Once linear has a gradient rule, the contract checks it: shown with rules made on the spot."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tinytorch.layers import linear

CONTRACT = Path(__file__).parents[1] / "contract" / "test_linear.py"


def rows(x: Any) -> Any:
    return x.reshape(-1, x.shape[-1])


RIGHT: dict[str, Callable[..., Any]] = {
    "x": lambda g, weight: g @ weight,
    "weight": lambda g, x: rows(g).T @ rows(x),
    "bias": lambda g: rows(g).sum(0),
}
WRONG: dict[str, dict[str, Callable[..., Any]]] = {
    "x": {"x": lambda g, weight: 2 * (g @ weight)},
    "weight": {"weight": lambda g, x: rows(g).T @ rows(x) + 1},
    "bias": {"bias": lambda g: rows(g).mean(0)},
}


@pytest.fixture
def contract() -> ModuleType:
    spec = importlib.util.spec_from_file_location("contract_of_linear", CONTRACT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _the_rule_that_was_there() -> Iterator[None]:
    before = linear.rule
    yield
    linear.rule = before


def check(contract: ModuleType) -> None:
    for with_bias in (True, False):
        for shape in [(4,), (3, 4), (2, 3, 4), (0, 4)]:
            contract.test_leading_dimensions_are_rows(shape, with_bias)
    for how in contract.non_contiguous():
        contract.test_non_contiguous_input(how)


def test_a_right_rule_passes(contract: ModuleType) -> None:
    linear.define_rule(**RIGHT)
    check(contract)


@pytest.mark.parametrize("name", list(WRONG))
def test_a_wrong_rule_is_found(contract: ModuleType, name: str) -> None:
    linear.define_rule(**(RIGHT | WRONG[name]))
    with pytest.raises(AssertionError, match=f"linear: the gradient of {name} is wrong"):
        check(contract)
