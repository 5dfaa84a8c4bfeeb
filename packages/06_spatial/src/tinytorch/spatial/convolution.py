"""The operation `conv2d`: what it accepts, its kernels, and its gradient rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tinytorch.tensor import Array, operation

from . import fast, gradients
from .images import as_batch, check_floating, check_images
from .kernels import conv2d_im2col, conv2d_loops
from .window import Size, Window, as_padding, as_pair

DEFAULT_KERNEL = "fast"
"""What runs unless somebody says `conv2d.use(...)`: "loops", "im2col" or "fast"."""

Kernel = Callable[[Array, Array, Window, int], Array]


def lifted(kernel: Kernel, pads: bool) -> Callable[..., Array]:
    """A kernel with everything around it that is the same for all: checks, padding, bias."""

    def conv2d(
        x: Array,
        weight: Array,
        bias: Array | None = None,
        *,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
    ) -> Array:
        window = window_of(weight, stride, padding, dilation)
        check(x, weight, bias, window, groups)
        images = as_batch(x)
        out = kernel(window.pad(images) if pads else images, weight, window, groups)
        if bias is not None:
            out += bias[:, None, None]
        return out if x.ndim == 4 else out[0]

    return conv2d


conv2d = operation(promote="common", kernel="im2col")(lifted(conv2d_im2col, pads=True))
conv2d.__doc__ = """Convolution of images with filters, as PyTorch's `F.conv2d`.

x: (N, C, H, W), or (C, H, W) for a single image. weight: (O, C / groups, kh, kw). bias: (O,) or
None. The result: (N, O, OH, OW), or (O, OH, OW).

stride, dilation, padding: one number or (height, width). padding may be 'valid', none, or 'same'
(stride 1): a result as large as x. groups: the channels are cut into that many groups, each of
which makes its share of the outputs.

    y[n, o, i, j] = b[o] + Σ_c Σ_u Σ_v w[o, c, u, v] · x[n, c, s·i + d·u − p, s·j + d·v − p]

2·O·OH·OW·C/groups·kh·kw multiplications and additions an image. Its kernels: "loops", "im2col",
"fast". Raises ValueError where sizes do not fit, TypeError for tensors that are not floating.
"""
conv2d.add_kernel("loops")(lifted(conv2d_loops, pads=True))
conv2d.add_kernel("fast")(lifted(fast.conv2d_fast, pads=False))
conv2d.use(DEFAULT_KERNEL)


def window_of(weight: Array, stride: Size, padding: Size | str, dilation: Size) -> Window:
    if weight.ndim != 4:
        raise ValueError(
            f"conv2d: the weight must be (out channels, in channels / groups, height, width), "
            f"not {weight.shape}"
        )
    kernel = as_pair("conv2d", "the window of the weight", weight.shape[2:], 1)
    steps = as_pair("conv2d", "stride", stride, 1)
    apart = as_pair("conv2d", "dilation", dilation, 1)
    return Window(kernel, steps, as_padding("conv2d", padding, kernel, steps, apart), apart)


def check(x: Array, weight: Array, bias: Array | None, window: Window, groups: int) -> None:
    check_images("conv2d", x)
    check_floating("conv2d", x)
    out_channels, per_group = weight.shape[:2]
    channels = x.shape[-3]
    if groups < 1 or channels % groups or out_channels % groups:
        raise ValueError(
            f"conv2d: groups={groups} must divide the {channels} channels of the input {x.shape} "
            f"and the {out_channels} of the weight {weight.shape}"
        )
    if per_group != channels // groups:
        raise ValueError(
            f"conv2d: the input {x.shape} has {channels} channels in {groups} groups, so the "
            f"weight {weight.shape} must be ({out_channels}, {channels // groups}, height, width)"
        )
    if bias is not None and bias.shape != (out_channels,):
        raise ValueError(
            f"conv2d: the bias {bias.shape} and the weight {weight.shape} do not fit: the bias has "
            f"one number for each output channel, so its shape must be ({out_channels},)"
        )
    if min(window.places(x.shape[-2:])) < 1:
        raise ValueError(
            f"conv2d: a window that covers {window.reach} does not fit into the image, which is "
            f"{window.padded(x.shape[-2:])} with its padding"
        )


@conv2d.define_fused_rule
def _(
    g: Array,
    needs: Sequence[bool],
    x: Array,
    weight: Array,
    stride: Size,
    padding: Size | str,
    dilation: Size,
    groups: int,
) -> list[Any]:
    """By columns on the way there, by columns on the way back."""
    window = window_of(weight, stride, padding, dilation)
    images, back = as_batch(x), as_batch(g)
    way = fast if conv2d.kernel == "fast" else gradients
    found: list[Any] = [None] * len(needs)
    if needs[0]:
        found[0] = way.input_gradient(back, weight, images.shape, window, groups).reshape(x.shape)
    if needs[1]:
        found[1] = way.weight_gradient(back, images, weight.shape, window, groups)
    if len(needs) > 2 and needs[2]:
        # Over the images first: that walks along memory, whatever its order.
        found[2] = back.sum(0).sum((1, 2))
    return found
