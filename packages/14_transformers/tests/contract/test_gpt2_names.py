"""Task 14.6: names, and which matrices are turned."""

from typing import Any

import numpy as np
import pytest

from tinytorch.transformers.gpt2_weights import from_gpt2_names, to_gpt2_names

TURNED = ("c_attn", "c_proj", "c_fc")
NAMES = {
    "wte.weight": "wte.weight",
    "wpe.weight": "wpe.weight",
    "ln_f.bias": "ln_f.bias",
    "h.0.ln_1.weight": "blocks.0.ln_1.weight",
    "h.3.attn.c_attn.weight": "blocks.3.attn.in_proj.weight",
    "h.3.attn.c_attn.bias": "blocks.3.attn.in_proj.bias",
    "h.11.attn.c_proj.weight": "blocks.11.attn.out_proj.weight",
    "h.11.attn.c_proj.bias": "blocks.11.attn.out_proj.bias",
    "h.11.ln_2.bias": "blocks.11.ln_2.bias",
    "h.10.mlp.c_fc.weight": "blocks.10.mlp.c_fc.weight",
    "h.10.mlp.c_fc.bias": "blocks.10.mlp.c_fc.bias",
    "h.1.mlp.c_proj.weight": "blocks.1.mlp.c_proj.weight",
    "h.1.mlp.c_proj.bias": "blocks.1.mlp.c_proj.bias",
}


def array_for(name: str) -> Any:
    """A matrix for a weight of a layer or an embedding, else a vector; another one for each."""
    draws = np.random.default_rng(sum(name.encode()))
    vector = name.endswith("bias") or "ln_" in name
    return draws.standard_normal(4 if vector else (3, 4))


def expected_of(name: str, values: Any) -> Any:
    """Matrices of linear layers are (in, out) there, and (out, in) here."""
    return values.T if values.ndim == 2 and any(part in name for part in TURNED) else values


@pytest.mark.parametrize("prefix", ["", "transformer."], ids=["no prefix", "transformer."])
def test_from_gpt2(prefix: str) -> None:
    for theirs, ours in NAMES.items():
        values = array_for(theirs)
        found = from_gpt2_names({prefix + theirs: values})
        assert list(found) == [ours], f"{prefix + theirs} is called {ours} here"
        same = np.array_equal(np.asarray(found[ours]), expected_of(theirs, values))
        assert same, f"{theirs} {values.shape}: these are not the values of {ours}"


def test_to_gpt2() -> None:
    for theirs, ours in NAMES.items():
        values = array_for(theirs)
        found = to_gpt2_names({ours: values})
        assert list(found) == [f"transformer.{theirs}"], f"{ours} is called transformer.{theirs}"
        [given] = found.values()
        same = np.array_equal(np.asarray(given), expected_of(theirs, values))
        assert same, f"{ours} {values.shape}: these are not the values of {theirs}"


def test_all_at_once_and_in_order() -> None:
    given = {name: array_for(name) for name in NAMES}
    found = from_gpt2_names(given)
    assert list(found) == list(NAMES.values())
    back = to_gpt2_names(found)
    assert list(back) == [f"transformer.{name}" for name in NAMES]
    for name, values in given.items():
        assert np.array_equal(np.asarray(back[f"transformer.{name}"]), values), f"{name}, and back"


def test_what_is_no_parameter() -> None:
    others = ("lm_head.weight", "h.0.attn.bias", "transformer.h.2.attn.masked_bias")
    given = {name: np.ones((2, 2)) for name in others}
    assert list(from_gpt2_names(given | {"h.0.ln_1.bias": np.ones(2)})) == ["blocks.0.ln_1.bias"]
