"""Group normalisation: the channels of each example in groups, whatever the batch is."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from tinytorch.tensor import Array, DTypeLike, Tensor, operation

from .affine import Affine
from .batch_norm import as_channels, over_channels
from .half_precision import gradients_through_float32, half_through_float32
from .refusing import refuse_by
from .standardize import standardize, standardize_gradient, total, total_of_products


def grouped(x: Array, num_groups: int) -> Array:
    """(N, C, …) as (N, num_groups, numbers of a group)."""
    n, channels, *places = x.shape
    return x.reshape(n, num_groups, channels // num_groups * prod(places))


def check(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    num_groups: int,
    **options: float,
) -> None:
    if x.ndim < 2:
        raise ValueError(f"group_norm: the input must be (N, C, …), not {x.shape}")
    if x.dtype.kind != "f":
        raise TypeError(f"group_norm: not defined for {x.dtype}; use .float() first")
    channels = x.shape[1]
    if num_groups < 1 or channels % num_groups:
        raise ValueError(
            f"group_norm: num_groups={num_groups} must divide the {channels} channels of the input "
            f"{x.shape}"
        )
    for name, values in (("weight", weight), ("bias", bias)):
        if values is not None and values.shape != (channels,):
            raise ValueError(
                f"group_norm: {name} {values.shape} and the input {x.shape} do not fit: there must "
                f"be one number for each of the {channels} channels"
            )


@operation(promote="common", saves=("centred", "scale"))
@refuse_by(check)
@half_through_float32
def group_norm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    num_groups: int,
    eps: float = 1e-5,
) -> tuple[Array, Array, Array]:
    """x̂ · weight + bias, each example over each group of its channels and all places.

    x: (N, C, …), floating; num_groups divides C. weight, bias: (C,) or None. With one group it is
    layer normalisation of whole examples, with C groups instance normalisation.

    The result has x's shape; x − mean and 1 / √(var + ε) are kept for the gradient, both in the
    shape that `grouped` gives. Raises ValueError where the sizes do not fit, TypeError for
    integers. Wu & He 2018.
    """
    centred, _, _, scale = standardize(grouped(x, num_groups), (2,), eps)
    out = (centred * scale).reshape(x.shape)
    if weight is not None:
        out *= as_channels(weight, x)
    if bias is not None:
        out += as_channels(bias, x)
    return out, centred, scale


@group_norm.define_fused_rule
@gradients_through_float32
def _(
    g: Array,
    needs: Sequence[bool],
    weight: Array | None,
    centred: Array,
    scale: Array,
    num_groups: int,
) -> list[Array | None]:
    found: list[Array | None] = [None] * len(needs)
    if needs[0]:
        back = grouped(g if weight is None else g * as_channels(weight, g), num_groups)
        found[0] = standardize_gradient(back, centred, scale, (2,)).reshape(g.shape)
    if len(needs) > 1 and needs[1]:
        normal = (centred * scale).reshape(g.shape)
        found[1] = total_of_products(g, normal, over_channels(g)).reshape(-1)
    if len(needs) > 2 and needs[2]:
        found[2] = total(g, over_channels(g)).reshape(-1)
    return found


class GroupNorm(Affine):
    """Group normalisation: `group_norm` as a layer.

    num_groups: how many groups the num_channels channels are cut into. affine: whether there are
    weight: (num_channels,), ones at first, and bias: (num_channels,), zeros; `bias=False` for the
    weight alone.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__()
        if num_groups < 1 or num_channels < 1 or num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_groups={num_groups} must divide num_channels={num_channels}"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self.register_affine(num_channels, affine, bias, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, num_channels, …)."""
        return group_norm(x, self.weight, self.bias, num_groups=self.num_groups, eps=self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )
