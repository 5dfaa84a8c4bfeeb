"""Tasks 14.2 and 14.3 by other ways: what a branch gives, and one place where it is added."""

from __future__ import annotations

from typing import Any

from tinytorch.tensor import Tensor


class TransformerBlock:
    def forward(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        *,
        memory_key_padding_mask=None,
        **looking: Any,
    ) -> Tensor:
        self.check_memory(memory)
        stream = self.attend(x, **looking)
        if self.cross_attn is not None:
            stream = self.attend_to(memory, stream, memory_key_padding_mask)
        thought = self.mlp(self.ln_2(stream))
        return self.drop(thought) + stream

    def attend(self, x: Tensor, **looking: Any) -> Tensor:
        normed = self.ln_1(x)
        return self.drop(self.attn(normed, **looking)) + x

    def attend_to(self, memory: Tensor, x: Tensor, ignored: Tensor | None) -> Tensor:
        looking = {} if ignored is None else {"key_padding_mask": ignored}
        return self.drop(self.cross_attn(self.ln_cross(x), memory, memory, **looking)) + x
