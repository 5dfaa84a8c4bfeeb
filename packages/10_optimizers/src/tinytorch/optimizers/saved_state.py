"""What is read from a state before an optimizer takes it over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinytorch.tensor import Array, Tensor

from .parameter_groups import Group


def checked_options(
    state_dict: Mapping[str, Any], groups: Sequence[Group], defaults: Group, optimizer: str
) -> list[Group]:
    """The options of each group, those that are tuples by default as tuples.

    Raises ValueError unless the state is of groups of these sizes, with all options of `defaults`.
    """
    saved = list(state_dict["param_groups"])
    sizes = [len(group["params"]) for group in groups]
    theirs = [len(group["params"]) for group in saved]
    if sizes != theirs:
        raise ValueError(
            f"{optimizer}: the state is of groups of {theirs} parameters, but there are {sizes}"
        )
    found = []
    for group in saved:
        missing = [option for option in defaults if option not in group]
        if missing:
            raise ValueError(
                f"{optimizer}: the state is of another kind of optimizer: its groups have no "
                f"{', '.join(missing)}"
            )
        options = {name: value for name, value in group.items() if name != "params"}
        for name, default in defaults.items():
            if isinstance(default, tuple):
                options[name] = tuple(options[name])
        found.append(options)
    return found


def checked_state(
    state_dict: Mapping[str, Any], groups: Sequence[Group], optimizer: str
) -> dict[int, tuple[int, dict[str, Array]]]:
    """How often each parameter was updated, and its arrays, by the parameter's id.

    Where no count was saved it is 1 if there are arrays: as much as a rule that does not count
    wants to know. Raises ValueError for unknown parameters, and for shapes that do not fit.
    """
    owners: dict[int, Tensor] = {}
    for group, saved in zip(groups, state_dict["param_groups"], strict=True):
        owners.update(zip(map(int, saved["params"]), group["params"], strict=True))
    found = {}
    for key, entries in state_dict["state"].items():
        parameter = owners.get(int(key))
        if parameter is None:
            raise ValueError(
                f"{optimizer}: the state tells of a parameter {key}, which is in no group"
            )
        arrays = {
            name: Tensor(value).array
            for name, value in entries.items()
            if name != "step" and value is not None
        }
        for name, array in arrays.items():
            if array.shape != parameter.shape:
                raise ValueError(
                    f"{optimizer}: {name} of parameter {key} has the shape {array.shape}, but the "
                    f"parameter has {parameter.shape}"
                )
        steps = int(entries["step"]) if "step" in entries else int(bool(arrays))
        found[id(parameter)] = steps, arrays
    return found
