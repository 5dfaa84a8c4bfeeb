"""Where a GPT begins, as GPT-2 did.

Every branch adds to the stream, whose variance grows with their number. So the matrices that end
the branches start smaller, by the root of how many there are: then the sum of all is as large as
one branch would have been (Radford et al. 2019, section 2.3).
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from tinytorch.layers import Module, init

STD = 0.02
BRANCH_ENDS = ("attn.out_proj.weight", "mlp.c_proj.weight")


def residual_std(n_layer: int, std: float = STD) -> float:
    """The standard deviation of what ends a branch: std / √(2 · n_layer), two branches a block."""
    return std / sqrt(2 * n_layer)


def initialize_(
    model: Module, n_layer: int, generator: np.random.Generator | None = None, std: float = STD
) -> None:
    """Draw all matrices of the model anew, in the order of `named_parameters`, in place.

    Matrices, embeddings among them: normal with standard deviation std; those whose name ends with
    one of BRANCH_ENDS, with residual_std. Vectors: 0 for a bias, and 1 for other ones, which are
    weights of normalisations.
    """
    for name, parameter in model.named_parameters():
        if name.endswith(BRANCH_ENDS):
            init.normal_(parameter, 0.0, residual_std(n_layer, std), generator=generator)
        elif parameter.ndim >= 2:
            init.normal_(parameter, 0.0, std, generator=generator)
        elif name.endswith("bias"):
            init.zeros_(parameter)
        else:
            init.ones_(parameter)
