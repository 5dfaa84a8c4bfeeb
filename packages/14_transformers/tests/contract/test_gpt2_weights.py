"""Task 14.6: GPT-2's weights, by GPT-2's names."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tinytorch.tensor import Tensor
from tinytorch.transformers import GPT, GPTConfig, load_gpt2, save_gpt2

pytestmark = pytest.mark.in_process("it reads and writes files")

CONFIG = GPTConfig(vocab_size=11, block_size=6, n_layer=2, n_head=2, n_embd=8)
SHAPES = {
    "wte.weight": (11, 8),
    "wpe.weight": (6, 8),
    "ln_f.weight": (8,),
    "ln_f.bias": (8,),
    **{
        f"h.{i}.{name}": shape
        for i in range(2)
        for name, shape in {
            "ln_1.weight": (8,),
            "ln_1.bias": (8,),
            "attn.c_attn.weight": (8, 24),
            "attn.c_attn.bias": (24,),
            "attn.c_proj.weight": (8, 8),
            "attn.c_proj.bias": (8,),
            "ln_2.weight": (8,),
            "ln_2.bias": (8,),
            "mlp.c_fc.weight": (8, 32),
            "mlp.c_fc.bias": (32,),
            "mlp.c_proj.weight": (32, 8),
            "mlp.c_proj.bias": (8,),
        }.items()
    },
}
"""What a file of GPT-2 holds. Matrices of linear layers are (in, out)."""

TOLD = {
    "model_type": "gpt2",
    "vocab_size": 11,
    "n_positions": 6,
    "n_layer": 2,
    "n_head": 2,
    "n_embd": 8,
    "activation_function": "gelu_new",
    "layer_norm_epsilon": 1e-5,
}


def write(folder: Path, weights: dict[str, Any], **told: Any) -> Path:
    (folder / "config.json").write_text(json.dumps(TOLD | told), encoding="utf-8")
    save_file(weights, folder / "model.safetensors")
    return folder


def weights_of_gpt2(prefix: str = "") -> dict[str, Any]:
    draws = np.random.default_rng(0)
    return {
        prefix + name: draws.standard_normal(shape).astype(np.float32) * 0.3
        for name, shape in SHAPES.items()
    }


def gpt2(idx: Any, given: dict[str, Any], by_numpy: Any) -> Any:
    """The scores, from the weights as they are in the file."""
    p = {name: values.astype(np.float64) for name, values in given.items()}
    x = p["wte.weight"][idx] + p["wpe.weight"][: idx.shape[1]]
    allowed = np.tril(np.ones((idx.shape[1],) * 2, bool))
    for i in range(2):
        h = f"h.{i}."
        normed = by_numpy.norm(x, p, f"{h}ln_1")
        parts = normed @ p[f"{h}attn.c_attn.weight"] + p[f"{h}attn.c_attn.bias"]
        query, key, value = (
            each.reshape(*each.shape[:-1], 2, 4).swapaxes(-3, -2)
            for each in np.split(parts, 3, axis=-1)
        )
        scores = np.where(allowed, query @ key.swapaxes(-1, -2) / 2, -np.inf)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        seen = (weights @ value).swapaxes(-3, -2).reshape(x.shape)
        x = x + seen @ p[f"{h}attn.c_proj.weight"] + p[f"{h}attn.c_proj.bias"]
        normed = by_numpy.norm(x, p, f"{h}ln_2")
        wide = by_numpy.gelu(normed @ p[f"{h}mlp.c_fc.weight"] + p[f"{h}mlp.c_fc.bias"])
        x = x + wide @ p[f"{h}mlp.c_proj.weight"] + p[f"{h}mlp.c_proj.bias"]
    return by_numpy.norm(x, p, "ln_f") @ p["wte.weight"].T


@pytest.mark.parametrize("prefix", ["", "transformer."], ids=["no prefix", "transformer."])
def test_scores_by_weights_of_a_file(
    prefix: str, tmp_path: Path, by_numpy: Any, assert_close: Any
) -> None:
    model = load_gpt2(write(tmp_path, weights_of_gpt2(prefix)))
    assert model.config == CONFIG
    idx = np.random.default_rng(1).integers(11, size=(2, 6))
    expected = gpt2(idx, weights_of_gpt2(), by_numpy)
    assert_close(model(Tensor(idx)), expected, "load_gpt2 of a file", tolerance=1e-4)


def test_what_is_no_parameter_is_left_out(tmp_path: Path) -> None:
    weights = weights_of_gpt2()
    weights |= {f"h.{i}.attn.bias": np.ones((1, 1, 6, 6), np.float32) for i in range(2)}
    weights |= {f"h.{i}.attn.masked_bias": np.float32(-1e4).reshape(1) for i in range(2)}
    weights["lm_head.weight"] = weights["wte.weight"].copy()
    assert load_gpt2(write(tmp_path, weights)).config == CONFIG


def test_there_and_back(tmp_path: Path, stirred: Any) -> None:
    model = stirred(GPT(CONFIG))
    save_gpt2(model, tmp_path / "made")
    again = load_gpt2(tmp_path / "made")
    assert again.config == CONFIG
    for (name, a), b in zip(model.named_parameters(), again.parameters(), strict=True):
        assert np.array_equal(a.detach().numpy(), b.detach().numpy()), name
    written = load_file(tmp_path / "made" / "model.safetensors")
    shapes = {name.removeprefix("transformer."): values.shape for name, values in written.items()}
    assert shapes == SHAPES, "what save_gpt2 writes has GPT-2's names and shapes"
    assert sorted(file.name for file in (tmp_path / "made").iterdir()) == [
        "config.json",
        "model.safetensors",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("model_type", "llama"), ("activation_function", "relu"), ("layer_norm_epsilon", 0.5)],
)
def test_another_kind_of_model(name: str, value: Any, tmp_path: Path, refused: Any) -> None:
    with refused(ValueError, "load_gpt2", name, str(value)):
        load_gpt2(write(tmp_path, weights_of_gpt2(), **{name: value}))


def test_weights_that_do_not_fit_the_sizes(tmp_path: Path, refused: Any) -> None:
    with refused(ValueError, "load_gpt2", "wpe.weight", "(6, 8)", "(7, 8)"):
        load_gpt2(write(tmp_path, weights_of_gpt2(), n_positions=7))
    missing = weights_of_gpt2()
    del missing["h.1.ln_2.bias"]
    with refused(ValueError, "load_gpt2", "ln_2.bias"):
        load_gpt2(write(tmp_path, missing))


def test_a_head_of_its_own(tmp_path: Path, refused: Any) -> None:
    weights = weights_of_gpt2()
    weights["lm_head.weight"] = weights["wte.weight"] + 1
    with refused(ValueError, "load_gpt2", "lm_head.weight"):
        load_gpt2(write(tmp_path, weights))


def test_files_that_are_none(tmp_path: Path, refused: Any) -> None:
    with pytest.raises(FileNotFoundError):
        load_gpt2(tmp_path)
    write(tmp_path, weights_of_gpt2())
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with refused(ValueError, "load_gpt2", "safetensors"):
        load_gpt2(tmp_path)


def test_gpt2_has_biases(tmp_path: Path, refused: Any) -> None:
    config = GPTConfig(vocab_size=11, block_size=6, n_layer=1, n_head=2, n_embd=8, bias=False)
    with refused(ValueError, "save_gpt2", "bias"):
        save_gpt2(GPT(config), tmp_path)
