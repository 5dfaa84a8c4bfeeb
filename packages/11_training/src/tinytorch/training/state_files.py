"""A state in a file: numbers, texts, lists and dicts as JSON, arrays as safetensors, no pickle.

A pickle is a program, and to load one is to run it. This file holds data, and nothing else can come
out of it. It is a safetensors file, which other programs can read too; what is no array is JSON in
its header. So everything is in one file, and there with one renaming.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from tinytorch.tensor import Array, Tensor

from .writing_aside import write_aside

HEADER = "tinytorch"
ARRAY = "$array"
"""A dict with this key alone stands for the array of that name."""


def save_state(path: str | PathLike[str], state: Mapping[str, Any]) -> None:
    """Write a state to a file, by `write_aside`. The folder is made if there is none.

    state: dicts, lists and tuples of tensors, arrays, numbers, texts, bools and None. Raises
    TypeError, with the place in the state, for anything else; ValueError for keys that are the same
    as texts.
    """
    arrays: dict[str, Array] = {}
    tree = as_tree(state, "", arrays)
    data = save(arrays, {HEADER: json.dumps(tree)})
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_aside(path, data)


def load_state(path: str | PathLike[str]) -> dict[str, Any]:
    """The state in a file that `save_state` wrote.

    Tensors are arrays now, tuples are lists, and keys are texts. Raises FileNotFoundError, or
    ValueError for a file that is damaged or of another kind.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {str(path)!r}")
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{str(path)!r} is no safetensors file, or is damaged: {error}") from error
    if HEADER not in header:
        raise ValueError(f"{str(path)!r} holds arrays, but no state of a training")
    state: dict[str, Any] = as_state(json.loads(header[HEADER]), arrays)
    return state


def as_tree(value: Any, where: str, arrays: dict[str, Array]) -> Any:
    """The state for JSON; its arrays are put into `arrays`. where: the place, as "model/weight"."""
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Tensor | np.ndarray):
        array = value.array if isinstance(value, Tensor) else value
        if array.dtype.kind not in "biuf":
            raise TypeError(f"{where}: an array of {array.dtype} cannot be saved, only numbers can")
        name = where if where not in arrays else f"{where}#{len(arrays)}"
        # Arrays without dimensions are copied by ascontiguousarray into one dimension.
        arrays[name] = np.ascontiguousarray(array).reshape(array.shape)
        return {ARRAY: name}
    if isinstance(value, list | tuple):
        return [as_tree(each, beneath(where, place), arrays) for place, each in enumerate(value)]
    if isinstance(value, Mapping):
        return as_dict(value, where, arrays)
    raise TypeError(
        f"{where or 'the state'}: a {type(value).__name__} cannot be saved: only tensors, arrays, "
        "numbers, texts, None, and dicts, lists and tuples of them"
    )


def as_dict(value: Mapping[Any, Any], where: str, arrays: dict[str, Array]) -> dict[str, Any]:
    for key in value:
        if not isinstance(key, str | int) or key == ARRAY:
            raise TypeError(f"{beneath(where, key)}: a key must be a text or a whole number")
    tree = {str(key): as_tree(each, beneath(where, key), arrays) for key, each in value.items()}
    if len(tree) < len(value):
        raise ValueError(f"{where or 'the state'}: two keys are the same as texts")
    return tree


def as_state(tree: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(tree, list):
        return [as_state(each, arrays) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.keys() == {ARRAY}:
        return arrays[tree[ARRAY]]
    return {key: as_state(each, arrays) for key, each in tree.items()}


def beneath(where: str, key: Any) -> str:
    return f"{where}/{key}" if where else str(key)
