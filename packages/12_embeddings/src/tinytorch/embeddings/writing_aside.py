"""Files that are there whole or not at all, and JSON in them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

PathLike = str | os.PathLike[str]


def write_bytes(path: PathLike, data: bytes) -> None:
    """Put a file with these bytes at `path`, in place of an older one.

    It is written under another name beside it and then renamed, which a file system does as a whole
    or not at all: whatever happens, there is the old file or the new one.
    """
    target = Path(path)
    aside = target.with_name(target.name + ".part")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, target)
    finally:
        aside.unlink(missing_ok=True)


def write_text(path: PathLike, text: str) -> None:
    """The same, with this text: UTF-8, lines ended by \\n."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: PathLike, content: Any) -> None:
    """The same, with `content` as JSON, every character beyond ASCII as itself."""
    write_text(path, json.dumps(content, ensure_ascii=False) + "\n")


def read_json(path: PathLike, kind: str) -> Any:
    """The object in a JSON file that says of itself that it is of this kind.

    Raises ValueError for a file that holds something else.
    """
    content = load_json(path)
    if not isinstance(content, dict) or content.get("kind") != kind:
        raise ValueError(f"{path} holds no {kind}: it was not written by its save()")
    return content


def load_json(path: PathLike) -> Any:
    """What a JSON file holds. Raises ValueError if that is no JSON."""
    try:
        return json.loads(Path(path).read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON file, or damaged: {error}") from error
