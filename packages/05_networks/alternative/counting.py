"""A second right solution of tasks 5.3 to 5.5: everything counted from shapes and dtypes."""

from functools import reduce
from operator import mul

from tinytorch.layers import Module
from tinytorch.tensor import Tensor


def count_parameters(module: Module, trainable_only: bool = False) -> int:
    """The numbers that a module and all below it hold as parameters; shared ones count once."""
    seen, total = set(), 0
    for part in module.modules():
        for parameter in part.parameters(recurse=False):
            if id(parameter) in seen or (trainable_only and not parameter.requires_grad):
                continue
            seen.add(id(parameter))
            total += elements(parameter.shape)
    return total


def elements(shape: tuple[int, ...]) -> int:
    """How many elements a tensor of this shape has."""
    return reduce(mul, shape, 1)


def linear_flops(rows: int, in_features: int, out_features: int, bias: bool = True) -> int:
    """The FLOPs of a linear layer on `rows` rows."""
    if in_features == 0:
        return 0
    results = rows * out_features
    without_bias = results * in_features + results * (in_features - 1)
    return without_bias + results if bias else without_bias


def activation_flops(shape: tuple[int, ...]) -> int:
    """The FLOPs of an activation with a result of this shape: by convention one an element."""
    count = 1
    for size in shape:
        count *= size
    return count


def parameter_bytes(module: Module) -> int:
    """The bytes of a module's parameters and all below it; shared ones count once."""
    distinct = {id(parameter): parameter for parameter in module.parameters()}
    return sum(parameter.nbytes for parameter in distinct.values())


def activation_bytes(*results: Tensor) -> int:
    """The bytes of the tensors that layers hand on."""
    total = 0
    for result in results:
        total += elements(result.shape) * result.dtype.itemsize
    return total
