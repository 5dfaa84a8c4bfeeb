"""Task 11.6: what is better, how long to wait, and what to go back to."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.layers import Linear
from tinytorch.optimizers import SGD
from tinytorch.tensor import Tensor
from tinytorch.training import EarlyStopping, Patience, Trainer, is_better, mse_loss

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "best", "mode", "min_delta", "expected"),
    [
        (1.0, None, "min", 0.0, True),
        (1.0, None, "max", 9.0, True),
        (NAN, None, "min", 0.0, False),
        (NAN, 1.0, "min", 0.0, False),
        (NAN, 1.0, "max", 0.0, False),
        (0.5, 1.0, "min", 0.0, True),
        (1.5, 1.0, "min", 0.0, False),
        (1.0, 1.0, "min", 0.0, False),
        (1.0, 1.0, "max", 0.0, False),
        (1.5, 1.0, "max", 0.0, True),
        (0.5, 1.0, "max", 0.0, False),
        (0.5, 1.0, "min", 0.5, False),
        (0.25, 1.0, "min", 0.5, True),
        (1.5, 1.0, "max", 0.5, False),
        (1.75, 1.0, "max", 0.5, True),
        (-1.0, 0.0, "min", 0.0, True),
        (1.0, math.inf, "min", 0.0, True),
        (0.0, None, "max", 0.0, True),
        (0.5, 0.0, "max", 0.0, True),
    ],
)
def test_what_is_better(
    value: float, best: float | None, mode: str, min_delta: float, expected: bool
) -> None:
    found = is_better(value, best, mode=mode, min_delta=min_delta)
    tried = f"is_better({value}, {best}, mode={mode!r}, min_delta={min_delta})"
    assert bool(found) is expected, f"{tried} gave {found}"


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-4, 4), min_size=1, max_size=12),
    st.integers(1, 3),
    st.sampled_from(["min", "max"]),
    st.integers(0, 2),
)
def test_patience(values: list[int], patience: int, mode: str, min_delta: int) -> None:
    counter = Patience(patience, mode=mode, min_delta=min_delta)
    assert counter.best is None
    best: int | None = None
    waited = 0
    for place, value in enumerate(values):
        gain = math.inf if best is None else best - value if mode == "min" else value - best
        better = gain > min_delta
        best, waited = (value, 0) if better else (best, waited + 1)
        tried = f"Patience({patience}, mode={mode!r}, min_delta={min_delta}): {values[: place + 1]}"
        assert bool(counter.update(value)) is better, f"{tried}: is the last one better?"
        assert counter.best == best, f"{tried}: the best"
        assert counter.waited == waited, f"{tried}: how many since the best"
        assert counter.at_end is (waited >= patience), f"{tried}: is it time to give up?"


def test_nan_is_waited_for() -> None:
    counter = Patience(2)
    assert [bool(counter.update(value)) for value in (NAN, NAN)] == [False, False]
    assert counter.at_end
    assert counter.best is None


def training(model: Any) -> Any:
    """A trainer, for the callback to look at; it is never told to train."""
    return Trainer(model, SGD(model.parameters(), lr=0.1), mse_loss)


def run(callback: Any, values: list[Any], monitor: str) -> tuple[Any, int | None]:
    """A training whose model holds the number of its epoch, from 0 on: the model as it is left, and
    at which epoch it was first told to stop."""
    layer = Linear(1, 1, bias=False, dtype="float64")
    trainer = training(layer)
    stopped = None
    callback.on_fit_begin(trainer)
    for epoch, value in enumerate(values):
        layer.weight.detach().copy_(np.full((1, 1), float(epoch)))
        callback.on_epoch_end(trainer, {"epoch": epoch + 1, monitor: value})
        if stopped is None and trainer.stop_reason is not None:
            stopped = epoch
    callback.on_fit_end(trainer)
    return layer, stopped


def test_it_stops_when_patience_is_at_its_end() -> None:
    _, stopped = run(EarlyStopping(2), [3.0, 2.0, 2.5, 1.5, 1.6, 1.7], "validation_loss")
    assert stopped == 5, f"with patience 2 the sixth epoch, 5, is the end, not {stopped}"
    _, stopped = run(EarlyStopping(2), [3.0, 2.0, 2.5, 1.5, 1.6], "validation_loss")
    assert stopped is None, f"with patience 2 the fifth epoch is not the end, but it is {stopped}"


def test_the_column_the_mode_and_the_margin_are_those_that_were_asked_for() -> None:
    callback = EarlyStopping(1, 0.25, monitor="validation_accuracy", mode="max")
    _, stopped = run(callback, [0.25, 0.75, 0.875], "validation_accuracy")
    assert stopped == 2


@pytest.mark.parametrize(("restore_best", "expected"), [(True, 1.0), (False, 3.0)])
def test_back_to_the_best(restore_best: bool, expected: float) -> None:
    layer, _ = run(EarlyStopping(9, 0.0, restore_best), [3.0, 1.0, 2.0, 4.0], "validation_loss")
    tried = f"restore_best={restore_best}, losses 3, 1, 2, 4, weights 0, 1, 2, 3"
    assert layer.weight.item() == expected, f"{tried}: the weight at the end"


def test_what_is_kept_is_no_view_of_the_model() -> None:
    callback = EarlyStopping(9, restore_best=True)
    layer = Linear(2, 2)
    trainer = training(layer)
    callback.on_epoch_end(trainer, {"validation_loss": 1.0})
    before = layer.weight.tolist()
    layer.weight.detach().fill_(7.0)
    callback.on_fit_end(trainer)
    assert layer.weight.tolist() == before


def test_its_state_goes_on_elsewhere() -> None:
    first, second = EarlyStopping(2, restore_best=True), EarlyStopping(2, restore_best=True)
    layer = Linear(1, 1, bias=False)
    trainer = training(layer)
    layer.weight.detach().fill_(5.0)
    first.on_epoch_end(trainer, {"validation_loss": 1.0})
    layer.weight.detach().fill_(6.0)
    first.on_epoch_end(trainer, {"validation_loss": 2.0})
    assert trainer.stop_reason is None
    second.load_state_dict(first.state_dict())
    second.on_epoch_end(trainer, {"validation_loss": 2.0})
    assert trainer.stop_reason is not None, "two epochs without improvement, one before, one behind"
    second.on_fit_end(trainer)
    assert layer.weight.tolist() == [[5.0]]


def test_a_column_that_there_is_not() -> None:
    with pytest.raises(KeyError) as caught:
        EarlyStopping().on_epoch_end(training(Linear(1, 1)), {"epoch": 1, "loss": 0.5})
    assert "validation_loss" in str(caught.value)
    assert "loss" in str(caught.value)


@pytest.mark.parametrize("options", [{"patience": 0}, {"patience": 1, "mode": "most"}])
def test_options_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"patience|mode"):
        EarlyStopping(**options)


def test_a_tensor_is_a_value_too() -> None:
    _, stopped = run(EarlyStopping(1), [Tensor(1.0), Tensor(2.0)], "validation_loss")
    assert stopped == 1
