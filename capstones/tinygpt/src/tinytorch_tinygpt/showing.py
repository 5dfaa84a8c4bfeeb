"""What a model writes, on any console.

One that has learnt little writes anything: bells, escapes, half characters.
"""

from __future__ import annotations

import sys
import unicodedata


def shown(text: str, encoding: str | None = None) -> str:
    """The text as a console with this encoding, by default that of stdout, can show it: a question
    mark for each character that it does not have, and for each that controls it."""
    name = encoding or sys.stdout.encoding or "utf-8"
    harmless = "".join("?" if is_control(character) else character for character in text)
    return harmless.encode(name, "replace").decode(name)


def is_control(character: str) -> bool:
    """Whether it does something to the console: line feeds and tabs may."""
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf")
