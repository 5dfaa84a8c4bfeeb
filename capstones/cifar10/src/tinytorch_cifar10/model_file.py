"""The trained network in a file: its numbers, and what is needed to build it again."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from tinytorch.layers import Module
from tinytorch.networks import Sequential
from tinytorch.tensor import Tensor

from .network import make_network
from .recipe import Recipe

KEY = "tinytorch_cifar10"


@dataclass(frozen=True)
class TrainedModel:
    """A network, how it was trained, and what its classes are called."""

    network: Sequential
    recipe: Recipe
    classes: tuple[str, ...]


def save_model(network: Module, recipe: Recipe, classes: tuple[str, ...], path: Path) -> Path:
    """Write the network as safetensors, aside first, and renamed when it is whole."""
    arrays = {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}
    about = json.dumps({"recipe": recipe.as_dict(), "classes": classes})
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(save(arrays, {KEY: about}))
    aside.replace(path)
    return path


def load_model(path: Path) -> TrainedModel:
    """The network of a file that `save_model` wrote, ready to be asked.

    Raises ValueError for another file, FileNotFoundError for none.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no {path}: train first, with tinytorch run cifar10")
    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads((file.metadata() or {})[KEY])
            names = list(file.keys())
            state = {name: Tensor(file.get_tensor(name)) for name in names}
    except (SafetensorError, KeyError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no model that tinytorch run cifar10 has written") from error
    recipe = Recipe.from_dict(about["recipe"])
    network = make_network(recipe.width, len(about["classes"]))
    network.load_state_dict(state)
    network.eval()
    return TrainedModel(network, recipe, tuple(about["classes"]))
