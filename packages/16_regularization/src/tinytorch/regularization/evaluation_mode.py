"""A model in evaluation mode for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tinytorch.layers import Module


@contextmanager
def in_evaluation(model: Callable[..., Any]) -> Iterator[None]:
    """Inside, the model and all below it are in evaluation mode; then each is in its own again.

    A function has no mode, and is left alone.
    """
    if not isinstance(model, Module):
        yield
        return
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
