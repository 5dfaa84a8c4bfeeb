"""Automatic differentiation: module 09 of TinyTorch. Importing it makes tensors differentiable.

From then on every operation with an input that requires a gradient is recorded, and `backward`
goes back over the record. No class is changed and no function replaced: this package takes the
recorder's place that `tinytorch.tensor` keeps free, and fills the slot for a gradient rule that
every operation of Part I has. Operations of other packages bring their rules themselves.
"""

from tinytorch.tensor import set_recorder

from . import rules  # noqa: F401
from .checking import gradcheck, gradgradcheck
from .drawing import Drawing, draw, to_dot, to_svg
from .gradients import backward, grad, value_and_grad
from .modes import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from .recording import GraphRecorder

set_recorder(GraphRecorder())

__all__ = [
    "Drawing",
    "backward",
    "draw",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "is_grad_enabled",
    "no_grad",
    "set_grad_enabled",
    "to_dot",
    "to_svg",
    "value_and_grad",
]
