"""Which parameters weight decay is for: those that multiply, not those that shift or scale."""

from __future__ import annotations

from tinytorch.layers import Module, Parameter
from tinytorch.optimizers.parameter_groups import Group

from .refusing import refuse_by


def check(model: Module, weight_decay: float) -> None:
    if not weight_decay >= 0:
        raise ValueError(f"decay_groups: weight_decay must be at least 0, not {weight_decay}")
    if not any(True for _ in model.parameters()):
        raise ValueError(f"decay_groups: this {type(model).__name__} has no parameters")


@refuse_by(check)
def decay_groups(model: Module, weight_decay: float) -> list[Group]:
    """The model's parameters as groups for an optimizer: some with `weight_decay`, some with 0.

        AdamW(decay_groups(model, 0.1), lr=1e-3)

    Decayed is what `is_decayed` says. A parameter that is used in several places comes once, where
    it is found first. Within a group parameters are in the model's order; a group that would be
    empty is left out. Raises ValueError for a model without parameters, and for a weight decay
    below 0.
    """
    decayed: list[Parameter] = []
    spared: list[Parameter] = []
    seen: set[int] = set()
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                (decayed if is_decayed(module, name, parameter) else spared).append(parameter)
    groups: list[Group] = [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": spared, "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]


def is_decayed(module: Module, name: str, parameter: Parameter) -> bool:
    """Whether weight decay is for this parameter, which is called `name` in `module`.

    It is for matrices, kernels and tables: whatever has two dimensions or more. It is not for what
    is called bias, nor for the parameters of a normalisation, a module whose class, or a class that
    this is made of, has a name that ends in Norm or in Norm and a dimension, as BatchNorm2d does.
    """
    return parameter.ndim >= 2 and name != "bias" and not is_normalisation(module)


def is_normalisation(module: Module) -> bool:
    """Whether the module's class, or one that it is made of, is named as a normalisation."""
    names = (kind.__name__ for kind in type(module).__mro__)
    return any(name.rstrip("123d").endswith("Norm") for name in names)
