"""How the things in a picture look: colours, and text that can be shown."""

from __future__ import annotations

FILL = {"leaf": "#d9ebfa", "call": "#fbfaf7", "result": "#ffffff", "constant": "#ffffff"}
"""The colour of a box of each kind. All are light: pictures bring their own white ground."""

OUTLINE = {"leaf": "#2c78b5", "call": "#6b6b66", "result": "#6b6b66", "constant": "#9a9a94"}

INK = {
    "title": "#1c1c1a",
    "shape": "#4a4a46",
    "kept": "#9a5b00",
    "freed": "#85857f",
    "missing": "#b3261e",
}
"""The colour of a line of text of each tone."""

ARROW = "#6b6b66"
GROUND = "#ffffff"


def printable(text: str) -> str:
    """`text` with what has no picture, such as a line break, written as Python writes it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
