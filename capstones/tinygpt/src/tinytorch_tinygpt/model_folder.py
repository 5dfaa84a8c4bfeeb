"""The trained model in a folder: weights, sizes and tokenizer, as files that GPT-2 has, too.

`transformers` can read it, too: GPT2LMHeadModel.from_pretrained(folder).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tinytorch.embeddings import BPETokenizer, CharTokenizer
from tinytorch.transformers import GPT, load_gpt2, save_gpt2

from .texts import Tokenizer

TOKENIZER = "tokenizer.json"


@dataclass(frozen=True)
class TrainedModel:
    """A model, and what its tokens mean."""

    model: GPT
    tokenizer: Tokenizer


def save_model(model: GPT, tokenizer: Tokenizer, folder: Path) -> Path:
    """Write `model.safetensors`, `config.json` and `tokenizer.json`, each aside and renamed."""
    save_gpt2(model, folder)
    tokenizer.save(folder / TOKENIZER)
    return folder


def load_model(folder: Path) -> TrainedModel:
    """The model of a folder that `save_model` wrote, or of the folder around it, ready to be asked.

    Raises FileNotFoundError where there is none, and ValueError for something else.
    """
    folder = folder / "model" if (folder / "model" / TOKENIZER).is_file() else folder
    if not (folder / TOKENIZER).is_file():
        raise FileNotFoundError(
            f"there is no model in {folder}: train one first, with tinytorch run tinygpt"
        )
    model = load_gpt2(folder)
    model.eval()
    return TrainedModel(model, load_tokenizer(folder / TOKENIZER))


def load_tokenizer(file: Path) -> Tokenizer:
    """The tokenizer of a file that either kind has written."""
    told = json.loads(file.read_text(encoding="utf-8"))
    return BPETokenizer.load(file) if "merges" in told else CharTokenizer.load(file)
