"""Task 12.1 by other ways: neighbours in the sorted text, and ids in a dict of their own."""

from __future__ import annotations


class CharTokenizer:
    @classmethod
    def train(cls, text: str) -> CharTokenizer:
        known: list[str] = []
        for character in sorted(text):
            if not known or known[-1] != character:
                known.append(character)
        return cls("".join(known))

    def ids_of(self, text: str) -> list[int]:
        id_of = {character: i for i, character in enumerate(self.characters)}
        return list(map(id_of.__getitem__, text))

    def text_of(self, ids: list[int]) -> str:
        text = ""
        for each in ids:
            text += self.characters[each]
        return text
