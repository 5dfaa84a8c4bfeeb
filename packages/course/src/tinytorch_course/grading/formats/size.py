"""Keeping a document below the size that its reader accepts."""

from __future__ import annotations

from collections.abc import Callable

LIMITS = (10_000, 3_000, 1_000, 300, 100)
"""Characters of each text in it, tried in this order."""


def fitting(write: Callable[[int], str], most: int) -> str | None:
    """What `write(limit)` gives for the first limit at which it has at most `most` bytes."""
    documents = (write(limit) for limit in LIMITS)
    return next((each for each in documents if len(each.encode()) <= most), None)
