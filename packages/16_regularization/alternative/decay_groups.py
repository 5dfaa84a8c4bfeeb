"""Task 16.3, groups: the parameters put into one dict, then taken out in two ways."""

from __future__ import annotations

from typing import Any

from tinytorch.layers import Module, Parameter


def decay_groups(model: Module, weight_decay: float) -> list[dict[str, Any]]:
    found: dict[int, tuple[Parameter, bool]] = {}
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            found.setdefault(id(parameter), (parameter, is_decayed(module, name, parameter)))
    groups = []
    for decays in (True, False):
        parameters = [parameter for parameter, its in found.values() if its == decays]
        if parameters:
            groups.append({"params": parameters, "weight_decay": weight_decay if decays else 0.0})
    return groups


def is_decayed(module: Module, name: str, parameter: Parameter) -> bool:
    if parameter.ndim < 2 or name == "bias":
        return False
    endings = ("Norm", "Norm1d", "Norm2d", "Norm3d")
    return not any(kind.__name__.endswith(endings) for kind in type(module).__mro__)
