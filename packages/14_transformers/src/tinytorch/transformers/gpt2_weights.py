"""GPT-2's weights as safetensors, by the names that Hugging Face's `transformers` gives them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from tinytorch.embeddings.writing_aside import write_bytes
from tinytorch.tensor import Array

from .config import GPTConfig
from .gpt import GPT

PREFIX = "transformer."
"""What the names begin with in files of a whole language model, head included."""

RENAMED = {"h": "blocks", "c_attn": "in_proj", "attn.c_proj": "attn.out_proj"}
"""Parts of GPT-2's names, and what they are called here."""

SIZES = ("vocab_size", "n_layer", "n_head", "n_embd")


def load_gpt2(path: str | Path) -> GPT:
    """A GPT with GPT-2's weights, in float32.

    path: a folder with `config.json` and `model.safetensors`, as `transformers` saves it.

    Raises FileNotFoundError for files that are missing, and ValueError for a model that is none of
    GPT-2's kind, or whose weights do not fit its sizes.
    """
    folder = Path(path)
    sizes, file = folder / "config.json", folder / "model.safetensors"
    config = config_of(sizes)
    try:
        given = load_file(file)
    except SafetensorError as error:
        raise ValueError(f"load_gpt2: {file} is no safetensors file: {error}") from error
    check_tied(given, file)
    model = GPT(config)
    state = from_gpt2_names(given)
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise ValueError(f"load_gpt2: {file} does not fit {sizes}: {error}") from None
    return model


def check_tied(given: Mapping[str, Array], file: Path) -> None:
    """Raise ValueError if the last layer has weights of its own."""
    head = given.get("lm_head.weight")
    tokens = given.get("wte.weight", given.get(f"{PREFIX}wte.weight"))
    if head is not None and tokens is not None and not np.array_equal(head, tokens):
        raise ValueError(
            f"load_gpt2: in {file} lm_head.weight is not the embedding of the tokens, but the last "
            "layer of GPT-2 is"
        )


def config_of(file: Path) -> GPTConfig:
    """The sizes that `config.json` tells. Raises ValueError for another kind of model."""
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    other = {
        name: told[name]
        for name, expected in EXPECTED.items()
        if name in told and told[name] not in expected
    }
    if other:
        raise ValueError(f"load_gpt2: {file} is a model of another kind than GPT-2: {other}")
    missing = [name for name in (*SIZES, "n_positions") if name not in told]
    if missing:
        raise ValueError(f"load_gpt2: {file} does not tell {', '.join(missing)}")
    return GPTConfig(block_size=told["n_positions"], **{name: told[name] for name in SIZES})


EXPECTED: dict[str, tuple[Any, ...]] = {
    "model_type": ("gpt2",),
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "layer_norm_epsilon": (1e-5,),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "tie_word_embeddings": (True,),
}


def save_gpt2(model: GPT, path: str | Path) -> None:
    """Write `config.json` and `model.safetensors` into a folder, for `load_gpt2` or `transformers`.

    Each file is written aside and renamed. Raises ValueError for a model without biases, which
    GPT-2 has.
    """
    if not model.config.bias:
        raise ValueError("save_gpt2: GPT-2 has biases, and the model has bias=False")
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    told = {name: getattr(model.config, name) for name in SIZES}
    told |= {"n_positions": model.config.block_size}
    told |= {name: values[0] for name, values in EXPECTED.items()}
    told |= {"architectures": ["GPT2LMHeadModel"]}
    state = {name: values.numpy() for name, values in model.state_dict().items()}
    weights = {name: np.ascontiguousarray(values) for name, values in to_gpt2_names(state).items()}
    write_bytes(folder / "model.safetensors", save(weights, metadata={"format": "pt"}))
    write_bytes(folder / "config.json", json.dumps(told, indent=2).encode())


def from_gpt2_names(given: Mapping[str, Array]) -> dict[str, Array]:
    """GPT-2's weights by the names of `GPT`, and as it has them."""
    state = {}
    for name, values in given.items():
        name = name.removeprefix(PREFIX)
        if is_left_out(name):
            continue
        state[renamed(name, RENAMED)] = values.T if is_turned(name) else values
    return state


def to_gpt2_names(state: Mapping[str, Array]) -> dict[str, Array]:
    """The weights of a `GPT` by GPT-2's names, and as it has them; the reverse of the other."""
    back = {ours: theirs for theirs, ours in RENAMED.items()}
    given = {}
    for name, values in state.items():
        theirs = renamed(name, back)
        given[PREFIX + theirs] = values.T if is_turned(theirs) else values
    return given


def renamed(name: str, names: Mapping[str, str]) -> str:
    """name, with each dotted part that is a key of `names` replaced."""
    for part, other in names.items():
        name = re.sub(rf"(^|\.){re.escape(part)}(?=\.|$)", rf"\g<1>{other}", name)
    return name


def is_turned(name: str) -> bool:
    """Whether GPT-2 has this matrix as (in, out): those of linear layers, a `Conv1D` there."""
    return name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight"))


def is_left_out(name: str) -> bool:
    """Whether it is no parameter: causal masks, and the last layer, which is the embedding."""
    return name == "lm_head.weight" or name.endswith((".attn.bias", ".attn.masked_bias"))
