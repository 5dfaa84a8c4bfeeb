"""All that a training is made of, so that it can go on elsewhere as if nothing had happened.

The parameters are not enough. An optimizer remembers earlier gradients, a scheduler counts, batch
normalisation has running statistics, and the next random numbers are already decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinytorch.layers import Module
from tinytorch.optimizers import LRScheduler, Optimizer
from tinytorch.tensor import default_generator

Generators = Mapping[str, np.random.Generator]


def training_state(
    model: Module,
    optimizer: Optimizer,
    scheduler: LRScheduler | None = None,
    generators: Generators | None = None,
) -> dict[str, Any]:
    """What `restore_training_state` needs to go on from here, to the bit.

    generators: by name, those that the training draws from beside the default one of
    tinytorch.tensor, which is always in it. Tensors share their memory with the model and the
    optimizer: save or copy them before the next step.
    """
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": None if scheduler is None else scheduler.state_dict(),
        "generators": {
            name: generator.bit_generator.state
            for name, generator in with_default(generators).items()
        },
    }


def restore_training_state(
    state: Mapping[str, Any],
    model: Module,
    optimizer: Optimizer,
    scheduler: LRScheduler | None = None,
    generators: Generators | None = None,
) -> None:
    """Put a model and all that trains it where others stood when `training_state` was called.

    Values are copied. Raises ValueError, before the model is changed, for a state of others: by
    `check_state`, or as the optimizer and the scheduler do.
    """
    check_state(state, model, scheduler, generators)
    optimizer.load_state_dict(state["optimizer"])
    if scheduler is not None:
        scheduler.load_state_dict(state["scheduler"])
    model.load_state_dict(state["model"])
    for name, generator in with_default(generators).items():
        generator.bit_generator.state = state["generators"][name]


def with_default(generators: Generators | None) -> dict[str, np.random.Generator]:
    """The generators by name, and the default one."""
    return {"default": default_generator(), **(generators or {})}


def check_fits(model: Module, state: Mapping[str, Any]) -> None:
    """Raise ValueError, with all that differs, unless names, shapes and dtypes are the model's.

    state: tensors or arrays by name, as `model.state_dict()` gives them.
    """
    lines = differences(model.state_dict(), state)
    if lines:
        raise ValueError(
            "\n  ".join([f"the checkpoint is not of this {type(model).__name__}:", *lines])
        )


def differences(own: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """A line for each tensor or array that is in one only, or differs in shape or dtype."""
    lines = []
    for name in [*own, *(name for name in given if name not in own)]:
        if name not in given:
            lines.append(f"{name}: in the model, not in the checkpoint")
        elif name not in own:
            lines.append(f"{name}: in the checkpoint, not in the model")
        elif kind_of(own[name]) != kind_of(given[name]):
            lines.append(
                f"{name}: {kind_of(own[name])} in the model, {kind_of(given[name])} in the "
                "checkpoint"
            )
    return lines


def kind_of(values: Any) -> str:
    return f"{tuple(values.shape)} {values.dtype}"


def check_state(
    state: Mapping[str, Any],
    model: Module,
    scheduler: LRScheduler | None = None,
    generators: Generators | None = None,
) -> None:
    """Raise ValueError unless a training's state is one of this model, by `check_fits`, and has a
    scheduler and generators where the training has."""
    check_fits(model, state["model"])
    if (scheduler is None) != (state["scheduler"] is None):
        has, lacks = ("checkpoint", "training") if scheduler is None else ("training", "checkpoint")
        raise ValueError(f"the {has} has a scheduler, the {lacks} has none")
    own = with_default(generators)
    if own.keys() != state["generators"].keys():
        raise ValueError(
            f"the checkpoint has the generators {', '.join(state['generators'])}, the training "
            f"{', '.join(own)}"
        )
