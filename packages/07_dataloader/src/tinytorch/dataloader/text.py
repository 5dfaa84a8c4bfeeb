"""A text to learn from, character by character."""

from __future__ import annotations


class Text:
    """text: all of it. train_text, val_text: the first 90 % of its characters, and the rest.
    characters: the different ones, sorted.
    """

    def __init__(self, text: str) -> None:
        cut = len(text) * 9 // 10
        self.text = text
        self.train_text = text[:cut]
        self.val_text = text[cut:]
        self.characters = "".join(sorted(set(text)))

    def __len__(self) -> int:
        """The number of characters."""
        return len(self.text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self):,} characters, {len(self.characters)} different)"
