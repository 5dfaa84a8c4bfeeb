"""Context-free grammars: writing by one, and telling whether what somebody else wrote is of it.

The recogniser is Earley's. It reads word by word and keeps, for each place between two words, which
rules may be under way there: how far each has come, and where it began.

J. Earley, "An efficient context-free parsing algorithm", Communications of the ACM 13 (1970).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile

import numpy as np

Rules = Mapping[str, Sequence[tuple[str, ...]]]

WORD = re.compile(r"[A-Za-z]+|[^A-Za-z\s]")


class Grammar:
    """rules: for each symbol its alternatives, tuples of symbols and words. What has no rule is a
    word.

    An alternative is never empty. Words are spelled out by `spell`.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.words = {
            part for several in rules.values() for parts in several for part in parts
        } - set(rules)
        self._numbered = [(s, parts) for s, several in rules.items() for parts in several]
        self._beginning = self._find_beginnings()
        self._prefixes = [
            tuple(takewhile(lambda part: part not in rules, parts)) for _, parts in self._numbered
        ]

    def write(self, symbol: str, rng: np.random.Generator) -> list[str]:
        """Words that the symbol can stand for, each alternative as likely as the others."""
        words: list[str] = []
        rest = [symbol]
        while rest:
            part = rest.pop()
            if part not in self.rules:
                words.append(part)
                continue
            several = self.rules[part]
            rest.extend(reversed(several[int(rng.integers(len(several)))]))
        return words

    def accepts(self, words: Sequence[str], symbol: str) -> bool:
        """Whether the symbol can stand for exactly these words."""
        # A state is (rule, parts done, begun at). waiting[at][symbol]: those that need it there.
        waiting: list[dict[str, list[tuple[int, int, int]]]] = [{} for _ in range(len(words) + 1)]
        states = {(rule, 0, 0) for rule in self._rules_for(symbol, words, 0)}
        for at in range(len(words) + 1):
            following: set[tuple[int, int, int]] = set()
            todo = list(states)
            while todo:
                rule, done, begun = state = todo.pop()
                left, parts = self._numbered[rule]
                if done == len(parts):
                    found = [(r, d + 1, b) for r, d, b in waiting[begun].get(left, ())]
                elif (part := parts[done]) not in self.rules:
                    if at < len(words) and words[at] == part:
                        following.add((rule, done + 1, begun))
                    continue
                else:
                    waiting[at].setdefault(part, []).append(state)
                    found = [(r, 0, at) for r in self._rules_for(part, words, at)]
                new = [each for each in found if each not in states]
                states.update(new)
                todo += new
            if at == len(words):
                break
            states = following
        return any(
            done == len(self._numbered[rule][1])
            and begun == 0
            and self._numbered[rule][0] == symbol
            for rule, done, begun in states
        )

    def _rules_for(self, symbol: str, words: Sequence[str], at: int) -> Sequence[int]:
        """The rules for the symbol, by number, that the words from this place on can begin."""
        if at == len(words):
            return []
        rules = self._beginning[symbol].get(words[at], ())
        return [rule for rule in rules if self._fits(rule, words, at)]

    def _fits(self, rule: int, words: Sequence[str], at: int) -> bool:
        """Whether these are the words that the rule has before its first symbol."""
        prefix = self._prefixes[rule]
        return tuple(words[at : at + len(prefix)]) == prefix

    def _find_beginnings(self) -> dict[str, dict[str, list[int]]]:
        """For each symbol, with which words its rules can begin: lists of rules by word."""
        firsts: dict[str, set[str]] = {symbol: set() for symbol in self.rules}
        grown = True
        while grown:
            grown = False
            for symbol, parts in self._numbered:
                found = firsts.get(parts[0], {parts[0]})
                grown |= not found <= firsts[symbol]
                firsts[symbol] |= found
        beginning: dict[str, dict[str, list[int]]] = {symbol: {} for symbol in self.rules}
        for number, (symbol, parts) in enumerate(self._numbered):
            for word in firsts.get(parts[0], {parts[0]}):
                beginning[symbol].setdefault(word, []).append(number)
        return beginning


def spell(words: Sequence[str]) -> str:
    """Words and punctuation as they are printed: spaces between words, none before `, . ? : !`,
    and quotation marks close to what they enclose."""
    text = ""
    quoted = False
    apart = False
    for word in words:
        opening = word == '"' and not quoted
        closes = word in ",.?!:" or (word == '"' and quoted)
        text += f" {word}" if apart and not closes else word
        quoted ^= word == '"'
        apart = not opening
    return text


def split(text: str) -> list[str]:
    """The words and the signs of punctuation in the text."""
    return WORD.findall(text)
