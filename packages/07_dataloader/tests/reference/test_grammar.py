"""The recogniser against all sentences that a grammar has, and against what is known of some."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tinytorch.dataloader.grammar import Grammar, spell, split
from tinytorch.dataloader.stories import RULES, SENTENCE, STORY, grammar, slots_of

Rules = dict[str, list[tuple[str, ...]]]


def language(rules: Rules, longest: int) -> dict[str, set[tuple[str, ...]]]:
    """For each symbol all it can stand for, up to that length: grown until nothing is new."""
    found: dict[str, set[tuple[str, ...]]] = {symbol: set() for symbol in rules}
    grown = True
    while grown:
        grown = False
        for symbol, several in rules.items():
            for parts in several:
                texts: set[tuple[str, ...]] = {()}
                for part in parts:
                    ends = found.get(part, {(part,)})
                    texts = {a + b for a, b in product(texts, ends) if len(a + b) <= longest}
                grown |= not texts <= found[symbol]
                found[symbol] |= texts
    return found


def drawn_rules(rng: np.random.Generator) -> Rules:
    """Any grammar: left and right recursion, symbols that stand for one another or for nothing."""
    parts = ["A", "B", "C", "a", "b"]
    return {
        symbol: [
            tuple(str(part) for part in rng.choice(parts, rng.integers(1, 4)))
            for _ in range(rng.integers(1, 4))
        ]
        for symbol in "ABC"
    }


@pytest.mark.parametrize("seed", range(60))
def test_it_accepts_exactly_the_language(seed: int) -> None:
    rules = drawn_rules(np.random.default_rng(seed))
    found = language(rules, longest=6)
    judge = Grammar(rules)
    for length in range(7):
        for words in product("ab", repeat=length):
            for symbol in rules:
                assert judge.accepts(words, symbol) == (words in found[symbol]), (rules, words)


def test_the_drawn_languages_are_not_trivial() -> None:
    sizes = [len(language(drawn_rules(np.random.default_rng(s)), 6)["A"]) for s in range(60)]
    assert sum(0 < size < 126 for size in sizes) > 10


def test_brackets_close_in_their_order() -> None:
    judge = Grammar({"s": [("[", "]"), ("[", "s", "]"), ("(", "s", ")"), ("s", "s")]})
    assert judge.accepts("[([])[]]", "s")
    assert judge.accepts("[" * 300 + "]" * 300, "s")
    assert not judge.accepts("[([)]]", "s")
    assert not judge.accepts("[" * 300 + "]" * 299, "s")


def test_what_it_writes_it_accepts() -> None:
    judge = Grammar({"s": [("a",), ("s", "s"), ("b", "s", "b"), ("c", "a")]})
    rng = np.random.default_rng(0)
    lengths = set()
    for _ in range(200):
        words = judge.write("c" if rng.random() < 0.1 else "s", rng)[:40]
        lengths.add(len(words))
        if words not in (["c"],) and len(words) < 40:
            assert judge.accepts(words, "s")
    assert len(lengths) > 5


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["Moral", ":", "wait", "."], "Moral: wait."),
        (['"', "Who", "?", '"', "asked", "Ada", "."], '"Who?" asked Ada.'),
        (["She", "said", ",", '"', "No", ".", '"', "Yes", "."], 'She said, "No." Yes.'),
        (['"', "A", '"', '"', "B", '"'], '"A" "B"'),
        ([], ""),
    ],
)
def test_spelling(words: list[str], text: str) -> None:
    assert spell(words) == text
    assert split(text) == words


# The rules of the stories


def test_every_rule_is_used() -> None:
    reached, todo = set(), [STORY]
    rules = grammar().rules
    while todo:
        symbol = todo.pop()
        if symbol in rules and symbol not in reached:
            reached.add(symbol)
            todo += [part for parts in rules[symbol] for part in parts]
    assert set(rules) - reached == {SENTENCE}
    assert not [word for word in grammar().words if "<" in word or "{" in word or " / " in word]


def test_every_symbol_is_all_sentences_or_none() -> None:
    """A symbol is a sentence if all its alternatives end with a full stop: none may be mixed."""
    for symbol, alternatives in RULES.items():
        ends = {each.endswith(".") for each in alternatives}
        assert len(ends) == 1, symbol
        assert not (ends == {True} and any("<peace>" in each for each in alternatives))


def test_slots_are_those_of_all_that_follows() -> None:
    assert slots_of("somebody") == []
    assert slots_of("moral") == ["friend.a", "hero.a", "thing.a"]
    assert "friend" in slots_of("deal")
