"""JSON files of the command's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tinytorch_course import whole_file


def write(file: Path, content: object) -> None:
    text = json.dumps(content, indent=2) + "\n"
    whole_file.replace(file, text.encode("utf-8"))


def read(file: Path) -> dict[str, Any]:
    """An empty dictionary where there is no file, or one that somebody broke."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, RecursionError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
