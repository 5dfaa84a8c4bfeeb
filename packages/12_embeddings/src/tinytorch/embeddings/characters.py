"""The simplest tokens: characters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .token_ids import as_ids
from .writing_aside import PathLike, read_json, write_json

KIND = "CharTokenizer"


class CharTokenizer:
    """Every character is a token, and its id is its place in `characters`.

    characters: the known ones, each once, as one string or one by one. Raises ValueError for one
    that comes twice, or that is more than a character.

    vocab_size: how many there are.
    """

    def __init__(self, characters: Iterable[str]) -> None:
        known = list(characters)
        self._ids: dict[str, int] = {}
        for place, character in enumerate(known):
            if not isinstance(character, str) or len(character) != 1:
                raise ValueError(f"CharTokenizer: {character!r} is not one character")
            if character in self._ids:
                raise ValueError(f"CharTokenizer: the character {character!r} is given twice")
            self._ids[character] = place
        self.characters = "".join(known)

    @classmethod
    def train(cls, text: str) -> CharTokenizer:
        """The tokenizer that knows the characters of this text, ordered by their code points."""
        return cls(sorted(set(text)))

    @property
    def vocab_size(self) -> int:
        return len(self.characters)

    def __len__(self) -> int:
        return len(self.characters)

    def encode(self, text: str) -> list[int]:
        """The id of each character.

        Raises ValueError for a character that is not known, and says which and where.
        """
        try:
            return self.ids_of(text)
        except KeyError:
            place, character = next((i, c) for i, c in enumerate(text) if c not in self._ids)
            raise ValueError(
                f"encode: the character {character!r} at place {place} is not among the "
                f"{self.vocab_size} that this tokenizer knows; train it on a text that has it"
            ) from None

    def decode(self, ids: Iterable[Any]) -> str:
        """The text that these ids, in a list, an array or a tensor, stand for.

        Raises IndexError for an id that no character has.
        """
        return self.text_of(as_ids(ids, self.vocab_size))

    def ids_of(self, text: str) -> list[int]:
        """What `encode` returns. Raises KeyError for a character that is not known."""
        return [self._ids[character] for character in text]

    def text_of(self, ids: list[int]) -> str:
        """What `decode` returns, for ids that have been looked at."""
        return "".join([self.characters[each] for each in ids])

    def save(self, path: PathLike) -> None:
        """Write the tokenizer to a JSON file, aside and renamed."""
        write_json(path, {"kind": KIND, "characters": self.characters})

    @classmethod
    def load(cls, path: PathLike) -> CharTokenizer:
        """The tokenizer that `save` wrote. Raises ValueError for another file."""
        content = read_json(path, KIND)
        return cls(content.get("characters", ()))

    def __repr__(self) -> str:
        return f"CharTokenizer({self.characters!r})"
