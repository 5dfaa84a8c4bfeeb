"""Networks: module 05 of TinyTorch. Layers in sequence, and what a network costs."""

from .counting import (
    activation_bytes,
    activation_flops,
    count_parameters,
    linear_flops,
    parameter_bytes,
)
from .mlp import MLP, layer_sizes
from .report import LayerReport, Summary, summary
from .sequential import Function, Sequential

__all__ = [
    "MLP",
    "Function",
    "LayerReport",
    "Sequential",
    "Summary",
    "activation_bytes",
    "activation_flops",
    "count_parameters",
    "layer_sizes",
    "linear_flops",
    "parameter_bytes",
    "summary",
]
