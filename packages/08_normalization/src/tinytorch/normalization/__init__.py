"""Normalisation: module 08 of TinyTorch.

Layers that give what flows through a network a mean of 0 and a variance of 1: over the batch, over
each example, or over groups of its channels.
"""

from .batch_norm import BatchNorm1d, BatchNorm2d, batch_norm
from .group_norm import GroupNorm, group_norm
from .layer_norm import LayerNorm, layer_norm
from .rms_norm import RMSNorm, rms_norm

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "GroupNorm",
    "LayerNorm",
    "RMSNorm",
    "batch_norm",
    "group_norm",
    "layer_norm",
    "rms_norm",
]
