"""Task 12.3: from text to tokens and back."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.embeddings import BPETokenizer
from tinytorch.embeddings.merging import Merge, merge_in_order, merge_long
from tinytorch.tensor import tensor

BYTES = [bytes([byte]) for byte in range(256)]
a, b, c, d = b"abcd"
AB, ABC, BC, CD = 256, 257, 258, 259
SMALL = BPETokenizer(
    [*BYTES, b"ab", b"abc", b"bc", b"cd", b"<|end|>", b"<|end|><|end|>"],
    [(a, b), (AB, c), (b, c), (c, d)],
    {"<|end|>": 260, "<|end|><|end|>": 261},
)
TEXT = (
    "It's a truth universally acknowledged, that a single man in possession of a good fortune, "
    "must be in want of a wife. However little known the feelings or views of such a man may be "
    "on his first entering a neighbourhood, this truth is so well fixed in the minds of the "
    "surrounding families, that he is considered as the rightful property of some one or other of "
    "their daughters.\n\n  1813; ½ Schuß Größenwahn, 日本語, naïve 🙂🙃\t\r\n"
)
AUSTEN = BPETokenizer.train(TEXT, 340, ["<|endoftext|>"])


def by_definition(tokenizer: Any, word: str) -> list[int]:
    """Every merge in the order of learning, through the whole word."""
    tokens = [bytes(token) for token in tokenizer.tokens]
    pieces = [bytes([byte]) for byte in word.encode()]
    learnt = [(tokens[i], tokens[j]) for i, j in tokenizer.merges]
    while True:
        standing = set(pairwise(pieces))
        found = [pair for pair in learnt if pair in standing]
        if not found:
            special = tokenizer.special_tokens.values()
            ids = {token: i for i, token in enumerate(tokens) if i not in special}
            return [ids[piece] for piece in pieces]
        left, right = found[0]
        rest, pieces = pieces, []
        while rest:
            taken = 2 if rest[:2] == [left, right] else 1
            pieces.append(b"".join(rest[:taken]))
            rest = rest[taken:]


# A word


MERGES = {
    (1, 2): Merge(0, 10),
    (10, 3): Merge(1, 11),
    (2, 3): Merge(2, 12),
    (3, 4): Merge(3, 13),
    (5, 5): Merge(4, 15),
    (15, 15): Merge(5, 16),
}


@pytest.mark.parametrize("merge", [merge_in_order, merge_long], ids=["in order", "long"])
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ([], []),
        ([1], [1]),
        ([1, 2], [10]),
        ([2, 1], [2, 1]),
        ([1, 2, 3], [11]),
        ([2, 3, 4], [12, 4]),
        ([1, 2, 3, 4], [11, 4]),
        ([3, 4], [13]),
        ([1, 2, 1, 2, 3], [10, 11]),
        ([4, 2, 3, 1], [4, 12, 1]),
        ([5] * 2, [15]),
        ([5] * 3, [15, 5]),
        ([5] * 7, [16, 15, 5]),
        ([5] * 8, [16, 16]),
        ([7, 8, 9], [7, 8, 9]),
    ],
)
def test_merging_a_word_by_hand(merge: Any, word: list[int], expected: list[int]) -> None:
    for given_word in (word, tuple(word)):
        found = list(merge(given_word, MERGES))
        assert found == expected, f"of {given_word} came {found}, expected {expected}"


def test_without_merges_a_word_stays() -> None:
    assert list(merge_in_order([1, 2, 3], {})) == [1, 2, 3]


def test_the_word_is_left_alone() -> None:
    for merges in (MERGES, {}):
        word = [1, 2, 3]
        found = merge_in_order(word, merges)
        assert word == [1, 2, 3]
        found += [0]
        assert word == [1, 2, 3], "the result should be a new list"


@settings(derandomize=True, max_examples=60, deadline=None)
@given(length=st.integers(0, 40), seed=st.integers(0, 9999))
def test_any_word(length: int, seed: int) -> None:
    """Merges are drawn, too: each joins two of the ids that there are so far."""
    draws = np.random.default_rng(seed)
    merges: dict[tuple[int, int], Any] = {}
    ranks: list[tuple[int, int, int]] = []
    for new in range(3, 20):
        left, right = (int(i) for i in draws.integers(0, new, 2))
        if (left, right) not in merges:
            merges[left, right] = Merge(len(ranks), new)
            ranks.append((left, right, new))
    word = draws.integers(0, 3, length).tolist()
    expected = list(word)
    while True:
        standing = set(pairwise(expected))
        chosen = next(((i, j, new) for i, j, new in ranks if (i, j) in standing), None)
        if chosen is None:
            break
        rest, expected = expected, []
        while rest:
            if tuple(rest[:2]) == chosen[:2]:
                expected.append(chosen[2])
                rest = rest[2:]
            else:
                expected.append(rest.pop(0))
    for merge in (merge_in_order, merge_long):
        assert list(merge(word, merges)) == expected, f"{word}, with {ranks}"


# A text


def test_a_text_by_hand() -> None:
    """c d is merged only where c was not taken before."""
    space = ord(" ")
    assert SMALL.encode("abcd") == [ABC, d]
    assert SMALL.encode("abcd cd bcd") == [ABC, d, space, CD, space, BC, d]
    assert SMALL.encode("") == []
    assert SMALL.decode([ABC, d, space, CD]) == "abcd cd"
    assert SMALL.decode([]) == ""


def test_nothing_is_merged_across_words() -> None:
    """ab and 1 and c are three words, and so are the digits and letters of a1b."""
    assert SMALL.encode("ab1c") == [AB, ord("1"), c]
    assert SMALL.encode("a.b") == [a, ord("."), b]


@pytest.mark.parametrize("text", ["a truth", "It's", " Größenwahn", "日本語", "🙂🙃", "", TEXT])
def test_a_trained_tokenizer(text: str) -> None:
    ids = AUSTEN.encode(text)
    assert AUSTEN.decode(ids) == text
    assert b"".join(AUSTEN.tokens[i] for i in ids) == text.encode()


@pytest.mark.parametrize("word", [" acknowledged", " neighbourhood", " Größenwahn", "日本語"])
def test_words_by_the_definition(word: str) -> None:
    assert AUSTEN.encode(word) == by_definition(AUSTEN, word), f"{word!r}"


def test_known_words_are_shorter_than_their_bytes() -> None:
    assert len(AUSTEN.encode(TEXT)) < 0.7 * len(TEXT.encode())


def test_a_second_time_gives_the_same() -> None:
    """Words are remembered, and what is given out must not be what is kept."""
    first = AUSTEN.encode(" truth universally")
    first.append(0)
    first[0] = 0
    second = AUSTEN.encode(" truth universally")
    assert second == by_definition(AUSTEN, " truth") + by_definition(AUSTEN, " universally")
    single = AUSTEN.encode(" truth")
    single += [1, 2, 3]
    assert AUSTEN.encode(" truth") == by_definition(AUSTEN, " truth")


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_every_text_comes_back(text: str) -> None:
    for tokenizer in (AUSTEN, SMALL):
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == text, f"{text!r} became {ids}"


def test_a_word_of_thousands_of_letters() -> None:
    word = "truthuniversally" * 500
    ids = AUSTEN.encode(word)
    assert AUSTEN.decode(ids) == word
    assert ids == by_definition(AUSTEN, word)


def test_a_character_may_begin_in_one_token_and_end_in_the_next() -> None:
    for text in ("ß", "€", "🙂", "a€b"):
        assert SMALL.decode(list(text.encode())) == text


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([0xE2, 0x82], "\ufffd"),
        ([0xE2, a], "\ufffda"),
        ([0x80], "\ufffd"),
        ([AB, 0xFF, AB], "ab\ufffdab"),
    ],
)
def test_bytes_that_are_no_characters(ids: list[int], expected: str) -> None:
    assert SMALL.decode(ids) == expected, f"decode({ids})"


@pytest.mark.parametrize("wrong", [-1, 262, 70000])
def test_an_id_without_a_token(wrong: int, refused: Any) -> None:
    with refused(IndexError, "decode", str(wrong), "262"):
        SMALL.decode([AB, wrong])


def test_ids_may_come_as_an_array_or_a_tensor(refused: Any) -> None:
    ids = np.array([ABC, d])
    assert SMALL.decode(ids) == "abcd"
    assert SMALL.decode(tensor(ids)) == "abcd"
    for wrong in ([1.0], np.array([[1, 2]]), ["a"]):
        with refused(TypeError, "decode"):
            SMALL.decode(wrong)


# Special tokens


def test_special_tokens_are_text_unless_they_are_allowed() -> None:
    text = "ab<|end|>cd"
    spelled = SMALL.encode(text)
    assert 260 not in spelled
    assert spelled == SMALL.encode_ordinary(text)
    assert SMALL.decode(spelled) == text
    for allowed in ("all", {"<|end|>"}, ["<|end|>"], "<|end|>"):
        found = SMALL.encode(text, allowed_special=allowed)
        assert found == [AB, 260, CD], f"allowed_special={allowed!r} gave {found}"
        assert SMALL.decode(found) == text


def test_the_longer_of_two_special_tokens() -> None:
    assert SMALL.encode("<|end|><|end|>ab", "all") == [261, AB]
    assert SMALL.encode("<|end|><|end|>ab", ["<|end|>"]) == [260, 260, AB]


def test_a_special_token_that_is_not_known(refused: Any) -> None:
    with refused(ValueError, "encode", "<|pad|>", "<|end|>"):
        SMALL.encode("ab", allowed_special={"<|pad|>"})


def test_half_of_a_surrogate_pair(refused: Any) -> None:
    with refused(ValueError, "encode", "surrogate"):
        SMALL.encode("ab" + chr(0xD83D))
