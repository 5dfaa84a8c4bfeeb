"""The loss and its gradients, by hand: what `tinytorch.autograd` will one day do."""

from __future__ import annotations

from tinytorch.activations import sigmoid, softplus
from tinytorch.networks import MLP
from tinytorch.tensor import Tensor


def loss_of(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean binary cross-entropy, from logits z and targets y: log(1 + eᶻ) − y·z.

    That is −log p for y = 1 and −log(1 − p) for y = 0, with p = sigmoid(z), written so that nothing
    overflows and no digit is lost. logits, targets: (n, 1); the result: 0-d.
    """
    return (softplus(logits) - targets * logits).mean()


def loss_and_gradients(network: MLP, x: Tensor, y: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The loss of a tanh network with one hidden layer, and ∂loss/∂parameter for each of its
    parameters.

    network: MLP(2, [hidden], 1, Tanh()). x: (n, 2); y: (n, 1). The gradients come in the order of
    `network.parameters()`: W₁, b₁, W₂, b₂, and have their shapes.

    Forward:   a = x W₁ᵀ + b₁,   h = tanh a,   z = h W₂ᵀ + b₂,   loss = mean(log(1 + eᶻ) − y z)

    Backward, by the chain rule, from the loss to the front (δ is short for ∂loss/∂):

        δz = (sigmoid(z) − y) / n           the derivative of log(1 + eᶻ) is sigmoid(z)
        δW₂ = δzᵀ h       δb₂ = Σ δz        a weight's share is what came in times what is asked
        for; δh = δz W₂                          the sum is over the rows, since all of them used it
        δa = δh (1 − h²)                    tanh′ = 1 − tanh²
        δW₁ = δaᵀ x       δb₁ = Σ δa
    """
    first, tanh, second = network
    h = tanh(first(x))
    z = second(h)

    dz = (sigmoid(z) - y) / len(x)
    dh = dz @ second.weight
    da = dh * (1 - h * h)
    gradients = [da.T @ x, da.sum(0), dz.T @ h, dz.sum(0)]
    return loss_of(z, y), gradients


def worst_error(network: MLP, x: Tensor, y: Tensor, step: float = 1e-6) -> float:
    """How far `loss_and_gradients` lies from central differences, at worst, relative to the largest
    entry.

    Each parameter is moved by ±step, one number at a time, and the loss compared: 2 evaluations a
    number, where the gradients by hand take about 3 for all of them. The network and the data
    should be float64.
    """
    _, gradients = loss_and_gradients(network, x, y)
    worst = largest = 0.0
    for parameter, gradient in zip(network.parameters(), gradients, strict=True):
        values, found = parameter.detach().reshape(-1), gradient.reshape(-1)
        for i in range(len(values)):
            here = values[i].item()
            values[i] = here + step
            above = loss_of(network(x), y).item()
            values[i] = here - step
            below = loss_of(network(x), y).item()
            values[i] = here
            expected = (above - below) / (2 * step)
            worst = max(worst, abs(found[i].item() - expected))
            largest = max(largest, abs(expected))
    return worst / largest
