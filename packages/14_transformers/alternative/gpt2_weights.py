"""Task 14.6 by another way: names replaced in one go."""

from __future__ import annotations

from collections.abc import Mapping

from tinytorch.tensor import Array

from .gpt2_weights import PREFIX, is_left_out, is_turned


def from_gpt2_names(given: Mapping[str, Array]) -> dict[str, Array]:
    short = {name.removeprefix(PREFIX): values for name, values in given.items()}
    return {
        ours(name): values.transpose() if is_turned(name) else values
        for name, values in short.items()
        if not is_left_out(name)
    }


def ours(name: str) -> str:
    if name.startswith("h."):
        name = f"blocks.{name[2:]}"
    return name.replace(".c_attn.", ".in_proj.").replace("attn.c_proj.", "attn.out_proj.")


def to_gpt2_names(state: Mapping[str, Array]) -> dict[str, Array]:
    given = {}
    for name, values in state.items():
        theirs = name.replace("attn.out_proj.", "attn.c_proj.").replace(".in_proj.", ".c_attn.")
        if theirs.startswith("blocks."):
            theirs = "h." + theirs[len("blocks.") :]
        given[PREFIX + theirs] = values.transpose() if is_turned(theirs) else values
    return given
