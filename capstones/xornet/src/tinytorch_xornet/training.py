"""Learning XOR: a linear model that cannot, and a network that does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tinytorch.activations import Tanh, sigmoid
from tinytorch.layers import Linear
from tinytorch.networks import MLP
from tinytorch.tensor import Tensor, tensor

from .by_hand import loss_and_gradients, loss_of
from .problem import count_correct

HIDDEN = 8
STEPS = 600
LEARNING_RATE = 1.0


@dataclass
class Training:
    """What training left behind: the loss before each step, and where it ended."""

    losses: list[float] = field(default_factory=list)
    final_loss: float = float("nan")
    correct: int = 0


def make_network(hidden: int = HIDDEN, seed: int = 0) -> MLP:
    """The network 2 → hidden → 1 with tanh between, its weights drawn from `seed`.

    Its gradients are derived by hand, so its parameters ask nobody for theirs.
    """
    network = MLP(2, [hidden], 1, Tanh(), generator=np.random.default_rng(seed))
    return network.requires_grad_(False)


def train(
    network: MLP,
    x: Tensor,
    y: Tensor,
    steps: int = STEPS,
    lr: float = LEARNING_RATE,
    note: Callable[[int, float], None] | None = None,
) -> Training:
    """Gradient descent on all four points: parameter −= lr · gradient, `steps` times.

    note: called with the number of each step and the loss before it.
    """
    result = Training()
    for step in range(steps):
        loss, gradients = loss_and_gradients(network, x, y)
        result.losses.append(loss.item())
        if note is not None:
            note(step, result.losses[-1])
        for parameter, gradient in zip(network.parameters(), gradients, strict=True):
            parameter.detach().sub_(gradient, alpha=lr)
    logits = network(x)
    result.final_loss = loss_of(logits, y).item()
    result.correct = count_correct(logits, y)
    return result


def train_linear(
    x: Tensor, y: Tensor, steps: int = STEPS, lr: float = LEARNING_RATE, seed: int = 0
) -> Training:
    """The same descent for a single linear layer, z = x wᵀ + b. Its loss is convex; its best is log
    2.

    By symmetry the best weights are 0: then every point gets probability ½, and none is decided.
    Whatever the weights, at most three of the four points are right, since the two classes' centres
    are the same point.
    """
    layer = Linear(2, 1, generator=np.random.default_rng(seed)).requires_grad_(False)
    result = Training()
    for _ in range(steps):
        z = layer(x)
        result.losses.append(loss_of(z, y).item())
        dz = (sigmoid(z) - y) / len(x)
        layer.weight.detach().sub_(dz.T @ x, alpha=lr)
        if layer.bias is not None:
            layer.bias.detach().sub_(dz.sum(0), alpha=lr)
    logits = layer(x)
    result.final_loss = loss_of(logits, y).item()
    result.correct = count_correct(logits, y)
    return result


def best_of_random_lines(x: Tensor, y: Tensor, tries: int = 10_000, seed: int = 0) -> int:
    """How many of the points the best of `tries` random lines puts on the right sides."""
    rng = np.random.default_rng(seed)
    weights = tensor(rng.standard_normal((2, tries)))
    offsets = tensor(rng.standard_normal((1, tries)))
    says_one = x.double() @ weights + offsets > 0
    return int((says_one == (y == 1)).sum(0).max())
