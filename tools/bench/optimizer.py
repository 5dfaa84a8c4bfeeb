"""One step of an optimizer: 1.2 million parameters in 50 tensors, and 33 in 4."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .case import Case, Work

SIZES: dict[str, list[tuple[int, ...]]] = {
    "1.2 M parameters": [(384, 128), (128,)] * 24 + [(128, 65), (65,)],
    "XORNet's 33": [(8, 2), (8,), (1, 8), (1,)],
}
RULES: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.01, "momentum": 0.9},
    "AdamW": {"lr": 0.001, "weight_decay": 0.1},
}


def pytorch(rule: str, shapes: list[tuple[int, ...]], threads: int) -> Work:
    import torch

    torch.set_num_threads(threads)
    parameters = [torch.nn.Parameter(torch.ones(shape)) for shape in shapes]
    for parameter in parameters:
        parameter.grad = torch.full_like(parameter, 0.01)
    optimizer = getattr(torch.optim, rule)(parameters, **RULES[rule])
    return lambda: optimizer.step()


def tinytorch(rule: str, shapes: list[tuple[int, ...]]) -> Work:
    import tinytorch.optimizers
    from tinytorch.layers import Parameter
    from tinytorch.tensor import full, ones

    parameters = [Parameter(ones(*shape)) for shape in shapes]
    for parameter in parameters:
        parameter.grad = full(parameter.shape, 0.01)
    optimizer = getattr(tinytorch.optimizers, rule)(parameters, **RULES[rule])
    return lambda: optimizer.step()


def numpy(rule: str, shapes: list[tuple[int, ...]]) -> Work:
    """The update as it is written in a book, on one array of all parameters."""
    size = sum(int(np.prod(shape)) for shape in shapes)
    p, g, m, v = (np.full(size, value, np.float32) for value in (1, 0.01, 0, 0))
    t = 0

    def sgd() -> None:
        nonlocal m
        m = 0.9 * m + g
        np.subtract(p, 0.01 * m, out=p)

    def adamw() -> None:
        nonlocal m, v, t
        t += 1
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        np.subtract(p * (1 - 0.001 * 0.1), 0.001 * step, out=p)

    return sgd if rule == "SGD" else adamw


CASES = [
    Case(
        f"{rule} step, {name}",
        {
            "PyTorch": partial(pytorch, rule, shapes, 2 if len(shapes) > 4 else 1),
            "TinyTorch": partial(tinytorch, rule, shapes),
            "NumPy, as in a book": partial(numpy, rule, shapes),
        },
    )
    for name, shapes in SIZES.items()
    for rule in RULES
]
