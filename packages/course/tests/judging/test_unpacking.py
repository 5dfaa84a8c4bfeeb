"""Archives that are made to be read for hours, or to fill the memory."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

from tinytorch_course.grading import unpacking
from tinytorch_course.grading.archives import UnpackError


def test_it_is_as_it_would_be_here(tmp_path):
    with zipfile.ZipFile(tmp_path / "it.zip", "w") as archive:
        archive.writestr("a/b.py", "x = 1\n")
        archive.writestr("../out.py", "y = 2\n")
    found = unpacking.unpack(tmp_path / "it.zip", tmp_path / "to")
    assert (tmp_path / "to" / "a" / "b.py").read_text() == "x = 1\n"
    assert (found.dangerous, found.bytes, found.files) == (["../out.py"], 6, 2)


def test_what_is_wrong_is_told_as_it_would_be_here(tmp_path):
    (tmp_path / "it.zip").write_bytes(b"no zip")
    with pytest.raises(UnpackError, match="the archive cannot be read"):
        unpacking.unpack(tmp_path / "it.zip", tmp_path / "to")


def test_a_header_that_takes_long_to_read_costs_its_limit(tmp_path, monkeypatch):
    """A number of very many digits, in which old versions of tarfile look for a number."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("a.py")
        archive.addfile(member, io.BytesIO())
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 400_000
    digits = b"1" * header.size
    padding = b"\0" * (-header.size % 512)
    (tmp_path / "it.tar.gz").write_bytes(
        gzip.compress(header.tobuf() + digits + padding + raw.getvalue())
    )
    monkeypatch.setattr(unpacking, "SECONDS", 1.0)
    with pytest.raises(UnpackError):
        unpacking.unpack(tmp_path / "it.tar.gz", tmp_path / "to")


def test_what_fills_the_memory_fills_no_more_than_its_limit(tmp_path, monkeypatch):
    """A map of a sparse file: a few KB of archive are many numbers."""
    monkeypatch.setattr(unpacking, "MEMORY", 256 * 2**20)
    entries = 3_000_000
    numbers = f"{entries}\n".encode() + b"0\n0\n" * entries
    padded = numbers + b"\0" * (-len(numbers) % 512)
    member = tarfile.TarInfo("a.py")
    member.size = len(padded)
    member.pax_headers = {
        "GNU.sparse.major": "1", "GNU.sparse.minor": "0",
        "GNU.sparse.name": "a.py", "GNU.sparse.realsize": "0",
    }  # fmt: skip
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(padded))
    (tmp_path / "it.tar.gz").write_bytes(gzip.compress(raw.getvalue(), 1))
    with pytest.raises(UnpackError):
        unpacking.unpack(tmp_path / "it.tar.gz", tmp_path / "to")
