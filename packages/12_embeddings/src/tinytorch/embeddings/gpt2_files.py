"""GPT-2's two files: the vocabulary, a JSON object of names and ids, and the merges, one a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .byte_names import NAMES, bytes_of, name_of
from .pairs import Pair
from .splitting import as_bytes
from .writing_aside import PathLike, load_json, write_json, write_text

HEADING = "#version: 0.2"

Parts = tuple[list[bytes], list[Pair], dict[str, int]]


def read(vocab_path: PathLike, merges_path: PathLike) -> Parts:
    """The tokens, merges and special tokens in the two files. Raises ValueError for others."""
    ids = load_json(vocab_path)
    if not isinstance(ids, dict) or not has_ids(ids):
        raise ValueError(
            f"{vocab_path} is no vocabulary: it should be an object of names, with the ids 0, 1, "
            "… in any order"
        )
    merges: list[Pair] = []
    made = set(NAMES)
    for number, left, right in read_merges(merges_path):
        if not {left, right, left + right} <= ids.keys():
            raise ValueError(
                f"{merges_path}, line {number}: {left} and {right} make {left + right}, but they "
                f"are not all in {vocab_path}"
            )
        merges.append((ids[left], ids[right]))
        made.add(left + right)
    special = {name: i for name, i in ids.items() if name not in made}
    tokens = [b""] * len(ids)
    for name, i in ids.items():
        tokens[i] = as_bytes(name) if name in special else bytes_of(name)
    return tokens, merges, special


def has_ids(ids: Mapping[str, Any]) -> bool:
    """Whether each of 0, …, len(ids) − 1 is there once."""
    return all(isinstance(i, int) for i in ids.values()) and {*ids.values()} == {*range(len(ids))}


def read_merges(path: PathLike) -> Iterator[tuple[int, str, str]]:
    """The merges in a file, each behind the number of its line."""
    lines = Path(path).read_text("utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip() or (number == 1 and line.startswith("#version")):
            continue
        names = line.rstrip("\r").split(" ")
        if len(names) != 2:
            raise ValueError(f"{path}, line {number}: expected two names, not {line!r}")
        yield number, names[0], names[1]


def write(
    vocab_path: PathLike,
    merges_path: PathLike,
    tokens: Sequence[bytes],
    merges: Sequence[Pair],
    special_tokens: Mapping[str, int],
) -> None:
    """Write the two files, each aside and renamed."""
    texts = {i: text for text, i in special_tokens.items()}
    names = [texts[i] if i in texts else name_of(token) for i, token in enumerate(tokens)]
    if len(set(names)) < len(names):
        raise ValueError("save_gpt2: a special token has the name of another token")
    lines = [HEADING, *(f"{names[left]} {names[right]}" for left, right in merges)]
    write_json(vocab_path, {name: i for i, name in enumerate(names)})
    write_text(merges_path, "\n".join(lines) + "\n")
