"""Stories: what the grammar writes it accepts, and hardly anything else."""

import re
from itertools import pairwise

import numpy as np
import pytest

from tinytorch.dataloader import Stories

NAMES = ["Ada", "Bruno", "Cleo", "Dot", "Felix", "Hugo"]


def sentences_of(text: str) -> list[str]:
    return [each.strip() for each in re.findall(r"[^.]+\.", text)]


def words_of(sentence: str) -> list[str]:
    return re.findall(r"\w+", sentence)


# Writing


def test_what_there_is() -> None:
    data = Stories(count=30, seed=1)
    assert len(data.stories) == 30
    assert data.text == "".join(story + "\n\n" for story in data.stories)
    assert len(data) == len(data.text)
    cut = len(data.text) * 9 // 10
    assert data.train_text == data.text[:cut]
    assert data.val_text == data.text[cut:]
    assert "".join(data.characters) == "".join(sorted(set(data.text)))


def test_the_same_seed_gives_the_same_stories() -> None:
    assert Stories(count=20, seed=3).text == Stories(count=20, seed=3).text
    assert Stories(count=20, seed=3).text != Stories(count=20, seed=4).text


def test_no_story_at_all() -> None:
    assert Stories(count=0).text == ""


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        Stories(count=-1)


def test_stories_are_many_and_short_and_of_few_words() -> None:
    data = Stories(count=400, seed=5)
    assert len(set(data.stories)) > 300
    words = set(words_of(data.text))
    assert 100 < len(words) < 250
    assert set(NAMES) <= words
    assert set(data.text) <= set(map(chr, range(32, 127))) | {"\n"}
    assert all(3 <= len(sentences_of(story)) <= 10 for story in data.stories)


# Judging


@pytest.mark.parametrize("seed", [0, 1])
def test_all_that_it_writes_is_accepted(seed: int) -> None:
    data = Stories(count=200, seed=seed)
    for story in data.stories:
        assert Stories.accepts_story(story), story
        for sentence in sentences_of(story):
            assert Stories.accepts(sentence), sentence
    assert Stories.acceptance(data.text) == 1.0
    assert Stories.coherence(data.text) == 1.0


def test_another_word_is_mostly_rejected() -> None:
    """Some 3 of 1,000 such sentences mean something else; 50 are far from that."""
    rng = np.random.default_rng(2)
    text = Stories(count=200, seed=2).text
    vocabulary = sorted(set(words_of(text)))
    accepted = 0
    sentences = sentences_of(text)[:1000]
    for sentence in sentences:
        places = list(re.finditer(r"\w+", sentence))
        place = places[int(rng.integers(len(places)))]
        other = str(rng.choice([word for word in vocabulary if word != place[0]]))
        accepted += Stories.accepts(sentence[: place.start()] + other + sentence[place.end() :])
    assert accepted < 0.05 * len(sentences)


def test_words_in_another_order_are_rejected() -> None:
    rng = np.random.default_rng(3)
    accepted = tried = 0
    for sentence in sentences_of(Stories(count=100, seed=3).text):
        words = sentence[:-1].split()
        shuffled = [words[i] for i in rng.permutation(len(words))]
        if shuffled != words:
            tried += 1
            accepted += Stories.accepts(" ".join(shuffled) + ".")
    assert tried > 300
    assert accepted < 0.02 * tried


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.lower(),
        lambda s: s[:-1],
        lambda s: s + ".",
        lambda s: s.replace(" ", "  ", 1),
        lambda s: " " + s,
        lambda s: s + " ",
        lambda s: s[:-1] + " .",
        lambda s: s + " " + s,
        lambda s: s[: len(s) // 2],
        lambda s: s[1:],
    ],
    ids=[
        "small letters", "no full stop", "two full stops", "two spaces", "a space before",
        "a space after", "a space within", "twice", "half of it", "without its first letter",
    ],
)  # fmt: skip
def test_every_letter_counts(change: object) -> None:
    assert callable(change)
    for sentence in sentences_of(Stories(count=20, seed=6).text):
        changed = change(sentence)
        if changed != sentence:
            assert not Stories.accepts(changed), changed


@pytest.mark.parametrize("text", ["", " ", ".", "\n", "Ada", "the the the.", "\x00", "Ω.", '"'])
def test_what_is_no_sentence(text: str) -> None:
    assert not Stories.accepts(text)
    assert not Stories.accepts_story(text)
    assert Stories.acceptance(text) == 0.0
    assert Stories.coherence(text) == 0.0


def test_a_long_chain_of_acquaintances() -> None:
    chain = "a mouse who knew " * 3000 + "a goose"
    assert Stories.accepts(f"She asked {chain}, who knew nothing and said so for an hour.")
    assert not Stories.accepts(f"She asked {chain} who, who knew nothing and said so for an hour.")


def test_a_story_keeps_to_its_animals() -> None:
    rng = np.random.default_rng(7)
    for story in Stories(count=100, seed=7).stories:
        *_, last = re.finditer("|".join(NAMES), story)
        others = [name for name in NAMES if name not in story]
        other = others[int(rng.integers(len(others)))]
        changed = story[: last.start()] + other + story[last.end() :]
        assert not Stories.accepts_story(changed), changed


def test_a_story_keeps_to_its_pronouns() -> None:
    changed = 0
    for story in Stories(count=100, seed=8).stories:
        if found := re.search(r" (She|He) ", story):
            changed += 1
            other = " He " if found[1] == "She" else " She "
            assert not Stories.accepts_story(story.replace(found[0], other)), story
    assert changed > 10


def test_a_story_does_not_go_on_as_another() -> None:
    stories = Stories(count=100, seed=9).stories
    mixed = 0
    for one, other in pairwise(stories):
        here, there = (sentences_of(story) for story in (one, other))
        animals = [set(NAMES) & set(words_of(story)) for story in (one, other)]
        if not animals[0] & animals[1]:
            mixed += 1
            assert not Stories.accepts_story(" ".join([*here[:3], *there[3:5]]))
    assert mixed > 5


def test_the_share_of_sentences() -> None:
    good = sentences_of(Stories(count=10, seed=10).text)[:6]
    assert Stories.acceptance(" ".join([*good, "Goose the the.", "No."])) == 6 / 8
    assert Stories.acceptance("\n\n".join(good)) == 1.0
    assert Stories.acceptance(" ".join(good) + " Then Ada the o") == 1.0, "it has not ended yet"


def test_the_share_of_stories() -> None:
    good = Stories(count=3, seed=11).stories
    bad = sentences_of(good[0])[0]
    assert Stories.coherence("".join(f"{story}\n\n" for story in [*good, bad])) == 3 / 4
    assert Stories.coherence("\n\n".join([*good, "One foggy M"])) == 1.0, "it has not ended yet"
