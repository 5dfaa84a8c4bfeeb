"""Text from a submission, made fit to be shown: it may hold anything, in any amount."""

from __future__ import annotations

import re

LINE = 200
"""Characters of a name or a title that are kept."""
TEXT = 10_000

ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor movements
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # titles, links, and other strings for the terminal
    r"|\x1b[ -/]*[0-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]",
    re.DOTALL,
)
LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
"""Control characters, and those that reverse or hide what stands beside them."""
NOT_CHARACTERS = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Halves of a character, and what XML does not allow."""


def text(value: str, most: int = TEXT) -> str:
    """At most about `most` characters, in lines that end with a newline; nothing that is unseen."""
    beginning = value[: 4 * most + 100]  # of ten megabytes, only the beginning is looked at
    clean = LINE_ENDS.sub("\n", ANSI.sub("", beginning))
    clean = NOT_CHARACTERS.sub("\ufffd", UNSEEN.sub("", clean))
    if len(clean) <= most and len(beginning) == len(value):
        return clean
    return f"{clean[:most]}\n[cut: it had {len(value):,} characters]"


def line(value: str, most: int = LINE) -> str:
    """The same on one line."""
    clean = " ".join(text(value, 4 * most).split())
    return clean if len(clean) <= most else f"{clean[: most - 3]}..."


def lines(values: tuple[str, ...], most: int = TEXT) -> str:
    return text("\n".join(values), most)
