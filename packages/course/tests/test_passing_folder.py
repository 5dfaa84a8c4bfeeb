"""A folder for a while leaves nothing behind, whatever was made in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tinytorch_course.checking.passing_folder import passing_folder, remove


def deepen(folder: Path, levels: int) -> None:
    """Below it, so deep that no system takes the whole path."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        for _ in range(levels):
            os.mkdir("d")
            os.chdir("d")
        Path("file").write_text("")
    finally:
        os.chdir(before)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes no such folders")
def test_thousands_of_folders_in_each_other():
    with passing_folder() as folder:
        deepen(folder, 4000)
    assert not folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_are_not_followed(tmp_path):
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "folder" / "below").mkdir(parents=True)
    (tmp_path / "folder" / "below" / "link").symlink_to(tmp_path)
    (tmp_path / "folder" / "file").symlink_to(tmp_path / "precious")
    remove(tmp_path / "folder")
    assert [each.name for each in tmp_path.iterdir()] == ["precious"]
    assert (tmp_path / "precious").read_text() == "kept"


def test_folders_that_are_closed():
    with passing_folder() as folder:
        (folder / "a" / "b" / "c").mkdir(parents=True)
        (folder / "a" / "b" / "file").write_text("")
        for name in ("a/b/c", "a/b", "a"):
            (folder / name).chmod(0)
    assert not folder.exists()
