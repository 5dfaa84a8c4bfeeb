"""Task 12.1: characters as tokens."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.embeddings import CharTokenizer
from tinytorch.tensor import tensor

POEM = "Über allen Gipfeln\nIst Ruh,\nIn allen Wipfeln\n"


def test_training_finds_each_character_once_in_order() -> None:
    tokenizer = CharTokenizer.train("hello, world")
    assert tokenizer.characters == " ,dehlorw", f"found {tokenizer.characters!r}"
    assert tokenizer.vocab_size == len(tokenizer) == 9


def test_by_hand() -> None:
    tokenizer = CharTokenizer("abc")
    assert tokenizer.encode("cab") == [2, 0, 1]
    assert tokenizer.decode([2, 0, 1]) == "cab"
    assert tokenizer.encode("") == []
    assert tokenizer.decode([]) == ""


def test_the_order_given_is_kept() -> None:
    for characters in ("xaß€", ["x", "a", "ß", "€"]):
        tokenizer = CharTokenizer(characters)
        assert tokenizer.encode("€xß") == [3, 0, 2], f"CharTokenizer({characters!r})"


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.text(max_size=40), st.integers(0, 99))
def test_every_text_comes_back(text: str, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(text))
    trained = CharTokenizer.train(text + "a")
    given = CharTokenizer(list(dict.fromkeys(text[i] for i in order)))
    for tokenizer in (trained, given):
        ids = tokenizer.encode(text)
        assert ids == [tokenizer.characters.index(character) for character in text]
        assert tokenizer.decode(ids) == text, f"{text!r} became {ids}"
    assert list(trained.characters) == sorted(set(text + "a"))


def test_the_poem() -> None:
    tokenizer = CharTokenizer.train(POEM)
    ids = tokenizer.encode(POEM)
    assert len(ids) == len(POEM)
    assert max(ids) == tokenizer.vocab_size - 1
    assert min(ids) == 0
    assert tokenizer.decode(ids) == POEM


@pytest.mark.parametrize(("text", "character", "place"), [("abxb", "x", 2), ("ß", "ß", 0)])
def test_an_unknown_character_is_named(text: str, character: str, place: int, refused: Any) -> None:
    with refused(ValueError, "encode", repr(character), str(place), "3"):
        CharTokenizer("abc").encode(text)


@pytest.mark.parametrize("wrong", [-1, 3, 1000])
def test_an_id_without_a_character(wrong: int, refused: Any) -> None:
    with refused(IndexError, "decode", str(wrong), "3"):
        CharTokenizer("abc").decode([0, wrong])


def test_what_are_no_ids(refused: Any) -> None:
    for ids in ([0, 0.5], np.array([0.0]), ["a"], np.array([[0, 1]])):
        with refused(TypeError, "decode"):
            CharTokenizer("abc").decode(ids)


def test_ids_may_come_as_an_array_or_a_tensor() -> None:
    tokenizer = CharTokenizer("abc")
    for dtype in ("int64", "int32", "uint8"):
        ids = np.array([2, 0, 1], dtype=dtype)
        assert tokenizer.decode(ids) == "cab", f"decode of an array of {dtype}"
        assert tokenizer.decode(tensor(ids)) == "cab", f"decode of a tensor of {dtype}"


@pytest.mark.parametrize("characters", ["aba", ["a", "bc"], ["a", ""]])
def test_what_are_no_different_characters(characters: Any, refused: Any) -> None:
    with refused(ValueError, "CharTokenizer"):
        CharTokenizer(characters)


@pytest.mark.in_process("a file is written")
def test_saved_and_loaded(tmp_path: Path, refused: Any) -> None:
    path = tmp_path / "characters.json"
    tokenizer = CharTokenizer("zß\n€a")
    tokenizer.save(path)
    assert [each.name for each in tmp_path.iterdir()] == ["characters.json"]
    assert CharTokenizer.load(path).characters == "zß\n€a"
    for damaged in ("", "[1]", '{"kind": "another"}'):
        path.write_text(damaged, encoding="utf-8")
        with refused(ValueError, "characters.json"):
            CharTokenizer.load(path)


def test_repr() -> None:
    assert repr(CharTokenizer("ab")) == "CharTokenizer('ab')"
