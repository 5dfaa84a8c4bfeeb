"""Task 11.4: the loss as one more metric, and nothing said twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tinytorch.autograd import set_grad_enabled
from tinytorch.layers import Module

from .batches import as_batch
from .counted_targets import counted_targets
from .evaluation import NO_METRICS
from .metric import Metric
from .training_step import LossFunction


def evaluate(
    model: Module,
    loader: Iterable[Any],
    loss_fn: LossFunction,
    metrics: Mapping[str, Metric] = NO_METRICS,
) -> dict[str, Any]:
    total, weight = 0.0, 0.0
    modes = {module: module.training for module in model.modules()}
    for name in metrics:
        metrics[name].reset()
    model.eval()
    try:
        with set_grad_enabled(False):
            for batch in map(as_batch, loader):
                output = model(*batch[:-1])
                count = counted_targets(loss_fn, batch[-1])
                if count:
                    total += count * float(loss_fn(output, batch[-1]).item())
                    weight += count
                for name in metrics:
                    metrics[name].update(output, batch[-1])
    finally:
        for module, mode in modes.items():
            module.training = mode
    results = {name: metrics[name].compute() for name in metrics}
    results["loss"] = total / weight if weight else float("nan")
    return results
