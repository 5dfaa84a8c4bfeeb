"""What can be given for images: (N, C, H, W), or (C, H, W) for a single one."""

from __future__ import annotations

from tinytorch.tensor import Array, Tensor


def as_batch(x: Array) -> Array:
    """A single image as a batch of one."""
    return x if x.ndim == 4 else x[None]


def check_images(name: str, x: Array | Tensor) -> None:
    if x.ndim not in (3, 4):
        raise ValueError(
            f"{name}: the input must be (N, C, H, W), or (C, H, W) for one image, not {x.shape}"
        )
    if 0 in x.shape[-2:]:
        raise ValueError(f"{name}: the images of the input {x.shape} are empty")


def check_floating(name: str, x: Array | Tensor) -> None:
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: not defined for {x.dtype}; use .float() first")
