"""The gradient rules of Part I's operations.

A rule says, for one operation y = f(a, b), how g = ∂L/∂y becomes ∂L/∂a and ∂L/∂b. It is written
with operators and operations, which take arrays and tensors alike, so that it serves the second
order, too. Where shapes were broadcast, the engine sums what a rule gives.
"""

from . import (  # noqa: F401
    activations,
    arithmetic,
    elementwise,
    gelu,
    indexing,
    linear,
    products,
    reductions,
    shapes,
)
