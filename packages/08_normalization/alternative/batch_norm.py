"""Tasks 8.2 and 8.3 by other ways: the channels put last, and the layer's modes told apart."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array, Tensor

from .batch_norm import as_channels, over_channels
from .standardize import inverse_root, standardize


def batch_norm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Array, Array, Array]:
    if training:
        centred, mean, var, scale = standardize(x, over_channels(x), eps)
        values = x.size // x.shape[1]
        if values > 0:
            for running, now in (
                (running_mean, mean),
                (running_var, var + var / (values - 1)),
            ):
                follow(running, now, momentum)
    else:
        mean, var = as_channels(running_mean, x), as_channels(running_var, x)
        centred, scale = x - mean, inverse_root(var, eps)
    last = np.moveaxis(centred * scale, 1, -1)
    if weight is not None:
        last = last * weight
    if bias is not None:
        last = last + bias
    return np.moveaxis(last, -1, 1), centred, scale


def follow(running: Array | None, now: Array, momentum: float) -> None:
    if running is None:
        return
    running[...] = running + momentum * (now.ravel() - running)


class BatchNorm:
    def forward(self, x: Tensor) -> Tensor:
        self.check_input(x)
        parameters = (x, self.weight, self.bias)
        statistics = {"running_mean": self.running_mean, "running_var": self.running_var}
        if self.training:
            share = self._count()
            if share:
                return batch_norm(
                    *parameters, **statistics, training=True, momentum=share, eps=self.eps
                )
        elif self.running_mean is not None:
            return batch_norm(*parameters, **statistics, eps=self.eps)
        return batch_norm(*parameters, training=True, eps=self.eps)

    def _count(self) -> float:
        counted = self.num_batches_tracked
        if counted is None or not self.track_running_stats:
            return 0.0
        counted += 1
        return float(self.momentum if self.momentum is not None else 1 / counted.item())
