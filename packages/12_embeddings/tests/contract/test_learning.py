"""Task 12.2: learning which pairs to merge, by the definition and as it is done in practice."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.embeddings import BPETokenizer
from tinytorch.embeddings.learning import Vocabulary, learn_by_recounting, learn_merges

LEARNERS = [learn_by_recounting, learn_merges]
EACH = pytest.mark.parametrize("learn", LEARNERS, ids=["recounting", "with a heap"])

Learner = Callable[..., list[tuple[int, int]]]

# In GPT-2's order the ids of a, b, c, d are 64 to 67.
A, B, C, D = 64, 65, 66, 67


def by_definition(
    words: dict[tuple[bytes, ...], int], order: list[bytes], vocab_size: int, least: int
) -> list[tuple[bytes, bytes]]:
    """The merges, on bytes. order: the tokens by id; those that are made are added."""
    merges = []
    while len(order) < vocab_size:
        counts: Counter[tuple[bytes, bytes]] = Counter()
        for word, times in words.items():
            for i in range(len(word) - 1):
                counts[word[i], word[i + 1]] += times
        ranked = [(-n, order.index(a), order.index(b)) for (a, b), n in counts.items()]
        if not ranked or -min(ranked)[0] < max(1, least):
            break
        _, i, j = min(ranked)
        left, right = order[i], order[j]
        if left + right not in order:
            order.append(left + right)
        merges.append((left, right))
        rewritten = {}
        for word, times in words.items():
            new: list[bytes] = []
            rest = list(word)
            while rest:
                if rest[:2] == [left, right]:
                    new.append(left + right)
                    rest = rest[2:]
                else:
                    new.append(rest.pop(0))
            rewritten[tuple(new)] = times
        words = rewritten
    return merges


@EACH
def test_by_hand(learn: Learner) -> None:
    """abab, twice, and bcd, three times: (a, b) occurs 4 times, (b, c) and (c, d) 3 times each."""
    words = {(A, B, A, B): 2, (B, C, D): 3}
    vocabulary = Vocabulary()
    found = learn(words, vocabulary, 260, 1)
    expected = [(A, B), (B, C), (257, D), (256, 256)]
    assert found == expected, f"learnt {found} from {words}, expected {expected}"
    assert list(vocabulary.tokens)[256:] == [b"ab", b"bc", b"bcd", b"abab"]


@EACH
@pytest.mark.parametrize("vocab_size", [0, 255, 256, 257, 258, 300])
def test_it_stops_when_there_are_enough(learn: Learner, vocab_size: int) -> None:
    vocabulary = Vocabulary()
    found = learn({(A, B, C, D): 5}, vocabulary, vocab_size, 2)
    expected = [(A, B), (C, D), (256, 257)][: max(0, vocab_size - 256)]
    assert found == expected, f"a vocabulary of {vocab_size}: learnt {found}"
    assert len(vocabulary) == 256 + len(expected)


@EACH
@pytest.mark.parametrize(("least", "expected"), [(5, 0), (4, 1), (3, 1), (2, 2), (1, 3), (0, 3)])
def test_it_stops_when_pairs_get_rare(learn: Learner, least: int, expected: int) -> None:
    words = {(A, B): 4, (C, D): 2, (B, A): 1}
    found = learn(words, Vocabulary(), 999, least)
    merges = [(A, B), (C, D), (B, A)][:expected]
    assert found == merges, f"min_frequency={least}: learnt {found} from {words}"


@EACH
def test_pairs_occur_twice_if_nothing_is_said(learn: Learner) -> None:
    assert learn({(A, B): 2, (C, D): 1}, Vocabulary(), 999) == [(A, B)]


@EACH
@pytest.mark.parametrize("words", [{}, {(): 4}, {(A,): 4, (B,): 1}], ids=["none", "empty", "one"])
def test_nothing_to_learn(learn: Learner, words: dict[tuple[int, ...], int]) -> None:
    vocabulary = Vocabulary()
    assert learn(words, vocabulary, 300, 1) == []
    assert len(vocabulary) == 256


@EACH
def test_the_words_are_left_alone(learn: Learner) -> None:
    words = {(A, B, C): 3, (B, C): 2}
    learn(words, Vocabulary(), 300, 1)
    assert words == {(A, B, C): 3, (B, C): 2}


def test_two_pairs_that_make_the_same_bytes_make_one_token() -> None:
    """The vocabulary is given; what it says is what a merge must write."""
    vocabulary = Vocabulary()
    ab, bc = vocabulary.join((A, B)), vocabulary.join((B, C))
    assert (ab, bc, vocabulary.join((ab, C)), vocabulary.join((A, bc))) == (256, 257, 258, 258)
    assert len(vocabulary) == 259


@EACH
@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 9999),
    letters=st.integers(1, 4),
    count=st.integers(1, 12),
    size=st.integers(256, 280),
    least=st.integers(0, 4),
)
def test_any_words(
    learn: Learner, seed: int, letters: int, count: int, size: int, least: int
) -> None:
    draws = np.random.default_rng(seed)
    words = {}
    for _ in range(count):
        word = tuple(int(i) for i in A + draws.integers(0, letters, draws.integers(1, 9)))
        words[word] = int(draws.integers(1, 5))
    order = [*Vocabulary().tokens]
    spelled = {tuple(order[i] for i in word): times for word, times in words.items()}
    expected = by_definition(spelled, order, size, least)
    vocabulary = Vocabulary()
    found = learn(words, vocabulary, size, least)
    tokens = list(vocabulary.tokens)
    pairs = [(tokens[i], tokens[j]) for i, j in found]
    assert pairs == expected, f"from {words}, {size} tokens, min_frequency {least}"
    assert tokens == order


# The tokenizer is trained on a text.


def merges_of(tokenizer: Any) -> list[tuple[bytes, bytes]]:
    return [(tokenizer.tokens[i], tokenizer.tokens[j]) for i, j in tokenizer.merges]


def test_a_tokenizer_is_trained() -> None:
    """Words begin with their space, and nothing is merged across words."""
    tokenizer = BPETokenizer.train("low low low lower newest newest", 300)
    expected = [(b"l", b"o"), (b"lo", b"w"), (b" ", b"low"), (b"e", b"s"), (b"es", b"t")]
    expected += [(b" ", b"n"), (b"e", b"w"), (b"ew", b"est"), (b" n", b"ewest")]
    found = merges_of(tokenizer)
    assert sorted(found[:2]) == sorted(expected[:2]), f"low occurs four times: {found[:2]}"
    assert b" low" in tokenizer.tokens
    assert b" newest" in tokenizer.tokens
    assert not [token for token in tokenizer.tokens if b" " in token[1:]]


def test_the_tokens_are_bytes_then_what_was_learnt_then_special_ones() -> None:
    tokenizer = BPETokenizer.train("abab abab", 300, ["<|end|>", "<|pad|>"], min_frequency=2)
    assert sorted(tokenizer.tokens[:256]) == [bytes([byte]) for byte in range(256)]
    assert list(tokenizer.tokens[256:]) == [b"ab", b"abab", b"<|end|>", b"<|pad|>"]
    assert tokenizer.special_tokens == {"<|end|>": 258, "<|pad|>": 259}
    assert tokenizer.vocab_size == len(tokenizer) == 260


def test_special_tokens_take_their_part_of_the_vocabulary() -> None:
    text = "abcd abcd abcd efgh efgh"
    tokenizer = BPETokenizer.train(text, 260, "<|endoftext|>")
    assert tokenizer.vocab_size == 260
    assert len(tokenizer.merges) == 3
    assert tokenizer.special_tokens == {"<|endoftext|>": 259}


def test_nothing_is_learnt_from_special_tokens() -> None:
    with_them = BPETokenizer.train("ab<|x|>ab<|x|>ab", 300, ["<|x|>"])
    assert merges_of(with_them) == [(b"a", b"b")], f"learnt {merges_of(with_them)}"
    without = BPETokenizer.train("ab<|x|>ab<|x|>ab", 300)
    assert (b"<", b"|") in merges_of(without)


def test_several_texts_are_learnt_from_together() -> None:
    one = BPETokenizer.train("the cat, the hat", 300, min_frequency=1)
    several = BPETokenizer.train(iter(["the cat", ",", " the hat"]), 300, min_frequency=1)
    assert merges_of(one) == merges_of(several)


def test_training_twice_gives_the_same() -> None:
    text = "a rose is a rose is a rose " * 3
    assert merges_of(BPETokenizer.train(text, 280)) == merges_of(BPETokenizer.train(text, 280))


def test_a_vocabulary_that_is_too_small(refused: Any) -> None:
    with refused(ValueError, "train", "257"):
        BPETokenizer.train("abc", 257, ["<a>", "<b>"])
    assert BPETokenizer.train("abc abc", 258, ["<a>", "<b>"]).vocab_size == 258
