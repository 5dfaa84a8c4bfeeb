"""GPT-2's pattern written for `re`: every character of Unicode is taken for what it is."""

import unicodedata

import pytest

from tinytorch.embeddings.splitting import split_into_words


def kind(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\t\n\v\f\r \x85\xa0" or (category in ("Zs", "Zl", "Zp")):
        return "space"
    return {"L": "letter", "N": "number"}.get(category[0], "other")


@pytest.fixture(scope="module")
def kinds() -> dict[str, list[str]]:
    """All characters of Unicode by their kind, without halves of surrogate pairs."""
    found: dict[str, list[str]] = {"letter": [], "number": [], "other": [], "space": []}
    for character in map(chr, range(0x110000)):
        if unicodedata.category(character) != "Cs":
            found[kind(character)].append(character)
    return found


@pytest.mark.parametrize("name", ["letter", "number", "other", "space"])
def test_all_characters_of_a_kind_make_one_word(name: str, kinds: dict[str, list[str]]) -> None:
    words = split_into_words("".join(kinds[name]))
    assert len(words) == 1, f"{name}s are cut before {words[1][:1]!r}"


def test_no_character_makes_a_word_with_one_of_another_kind(kinds: dict[str, list[str]]) -> None:
    """Each stands between an a and an !, or between a 1 and an !."""
    neighbours = {
        "letter": ("1", "!"),
        "number": ("a", "!"),
        "other": ("a", "1"),
        "space": ("a", "!"),
    }
    for name, (before, after) in neighbours.items():
        expected = [word for character in kinds[name] for word in (before, character, after)]
        words = split_into_words("".join(expected))
        if name == "space":  # a space belongs to what follows it
            words = [part for word in words for part in (word if word == " !" else [word])]
        wrong = next((e for e, f in zip(expected, words, strict=False) if e != f), None)
        assert words == expected, f"{wrong!r} is cut in another way"
