"""The same work in PyTorch, and in `transformers`: its rules on logits, and its generation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LogitsProcessor,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from tinytorch.generation import (
    Sampler,
    beam_search,
    generate,
    min_p,
    occurrences,
    probabilities,
    repetition_penalty,
    temperature,
    top_k,
    top_p,
)
from tinytorch.transformers import GPT, load_gpt2

DTYPES = ["float32", "float64"]


def drawn(*shape: int, dtype: str = "float64", seed: int = 0) -> Any:
    return (2 * np.random.default_rng(seed).standard_normal(shape)).astype(dtype)


def assert_same(ours: Any, theirs: torch.Tensor) -> None:
    expected = theirs.numpy()
    assert ours.dtype == expected.dtype
    bound = 1e-6 if expected.dtype == np.float32 else 1e-12
    np.testing.assert_allclose(ours, expected, rtol=bound, atol=bound)


# The rules


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 65), (4, 65), (0, 65), (3, 1)])
def test_softmax(dtype: str, shape: tuple[int, ...]) -> None:
    logits = drawn(*shape, dtype=dtype)
    assert_same(probabilities(logits), torch.from_numpy(logits).softmax(-1))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("ours", "theirs", "values"),
    [
        (temperature, TemperatureLogitsWarper, (0.1, 0.7, 1.0, 3.0)),
        (top_k, TopKLogitsWarper, (1, 5, 64, 65, 100)),
        (top_p, TopPLogitsWarper, (0.01, 0.5, 0.9, 0.999)),
        (min_p, MinPLogitsWarper, (0.01, 0.1, 0.9)),
    ],
    ids=["temperature", "top_k", "top_p", "min_p"],
)
def test_rules(dtype: str, seed: int, ours: Any, theirs: Any, values: Any) -> None:
    for value in values:
        logits = drawn(4, 65, dtype=dtype, seed=seed)
        rule: LogitsProcessor = theirs(value)
        assert_same(ours(logits, value), rule(None, torch.from_numpy(logits.copy())))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("penalty", [0.7, 1.0, 1.3, 3.0])
def test_the_penalty(dtype: str, penalty: float) -> None:
    logits = drawn(4, 65, dtype=dtype)
    ids = np.random.default_rng(1).integers(0, 65, (4, 20))
    expected = RepetitionPenaltyLogitsProcessor(penalty)(
        torch.from_numpy(ids), torch.from_numpy(logits.copy())
    )
    assert_same(repetition_penalty(logits, occurrences(ids.tolist(), 65), penalty), expected)


@pytest.mark.parametrize("seed", range(5))
def test_all_rules_in_their_order(seed: int) -> None:
    logits = drawn(3, 65, seed=seed)
    ids = np.random.default_rng(seed).integers(0, 65, (3, 9))
    expected = torch.from_numpy(logits.copy())
    for rule in (
        RepetitionPenaltyLogitsProcessor(1.4),
        TemperatureLogitsWarper(0.8),
        TopKLogitsWarper(20),
        TopPLogitsWarper(0.9),
        MinPLogitsWarper(0.05),
    ):
        expected = rule(torch.from_numpy(ids), expected)
    sampler = Sampler(0.8, top_k=20, top_p=0.9, min_p=0.05, repetition_penalty=1.4)
    assert_same(sampler.adjusted(logits, occurrences(ids.tolist(), 65)), expected)


# Generation, by GPT-2's architecture with weights that were drawn


@pytest.fixture(scope="module")
def theirs() -> Any:
    torch.manual_seed(0)
    sizes = {"vocab_size": 97, "n_positions": 64, "n_embd": 48, "n_layer": 2, "n_head": 4}
    model = GPT2LMHeadModel(GPT2Config(**sizes, bos_token_id=0, eos_token_id=96)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return model


@pytest.fixture(scope="module")
def ours(theirs: Any, tmp_path_factory: Any) -> GPT:
    folder: Path = tmp_path_factory.mktemp("gpt2")
    theirs.save_pretrained(folder, safe_serialization=True)
    return load_gpt2(folder)


def asked(model: Any, ids: Any, **options: Any) -> Any:
    idx = torch.tensor(ids)
    mask = options.pop("attention_mask", torch.ones_like(idx))
    with torch.no_grad():
        return model.generate(idx, attention_mask=mask, pad_token_id=0, **options).tolist()


@pytest.mark.parametrize("use_cache", [True, False])
def test_greedy(theirs: Any, ours: GPT, use_cache: bool) -> None:
    prompt = [5, 17, 33]
    expected = asked(theirs, [prompt], do_sample=False, max_new_tokens=50, eos_token_id=None)
    assert generate(ours, prompt, 50, greedy=True, use_cache=use_cache).tolist() == expected[0]


@pytest.mark.parametrize("penalty", [1.2, 2.0])
def test_greedy_with_a_penalty(theirs: Any, ours: GPT, penalty: float) -> None:
    options = {"do_sample": False, "max_new_tokens": 40, "eos_token_id": None}
    expected = asked(theirs, [[5, 17, 33]], repetition_penalty=penalty, **options)
    found = generate(ours, [5, 17, 33], 40, greedy=True, repetition_penalty=penalty)
    assert found.tolist() == expected[0]


def test_rows_of_unequal_length_that_stop(theirs: Any, ours: GPT) -> None:
    prompts = [[5, 17, 33, 2, 8], [7], [9, 9, 3]]
    free = generate(ours, prompts, 20, greedy=True)
    stop = int(free[0][12])
    padded = [[0] * (5 - len(prompt)) + prompt for prompt in prompts]
    mask = torch.tensor([[0] * (5 - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    options = {"do_sample": False, "max_new_tokens": 20, "eos_token_id": stop}
    rows = asked(theirs, padded, attention_mask=mask, **options)
    found = generate(ours, prompts, 20, greedy=True, stop_tokens=[stop])
    for row, prompt, ids in zip(rows, prompts, found, strict=True):
        whole = row[5 - len(prompt) :]
        assert whole[: len(ids)] == ids.tolist()
        assert set(whole[len(ids) :]) <= {0}


@pytest.mark.parametrize("beams", [2, 4])
@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
def test_beam_search(theirs: Any, ours: GPT, beams: int, length_penalty: float) -> None:
    options = {"do_sample": False, "max_new_tokens": 12, "eos_token_id": None}
    expected = asked(
        theirs,
        [[5, 17, 33]],
        num_beams=beams,
        num_return_sequences=beams,
        length_penalty=length_penalty,
        **options,
    )
    found = beam_search(ours, [5, 17, 33], 12, beams, length_penalty)
    assert [beam.ids.tolist() for beam in found] == expected


def test_the_share_of_each_token_drawn(theirs: Any, ours: GPT) -> None:
    """20,000 first tokens at temperature 1.5 with top-k 10: within five deviations of its share."""
    with torch.no_grad():
        logits = theirs(torch.tensor([[5, 17, 33]])).logits[:, -1]
    shares = TopKLogitsWarper(10)(None, TemperatureLogitsWarper(1.5)(None, logits)).softmax(-1)[0]
    draws = np.random.default_rng(0)
    found = generate(ours, [[5, 17, 33]] * 20_000, 1, temperature=1.5, top_k=10, generator=draws)
    counts = np.bincount([row[-1] for row in found], minlength=97)
    expected = 20_000 * shares.numpy()
    assert (np.abs(counts - expected) <= 5 * np.sqrt(expected) + 5 * (expected > 0)).all()
