"""Looking at a model without changing it: its loss and metrics on a data set, and its answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from tinytorch.autograd import no_grad
from tinytorch.layers import Module
from tinytorch.tensor import Tensor, cat

from .batches import as_batch, inputs_of
from .counted_targets import counted_targets
from .metric import Metric
from .training_step import LossFunction
from .weighted_mean import WeightedMean

NO_METRICS: Mapping[str, Metric] = MappingProxyType({})


def evaluate(
    model: Module,
    loader: Iterable[Any],
    loss_fn: LossFunction,
    metrics: Mapping[str, Metric] = NO_METRICS,
) -> dict[str, Any]:
    """The mean loss over all targets of a loader, as "loss", and each metric by its name.

    In evaluation mode and without recording; afterwards each part of the model is in the mode that
    it was in. Metrics are reset first. The mean is as in `train_epoch`.
    """
    mean = WeightedMean()
    for metric in metrics.values():
        metric.reset()
    with looking_at(model):
        for given in loader:
            *inputs, target = as_batch(given)
            output = model(*inputs)
            mean.update(loss_fn(output, target).item(), counted_targets(loss_fn, target))
            for metric in metrics.values():
                metric.update(output, target)
    return {"loss": mean.compute()} | {name: metric.compute() for name, metric in metrics.items()}


def predict(model: Module, inputs: Tensor | Iterable[Any]) -> Tensor:
    """What the model gives, in evaluation mode and without recording.

    inputs: a tensor, for one call; or batches, whose results are put behind one another. A batch
    that is a list or tuple has a target as its last entry, which is left out. Raises ValueError
    where there is no batch.
    """
    with looking_at(model):
        if isinstance(inputs, Tensor):
            answer: Tensor = model(inputs)
            return answer
        answers = [model(*inputs_of(given)) for given in inputs]
    if not answers:
        raise ValueError("predict: there is no batch to predict")
    return cat(answers)


@contextmanager
def looking_at(model: Module) -> Iterator[None]:
    """Inside, the model is in evaluation mode and nothing is recorded; behind it, each of its parts
    is in the mode that it was in."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        with no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
