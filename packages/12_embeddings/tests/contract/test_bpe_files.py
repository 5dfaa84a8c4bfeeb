"""Tokenizers in files: given, and no task."""

import json
from pathlib import Path
from typing import Any

import pytest

from tinytorch.embeddings import BPETokenizer

BYTES = [bytes([byte]) for byte in range(256)]
TEXT = "der Fuß, the foot, 足 \n\n  the foot's 12 feet; der Fuß 🙂"
WRITES = pytest.mark.in_process("files are written")


def parts(tokenizer: Any) -> tuple[list[bytes], list[tuple[int, int]], dict[str, int]]:
    return tokenizer.tokens, tokenizer.merges, tokenizer.special_tokens


@WRITES
def test_saved_and_loaded(tmp_path: Path) -> None:
    path = tmp_path / "bpe.json"
    tokenizer = BPETokenizer.train(TEXT, 290, ["<|end|>", "§"], min_frequency=1)
    tokenizer.save(path)
    assert [each.name for each in tmp_path.iterdir()] == ["bpe.json"]
    loaded = BPETokenizer.load(str(path))
    assert parts(loaded) == parts(tokenizer)
    assert loaded.encode(TEXT + "<|end|>", "all") == tokenizer.encode(TEXT + "<|end|>", "all")


@WRITES
def test_a_file_in_the_way_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "bpe.json"
    path.write_text("old", encoding="utf-8")
    BPETokenizer.train("ab ab", 257).save(path)
    assert BPETokenizer.load(path).vocab_size == 257


@WRITES
@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", '{"kind": "BPETokenizer"}', '{"kind": "BPETokenizer", "tokens": ["a"]}'],
)
def test_a_damaged_file(content: str, tmp_path: Path, refused: Any) -> None:
    path = tmp_path / "damaged.json"
    path.write_text(content, encoding="utf-8")
    with refused(ValueError, "damaged.json"):
        BPETokenizer.load(path)


@WRITES
def test_gpt2_files(tmp_path: Path) -> None:
    vocabulary, merges = tmp_path / "vocab.json", tmp_path / "merges.txt"
    tokenizer = BPETokenizer.train(" the the\n\nthe ß", 262, ["<|endoftext|>"], min_frequency=1)
    tokenizer.save_gpt2(vocabulary, merges)
    names = json.loads(vocabulary.read_text("utf-8"))
    assert names["!"] == 0
    assert names["Ġ"] == 220, "a space is Ġ, and has this id in GPT-2"
    assert names["Ċ"] == 198, "a line feed is Ċ, and has this id in GPT-2"
    assert names["<|endoftext|>"] == 261
    lines = merges.read_text("utf-8").splitlines()
    assert lines[0].startswith("#version")
    assert lines[1] in ("h e", "t h")
    assert "Ġ the" in lines
    assert "Ã Ł" in lines, "ß is C3 9F in UTF-8"
    loaded = BPETokenizer.from_gpt2(vocabulary, merges)
    assert parts(loaded) == parts(tokenizer)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["merges.txt", "vocab.json"]


def write_gpt2(folder: Path, names: dict[str, int], merges: str) -> tuple[Path, Path]:
    vocabulary, lines = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps(names), encoding="utf-8")
    lines.write_bytes(merges.encode())
    return vocabulary, lines


@pytest.fixture
def names(tmp_path: Path) -> dict[str, int]:
    """The 256 names of bytes, behind a special token that has the id 0, as some vocabularies do."""
    vocabulary, merges = tmp_path / "v", tmp_path / "m"
    BPETokenizer.train("", 256).save_gpt2(vocabulary, merges)
    found = json.loads(vocabulary.read_text("utf-8"))
    return {"<s>": 0, **{name: i + 1 for name, i in found.items()}}


@WRITES
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_order_of_ids_is_kept(end: str, names: dict[str, int], tmp_path: Path) -> None:
    names |= {"ab": 258, "abc": 257}
    paths = write_gpt2(tmp_path, names, end.join(["#version: 0.2", "a b", "ab c", "", ""]))
    tokenizer = BPETokenizer.from_gpt2(*paths)
    assert tokenizer.special_tokens == {"<s>": 0}
    assert tokenizer.encode("abcab<s>", "all") == [257, 258, 0]
    assert tokenizer.decode([0, 257]) == "<s>abc"


@WRITES
@pytest.mark.parametrize(
    ("merges", "words"),
    [
        ("a b\na x\n", ["line 2", "a", "x"]),
        ("a b c\n", ["line 1", "a b c"]),
        ("a\n", ["line 1"]),
    ],
)
def test_merges_that_do_not_fit(
    merges: str, words: list[str], names: dict[str, int], tmp_path: Path, refused: Any
) -> None:
    paths = write_gpt2(tmp_path, {**names, "ab": 257}, merges)
    with refused(ValueError, "merges.txt", *words):
        BPETokenizer.from_gpt2(*paths)


@WRITES
@pytest.mark.parametrize(
    "wrong", [{"a": 0, "b": 0}, {"a": 1}, {"a": "0"}, {"a": [0]}, ["a"], {"€": 0}]
)
def test_what_is_no_vocabulary(wrong: Any, tmp_path: Path, refused: Any) -> None:
    paths = write_gpt2(tmp_path, wrong, "")
    with refused(ValueError):
        BPETokenizer.from_gpt2(*paths)


@WRITES
def test_a_special_token_that_is_named_as_another(tmp_path: Path, refused: Any) -> None:
    tokenizer = BPETokenizer([*BYTES, b"a"], [], {"a": 256})
    with refused(ValueError, "save_gpt2"):
        tokenizer.save_gpt2(tmp_path / "v", tmp_path / "m")


@pytest.mark.parametrize(
    ("tokens", "merges", "special", "words"),
    [
        (BYTES[1:], [], {}, ["0x0"]),
        ([*BYTES, b"ab"], [(97, 300)], {}, ["(97, 300)", "257"]),
        ([*BYTES, b"ab"], [(97, 98), (97, 99)], {}, ["(97, 99)", "ac"]),
        (BYTES, [], {"<s>": 256}, ["<s>"]),
        ([*BYTES, b"<t>"], [], {"<s>": 256}, ["<s>"]),
        (BYTES, [], {"a": 97}, ["0x61"]),
    ],
    ids=["no byte 0", "no token 300", "no token ac", "no id", "another", "a byte"],
)
def test_parts_that_do_not_fit(
    tokens: list[bytes],
    merges: list[tuple[int, int]],
    special: dict[str, int],
    words: list[str],
    refused: Any,
) -> None:
    with refused(ValueError, "BPETokenizer", *words):
        BPETokenizer(tokens, merges, special)


def test_repr() -> None:
    tokenizer = BPETokenizer([*BYTES, b"<s>"], [], {"<s>": 256})
    assert repr(tokenizer) == "BPETokenizer(vocab_size=257, special_tokens=['<s>'])"
