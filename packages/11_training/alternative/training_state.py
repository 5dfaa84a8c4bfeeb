"""Task 11.7: part by part, those that have a state in one list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinytorch.layers import Module
from tinytorch.optimizers import LRScheduler, Optimizer

from .training_state import Generators, check_state, with_default


def training_state(
    model: Module,
    optimizer: Optimizer,
    scheduler: LRScheduler | None = None,
    generators: Generators | None = None,
) -> dict[str, Any]:
    state: dict[str, Any] = {"scheduler": None, "generators": {}}
    for name, generator in with_default(generators).items():
        state["generators"][name] = generator.bit_generator.state
    if scheduler is not None:
        state["scheduler"] = scheduler.state_dict()
    state["optimizer"] = optimizer.state_dict()
    state["model"] = {name: values.clone() for name, values in model.state_dict().items()}
    return state


def restore_training_state(
    state: Mapping[str, Any],
    model: Module,
    optimizer: Optimizer,
    scheduler: LRScheduler | None = None,
    generators: Generators | None = None,
) -> None:
    check_state(state, model, scheduler, generators)
    parts: dict[str, Any] = {"optimizer": optimizer, "scheduler": scheduler, "model": model}
    for name, part in parts.items():
        if part is not None:
            part.load_state_dict(state[name])
    own = with_default(generators)
    for name, where in state["generators"].items():
        own[name].bit_generator.state = where
