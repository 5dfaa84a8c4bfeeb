"""A workspace in a temporary folder, for tests to break."""

from __future__ import annotations

from pathlib import Path

import pytest

from sample_workspace import Rewrite, write_workspace


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_workspace(tmp_path)
    return tmp_path


@pytest.fixture
def rewrite(root: Path) -> Rewrite:
    """Replace a piece of text in a file of the workspace; the piece must be there."""

    def replace(path: str, old: str, new: str) -> None:
        text = (root / path).read_text("utf-8")
        assert old in text, f"{path} does not hold {old!r}"
        (root / path).write_text(text.replace(old, new), encoding="utf-8")

    return replace
