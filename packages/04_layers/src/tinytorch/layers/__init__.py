"""Layers: module 04 of TinyTorch.

Parameters, modules that know their parts, and the linear layer.
"""

from . import init
from .linear_layer import Identity, Linear, linear
from .module import IncompatibleKeys, Module
from .module_list import ModuleList
from .parameter import Parameter

__all__ = [
    "Identity",
    "IncompatibleKeys",
    "Linear",
    "Module",
    "ModuleList",
    "Parameter",
    "init",
    "linear",
]
