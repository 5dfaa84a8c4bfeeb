"""Stories: small fables out of a grammar, which can then say how much sense a model makes.

The rules below are written with slots for who and what a story is about. Put in the two animals and
the thing, for all of them, and what results is a context-free grammar: a rule for every name. In it
pronouns agree, and a story keeps to its names, its thing and its plot from beginning to end.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

import numpy as np

from .grammar import Grammar, spell, split
from .text import Text

ANIMALS = {
    "Ada": ("owl", "she"),
    "Bruno": ("bear", "he"),
    "Cleo": ("cat", "she"),
    "Dot": ("duck", "she"),
    "Felix": ("fox", "he"),
    "Hugo": ("hedgehog", "he"),
}
THINGS = ("teapot", "umbrella", "hat", "trumpet", "egg", "ladder", "boots", "spoons", "pancakes")

RULES = {
    "story": ["<lost>", "<wanted>", "<birthday>"],
    # A plot is a row of sentences.
    "lost": [
        "<missing> <searching> <visitor> <asking> <telling> <ending>",
        "<missing> <inquiring> <visitor> <asking> <telling> <ending>",
    ],
    "wanted": ["<wanting> <owner> <begging> <deal> <lending> <moral>"],
    "birthday": ["<celebrating> <wrapping> <guessing> <revealing> <thanking> <ending>"],
    "deal": [
        "<a song is the price> <a song is sung>",
        "<a dance is the price> <a dance is danced>",
        "<a biscuit is the price> <a biscuit is paid>",
    ],
    "ending": ["<peace>", "<moral>", "<peace> <moral>"],
    # Something is lost.
    "missing": ["One <when>, {hero} the {hero.kind} could not find {hero.his} {thing}."],
    "searching": ["{hero.He} looked <near> and <far>, but found only <trifle>."],
    "inquiring": ["{hero.He} asked <somebody>, who knew nothing and said so for an hour."],
    "visitor": ["Then {friend} the {friend.kind} came by <manner>."],
    "asking": [
        '"Have you seen my {thing}?" asked {hero}.',
        '"Where {thing.is} my {thing}?" {hero.he} asked.',
    ],
    "telling": [
        '"You are sitting on {thing.it}," said {friend}.',
        '"{thing.It} {thing.is} on your head," said {friend}.',
        '"The moon borrowed {thing.it}," said {friend}.',
        '"I thought {thing.it} a present and ate {thing.it}," said {friend}.',
        '"What {thing.is} {thing.a}?" asked {friend}.',
    ],
    # Something is wanted.
    "wanting": ["One <when>, {hero} the {hero.kind} wanted {thing.a} more than <treasure>."],
    "owner": ["{friend} the {friend.kind} had {thing.a}, but kept {thing.it} <near>."],
    "begging": [
        '"Please lend me your {thing}," said {hero}.',
        '"I dream of your {thing}," said {hero}.',
        '"What do you want for {thing.it}?" {hero.he} asked.',
    ],
    "a song is the price": ['"I want a song," said {friend}.'],
    "a song is sung": ["So {hero} sang until the moon left."],
    "a dance is the price": ['"First dance with me," said {friend}.'],
    "a dance is danced": ["So they danced, and {hero} fell into the soup."],
    "a biscuit is the price": ['"I want your last biscuit," said {friend}.'],
    "a biscuit is paid": ["So {hero} looked at {hero.his} biscuit and cried, but gave it away."],
    "lending": [
        "Then {friend} gave {hero.him} the {thing}, and {hero.he} lost {thing.it} <far>.",
        "Then {friend} gave {hero.him} the {thing}, and {hero.he} slept <near> with {thing.it}.",
    ],
    # Something is given.
    "celebrating": ["It was the birthday of {friend} the {friend.kind}."],
    "wrapping": ["{hero} the {hero.kind} wrapped {thing.a} in <paper>."],
    "guessing": ['"Is it <hope>?" asked {friend}.', '"I know, it is <hope>," said {friend}.'],
    "revealing": ['"No, {thing.it.is} {thing.a}," said {hero}.'],
    "thanking": [
        '"Just what I never wanted," said {friend}.',
        '"{thing.It} {thing.is} cold," said {friend}, but wore {thing.it} to bed.',
        "{friend} smiled and hid the {thing} <far>.",
    ],
    # It ends.
    "peace": [
        "They <feasted> until <late>.",
        "{hero} counted to ten, and they <feasted> until <late>.",
        "{hero} and {friend} never spoke of the {thing} again.",
    ],
    "moral": [
        "Moral: never lend {thing.a} to {friend.a}.",
        "Moral: {hero.a} with {thing.a} is still {hero.a}.",
        "Moral: always look <near> first.",
    ],
    # The words.
    "when": ["<weather> <day>"],
    "weather": ["rainy", "windy", "foggy", "sunny"],
    "day": ["morning", "evening", "Monday"],
    "near": ["under the bed", "behind the sofa", "in the oven"],
    "far": ["on the roof", "inside the piano", "behind the moon"],
    "trifle": ["a button", "dust", "last winter", "a letter from a goose"],
    "somebody": [
        "a goose",
        "a snail",
        "a mouse who knew <somebody>",
        "a snail who owed money to <somebody>",
    ],
    "manner": ["on a slow bicycle", "with a wheelbarrow", "singing badly", "looking guilty"],
    "treasure": ["sleep", "honey", "the moon", "anything"],
    "paper": ["newspaper", "a blanket", "seventeen leaves"],
    "hope": ["a pony", "a cake", "money"],
    "feasted": ["drank tea", "ate soup", "danced", "watched the rain"],
    "late": ["supper", "midnight", "the moon left"],
}

STORY, SENTENCE = "story", "sentence"
REFERENCE = re.compile(r"<([^>]+)>")
SLOT = re.compile(r"{([\w.]+)}")


class Stories(Text):
    """Fables of five to eight sentences, separated by empty lines.

    count: how many. seed: the same one gives the same stories.

    stories: a list of them. text, train_text, val_text, characters: see `Text`. grammar: the rules,
    by which a model's text can be measured. Raises ValueError if count is negative.
    """

    def __init__(self, count: int = 4_000, seed: int = 0) -> None:
        if count < 0:
            raise ValueError(f"Stories: count is the number of stories, and cannot be {count}")
        rng = np.random.default_rng(seed)
        self.grammar = grammar()
        self.stories = [spell(self.grammar.write(STORY, rng)) for _ in range(count)]
        super().__init__("".join(f"{story}\n\n" for story in self.stories))

    @staticmethod
    def accepts(sentence: str) -> bool:
        """Whether this is a sentence of some story, to the letter."""
        return is_written(sentence, SENTENCE)

    @staticmethod
    def accepts_story(story: str) -> bool:
        """Whether this is a whole story: its sentences belong together, too."""
        return is_written(story, STORY)

    @staticmethod
    def acceptance(text: str) -> float:
        """The share of the text's sentences that the grammar accepts, from 0 to 1.

        A sentence ends with a full stop. What follows the last one does not count; a text without
        any scores 0.
        """
        *found, _ = re.split(r"(?<=\.)\s+", f"{text.strip()} ")
        return share(map(Stories.accepts, found))

    @staticmethod
    def coherence(text: str) -> float:
        """The share of the text's stories that the grammar accepts as a whole, from 0 to 1.

        A story ends with an empty line. What follows the last one does not count; a text without
        any scores 0.
        """
        *found, _ = re.split(r"\n\n+", text.lstrip("\n"))
        return share(map(Stories.accepts_story, found))


def is_written(text: str, symbol: str) -> bool:
    words = split(text)
    return spell(words) == text and grammar().accepts(words, symbol)


def share(accepted: Iterator[bool]) -> float:
    answers = list(accepted)
    return sum(answers) / max(1, len(answers))


@functools.cache
def grammar() -> Grammar:
    """The rules with every animal and thing in the slots, and `sentence` for any one sentence."""
    rules: dict[str, list[tuple[str, ...]]] = {}
    whole: dict[str, dict[tuple[str, ...], None]] = {STORY: {}, SENTENCE: {}}
    used = {symbol: slots_of(symbol) for symbol in RULES}
    for cast in casts():
        for symbol, alternatives in RULES.items():
            written = [tuple(filled(each, used, cast)) for each in alternatives]
            if symbol == STORY:
                whole[STORY].update(dict.fromkeys(written))
                continue
            rules[named(symbol, used, cast)] = written
            if all(each.endswith(".") for each in alternatives):
                whole[SENTENCE].update(dict.fromkeys(written))
    return Grammar(rules | {symbol: list(written) for symbol, written in whole.items()})


def casts() -> Iterator[Mapping[str, str]]:
    """What stands in the slots, for every pair of animals and every thing."""
    for hero in ANIMALS:
        for friend in ANIMALS:
            for thing in THINGS:
                if hero != friend:
                    yield animal("hero", hero) | animal("friend", friend) | inanimate(thing)


def animal(role: str, name: str) -> dict[str, str]:
    kind, he = ANIMALS[name]
    him, his = ("her", "her") if he == "she" else ("him", "his")
    return {
        role: name,
        f"{role}.kind": kind,
        f"{role}.a": with_article(kind),
        f"{role}.he": he,
        f"{role}.He": he.capitalize(),
        f"{role}.him": him,
        f"{role}.his": his,
    }


def inanimate(thing: str) -> dict[str, str]:
    many = thing.endswith("s")
    return {
        "thing": thing,
        "thing.a": thing if many else with_article(thing),
        "thing.is": "are" if many else "is",
        "thing.it": "them" if many else "it",
        "thing.It": "They" if many else "It",
        "thing.it.is": "they are" if many else "it is",
    }


def with_article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def slots_of(symbol: str) -> list[str]:
    """The slots in what the symbol can stand for."""
    reached, todo = set(), [symbol]
    while todo:
        here = todo.pop()
        if here not in reached:
            reached.add(here)
            todo += REFERENCE.findall(" ".join(RULES[here]))
    return sorted({slot for each in reached for slot in SLOT.findall(" ".join(RULES[each]))})


def named(symbol: str, used: Mapping[str, list[str]], cast: Mapping[str, str]) -> str:
    """The symbol's name in the grammar: with what stands in its slots, as far as it has any."""
    return " / ".join([symbol, *(cast[slot] for slot in used[symbol])])


def filled(text: str, used: Mapping[str, list[str]], cast: Mapping[str, str]) -> Iterator[str]:
    """The symbols and words of an alternative."""
    for piece in re.split(r"(<[^>]+>)", text):
        if reference := REFERENCE.fullmatch(piece):
            yield named(reference[1], used, cast)
        else:
            yield from split(SLOT.sub(lambda slot: cast[slot[1]], piece))
