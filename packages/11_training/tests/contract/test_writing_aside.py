"""Task 11.7: a file that is there whole, or as it was before, whatever happens.

What can happen is made to happen: the system's calls are replaced by ones that fail.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from tinytorch.training import write_aside

pytestmark = pytest.mark.in_process("looks at files that the code writes")

OLD, NEW = b"the old content, which is longer", b"the new content"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_new_file(tmp_path: Path) -> None:
    write_aside(tmp_path / "a.bin", NEW)
    assert contents(tmp_path) == {"a.bin": NEW}


def test_in_place_of_an_old_one(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(OLD)
    write_aside(tmp_path / "a.bin", NEW)
    assert contents(tmp_path) == {"a.bin": NEW}


def test_nothing_is_content_too(tmp_path: Path) -> None:
    write_aside(tmp_path / "a.bin", b"")
    assert contents(tmp_path) == {"a.bin": b""}


def test_a_piece_that_a_killed_process_left(tmp_path: Path) -> None:
    (tmp_path / "a.bin.part").write_bytes(OLD)
    write_aside(tmp_path / "a.bin", NEW)
    assert contents(tmp_path) == {"a.bin": NEW}


def fails(*_: Any, **__: Any) -> None:
    raise OSError("the disk is full")


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_what_fails_leaves_the_old_file_and_nothing_else(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.bin").write_bytes(OLD)
    monkeypatch.setattr(os, call, fails)
    if call == "replace":
        monkeypatch.setattr(os, "rename", fails)
    with pytest.raises(OSError, match="the disk is full"):
        write_aside(tmp_path / "a.bin", NEW)
    monkeypatch.undo()
    assert contents(tmp_path) == {"a.bin": OLD}, f"after os.{call} has failed"


def test_it_is_on_the_disk_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first fsync all has left Python's buffers, and the old file is still there."""
    target = tmp_path / "a.bin"
    target.write_bytes(OLD)
    seen: list[set[bytes]] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        seen.append(set(contents(tmp_path).values()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    write_aside(target, NEW)
    assert seen, "os.fsync was not called: the file may not be on the disk yet"
    assert seen[0] == {OLD, NEW}, f"when os.fsync was called, the files held {seen[0]}"


@pytest.mark.parametrize("large", [2**16, 2**20 + 1])
def test_large_content(large: int, tmp_path: Path) -> None:
    data = bytes(range(256)) * (large // 256) + b"end"
    write_aside(tmp_path / "a.bin", data)
    assert contents(tmp_path) == {"a.bin": data}


def test_the_name_is_on_the_disk_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the renaming, fsync of the folder; but Windows opens no folders."""
    target = tmp_path / "a.bin"
    synced = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        same = os.path.samestat(os.fstat(descriptor), tmp_path.stat())
        synced.append((same, target.exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    write_aside(target, NEW)
    assert (True, True) in synced or os.name == "nt", (
        "the folder should be synced when the file has its name"
    )
