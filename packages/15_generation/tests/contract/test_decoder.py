"""Task 15.5: what the model is shown for the next token: cache and window."""

from typing import Any

import numpy as np
import pytest

from tinytorch.generation import Decoder

PROMPTS = {
    "one": [[1, 2, 3]],
    "equal": [[1, 2, 3], [4, 5, 6]],
    "unequal": [[1, 2, 3, 4, 5], [6], [3, 2, 1]],
    "longer than the model": [[1, 2, 3] * 5, [4, 5]],
}


def grown(decoder: Any, steps: int, draws: Any) -> Any:
    """Logits and rows of each step; the tokens that are put behind are drawn."""
    for _ in range(steps):
        rows = [list(row) for row in decoder.rows]
        yield rows, decoder.next_logits()
        decoder.append(draws.integers(0, 7, len(rows)))


@pytest.mark.parametrize("name", PROMPTS)
@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("block_size", [12, 5, 1])
def test_logits_of_the_window(
    name: str, use_cache: bool, block_size: int, glass: Any, assert_close: Any
) -> None:
    model, prompts = glass(block_size=block_size), PROMPTS[name]
    decoder = Decoder(model.model, prompts, use_cache)
    for step, (rows, found) in enumerate(grown(decoder, 30, np.random.default_rng(0))):
        expected = np.stack(
            [
                model.logits(model.window(row, len(prompt)))
                for row, prompt in zip(rows, prompts, strict=True)
            ]
        )
        tried = f"step {step} behind {rows}, block_size {block_size}, use_cache={use_cache}"
        assert_close(found, expected, tried)


def test_with_a_cache_the_model_sees_each_token_once(glass: Any) -> None:
    model = glass(block_size=8)
    decoder = Decoder(model.model, [[1, 2, 3]])
    list(grown(decoder, 12, np.random.default_rng(0)))
    columns = (3, 4, 5, 6, 7, 8, 4, 5, 6, 7, 8, 4)
    expected = [((1, 1), n) for n in columns]
    expected[0] = ((1, 3), 3)
    expected[6] = expected[11] = ((1, 4), 4)
    assert model.calls == expected, (
        "behind 3 tokens, with a block_size of 8, the model was shown (tokens, columns)\n"
        f"  {model.calls}\nexpected are\n  {expected}"
    )


def test_without_a_cache_the_model_sees_the_window_each_time(glass: Any) -> None:
    model = glass(block_size=8)
    decoder = Decoder(model.model, [[1, 2, 3]], use_cache=False)
    list(grown(decoder, 9, np.random.default_rng(0)))
    assert model.calls == [((1, n), n) for n in (3, 4, 5, 6, 7, 8, 4, 5, 6)], (
        f"behind 3 tokens, with a block_size of 8: {model.calls}"
    )


def test_each_row_has_a_window_of_its_own(glass: Any, assert_close: Any) -> None:
    """The longer row outgrows the model first; the other keeps all of its tokens."""
    model = glass(block_size=6)
    decoder = Decoder(model.model, [[1, 2, 3, 4, 5, 6], [3]])
    decoder.next_logits()
    decoder.append([2, 4])
    found = decoder.next_logits()
    expected = np.stack([model.logits([5, 6, 2]), model.logits([3, 4])])
    assert_close(found, expected, "windows 5 6 2 and 3 4, block_size 6")
    assert decoder.starts == [4, 0]
    assert model.calls[-1] == ((2, 3), 3)


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("rows", [[2, 0], [1], [1, 1, 0, 1], [0, 1, 2]], ids=str)
def test_some_rows_are_kept(
    use_cache: bool, rows: list[int], glass: Any, assert_close: Any
) -> None:
    model, prompts = glass(block_size=9), PROMPTS["unequal"]
    decoder = Decoder(model.model, prompts, use_cache)
    draws = np.random.default_rng(1)
    list(grown(decoder, 2, draws))
    decoder.keep(rows)
    lengths = [len(prompts[i]) for i in rows]
    for step, (now, found) in enumerate(grown(decoder, 15, draws)):
        windows = [model.window(row, n) for row, n in zip(now, lengths, strict=True)]
        expected = np.stack([model.logits(window) for window in windows])
        assert_close(found, expected, f"rows {rows} of {prompts}, {step} steps after keep")


def test_rows_that_occur_twice_grow_apart(glass: Any) -> None:
    decoder = Decoder(glass().model, [[1, 2]])
    decoder.next_logits()
    decoder.keep([0, 0])
    decoder.append([3, 4])
    assert decoder.rows == [[1, 2, 3], [1, 2, 4]]


def test_a_cache_that_is_full_though_no_row_is(glass: Any, assert_close: Any) -> None:
    """The longest row has left, and its columns are still there."""
    model = glass(block_size=6)
    decoder = Decoder(model.model, [[1, 2, 3, 4, 5], [3]])
    decoder.next_logits()
    decoder.append([2, 4])
    decoder.next_logits()
    decoder.keep([1])
    decoder.append([5])
    assert_close(decoder.next_logits(), model.logits([3, 4, 5])[np.newaxis], "the row 3 4 5 alone")


def test_prompts_are_left_alone(glass: Any) -> None:
    prompts = [[1, 2], [3]]
    decoder = Decoder(glass().model, prompts)
    decoder.next_logits()
    decoder.append(np.array([4, 5]))
    assert prompts == [[1, 2], [3]]
    assert decoder.rows == [[1, 2, 4], [3, 5]]


def test_windows_move_only_when_they_must(glass: Any) -> None:
    decoder = Decoder(glass(block_size=4).model, [[1, 2, 3, 4], [1, 2, 3, 4, 5]])
    decoder.move_windows()
    assert decoder.starts == [0, 3], "a row of 5 is more than the model takes"
    decoder.move_windows()
    assert decoder.starts == [0, 3], "the windows fit now"
