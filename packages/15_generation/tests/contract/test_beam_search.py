"""Task 15.7: beam search."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from tinytorch.generation import beam_search
from tinytorch.generation.candidates import likeliest, log_probabilities

INF = np.inf


def every_sequence(
    model: Any, softmax: Any, prompt: list[int], count: int, stop_tokens: Any = ()
) -> dict[tuple[int, ...], float]:
    """log p of all that can come: `count` tokens, or fewer with a stop token at the end."""
    found = {}
    for tokens in product(range(model.vocab_size), repeat=count):
        row, log_p = list(prompt), 0.0
        for token in tokens:
            window = model.window(row, len(prompt))
            log_p += float(np.log(softmax(model.logits(window))[token]))
            row.append(token)
            if token in stop_tokens:
                break
        found[tuple(row)] = log_p
    return found


def ranked(sequences: dict[Any, float], prompt: list[int], penalty: float, count: int) -> Any:
    scores = {row: log_p / (len(row) - len(prompt)) ** penalty for row, log_p in sequences.items()}
    order = sorted(sequences, key=lambda row: -scores[row])[:count]
    return [(list(row), sequences[row], scores[row]) for row in order]


def assert_found(found: Any, expected: Any, tried: str) -> None:
    rows = [beam.ids.tolist() for beam in found]
    assert rows == [row for row, _, _ in expected], (
        f"{tried} found\n  {rows}\nexpected are\n  {[row for row, _, _ in expected]}"
    )
    for beam, (row, log_p, score) in zip(found, expected, strict=True):
        assert beam.ids.dtype == np.int64
        assert abs(beam.log_probability - log_p) < 1e-9, f"{tried}: log p of {row}"
        assert abs(beam.score - score) < 1e-9, f"{tried}: score of {row}"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("block_size", [8, 3])
@pytest.mark.parametrize("use_cache", [True, False])
def test_with_enough_beams_it_is_exhaustive(
    seed: int, block_size: int, use_cache: bool, glass: Any, softmax: Any
) -> None:
    model = glass(vocab_size=3, block_size=block_size, seed=seed)
    sequences = every_sequence(model, softmax, [1, 2], 4)
    expected = ranked(sequences, [1, 2], 1.0, 27)
    found = beam_search(model.model, [1, 2], 4, 27, use_cache=use_cache)
    assert_found(found, expected, "27 beams, 4 of 3 tokens")


@pytest.mark.parametrize("penalty", [0.0, 0.5, 1.0, 2.0, -1.0])
@pytest.mark.parametrize("stop_tokens", [[0], [1, 2], (0, 0), [2, 0, 1]], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_sequences_that_end_earlier(
    penalty: float, stop_tokens: Any, seed: int, glass: Any, softmax: Any
) -> None:
    model = glass(vocab_size=3, seed=seed)
    sequences = every_sequence(model, softmax, [1], 4, stop_tokens)
    expected = ranked(sequences, [1], penalty, 30)
    found = beam_search(model.model, [1], 4, 30, penalty, stop_tokens)
    assert_found(found, expected, f"30 beams, stop tokens {stop_tokens}, length penalty {penalty}")


def by_the_book(
    model: Any, softmax: Any, prompt: list[int], steps: int, beams: int, penalty: float, stop: Any
) -> Any:
    """Beam search as it is defined, without a cache, and to the end."""
    going: list[tuple[list[int], float]] = [(prompt, 0.0)]
    done: list[tuple[list[int], float]] = []
    for _ in range(steps):
        longer = []
        for row, log_p in going:
            logs = np.log(softmax(model.logits(model.window(row, len(prompt)))))
            longer += [([*row, t], log_p + float(logs[t])) for t in range(model.vocab_size)]
        longer.sort(key=lambda each: -each[1])
        done += [each for each in longer if each[0][-1] in stop]
        going = [each for each in longer if each[0][-1] not in stop][:beams]
    sequences = {tuple(row): log_p for row, log_p in done + going}
    return ranked(sequences, prompt, penalty, beams)


@pytest.mark.parametrize("beams", [1, 2, 3, 5])
@pytest.mark.parametrize("penalty", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("stop", [(), (0,), (1, 4)], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_with_few_beams_the_best_of_each_step_go_on(
    beams: int, penalty: float, stop: Any, seed: int, glass: Any, softmax: Any
) -> None:
    model = glass(vocab_size=5, block_size=5, seed=seed)
    expected = by_the_book(model, softmax, [3, 1], 7, beams, penalty, stop)
    found = beam_search(model.model, [3, 1], 7, beams, penalty, stop)
    assert_found(found, expected, f"{beams} beams, 7 tokens, stop {stop}, penalty {penalty}")


def test_one_beam_is_greedy(glass: Any) -> None:
    model = glass()
    (found,) = beam_search(model.model, [2], 9, 1)
    assert found.ids.tolist() == model.greedy([2], 9)


def test_it_finds_what_greedy_misses(glass: Any) -> None:
    """Behind the likeliest token all is even; behind the other one is certain."""
    model = glass(vocab_size=4, block_size=3)
    model.weights[:] = 0.0
    model.weights[0, 0] = np.log([0.6, 0.4, 1e-9, 1e-9])
    model.weights[1, 1, 3] = 50.0
    greedy = model.greedy([0], 2)
    assert greedy[1] == 0
    best = beam_search(model.model, [0], 2, 2)[0]
    assert best.ids.tolist() == [0, 1, 3]


def test_a_search_that_is_settled_ends(glass: Any) -> None:
    """Where the stop token is all but certain, further steps cannot win."""
    model = glass(vocab_size=3, block_size=50)
    model.weights[..., 2] = 30.0
    found = beam_search(model.model, [0], 40, 1, 0.0, [2])
    assert found[0].ids.tolist() == [0, 2]
    assert len(model.calls) == 1, f"one step settles it, and {len(model.calls)} were made"


def test_the_model_is_shown_each_row_once(glass: Any) -> None:
    model = glass(block_size=20)
    beam_search(model.model, [1, 2, 3], 6, 4)
    assert model.calls == [((1, 3), 3), *(((4, 1), width) for width in (4, 5, 6, 7, 8))]
    assert model.modes == [False] * 6
    assert model.model.training


def test_no_new_token(glass: Any) -> None:
    (found,) = beam_search(glass().model, [1, 2], 0, 3)
    assert found.ids.tolist() == [1, 2]
    assert found.log_probability == 0


def test_what_is_refused(glass: Any, refused: Any) -> None:
    model = glass().model
    with refused(ValueError, "beam_search", "0"):
        beam_search(model, [1], 3, 0)
    with refused(ValueError, "prompt"):
        beam_search(model, [[1], [2]], 3, 2)
    with refused(ValueError, "max_new_tokens"):
        beam_search(model, [1], -1, 2)


# Its parts


def test_log_probabilities(softmax: Any, assert_close: Any) -> None:
    logits = np.random.default_rng(0).standard_normal((3, 5)).astype(np.float32)
    found = log_probabilities(logits)
    assert_close(found, np.log(softmax(logits)), "log_probabilities of float32 logits (3, 5)")
    with np.errstate(divide="raise"):
        found = log_probabilities(np.array([[0.0, -INF]]))
    assert found.tolist() == [[0.0, -INF]]


def test_the_likeliest() -> None:
    log_p = np.array([[-1.0, -5.0, -2.0], [-3.0, -0.5, -INF]])
    before = log_p.copy()
    rows, tokens = likeliest(log_p, [], 3)
    assert (rows.tolist(), tokens.tolist()) == ([1, 0, 0], [1, 0, 2])
    rows, tokens = likeliest(log_p, [1], 3)
    assert (rows.tolist(), tokens.tolist()) == ([0, 0, 1], [0, 2, 0])
    rows, tokens = likeliest(log_p, [0, 2], 10)
    assert (rows.tolist(), tokens.tolist()) == ([1, 0], [1, 1])
    rows, tokens = likeliest(log_p, [0, 1, 2], 10)
    assert (rows.tolist(), tokens.tolist()) == ([], [])
    rows, tokens = likeliest(log_p, [0, 1, 3, 99, -1], 10)
    assert (rows.tolist(), tokens.tolist()) == ([0], [2]), "3, 99 and -1 are no tokens here"
    np.testing.assert_array_equal(log_p, before, err_msg="the table was written to")
