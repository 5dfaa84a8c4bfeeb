"""What the errors say, and how a plain callable is packed into a module and out again."""

from typing import Any

import pytest

import tinytorch.networks as networks
from tinytorch.layers import Linear
from tinytorch.networks import MLP, Function, Sequential, summary
from tinytorch.networks.sequential import as_given, as_module


def test_all_public_names_exist() -> None:
    assert len(set(networks.__all__)) == len(networks.__all__)
    assert [name for name in networks.__all__ if not hasattr(networks, name)] == []


def test_a_position_outside_names_the_position_and_the_size() -> None:
    with pytest.raises(IndexError, match=r"Sequential: there is no layer 5: it has 2"):
        Sequential(abs, abs)[5]


def test_an_index_error_shows_nothing_of_the_list_inside() -> None:
    with pytest.raises(IndexError) as caught:
        Sequential()[0]
    assert caught.value.__suppress_context__


def test_inserting_outside_names_the_position_and_the_size() -> None:
    with pytest.raises(IndexError, match="Sequential: position 4 is outside 1 layers"):
        Sequential(abs).insert(4, abs)


@pytest.mark.parametrize("index", ["0", 1.0, None])
def test_an_index_is_a_number_or_a_slice(index: Any) -> None:
    with pytest.raises(TypeError):
        Sequential(abs)[index]


def test_a_single_number_of_hidden_features_is_told_the_fix() -> None:
    with pytest.raises(TypeError, match=r"got 8; write \[8\]"):
        MLP(2, 8, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Linear, r"got the class Linear; write Linear\(\)"),
        ([abs], r"got a list; give the layers one by one, or write Sequential\(\*layers\)"),
        ((abs, abs), "got a tuple"),
        (7, "got 7, which cannot be called"),
    ],
)
def test_what_is_no_layer_is_told_the_fix(layer: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Sequential(layer)


@pytest.mark.parametrize("name", ["", "a.b", "forward", "training"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(KeyError):
        Sequential({name: abs})


def test_a_long_input_is_shortened_in_the_message() -> None:
    with pytest.raises(TypeError) as caught:
        summary(Linear(2, 3), ["word"] * 1000)
    assert len(str(caught.value)) < 200


def test_modules_stand_for_themselves_and_functions_are_wrapped() -> None:
    layer = Linear(1, 1)
    assert as_module(layer) is layer
    assert as_given(layer) is layer
    wrapped = as_module(abs)
    assert isinstance(wrapped, Function)
    assert as_given(wrapped) is abs
    assert as_module(wrapped) is wrapped
