"""What comes out of an archive is plain files below one folder, and not too many."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from tinytorch_course.grading import archives
from tinytorch_course.grading.archives import Quota, UnpackError, fingerprint, name_of, unpack

SMALL = Quota(bytes=1000, files=5, packed=100_000)


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, entries: dict[str, bytes]) -> Path:
    mode = {".gz": "w:gz", ".tgz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}.get(path.suffix, "w")
    with tarfile.open(path, mode) as archive:
        for name, data in entries.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}


ENTRIES = {"tensor/pyproject.toml": b"[project]\n", "tensor/src/ä b.py": b"x = 1\n"}
ARCHIVES = ("a.zip", "a.whl", "a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz", "A.ZIP")


@pytest.mark.parametrize("name", ARCHIVES)
def test_what_was_packed_comes_out(tmp_path, name):
    pack = zipped if name.lower().endswith((".zip", ".whl")) else tarred
    unpacked = unpack(pack(tmp_path / name, ENTRIES), tmp_path / "out")
    assert contents(tmp_path / "out") == ENTRIES
    assert unpacked.dangerous == []
    assert name_of(tmp_path / name).lower() == "a"


def test_a_folder_is_copied(tmp_path):
    for name, data in ENTRIES.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(data)
    unpack(tmp_path / "in", tmp_path / "out")
    assert contents(tmp_path / "out") == ENTRIES


OUTSIDE = ["../evil.py", "a/../../evil.py", "/evil.py", "C:\\evil.py", "..\\evil.py", "x" * 2000]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("kind", ["a.zip", "a.tar.gz"])
def test_a_path_that_leads_out_is_left_out(tmp_path, name, kind):
    pack = zipped if kind == "a.zip" else tarred
    archive = pack(tmp_path / kind, {name: b"evil", "good.py": b"good"})
    unpacked = unpack(archive, tmp_path / "deep" / "out")
    assert contents(tmp_path / "deep") == {"out/good.py": b"good"}
    assert unpacked.dangerous == [
        name[:200].replace("\\", "/") if "\\" in name else name[:200]
    ] or (unpacked.dangerous == [name[:200]])
    assert not list(tmp_path.rglob("evil.py"))


def test_links_and_devices_in_a_tarball_are_left_out(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind in (("s", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("p", tarfile.FIFOTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        inside = tarfile.TarInfo("s/x")
        inside.size = 1
        archive.addfile(inside, io.BytesIO(b"x"))
    unpacked = unpack(tmp_path / "a.tar", tmp_path / "out")
    assert unpacked.dangerous == ["s", "h", "p"]
    assert contents(tmp_path / "out") == {"s/x": b"x"}


def test_a_link_in_a_zip_is_left_out(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert unpack(tmp_path / "a.zip", tmp_path / "out").dangerous == ["link"]
    assert contents(tmp_path / "out") == {}


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_in_a_folder_are_left_out(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").symlink_to("/etc/passwd")
    (tmp_path / "in" / "folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "in" / "pipe")
    unpacked = unpack(tmp_path / "in", tmp_path / "out")
    assert unpacked.dangerous == ["file", "folder", "pipe"]
    assert contents(tmp_path / "out") == {}


@pytest.mark.parametrize("kind", ["a.zip", "a.tar", "a.tar.gz", "a.tar.xz"])
def test_a_bomb_is_noticed_while_it_is_read(tmp_path, kind):
    pack = zipped if kind == "a.zip" else tarred
    archive = pack(tmp_path / kind, {"bomb": bytes(50_000)})
    with pytest.raises(UnpackError, match="more than"):
        unpack(archive, tmp_path / "out", SMALL)
    assert sum(map(len, contents(tmp_path / "out").values())) <= 1000


def test_a_bomb_in_a_header_of_a_tarball(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("x" * 5_000_000))
    with pytest.raises(UnpackError, match="more than"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "out", SMALL)


def test_too_many_files(tmp_path):
    archive = zipped(tmp_path / "a.zip", {f"{k}.py": b"" for k in range(6)})
    with pytest.raises(UnpackError, match="more than 5 files"):
        unpack(archive, tmp_path / "out", SMALL)


@pytest.mark.parametrize("kind", ["a.zip", "a.tar.gz"])
def test_folders_are_counted_too(tmp_path, kind):
    pack = zipped if kind == "a.zip" else tarred
    archive = pack(tmp_path / kind, {"a/b/c/d/e/f.py": b""})
    with pytest.raises(UnpackError, match="more than 5 files and folders"):
        unpack(archive, tmp_path / "out", SMALL)
    assert len(list((tmp_path / "out").rglob("*"))) <= 5


DEEP = "d/" * 60 + "f.py"


@pytest.mark.parametrize("kind", ["a.zip", "a.tar.gz"])
def test_folders_too_deep_in_an_archive(tmp_path, kind):
    pack = zipped if kind == "a.zip" else tarred
    with pytest.raises(UnpackError, match="more than 50 deep in each other"):
        unpack(pack(tmp_path / kind, {DEEP: b""}), tmp_path / "out")


def test_folders_too_deep_in_a_folder(tmp_path):
    folder = tmp_path / "in"
    (folder / DEEP).parent.mkdir(parents=True)
    with pytest.raises(UnpackError, match="more than 50 deep in each other"):
        unpack(folder, tmp_path / "out")
    assert fingerprint(folder) == fingerprint(folder)


NOBODYS = [
    *(".venv/lib/numpy/a.py", "proj/.git/objects/ab", "proj/src/__pycache__/a.pyc"),
    *("env/lib/python3.12/site-packages/torch/a.py", "node_modules/b/c.js", "__MACOSX/._a"),
]


@pytest.mark.parametrize("kind", ["a.zip", "a.tar.gz", "folder"])
def test_what_is_nobodys_work_is_passed_by_and_not_counted(tmp_path, kind):
    entries = dict.fromkeys([*NOBODYS, "good.py"], b"x = 1\n")
    if kind == "folder":
        for name, data in entries.items():
            (tmp_path / kind / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / kind / name).write_bytes(data)
    else:
        (zipped if kind == "a.zip" else tarred)(tmp_path / kind, entries)
    unpacked = unpack(tmp_path / kind, tmp_path / "out", Quota(bytes=10, files=1, packed=100_000))
    assert contents(tmp_path / "out") == {"good.py": b"x = 1\n"}
    assert unpacked.dangerous == []


def test_a_way_out_through_an_environment_is_told(tmp_path):
    archive = zipped(tmp_path / "a.zip", {".venv/../../evil.py": b"evil"})
    assert unpack(archive, tmp_path / "out").dangerous == [".venv/../../evil.py"]


@pytest.mark.parametrize("folder", [".venv", "venv", "env"])
def test_links_of_an_environment_are_no_alarm(tmp_path, folder):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        member = tarfile.TarInfo(f"tensor/{folder}/bin/python")
        member.type, member.linkname = tarfile.SYMTYPE, "/usr/bin/python3"
        archive.addfile(member)
    assert unpack(tmp_path / "a.tar", tmp_path / "out").dangerous == []


@pytest.mark.parametrize("kind", ["a.zip", "a.tar.gz"])
def test_more_entries_than_anybody_looks_at(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(archives, "MOST_ENTRIES", 20)
    pack = zipped if kind == "a.zip" else tarred
    archive = pack(tmp_path / kind, {f".git/{k}": b"" for k in range(21)})
    with pytest.raises(UnpackError, match="more than 20 entries"):
        unpack(archive, tmp_path / "out")


def test_a_list_of_entries_that_would_fill_memory(tmp_path):
    """The list alone: all of its rows speak of the same bytes."""
    row = zipfile.ZipInfo("x" * 1000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(row, b"")
        archive.filelist.extend([row] * 9_000)
    with pytest.raises(UnpackError, match="list of entries is larger than is allowed"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "closed.py").write_text("")
    real = Path.open

    def closed(path, mode="r", *more):
        if path.name == "closed.py" and mode == "rb":
            raise PermissionError(13, "Permission denied")
        return real(path, mode, *more)

    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(UnpackError, match=r"closed\.py cannot be read: Permission denied"):
        unpack(tmp_path / "in", tmp_path / "out")
    assert fingerprint(tmp_path / "in")


def test_too_large_an_archive(tmp_path):
    archive = zipped(tmp_path / "a.zip", {"a": os.urandom(200_000)})
    with pytest.raises(UnpackError, match="more than the 0 allowed"):
        unpack(archive, tmp_path / "out", SMALL)


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar", "a.tar.xz", "a.tar.bz2"])
@pytest.mark.parametrize("data", [b"", b"nonsense" * 100])
def test_what_is_no_archive(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UnpackError, match="cannot be read"):
        unpack(tmp_path / name, tmp_path / "out")


def test_an_archive_that_is_cut_short(tmp_path):
    archive = zipped(tmp_path / "a.zip", {"a": os.urandom(5000)})
    archive.write_bytes(archive.read_bytes()[:-3000])
    with pytest.raises(UnpackError, match="cannot be read"):
        unpack(archive, tmp_path / "out")


def test_what_nobody_knows(tmp_path):
    (tmp_path / "a.rar").write_bytes(b"Rar!")
    with pytest.raises(UnpackError, match=r"a\.rar is neither a folder nor an archive \(\.zip"):
        unpack(tmp_path / "a.rar", tmp_path / "out")


def test_a_fingerprint_is_of_names_and_contents(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    seen = set()
    for name, data in (("a", b"1"), ("a", b"2"), ("b", b"2")):
        for each in folder.iterdir():
            each.unlink()
        (folder / name).write_bytes(data)
        seen.add(fingerprint(folder))
    assert len(seen) == 3
    assert fingerprint(folder) in seen
