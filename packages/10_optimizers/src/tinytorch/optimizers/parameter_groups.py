"""Groups of parameters: what an optimizer accepts, and what it makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from tinytorch.tensor import Tensor

Group: TypeAlias = dict[str, Any]
Params: TypeAlias = Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[Group]


def as_groups(params: Params, optimizer: str) -> list[Group]:
    """The groups that were given, or the one that is made of the parameters that were.

    optimizer: its name, for errors.
    """
    if isinstance(params, Tensor):
        raise TypeError(f"{optimizer}: expected a list of parameters, but got one tensor: use [p]")
    if isinstance(params, Mapping) or not isinstance(params, Iterable):
        raise TypeError(
            f"{optimizer}: expected parameters or a list of groups, but got a "
            f"{type(params).__name__}"
        )
    given: list[Any] = list(params)
    if not given:
        raise ValueError(f"{optimizer}: there are no parameters to optimize")
    return given if isinstance(given[0], dict) else [{"params": given}]


def completed(given: Group, defaults: Mapping[str, Any], optimizer: str) -> Group:
    """A group with a tuple of parameters, each once, their names, if any, and all options."""
    if not isinstance(given, dict):
        raise TypeError(f"{optimizer}: expected a group, a dict, but got a {type(given).__name__}")
    if "params" not in given:
        raise ValueError(f"{optimizer}: a group needs 'params'")
    params = given["params"]
    if isinstance(params, set):
        raise TypeError(f"{optimizer}: a set has no order to count parameters by; give a list")
    names, tensors = told_apart([params] if isinstance(params, Tensor) else list(params), optimizer)
    group = {**defaults, **plain({name: given[name] for name in given if name != "params"})}
    group["params"] = tensors
    if names:
        group["param_names"] = names
    return group


def told_apart(params: Sequence[Any], optimizer: str) -> tuple[list[str], tuple[Tensor, ...]]:
    """The names, if there are any, and the tensors, each once."""
    named = [each for each in params if isinstance(each, tuple)]
    if named and len(named) < len(params):
        raise ValueError(f"{optimizer}: either all parameters have a name, or none")
    found: dict[int, tuple[str, Tensor]] = {}
    for name, tensor in named or [("", each) for each in params]:
        check_tensor(tensor, optimizer)
        found.setdefault(id(tensor), (name, tensor))
    names = [name for name, _ in found.values()] if named else []
    return names, tuple(tensor for _, tensor in found.values())


def check_tensor(tensor: Any, optimizer: str) -> None:
    """Raise TypeError or ValueError for what cannot be optimized."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{optimizer}: expected tensors, but got a {type(tensor).__name__}")
    if not tensor.is_floating_point():
        raise TypeError(f"{optimizer}: only floating tensors can be optimized, not {tensor.dtype}")
    if not tensor.is_leaf:
        raise ValueError(
            f"{optimizer}: a tensor that was computed from others cannot be optimized, only a "
            "leaf: optimize what it was computed from, or use detach()"
        )


def check_against_others(group: Group, others: Sequence[Group], optimizer: str) -> None:
    """Raise ValueError for a parameter that is in another group, and for names in some only."""
    here = {id(tensor) for tensor in group["params"]}
    for other in others:
        if not here.isdisjoint(map(id, other["params"])):
            raise ValueError(f"{optimizer}: a parameter is in more than one group")
        if ("param_names" in group) != ("param_names" in other):
            raise ValueError(
                f"{optimizer}: either the parameters of all groups have names, or none"
            )


def plain(options: Mapping[str, Any]) -> Group:
    """Options whose numbers are Python's: NumPy's own would make float32 wider, and no JSON."""
    return {name: as_plain(value) for name, value in options.items()}


def as_plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(as_plain, value))
    return value.item() if isinstance(value, np.generic | Tensor) else value
