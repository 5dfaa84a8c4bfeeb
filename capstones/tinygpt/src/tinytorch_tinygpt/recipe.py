"""All that a training is made of, in one place, so that it can be written down and done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """How to train.

    dataset: "stories", "shakespeare" or "text". vocabulary: how many tokens a byte-pair tokenizer
    learns; 0 for a token for each character. steps: of the optimizer. layers, heads, width,
    context: of the GPT. dropout: the share of what each branch gives that is left out.
    batch_size: windows a step. lr, min_lr: the largest learning rate, reached after `warmup`
    steps, and the last one, behind half a cosine. beta2, weight_decay: of AdamW; only matrices
    decay. clip_norm: of all gradients together. every: steps between two looks at the text that is
    not trained with. seed: of everything that is drawn. shards: threads that share each batch.
    """

    dataset: str = "stories"
    vocabulary: int = 512
    steps: int = 700
    layers: int = 4
    heads: int = 4
    width: int = 128
    context: int = 96
    dropout: float = 0.0
    batch_size: int = 16
    lr: float = 2e-3
    min_lr: float = 1e-4
    warmup: int = 50
    beta2: float = 0.99
    weight_decay: float = 0.1
    clip_norm: float = 1.0
    every: int = 100
    seed: int = 0
    shards: int = 2

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """The recipe that `as_dict` gave. What it does not know it leaves out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})

    def differences(self, other: Recipe) -> list[str]:
        """What differs, each as `name there, here`."""
        return [
            f"{name} {theirs} there, {mine} here"
            for (name, mine), theirs in zip(
                self.as_dict().items(), other.as_dict().values(), strict=True
            )
            if mine != theirs
        ]


SHAKESPEARE = Recipe(
    "shakespeare",
    vocabulary=0,
    steps=2000,
    context=64,
    batch_size=12,
    lr=1e-3,
    warmup=100,
    every=250,
)
"""nanoGPT's setting for a CPU."""

PRESETS = {
    "stories": Recipe(),
    "shakespeare": SHAKESPEARE,
    "coffee": Recipe(
        "shakespeare",
        vocabulary=0,
        steps=3000,
        layers=6,
        heads=6,
        width=192,
        context=128,
        dropout=0.1,
        batch_size=24,
        lr=1e-3,
        warmup=100,
        every=250,
    ),
}
"""What is tried first: a minute and a half, nanoGPT's setting for a CPU, and a coffee break."""
