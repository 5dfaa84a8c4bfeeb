"""Bytecode of files that are gone. Most lies beside them and went with their folder."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import cache_from_source
from pathlib import Path


def remove(sources: Iterable[Path]) -> None:
    """Also from the folder that PYTHONPYCACHEPREFIX names."""
    for source in sources:
        if source.suffix != ".py":
            continue
        for level in ("", 1, 2):
            try:
                Path(cache_from_source(str(source), optimization=level)).unlink(missing_ok=True)
            except (OSError, NotImplementedError):  # another user's, or a Python without bytecode
                continue
