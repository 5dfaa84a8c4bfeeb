"""Folders that lie in a project and hold nobody's work: environments, caches, what was built."""

from __future__ import annotations

NEVER_CODE = {"__pycache__", "__MACOSX", "node_modules", "site-packages", "dist-packages"}
AROUND_CODE = {"venv", "env", "build", "dist", "alternative"}
"""Nobody's work beside a package; inside of one they are subpackages like others."""


def is_never_code(folder: str) -> bool:
    """Whether nothing in a folder of that name can be imported, wherever it lies."""
    return folder.startswith(".") or folder in NEVER_CODE


def is_passed_by(folder: str) -> bool:
    """Whether nobody looks for code in a folder of that name."""
    return is_never_code(folder) or folder in AROUND_CODE
