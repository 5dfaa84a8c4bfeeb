"""How far numbers are off: on average, and beside always saying the mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.tensor import Array

from .metric import Metric, check_same_shape, ratio, values_of


def mean_absolute_error(output: Any, target: Any) -> float:
    """The mean of |output − target|, in the target's unit; nan of nothing.

    output, target: of one shape, or ValueError; tensors or arrays.
    """
    return _after_one_batch(MeanAbsoluteError(), output, target)


def r2_score(output: Any, target: Any) -> float:
    """R² = 1 − Σ (target − output)² / Σ (target − mean target)².

    1 if all is right, 0 for saying the mean every time, below 0 for worse. output, target: (N,), or
    (N, d1, …), of which each column has an R², and the mean is taken; of one shape, or ValueError.
    A constant target gives 1 if all is right, else 0; fewer than two examples give nan.
    """
    return _after_one_batch(R2Score(), output, target)


class MeanAbsoluteError(Metric):
    """The mean of |output − target| over all numbers. See `mean_absolute_error`."""

    def reset(self) -> None:
        """Forget all batches."""
        self.total = 0.0
        self.count = 0

    def update(self, output: Any, target: Any) -> None:
        """Add the batch's errors."""
        found, wanted = _alike(self, output, target)
        self.total += float(np.abs(found - wanted).sum())
        self.count += wanted.size

    def compute(self) -> float:
        """The mean error; nan as long as there was no number."""
        return ratio(self.total, self.count)


class R2Score(Metric):
    """R² over all examples. See `r2_score`.

    The squares around the mean are added up batch by batch, each around its own mean; what the
    means lie apart comes on top (Chan, Golub & LeVeque 1979). Σ target² − (Σ target)² / n would
    lose all digits for a target far from 0.
    """

    mean: Any
    around_mean: Any
    errors: Any

    def reset(self) -> None:
        """Forget all batches."""
        self.count = 0
        self.mean = self.around_mean = self.errors = 0.0

    def update(self, output: Any, target: Any) -> None:
        """Add the batch's squares. Raises ValueError if its columns are not those so far."""
        found, wanted = _alike(self, output, target)
        count = len(wanted) if wanted.ndim else 1
        if not count:
            return
        found, wanted = found.reshape(count, -1), wanted.reshape(count, -1)
        if self.count and self.mean.shape != wanted.shape[1:]:
            raise ValueError(
                f"R2Score: an example had {len(self.mean)} numbers before, but has "
                f"{wanted.shape[1]} in this batch"
            )
        mean = wanted.mean(axis=0)
        apart = mean - self.mean
        self.errors = self.errors + np.square(wanted - found).sum(axis=0)
        self.around_mean = self.around_mean + np.square(wanted - mean).sum(axis=0)
        self.around_mean += apart * apart * (self.count * count / (self.count + count))
        self.mean = self.mean + apart * (count / (self.count + count))
        self.count += count

    def compute(self) -> float:
        """At most 1; nan for fewer than two examples."""
        if self.count < 2:
            return float("nan")
        constant = self.around_mean == 0
        unexplained = self.errors / np.where(constant, 1, self.around_mean)
        return float(np.where(constant, self.errors == 0, 1 - unexplained).mean())


def _alike(metric: Metric, output: Any, target: Any) -> tuple[Array, Array]:
    found, wanted = values_of(output), values_of(target)
    check_same_shape(type(metric).__name__, found, wanted)
    return found.astype(np.float64), wanted.astype(np.float64)


def _after_one_batch(metric: Metric, output: Any, target: Any) -> float:
    metric.update(output, target)
    return float(metric.compute())
