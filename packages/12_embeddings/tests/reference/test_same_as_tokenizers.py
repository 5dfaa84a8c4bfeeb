"""Beside the library `tokenizers`: the same words, merges, ids and texts."""

import json
import unicodedata
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import numpy as np
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import ByteLevelBPETokenizer, decoders, models, pre_tokenizers, trainers

from tinytorch.embeddings import BPETokenizer
from tinytorch.embeddings.byte_names import NAMES, ORDER, bytes_of, name_of
from tinytorch.embeddings.splitting import split_into_words

ENGLISH = "\n\n".join(topics[name] for name in sorted(topics))[:150_000]
MANY_TONGUES = """\
Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich; die Füße schmerzen.
Portez ce vieux whisky au juge blond qui fume, n'est-ce pas ? L'œuvre « naïve » coûte 12,50 €.
Съешь же ещё этих мягких французских булок, да выпей чаю.   Съешь же!
色は匂へど 散りぬるを 我が世誰ぞ 常ならむ。いろはにほへと、ちりぬるを!
天地玄黄,宇宙洪荒。日月盈昃,辰宿列张。 一二三四五六七八九十
نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ومغلف بجلد أزرق. ١٢٣٤٥٦٧٨٩٠
ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश करने वाले विष्णुवतार भगवान श्रीराम
I can't, we're, they'll, I'd, it's, 'tis, DON'T, o'clock, I've, I'm; "''s"
🙂🙃👩‍👩‍👧‍👦🏳️‍🌈 e\u0301 ½ Ⅳ x² 3.14159 1,000,000 0xDEADBEEF __init__ snake_case a_b
\t\tdef f(x):\r\n    return   x  # two  spaces \u00a0\u3000\u2028\x1c\x85 end
"""
TEXT = MANY_TONGUES * 3 + ENGLISH

BYTE_LEVEL = pre_tokenizers.ByteLevel(add_prefix_space=False)


def trained(text: str, vocab_size: int, least: int, special: tuple[str, ...] = ()) -> Any:
    """Theirs, with all 256 bytes, as GPT-2 has them."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = BYTE_LEVEL
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=least,
        show_progress=False,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator([text], trainer)
    return tokenizer


def model_of(tokenizer: Any) -> tuple[dict[str, int], list[tuple[str, str]]]:
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(merge) for merge in model["merges"]]


def names_of(tokenizer: Any) -> tuple[dict[str, int], list[tuple[str, str]]]:
    names = [name_of(token) for token in tokenizer.tokens]
    return (
        {name: i for i, name in enumerate(names)},
        [(names[left], names[right]) for left, right in tokenizer.merges],
    )


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, BPETokenizer]:
    """One vocabulary, which the library has trained: theirs, and ours read from its files."""
    theirs = trained(TEXT, 2000, 2, ("<|endoftext|>", "<pad>"))
    folder = tmp_path_factory.mktemp("gpt2")
    theirs.model.save(str(folder))
    return theirs, BPETokenizer.from_gpt2(folder / "vocab.json", folder / "merges.txt")


# Words


def pieces(text: str) -> list[str]:
    return [text[start:end] for _, (start, end) in BYTE_LEVEL.pre_tokenize_str(text)]


def test_every_old_character_is_split_as_there() -> None:
    """Those that had their category in Unicode 3.2 already: every version since agrees on them.
    (Private use is left to the contract, which walks through all of Unicode.)"""
    old = unicodedata.ucd_3_2_0
    known = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) == old.category(c)]
    known = [c for c in known if unicodedata.category(c) not in ("Cn", "Co", "Cs")]
    assert len(known) > 90_000
    for start in range(0, len(known), 500):
        text = "".join(f"a{c}a1{c}1!{c}! {c} a{c}\n" for c in known[start : start + 500])
        assert split_into_words(text) == pieces(text), f"from U+{ord(known[start]):04X} on"


ALPHABET = "aZßж日한ع\u0301'stdlmrev019½²Ⅳ٣ \n\t\r\x1c\x85\xa0\u2003\u200b_.,!?🙂-"


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.text(alphabet=ALPHABET, max_size=30))
def test_texts_are_split_as_there(text: str) -> None:
    assert split_into_words(text) == pieces(text)


@pytest.mark.parametrize("text", [TEXT, MANY_TONGUES, " " * 5000, "\n" * 99 + "a", ""])
def test_long_texts_are_split_as_there(text: str) -> None:
    assert split_into_words(text) == pieces(text)


# Training


def test_the_bytes_have_the_names_and_the_order_of_gpt2() -> None:
    assert sorted(NAMES) == sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary, _ = model_of(trained("", 256, 2))
    assert vocabulary == {name: i for i, name in enumerate(NAMES)}
    for byte in range(256):
        assert bytes_of(name_of(bytes([byte]))) == bytes([byte])
        assert ORDER[NAMES.index(name_of(bytes([byte])))] == byte


@pytest.mark.parametrize(("vocab_size", "least"), [(300, 2), (2000, 2), (5000, 3), (9999, 30)])
def test_the_same_is_learnt(vocab_size: int, least: int) -> None:
    ours = BPETokenizer.train(TEXT, vocab_size, min_frequency=least)
    assert names_of(ours) == model_of(trained(TEXT, vocab_size, least))


@pytest.mark.parametrize("seed", range(60))
def test_ties_are_decided_as_there(seed: int) -> None:
    """Short texts of few letters, in which nearly all counts occur several times."""
    draws = np.random.default_rng(seed)
    letters = list("abcd")[: draws.integers(2, 5)]
    words = ["".join(draws.choice(letters, draws.integers(1, 9))) for _ in range(30)]
    text = " ".join(words)
    ours = BPETokenizer.train(text, 330, min_frequency=1)
    assert names_of(ours) == model_of(trained(text, 330, 1))


# Encoding and decoding with a vocabulary of theirs


def test_a_vocabulary_of_theirs_is_read_as_it_is(pair: Any) -> None:
    theirs, ours = pair
    assert ours.special_tokens == {"<|endoftext|>": 0, "<pad>": 1}
    assert ours.vocab_size == theirs.get_vocab_size()
    assert [theirs.token_to_id(name_of(token)) for token in ours.tokens[2:]] == list(
        range(2, ours.vocab_size)
    )


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        MANY_TONGUES,
        "To be, or not to be, that is the question:\nWhether 'tis nobler in the mind to suffer",
        "He'll don't WE'VE I'd've 'sss 's",
        "   leading,  double,   triple    and trailing   ",
        "\n\n\n\t\t  \r\n \n",
        "1 12 123 1234567890 3.14 ½¾ ²³ Ⅷ ١٢٣",
        "👩‍👩‍👧‍👦 🏳️‍🌈🙂🙂🙂 \U0001f9ff",
        "<|endoftext|>Hello<pad><pad> world<|endoftext|>",
        "Donaudampfschifffahrtsgesellschaftskapitän" * 40,
        "ab" * 3000,
        "\x00\x01\x7f\ufffd\ufeff\u2028",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_texts_have_the_same_ids(text: str, pair: Any) -> None:
    theirs, ours = pair
    ids = theirs.encode(text, add_special_tokens=False).ids
    assert ours.encode(text, allowed_special="all") == ids
    assert ours.decode(ids) == text == theirs.decode(ids, skip_special_tokens=False)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_the_same_ids(pair: Any, text: str) -> None:
    theirs, ours = pair
    assert ours.encode(text, "all") == theirs.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize("seed", range(20))
def test_any_ids_make_the_same_text(seed: int, pair: Any) -> None:
    """Also those whose bytes are no characters. Theirs leaves special tokens out of the bytes."""
    theirs, ours = pair
    ids = np.random.default_rng(seed).integers(2, ours.vocab_size, 40).tolist()
    assert ours.decode(ids) == theirs.decode(ids)


def test_the_class_for_byte_level_encoding(tmp_path: Path) -> None:
    theirs = ByteLevelBPETokenizer()
    theirs.train_from_iterator([TEXT], vocab_size=1200, show_progress=False)
    theirs.save_model(str(tmp_path))
    ours = BPETokenizer.from_gpt2(tmp_path / "vocab.json", tmp_path / "merges.txt")
    assert names_of(ours) == names_of(BPETokenizer.train(TEXT, 1200))
    assert ours.encode(TEXT) == theirs.encode(TEXT).ids


def test_files_of_ours_are_read_there(tmp_path: Path) -> None:
    ours = BPETokenizer.train(TEXT, 900, ["<|endoftext|>"])
    paths = str(tmp_path / "vocab.json"), str(tmp_path / "merges.txt")
    ours.save_gpt2(*paths)
    theirs = ByteLevelBPETokenizer.from_file(*paths)
    assert theirs.encode(TEXT).ids == ours.encode(TEXT)
    assert theirs.token_to_id("<|endoftext|>") == 899
