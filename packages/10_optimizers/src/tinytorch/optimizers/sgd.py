"""Stochastic gradient descent, with a memory of where it was going."""

from __future__ import annotations

from collections.abc import Mapping

from tinytorch.tensor import Array

from .optimizer import Optimizer, require
from .parameter_groups import Group, Params
from .penalty import penalised_gradient


def sgd_step(
    parameter: Array,
    gradient: Array,
    momentum_buffer: Array | None = None,
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
    maximize: bool = False,
    first: bool = False,
) -> None:
    """One step down: `parameter` and `momentum_buffer` change in place, `gradient` does not.

    All of one shape. With g from `penalised_gradient`:

        b ← μ · b + (1 − dampening) · g
        p ← p − lr · b

    momentum_buffer: b, what is left of earlier steps; None for p ← p − lr · g. first: b holds
    nothing yet, and becomes g. nesterov: go by g + μ · b in the place of b, a look ahead.

    Polyak 1964; Sutskever et al. 2013. As in PyTorch, lr is not in b, but multiplies it.
    """
    direction = penalised_gradient(parameter, gradient, weight_decay, maximize)
    if momentum_buffer is not None:
        if first:
            momentum_buffer[...] = direction
        else:
            momentum_buffer *= momentum
            momentum_buffer += (1 - dampening) * direction if dampening else direction
        direction = direction + momentum * momentum_buffer if nesterov else momentum_buffer
    parameter -= lr * direction


class SGD(Optimizer):
    """Stochastic gradient descent by `sgd_step`.

    params: see `Optimizer`. lr: the learning rate. momentum: μ; 0 keeps no buffer. dampening,
    weight_decay, nesterov, maximize: see `sgd_step`; nesterov needs a momentum and no dampening.
    State of a parameter: momentum_buffer, of its shape, from its first step with momentum on.
    """

    counts_steps = False

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def check_options(self, group: Group) -> None:
        require(self, group, "lr", "momentum", "weight_decay")
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            raise ValueError(
                "SGD: nesterov=True needs a momentum above 0 and a dampening of 0, not "
                f"momentum={group['momentum']}, dampening={group['dampening']}"
            )

    def initial_state(self, group: Group) -> dict[str, float]:
        return {"momentum_buffer": 0.0} if group["momentum"] else {}

    def update(
        self,
        parameter: Array,
        gradient: Array,
        state: Mapping[str, Array],
        step: int,
        group: Group,
    ) -> None:
        sgd_step(
            parameter,
            gradient,
            state.get("momentum_buffer"),
            lr=float(group["lr"]),
            momentum=group["momentum"],
            dampening=group["dampening"],
            weight_decay=group["weight_decay"],
            nesterov=group["nesterov"],
            maximize=group["maximize"],
            first=step == 1,
        )
