"""The sizes of a GPT."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class GPTConfig:
    """The sizes of a GPT, by the names of nanoGPT; those of the small GPT-2 where not given.

    vocab_size: how many tokens there are. block_size: how many it can look at, the length of its
    context. n_layer: blocks. n_head: heads in each. n_embd: the width of the stream, a multiple of
    n_head. bias: whether linear layers and normalisations have one.

    Raises ValueError for sizes that are not positive, or a width that the heads cannot share.
    """

    vocab_size: int = 50257
    block_size: int = 1024
    n_layer: int = 12
    n_head: int = 12
    n_embd: int = 768
    bias: bool = True

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name != "bias" and getattr(self, field.name) < 1:
                raise ValueError(
                    f"GPTConfig: {field.name} must be at least 1, not {getattr(self, field.name)}"
                )
        if self.n_embd % self.n_head:
            raise ValueError(
                f"GPTConfig: {self.n_head} heads cannot share a width of {self.n_embd}: n_embd "
                "must be a multiple of n_head"
            )
