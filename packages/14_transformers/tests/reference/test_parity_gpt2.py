"""The GPT beside `transformers`' GPT-2, with the same weights, randomly initialised."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

import tinytorch.autograd  # noqa: F401 - backward
from tinytorch.activations import log_softmax
from tinytorch.tensor import Tensor
from tinytorch.transformers import GPT, GPTConfig, load_gpt2, save_gpt2
from tinytorch.transformers.gpt2_weights import from_gpt2_names

SIZES = {"vocab_size": 97, "n_positions": 40, "n_embd": 48, "n_layer": 3, "n_head": 4}


@pytest.fixture(scope="module")
def theirs() -> Any:
    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(**SIZES)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model


@pytest.fixture
def ours(theirs: Any, tmp_path: Path) -> GPT:
    theirs.save_pretrained(tmp_path, safe_serialization=True)
    return load_gpt2(tmp_path)


def tokens(*shape: int) -> Any:
    return np.random.default_rng(0).integers(97, size=shape)


def test_logits(theirs: Any, ours: GPT) -> None:
    idx = tokens(3, 40)
    expected = theirs(torch.from_numpy(idx)).logits.detach().numpy()
    found = ours(Tensor(idx)).detach().numpy()
    assert np.abs(expected).max() > 1
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_logits_with_a_cache(theirs: Any, ours: GPT) -> None:
    idx = tokens(2, 30)
    expected = theirs(torch.from_numpy(idx)).logits.detach().numpy()
    ours.requires_grad_(False)
    cache = ours.new_cache(2)
    pieces = [
        ours(Tensor(idx[:, start:end]), cache=cache).detach().numpy()
        for start, end in ((0, 20), *((t, t + 1) for t in range(20, 30)))
    ]
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), expected, atol=1e-4)


def test_gradients(theirs: Any, ours: GPT) -> None:
    idx = tokens(2, 21)
    theirs.zero_grad()
    theirs(torch.from_numpy(idx), labels=torch.from_numpy(idx)).loss.backward()
    scores = log_softmax(ours(Tensor(idx[:, :-1])), dim=-1)
    (-scores.gather(2, Tensor(idx[:, 1:, None])).mean()).backward()
    given = {name: p.grad.numpy() for name, p in theirs.transformer.named_parameters()}
    expected = from_gpt2_names(given)
    for name, parameter in ours.named_parameters():
        assert parameter.grad is not None
        off = np.abs(parameter.grad.numpy() - expected[name]).max()
        assert off < 2e-5 * max(1, np.abs(expected[name]).max()), f"{name} is off by {off}"


def test_what_is_written_here_is_read_there(tmp_path: Path) -> None:
    config = GPTConfig(vocab_size=97, block_size=40, n_layer=2, n_head=4, n_embd=48)
    model = GPT(config, generator=np.random.default_rng(0))
    save_gpt2(model, tmp_path)
    theirs = GPT2LMHeadModel.from_pretrained(tmp_path).eval()
    idx = tokens(2, 40)
    expected = theirs(torch.from_numpy(idx)).logits.detach().numpy()
    np.testing.assert_allclose(model(Tensor(idx)).detach().numpy(), expected, atol=1e-5)


def test_padding_on_the_left(theirs: Any, ours: GPT) -> None:
    idx = tokens(2, 10)
    ignored = np.zeros((2, 10), bool)
    ignored[0, :4] = True
    positions = np.maximum(np.cumsum(~ignored, axis=1) - 1, 0)
    expected = theirs(
        torch.from_numpy(idx),
        attention_mask=torch.from_numpy((~ignored).astype(np.int64)),
        position_ids=torch.from_numpy(positions),
    ).logits.detach()
    found = ours(
        Tensor(idx), positions=Tensor(positions), key_padding_mask=Tensor(ignored)
    ).detach()
    np.testing.assert_allclose(found.numpy()[~ignored], expected.numpy()[~ignored], atol=1e-4)
