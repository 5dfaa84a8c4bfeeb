"""Samples while it learns: what the model writes at each look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinytorch.training import Callback, Trainer

from .texts import Tokenizer
from .writing import write


class Samples(Callback):
    """Appends to a file, at each look, what the model writes: `tokens` tokens, by the same seed."""

    def __init__(self, tokenizer: Tokenizer, file: Path, tokens: int = 120) -> None:
        self.tokenizer = tokenizer
        self.file = file
        self.tokens = tokens

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        text = write(trainer.model, self.tokenizer, tokens=self.tokens)  # type: ignore[arg-type]
        heading = f"== step {trainer.step}, loss {row['validation_loss']:.3f}"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{heading}\n{text.strip()}\n\n")
