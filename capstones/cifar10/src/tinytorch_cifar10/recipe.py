"""All that a training is made of, in one place, so that it can be written down and done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from .network import WIDTH


@dataclass(frozen=True)
class Recipe:
    """How to train.

    dataset: "cifar10" or "shapes". epochs: how often each image is seen. width: of the network.
    batch_size: images a step. lr: the largest learning rate of one cycle (Smith 2018): up over the
    first quarter of the steps, down to almost 0 over the rest. momentum, weight_decay: of SGD, by
    Nesterov. label_smoothing: the share of each target that is spread over all classes.
    augment: whether training images are mirrored and shifted at random. seed: of everything that is
    drawn. shards: threads that share each batch.
    """

    dataset: str = "cifar10"
    epochs: int = 12
    width: int = WIDTH
    batch_size: int = 128
    lr: float = 0.2
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    augment: bool = True
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
        """What differs, each as `--name there, not here`."""
        return [
            f"{name} {theirs} there, {mine} here"
            for (name, mine), theirs in zip(
                self.as_dict().items(), other.as_dict().values(), strict=True
            )
            if mine != theirs
        ]


DEFAULTS = {
    "cifar10": Recipe(),
    "shapes": Recipe("shapes", epochs=6, width=16, batch_size=64, lr=0.05),
}
"""For each data set what is tried first: within ten minutes, and within one."""
