"""How a text is cut into words: given, and no task."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.embeddings.splitting import split_into_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Hello, world!", ["Hello", ",", " world", "!"]),
        ("It's we're I'll", ["It", "'s", " we", "'re", " I", "'ll"]),
        ("don'T", ["don", "'", "T"]),
        ("a  b", ["a", " ", " b"]),
        ("a   \n b", ["a", "   \n", " b"]),
        ("a\n\nb", ["a", "\n", "\n", "b"]),
        ("end  ", ["end", "  "]),
        ("12 345abc6", ["12", " 345", "abc", "6"]),
        ("½Ⅳ٣ x²", ["½Ⅳ٣", " x", "²"]),
        ("_a_", ["_", "a", "_"]),
        (" ?!  ...", [" ?!", " ", " ..."]),
        ("日本語と漢字。", ["日本語と漢字", "。"]),
        ("e\u0301te", ["e", "\u0301", "te"]),
        ("🙂 🙂", ["🙂", " 🙂"]),
        ("a\xa0b\u3000c", ["a", "\xa0", "b", "\u3000", "c"]),
        ("a\x1cb", ["a", "\x1c", "b"]),
        (" \x1c", [" \x1c"]),
    ],
)
def test_by_hand(text: str, words: list[str]) -> None:
    assert split_into_words(text) == words


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text(alphabet="ab1½ \n\t.'_sß日\u0301\xa0", max_size=20))
def test_joined_the_words_are_the_text(text: str) -> None:
    words = split_into_words(text)
    assert "".join(words) == text
    assert "" not in words
