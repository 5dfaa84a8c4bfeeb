"""Text in words: what byte-pair encoding never merges across.

GPT-2 cuts a text by this pattern, in the language of the package `regex`:

    's|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+

English endings; letters, digits, or anything else, each with one space in front; white space, of
which the last character is left to the word behind it. Every character of the text is in exactly
one of the words, so that they can be put together again.

Python's `re` has no \\p{L}, a letter, and no \\p{N}, a number. But its \\w is L, N and "_", and its
\\d is that part of N which makes decimal numbers (Nd), so that only the rest of N (Nl and No, such
as Ⅳ and ½) must be listed. Its \\s holds four separators, U+001C to U+001F, that do not count as
white space in Unicode. Radford et al. 2019; the pattern is in encoder.py of openai/gpt-2.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise

SPACE = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def split_into_words(text: str) -> list[str]:
    """The words of a text, by GPT-2's pattern; joined, they are the text."""
    return _finder()(text)


@cache
def _finder() -> Callable[[str], list[str]]:
    """The pattern, compiled when it is first needed: looking through Unicode takes 0.1 s."""
    other_numbers = ranges(filter(is_other_number, range(sys.maxunicode + 1)))
    letter = rf"[^\W\d_{other_numbers}]"
    number = rf"[\d{other_numbers}]"
    neither = rf"(?:[^\w{SPACE}]|_)"
    alternatives = (
        "'s|'t|'re|'ve|'m|'ll|'d",
        rf" ?{letter}+",
        rf" ?{number}+",
        rf" ?{neither}+",
        rf"[{SPACE}]+(?![^{SPACE}])",
        rf"[{SPACE}]+",
    )
    return re.compile("|".join(alternatives)).findall


def is_other_number(code_point: int) -> bool:
    """Whether this character is in Nl or No: a number, but neither a decimal digit nor a letter."""
    character = chr(code_point)
    return character.isnumeric() and not character.isdecimal() and not character.isalpha()


def ranges(code_points: Iterable[int]) -> str:
    """Ascending code points as they stand in a class of `re`, neighbours as from-to."""
    points = list(code_points)
    breaks = [i for i, (a, b) in enumerate(pairwise(points), 1) if b != a + 1]
    runs = [points[i:j] for i, j in pairwise([0, *breaks, len(points)])]
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in runs)


def as_bytes(word: str) -> bytes:
    """A text in UTF-8. Raises ValueError for half of a surrogate pair, which is no character."""
    try:
        return word.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"encode: {word[error.start]!r} is half of a surrogate pair and no character by "
            "itself; decode the text again, with errors='replace'"
        ) from None
