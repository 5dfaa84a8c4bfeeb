"""Convolutions and pooling: module 06 of TinyTorch.

Images are tensors (N, C, H, W). A window slides over them; a convolution weighs what it sees with
filters that are learnt, pooling keeps the largest number or the mean.
"""

from .convolution import conv2d
from .layers import AdaptiveAvgPool2d, AvgPool2d, Conv2d, Flatten, MaxPool2d
from .pooling import adaptive_avg_pool2d, avg_pool2d, max_pool2d
from .window import output_size, same_padding

__all__ = [
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "Conv2d",
    "Flatten",
    "MaxPool2d",
    "adaptive_avg_pool2d",
    "avg_pool2d",
    "conv2d",
    "max_pool2d",
    "output_size",
    "same_padding",
]
