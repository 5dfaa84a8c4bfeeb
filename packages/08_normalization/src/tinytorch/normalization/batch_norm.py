"""Batch normalisation: each channel with the mean and variance that it has in the batch."""

from __future__ import annotations

from collections.abc import Sequence

from tinytorch.tensor import Array, DTypeLike, Tensor, ones, operation, tensor, zeros

from .affine import Affine
from .half_precision import gradients_through_float32, half_through_float32
from .refusing import refuse_by
from .standardize import (
    Axes,
    inverse_root,
    neither_moved_nor_stretched,
    size_of,
    standardize,
    total,
    total_of_products,
)


def check(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    training: bool = False,
    **options: float,
) -> None:
    if x.ndim < 2:
        raise ValueError(f"batch_norm: the input must be (N, C) or (N, C, …), not {x.shape}")
    if x.dtype.kind != "f":
        raise TypeError(f"batch_norm: not defined for {x.dtype}; use .float() first")
    given = {
        "weight": weight,
        "bias": bias,
        "running_mean": running_mean,
        "running_var": running_var,
    }
    for name, values in given.items():
        if values is not None and values.shape != (x.shape[1],):
            raise ValueError(
                f"batch_norm: {name} {values.shape} and the input {x.shape} do not fit: there must "
                f"be one number for each of the {x.shape[1]} channels"
            )
    if not training and (running_mean is None or running_var is None):
        raise ValueError("batch_norm: outside of training it needs running_mean and running_var")
    if training and size_of(x, over_channels(x)) == 1:
        raise ValueError(
            f"batch_norm: the input {x.shape} has a single value for each channel, and a single "
            "value has no variance: train on more than one, or call eval()"
        )


@operation(promote="common", saves=("centred", "scale"))
@refuse_by(check)
@half_through_float32
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
    """x̂ · weight + bias, for each channel, over the batch and all places.

    x: (N, C) or (N, C, …), floating. weight, bias: (C,) or None. running_mean, running_var: (C,).

    training: with the batch's own mean and variance; the running ones, where they are given, are
    moved towards them in place by the share `momentum`, the variance as Σ(x − mean)² / (n − 1).
    Without a value to take a mean of, they stay. Otherwise with the running ones.

    The result has x's shape; x − mean, and 1 / √(var + ε) for each channel, are kept for the
    gradient. Raises ValueError for shapes that do not fit, and in training for a single value a
    channel, which has no variance; TypeError for integers. Ioffe & Szegedy 2015.
    """
    axes = over_channels(x)
    if training:
        centred, mean, var, scale = standardize(x, axes, eps)
        count = size_of(x, axes)
        if count:
            follow(running_mean, mean, momentum)
            follow(running_var, var * (count / (count - 1)), momentum)
    else:
        assert running_mean is not None
        assert running_var is not None
        centred = x - as_channels(running_mean, x)
        scale = inverse_root(as_channels(running_var, x), eps)
    out = centred * (scale if weight is None else scale * as_channels(weight, x))
    if bias is not None:
        out += as_channels(bias, x)
    return out, centred, scale


def over_channels(x: Array) -> Axes:
    """All axes but the channels'."""
    return (0, *range(2, x.ndim))


def as_channels(values: Array, x: Array) -> Array:
    """(C,) in x's type, so that it broadcasts over x: (1, C, 1, …)."""
    return values.reshape(1, -1, *(1,) * (x.ndim - 2)).astype(x.dtype, copy=False)


def follow(running: Array | None, now: Array, momentum: float) -> None:
    """Move `running`: (C,) towards `now`, whose other axes have size 1, by the share `momentum`.

    In place; where there is nothing to move, nothing.
    """
    if running is not None:
        running *= 1 - momentum
        running += momentum * now.reshape(-1)


@batch_norm.define_fused_rule
@gradients_through_float32
def _(
    g: Array,
    needs: Sequence[bool],
    weight: Array | None,
    centred: Array,
    scale: Array,
    training: bool,
) -> list[Array | None]:
    axes = over_channels(g)
    factor = scale if weight is None else scale * as_channels(weight, g)
    moved, stretched = total(g, axes), total_of_products(g, centred, axes)
    found: list[Array | None] = [None] * len(needs)
    if needs[0] and training:
        found[0] = neither_moved_nor_stretched(
            g, centred, scale, moved, stretched, size_of(g, axes)
        )
        found[0] *= factor
    elif needs[0]:
        found[0] = g * factor
    if len(needs) > 1 and needs[1]:
        found[1] = (stretched * scale).reshape(-1)
    if len(needs) > 2 and needs[2]:
        found[2] = moved.reshape(-1)
    return found


class BatchNorm(Affine):
    """Batch normalisation of (N, C) or (N, C, …), with what it remembers of the batches.

    num_features: C. momentum: how far the running statistics move towards each batch's; None for
    the mean of all batches so far. affine: whether there are weight and bias; `bias=False` for the
    weight alone. track_running_stats: without, evaluation takes the batch's own statistics, too.

    weight: (C,), ones at first, and bias: (C,), zeros, or None. Buffers: running_mean, running_var,
    num_batches_tracked.
    """

    dimensions: tuple[int, ...] = ()
    """How many dimensions an input may have."""

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__()
        if num_features < 1:
            raise ValueError(f"{type(self).__name__}: there must be channels, not {num_features}")
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.register_affine(num_features, affine, bias, dtype)
        tracked = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, dtype=dtype) if tracked else None)
        self.register_buffer("running_var", ones(num_features, dtype=dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", tensor(0) if tracked else None)

    def reset_running_stats(self) -> None:
        """Forget all batches."""
        if self.running_mean is not None and self.running_var is not None:
            self.running_mean.fill_(0)
            self.running_var.fill_(1)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.fill_(0)

    def reset_parameters(self) -> None:
        """Forget all batches, and start again with weight 1 and bias 0."""
        self.reset_running_stats()
        super().reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, C) or (N, C, …)."""
        self.check_input(x)
        return batch_norm(
            x,
            self.weight,
            self.bias,
            running_mean=self.running_mean,
            running_var=self.running_var,
            training=self.training or self.running_mean is None,
            momentum=self._count() if self.training else 0.0,
            eps=self.eps,
        )

    def _count(self) -> float:
        """Count this batch; by which share to move towards it."""
        if self.num_batches_tracked is None or not self.track_running_stats:
            return 0.0
        self.num_batches_tracked.add_(1)
        if self.momentum is None:
            return 1 / self.num_batches_tracked.item()
        return self.momentum

    def check_input(self, x: Tensor) -> None:
        """Raise ValueError unless x has the layer's dimensions and channels."""
        name = type(self).__name__
        if self.dimensions and x.ndim not in self.dimensions:
            allowed = " or ".join(map(str, self.dimensions))
            raise ValueError(f"{name}: the input must have {allowed} dimensions, not {x.shape}")
        if x.shape[1] != self.num_features:
            raise ValueError(
                f"{name}: the input {x.shape} has {x.shape[1]} channels, but the layer was made "
                f"for {self.num_features}"
            )

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(BatchNorm):
    """Batch normalisation of rows (N, C), or of sequences (N, C, L)."""

    dimensions = (2, 3)


class BatchNorm2d(BatchNorm):
    """Batch normalisation of images (N, C, H, W)."""

    dimensions = (4,)
