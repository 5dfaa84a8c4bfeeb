"""Task 15.5: `generate`, for one prompt and many."""

from typing import Any

import numpy as np
import pytest

from tinytorch.generation import generate
from tinytorch.tensor import Tensor, get_recorder

UNEQUAL = [[1, 2, 3, 4, 5], [6], [3, 2, 1], [5, 5, 5, 5, 5, 5, 5, 5, 5]]


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("block_size", [40, 6, 3, 1])
@pytest.mark.parametrize("seed", range(3))
def test_greedy(use_cache: bool, block_size: int, seed: int, glass: Any) -> None:
    model = glass(block_size=block_size, seed=seed)
    found = generate(model.model, [1, 2, 3, 4], 25, greedy=True, use_cache=use_cache)
    expected = model.greedy([1, 2, 3, 4], 25)
    assert found.dtype == np.int64
    assert found.tolist() == expected, (
        f"greedy behind 1 2 3 4, block_size {block_size}, use_cache={use_cache}:\n"
        f"  {found.tolist()}\nexpected\n  {expected}"
    )


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("block_size", [40, 6])
@pytest.mark.parametrize("seed", range(3))
def test_each_row_is_what_it_is_alone(
    use_cache: bool, block_size: int, seed: int, glass: Any
) -> None:
    model = glass(block_size=block_size, seed=seed)
    found = generate(model.model, UNEQUAL, 15, greedy=True, use_cache=use_cache)
    expected = [model.greedy(prompt, 15) for prompt in UNEQUAL]
    assert [row.tolist() for row in found] == expected


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("stop_tokens", [[2], (0, 3), {1, 4, 6}, range(7)], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_rows_end_behind_a_stop_token(
    use_cache: bool, stop_tokens: Any, seed: int, glass: Any
) -> None:
    model = glass(block_size=10, seed=seed)
    options = {"greedy": True, "stop_tokens": stop_tokens, "use_cache": use_cache}
    expected = [model.greedy(prompt, 12, stop_tokens) for prompt in UNEQUAL]
    found = generate(model.model, UNEQUAL, 12, **options)
    assert [row.tolist() for row in found] == expected, f"stop tokens {stop_tokens}"
    alone = generate(model.model, UNEQUAL[0], 12, **options)
    assert alone.tolist() == expected[0], f"the first prompt alone, stop tokens {stop_tokens}"


def test_a_row_that_has_ended_costs_nothing_more(glass: Any) -> None:
    model = glass(seed=1)
    rows = [model.greedy(prompt, 8) for prompt in ([1], [2], [3], [4])]
    stop = rows[0][1]
    expected = [model.greedy(prompt, 8, [stop]) for prompt in ([1], [2], [3], [4])]
    model.calls.clear()
    found = generate(model.model, [[1], [2], [3], [4]], 8, greedy=True, stop_tokens=[stop])
    assert [row.tolist() for row in found] == expected
    shown = sum(shape[0] * shape[1] for shape, _ in model.calls)
    needed = sum(len(row) - 1 for row in expected)
    assert shown == needed, f"the model was shown {shown} tokens, and {needed} are enough"


def test_a_stop_token_in_the_prompt_stops_nothing(glass: Any) -> None:
    model = glass()
    expected = model.greedy([2, 2], 5, [2])
    assert generate(model.model, [2, 2], 5, greedy=True, stop_tokens=[2]).tolist() == expected
    assert len(expected) > 2


@pytest.mark.parametrize(
    "idx",
    [np.array([1, 2]), Tensor(np.array([1, 2])), (1, 2), np.array([1, 2], np.int32)],
    ids=["array", "tensor", "tuple", "int32"],
)
def test_one_prompt_in_many_forms(idx: Any, glass: Any) -> None:
    model = glass()
    found = generate(model.model, idx, 4, greedy=True)
    assert found.shape == (6,)
    assert found.tolist() == model.greedy([1, 2], 4)


@pytest.mark.parametrize(
    "idx",
    [
        np.array([[1, 2], [3, 4]]),
        Tensor(np.array([[1, 2], [3, 4]])),
        [np.array([1, 2]), [3, 4]],
        ((1, 2), (3, 4)),
    ],
    ids=["array", "tensor", "mixed", "tuples"],
)
def test_several_prompts_in_many_forms(idx: Any, glass: Any) -> None:
    model = glass()
    found = generate(model.model, idx, 4, greedy=True)
    assert isinstance(found, list)
    assert [row.tolist() for row in found] == [model.greedy(row, 4) for row in ([1, 2], [3, 4])]


def test_no_new_token(glass: Any) -> None:
    model = glass()
    assert generate(model.model, [1, 2], 0).tolist() == [1, 2]
    assert [row.tolist() for row in generate(model.model, [[1, 2], [3]], 0)] == [[1, 2], [3]]
    assert model.calls == [], "for no token the model need not be asked"


# Drawing


def all_pairs(model: Any, softmax: Any, prompt: list[int]) -> Any:
    """The probability of each pair of tokens behind the prompt: (vocab, vocab)."""
    first = softmax(model.logits(prompt))
    second = [softmax(model.logits([*prompt, token])) for token in range(model.vocab_size)]
    return first[:, np.newaxis] * np.stack(second)


def test_draws_have_the_models_distribution(
    glass: Any, softmax: Any, assert_drawn_from: Any
) -> None:
    """6,000 rows at once: pairs of tokens, each pair as likely as the model says.

    The rarest pair would have to be thirteen times rarer than the mean to be drawn too seldom: that
    is 7 deviations of what is drawn for the weights.
    """
    model = glass(vocab_size=3, scale=0.2)
    expected = all_pairs(model, softmax, [1, 0])
    found = generate(model.model, [[1, 0]] * 6000, 2, generator=np.random.default_rng(0))
    pairs = np.array([row[2:] for row in found])
    counts = np.bincount(3 * pairs[:, 0] + pairs[:, 1], minlength=9)
    assert_drawn_from(counts, expected.reshape(-1), "pairs of tokens behind 1 0")


@pytest.mark.parametrize(
    ("options", "left"),
    [({"top_k": 2}, 2), ({"min_p": 1.0}, 1), ({"top_p": 1e-6}, 1), ({"temperature": 0.0}, 1)],
    ids=str,
)
def test_every_rule_is_heard(options: dict[str, Any], left: int, glass: Any) -> None:
    model = glass(seed=4)
    draws = np.random.default_rng(0)
    found = generate(model.model, [[1, 0]] * 40, 4, generator=draws, **options)
    for row in found:
        for end in range(2, 6):
            likeliest = np.argsort(-model.logits(row[:end]))[:left]
            assert row[end] in likeliest, f"{options}: {row[end]} behind {row[:end]}"


def test_temperature_is_heard(glass: Any, softmax: Any, assert_drawn_from: Any) -> None:
    model = glass(vocab_size=3)
    found = generate(
        model.model, [[2]] * 10_000, 1, temperature=3.0, generator=np.random.default_rng(0)
    )
    counts = np.bincount([row[1] for row in found], minlength=3)
    assert_drawn_from(counts, softmax(model.logits([2]) / 3), "one token at temperature 3")


@pytest.mark.parametrize("use_cache", [True, False])
def test_the_penalty_is_heard(use_cache: bool, glass: Any) -> None:
    """Behind all tokens of the row, also those that have left the window."""
    model = glass(vocab_size=6, block_size=4, seed=2)
    prompts = [[1, 2, 3], [4]]
    found = generate(
        model.model, prompts, 9, greedy=True, repetition_penalty=1.7, use_cache=use_cache
    )
    for row, prompt in zip(found, prompts, strict=True):
        expected = list(prompt)
        for _ in range(9):
            logits = model.logits(model.window(expected, len(prompt)))
            for token in set(expected):
                logits[token] = min(logits[token] / 1.7, logits[token] * 1.7)
            expected.append(int(logits.argmax()))
        assert row.tolist() == expected, f"greedy with a penalty of 1.7 behind {prompt}"


def test_the_same_generator_gives_the_same_text_with_and_without_a_cache(glass: Any) -> None:
    model = glass(block_size=6)
    first, again, without = (
        generate(
            model.model, [1, 2], 20, generator=np.random.default_rng(3), use_cache=use_cache
        ).tolist()
        for use_cache in (True, True, False)
    )
    assert first == again
    assert first == without


# What happens to the model


def test_the_model_works_in_evaluation_mode_and_is_left_as_it_was(glass: Any) -> None:
    model = glass()
    model.model.train()
    model.model.inner.eval()
    generate(model.model, [1, 2], 3)
    assert model.modes == [False] * 3, "while it generates the model is in evaluation mode"
    assert model.model.training, "behind it the model is in training mode as before"
    assert not model.model.inner.training, "and a part of it that was not, is not"


def test_after_an_error_the_model_is_left_as_it_was(glass: Any) -> None:
    model = glass()
    with pytest.raises(IndexError):
        generate(model.model, [1, 200], 3)
    assert model.model.training


def test_nothing_is_recorded(glass: Any) -> None:
    """Where autograd is there, it must not record what the model does, and must afterwards."""
    recorder = get_recorder()
    model = glass()
    recording = []

    def watch(module: Any, inputs: Any, result: Any) -> None:
        recording.append(recorder is not None and recorder.is_recording())

    with model.model.forward_hook(watch):
        generate(model.model, [1, 2], 3)
    assert recording == [False] * 3
    assert recorder is None or recorder.is_recording()


# What is refused


@pytest.mark.parametrize(
    "idx", [[], [[1], []], np.zeros((2, 0), int)], ids=["[]", "[[1],[]]", "2×0"]
)
def test_an_empty_prompt(idx: Any, glass: Any, refused: Any) -> None:
    with refused(ValueError, "prompt"):
        generate(glass().model, idx, 3)


@pytest.mark.parametrize("idx", ["a text", [1.0, 2.0], np.zeros(3), [1, [2]]], ids=str)
def test_what_is_no_prompt(idx: Any, glass: Any, refused: Any) -> None:
    with refused(TypeError, "prompt"):
        generate(glass().model, idx, 3)


def test_options_that_cannot_be(glass: Any, refused: Any) -> None:
    model = glass().model
    with refused(ValueError, "max_new_tokens", "-1"):
        generate(model, [1], -1)
    with refused(ValueError, "temperature"):
        generate(model, [1], 3, temperature=-1.0)
    with refused(ValueError, "(1, 1, 2)"):
        generate(model, np.zeros((1, 1, 2), int), 3)
