"""Task 11.7: what a training is made of. One that goes on from its state must be as one that has
never stopped."""

from typing import Any

import numpy as np
import pytest

import tinytorch.tensor as tt
from tinytorch.layers import Linear
from tinytorch.networks import Sequential
from tinytorch.normalization import BatchNorm1d
from tinytorch.optimizers import SGD, AdamW, StepLR
from tinytorch.tensor import Tensor
from tinytorch.training import backward, mse_loss, restore_training_state, training_state

X = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)
TARGET = np.random.default_rng(1).standard_normal((6, 1)).astype(np.float32)


class Run:
    """A training with all that remembers: momentum, a schedule, statistics, random noise."""

    def __init__(self, seed: int, rule: str = "SGD", width: int = 4) -> None:
        tt.manual_seed(seed)
        self.model = Sequential(Linear(3, width), BatchNorm1d(width), Linear(width, 1))
        parameters = self.model.parameters()
        self.optimizer: Any = (
            SGD(parameters, lr=0.1, momentum=0.9) if rule == "SGD" else AdamW(parameters, lr=0.1)
        )
        self.scheduler = StepLR(self.optimizer, 2, 0.5)
        self.noise = np.random.default_rng(seed)

    def steps(self, count: int) -> None:
        for _ in range(count):
            noise = tt.randn(6, 3) + Tensor(self.noise.standard_normal((6, 3)).astype(np.float32))
            self.optimizer.zero_grad()
            backward(self.model, mse_loss, Tensor(X) + noise, Tensor(TARGET))
            self.optimizer.step()
            self.scheduler.step()

    def parts(self) -> tuple[Any, ...]:
        return self.model, self.optimizer, self.scheduler, {"noise": self.noise}

    def values(self) -> dict[str, list[Any]]:
        return {name: values.tolist() for name, values in self.model.state_dict().items()}


def copied(state: Any) -> Any:
    """The state as it comes out of a file: arrays, lists, and texts for keys."""
    if isinstance(state, dict):
        return {str(key): copied(value) for key, value in state.items()}
    if isinstance(state, list | tuple):
        return [copied(value) for value in state]
    return state.numpy().copy() if hasattr(state, "numpy") else state


@pytest.mark.in_process("sets the default generator, of which the judge has one of its own")
@pytest.mark.parametrize("rule", ["SGD", "AdamW"])
def test_it_goes_on_as_if_it_had_not_stopped(rule: str) -> None:
    through = Run(1, rule)
    through.steps(3)
    state = copied(training_state(*through.parts()))
    through.steps(4)
    resumed = Run(2, rule)
    resumed.steps(1)
    restore_training_state(state, *resumed.parts())
    resumed.steps(4)
    for name, values in through.values().items():
        assert resumed.values()[name] == values, f"{name} after 3 + 4 steps with {rule}"
    assert resumed.scheduler.last_epoch == through.scheduler.last_epoch == 7
    assert resumed.optimizer.param_groups[0]["lr"] == through.optimizer.param_groups[0]["lr"]


def test_what_is_in_it() -> None:
    run = Run(1)
    run.steps(1)
    state = training_state(*run.parts())
    assert set(state) == {"model", "optimizer", "scheduler", "generators"}
    assert set(state["model"]) == set(run.values()), "parameters and buffers"
    assert set(state["generators"]) == {"default", "noise"}
    assert state["scheduler"]["last_epoch"] == 1
    assert set(map(int, state["optimizer"]["state"])) == set(range(6))


def test_no_scheduler_and_no_generators() -> None:
    run, other = Run(1), Run(2)
    state = training_state(run.model, run.optimizer)
    assert state["scheduler"] is None
    assert set(state["generators"]) == {"default"}
    state = copied(state)
    restore_training_state(state, other.model, other.optimizer)
    assert other.values() == run.values()


def test_the_values_are_copied() -> None:
    run, other = Run(1), Run(2)
    restore_training_state(training_state(*run.parts()), *other.parts())
    before = run.values()
    other.steps(2)
    assert run.values() == before, "the training whose state it was has changed"


def test_a_state_of_another_model_changes_nothing(refused: Any) -> None:
    run, other = Run(1), Run(2, width=5)
    run.steps(2)
    other.steps(1)
    state = copied(training_state(*run.parts()))
    state["model"]["0.bias"] = state["model"]["0.bias"].astype(np.float64)
    del state["model"]["2.bias"]
    state["model"]["3.weight"] = np.zeros(2, np.float32)
    before = other.values()
    with refused(
        ValueError, "0.weight", "(4, 3)", "(5, 3)", "float64", "2.bias", "3.weight", "running_mean"
    ):
        restore_training_state(state, *other.parts())
    assert other.values() == before, "the model was changed although the state was refused"


def test_a_type_that_differs_alone_is_refused(refused: Any) -> None:
    run = Run(1)
    state = copied(training_state(*run.parts()))
    state["model"]["0.bias"] = state["model"]["0.bias"].astype(np.float64)
    with refused(ValueError, "0.bias", "float64", "float32"):
        restore_training_state(state, *run.parts())


def test_a_state_without_the_scheduler(refused: Any) -> None:
    run = Run(1)
    state = training_state(run.model, run.optimizer, None, {"noise": run.noise})
    with refused(ValueError, "scheduler"):
        restore_training_state(state, *run.parts())
    state = training_state(*run.parts())
    with refused(ValueError, "scheduler"):
        restore_training_state(state, run.model, run.optimizer, None, {"noise": run.noise})


def test_a_state_with_other_generators(refused: Any) -> None:
    run = Run(1)
    state = training_state(run.model, run.optimizer, run.scheduler)
    with refused(ValueError, "noise"):
        restore_training_state(state, *run.parts())


def test_an_optimizer_of_another_rule_changes_no_parameter() -> None:
    run, other = Run(1), Run(2, "AdamW")
    before = other.values()
    with pytest.raises(ValueError, match=r"AdamW"):
        restore_training_state(training_state(*run.parts()), *other.parts())
    assert other.values() == before
