"""RECORD: the files of an installed package or a wheel, with a hash of each."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Line:
    path: str
    """Relative to the folder that holds the metadata, with slashes."""
    hash: str
    """`sha256=…`, or empty where nobody can know it (RECORD itself, bytecode)."""
    size: str


def line(path: str, data: bytes) -> Line:
    return Line(path, hash_of(data), str(len(data)))


def hash_of(data: bytes, algorithm: str = "sha256") -> str:
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm}={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def is_true(line: Line, data: bytes) -> bool:
    """Whether these are the bytes that the line speaks of."""
    algorithm = line.hash.partition("=")[0]
    if algorithm not in hashlib.algorithms_available:
        return not line.hash
    return hash_of(data, algorithm) == line.hash


def parse(text: str) -> tuple[Line, ...]:
    rows = csv.reader(io.StringIO(text))
    return tuple(Line(*[*row, "", ""][:3]) for row in rows if row and row[0])


def spell(lines: list[Line]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        (each.path, each.hash, each.size) for each in lines
    )
    return out.getvalue()


def write(folder: Path, info: str) -> None:
    """Writes the RECORD of all files below a folder; `info` is the name of its metadata folder."""
    name = f"{info}/RECORD"
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    paths = {each.relative_to(folder).as_posix(): each for each in files}
    lines = [line(path, file.read_bytes()) for path, file in paths.items() if path != name]
    (folder / name).write_text(spell([*lines, Line(name, "", "")]), encoding="utf-8", newline="")
