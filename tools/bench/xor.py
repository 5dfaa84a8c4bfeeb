"""One step of training XORNet: 2 → 8 → 1 with tanh, mean squared error, descent, batch of 4.

The steps are small, for the reason that `cnn` gives.
"""

from __future__ import annotations

import numpy as np

from .case import Case, Work

LR = 1e-3
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
Y = np.array([[0], [1], [1], [0]], np.float32)


def pytorch() -> Work:
    import torch

    torch.set_num_threads(1)
    network = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    optimizer = torch.optim.SGD(network.parameters(), lr=LR)
    x, y = torch.from_numpy(X), torch.from_numpy(Y)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(network(x), y).backward()
        optimizer.step()

    return step


def tinytorch() -> Work:
    import tinytorch.autograd  # noqa: F401 - backward
    from tinytorch.activations import Tanh
    from tinytorch.layers import Linear
    from tinytorch.networks import Sequential
    from tinytorch.optimizers import SGD
    from tinytorch.tensor import Tensor
    from tinytorch.training import mse_loss

    network = Sequential(Linear(2, 8), Tanh(), Linear(8, 1))
    optimizer = SGD(network.parameters(), lr=LR)
    x, y = Tensor(X), Tensor(Y)

    def step() -> None:
        optimizer.zero_grad()
        mse_loss(network(x), y).backward()
        optimizer.step()

    return step


def numpy() -> Work:
    """Gradients derived by hand, and no framework: what is left when nothing is general."""
    rng = np.random.default_rng(0)
    w1, w2 = (rng.standard_normal(s).astype(np.float32) for s in ((2, 8), (8, 1)))
    b1, b2 = np.zeros(8, np.float32), np.zeros(1, np.float32)

    def step() -> None:
        hidden = np.tanh(X @ w1 + b1)
        d_out = (hidden @ w2 + b2 - Y) * np.float32(2 / len(X))
        d_hidden = (d_out @ w2.T) * (1 - hidden * hidden)
        for parameter, gradient in (
            (w2, hidden.T @ d_out),
            (b2, d_out.sum(0)),
            (w1, X.T @ d_hidden),
            (b1, d_hidden.sum(0)),
        ):
            parameter -= np.float32(LR) * gradient

    return step


CASES = [Case("XOR step", {"PyTorch": pytorch, "TinyTorch": tinytorch, "NumPy by hand": numpy})]
