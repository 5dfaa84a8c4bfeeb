"""Task 15.6: text in pieces."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.generation import generate_text, stream_text
from tinytorch.generation.text import until_stop, whole_characters


class Bytes:
    """A tokenizer whose tokens are the bytes of UTF-8; or, above 255, rows of bytes."""

    def __init__(self, *merged: bytes) -> None:
        self.merged = merged

    def encode(self, text: str) -> list[int]:
        return list(text.encode())

    def decode(self, ids: Any) -> str:
        pieces = [bytes([i]) if i < 256 else self.merged[i - 256] for i in ids]
        return b"".join(pieces).decode("utf-8", errors="replace")


class Letters:
    """A tokenizer of single characters."""

    def __init__(self, characters: str) -> None:
        self.characters = characters

    def encode(self, text: str) -> list[int]:
        return [self.characters.index(each) for each in text]

    def decode(self, ids: Any) -> str:
        return "".join(self.characters[i] for i in ids)


# Whole characters


@pytest.mark.parametrize("text", ["abc", "größer", "→ 3 €", "🦆🦊", "a🦆", "e\u0301"])
def test_characters_of_several_bytes(text: str) -> None:
    found = list(whole_characters(list(text.encode()), Bytes()))
    assert found == list(text), f"the bytes of {text!r}, one by one, gave {found}"


def test_what_is_complete_does_not_wait() -> None:
    tokenizer = Bytes(b"ab" + "é".encode()[:1], "é".encode()[1:] + b"c")
    found = list(whole_characters([256, 257, ord("d")], tokenizer))
    assert found == ["ab", "éc", "d"], f"'ab' and half of é, then its other half and 'c': {found}"


def test_pieces_come_with_their_tokens() -> None:
    taken = []

    def tokens() -> Any:
        for byte in "aéb".encode():
            taken.append(byte)
            yield byte

    pieces = whole_characters(tokens(), Bytes())
    assert next(pieces) == "a"
    assert len(taken) == 1, "the first token is a whole character: no other is needed for it"
    assert next(pieces) == "é"
    assert len(taken) == 3


def test_bytes_that_never_become_a_character() -> None:
    for data in (b"\xf0\x9f", b"a\xc3", b"\xff", b"a\xffb", b"\xc3\xf0\x9f\xa6\x86"):
        found = list(whole_characters(list(data), Bytes()))
        expected = data.decode("utf-8", errors="replace")
        assert "".join(found) == expected, f"{data!r} gave {found}"
        assert "" not in found, f"{data!r} gave an empty piece: {found}"


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=3), max_size=8), st.text(max_size=6))
def test_all_pieces_are_the_whole(chunks: list[bytes], text: str) -> None:
    tokenizer = Bytes(*chunks)
    tokens = [*range(256, 256 + len(chunks)), *text.encode()]
    found = list(whole_characters(tokens, tokenizer))
    assert "".join(found) == tokenizer.decode(tokens)
    assert "" not in found


# Stop strings


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    st.lists(st.text("ab", min_size=1, max_size=3), max_size=6),
    st.lists(st.text("ab", min_size=1, max_size=4), max_size=3),
)
def test_a_text_ends_in_front_of_a_stop_string(pieces: list[str], stop: list[str]) -> None:
    """Whichever comes first to its end, if several stop strings overlap."""
    found = list(until_stop(pieces, stop))
    text, shown = "", ""
    for piece in pieces:
        text += piece
        places = [text.index(each) for each in stop if each in text]
        if places:
            shown = text[: min(places)]
            break
    else:
        shown = text
    assert "".join(found) == shown, f"{pieces} up to one of {stop} gave {found}"
    assert "" not in found


def test_what_may_begin_a_stop_string_waits() -> None:
    assert list(until_stop(["a\n", "b\n", "\nc"], ["\n\n"])) == ["a", "\nb"]
    assert list(until_stop(["a\n"], ["\n\n"])) == ["a", "\n"], "at the end nothing waits any more"


def test_behind_a_stop_string_no_more_is_asked_for() -> None:
    taken = []

    def pieces() -> Any:
        for piece in "ab.cd":
            taken.append(piece)
            yield piece

    assert "".join(until_stop(pieces(), ["."])) == "ab"
    assert taken == ["a", "b", "."]


# With a model


ALPHABET = "abcdefg"


def test_text_behind_a_prompt(glass: Any) -> None:
    model, tokenizer = glass(), Letters(ALPHABET)
    expected = tokenizer.decode(model.greedy([1, 2], 12)[2:])
    assert generate_text(model.model, tokenizer, "bc", 12, greedy=True) == expected
    pieces = list(stream_text(model.model, tokenizer, "bc", 12, greedy=True))
    assert pieces == list(expected)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_text_up_to_a_stop_string(length: int, glass: Any) -> None:
    model, tokenizer = glass(), Letters(ALPHABET)
    text = tokenizer.decode(model.greedy([1, 2], 12)[2:])
    stop = text[4 : 4 + length]
    expected = text[: text.index(stop)]
    for asked in (stop, [stop], ("not in it", stop)):
        found = generate_text(model.model, tokenizer, "bc", 12, stop=asked, greedy=True)
        assert found == expected, f"{text!r} up to {asked!r} is {expected!r}, not {found!r}"
    model.calls.clear()
    list(stream_text(model.model, tokenizer, "bc", 12, stop=stop, greedy=True))
    needed = text.index(stop) + length
    assert len(model.calls) == needed, f"{needed} tokens are enough to see {stop!r}"


def test_options_reach_the_sampler(glass: Any) -> None:
    model, tokenizer = glass(), Letters(ALPHABET)
    first, again = (
        generate_text(
            model.model, tokenizer, "a", 20, temperature=2.0, generator=np.random.default_rng(1)
        )
        for _ in range(2)
    )
    assert first == again
    assert generate_text(model.model, tokenizer, "a", 20, top_k=1) == generate_text(
        model.model, tokenizer, "a", 20, greedy=True
    )
    stop_tokens = [1, 3, 5]
    expected = tokenizer.decode(model.greedy([0], 20, stop_tokens)[1:])
    found = generate_text(model.model, tokenizer, "a", 20, greedy=True, stop_tokens=stop_tokens)
    assert found == expected


def test_what_is_refused_is_refused_at_once(glass: Any, refused: Any) -> None:
    model, tokenizer = glass().model, Letters(ALPHABET)
    with refused(ValueError, "stop"):
        stream_text(model, tokenizer, "a", 3, stop=["", "b"])
    with refused(ValueError, "prompt"):
        stream_text(model, tokenizer, "", 3)
