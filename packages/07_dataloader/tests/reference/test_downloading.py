"""Downloads from a real server on this machine, as bad as servers and networks can be."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinytorch.dataloader import CIFAR10, TinyShakespeare
from tinytorch.dataloader.cifar10 import RECORD
from tinytorch.dataloader.downloading import CHUNK, TRIES, alone, data_folder, fetch
from tinytorch.dataloader.progress import Bar, Lines, progress_of

CONTENT = np.random.default_rng(0).bytes(300_000)
KEPT = 100_000 // CHUNK * CHUNK
"""Of 100,000 bytes that came before a connection broke."""
PAGE = b"\n<!DOCTYPE html><html><body>Welcome to our wireless network</body></html>"


def checksum(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


@dataclass
class Answer:
    """How the server answers one request."""

    content: bytes = CONTENT
    status: int = 200
    """Instead of 200 or 206, if it is another one."""
    ranges: bool = True
    tag: str | None = '"first"'
    modified: str | None = None
    sends: int | None = None
    """After so many bytes the connection breaks."""
    length: bool = True
    waits: float = 0.0
    """Seconds between one tenth of the content and the next."""
    shift: int = 0
    """Sends a part that begins so many bytes too late."""


@dataclass
class Server:
    """answers: to the first request, the second, …; the last one to all that follow."""

    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    sent: threading.Event = field(default_factory=threading.Event)

    def next_answer(self, headers: dict[str, str]) -> Answer:
        self.asked.append(headers)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]

    @property
    def ranges(self) -> list[str | None]:
        return [headers.get("Range") for headers in self.asked]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    behaviour = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = behaviour.next_answer(dict(self.headers))
            start = asked_start(self.headers.get("Range")) if unchanged(self, answer) else None
            if start is not None and start >= len(answer.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(answer.content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = answer.content if start is None else answer.content[start + answer.shift :]
            self.send_response(answer.status if start is None else 206)
            if start is not None:
                first, end = start + answer.shift, len(answer.content)
                self.send_header("Content-Range", f"bytes {first}-{end - 1}/{end}")
            if answer.length:
                self.send_header("Content-Length", str(len(body)))
            if answer.tag is not None:
                self.send_header("ETag", answer.tag)
            if answer.modified is not None:
                self.send_header("Last-Modified", answer.modified)
            self.end_headers()
            self.send_slowly(body[: answer.sends], answer)

        def send_slowly(self, body: bytes, answer: Answer) -> None:
            step = max(1, len(answer.content) // 10)
            try:
                for at in range(0, len(body), step):
                    self.wfile.write(body[at : at + step])
                    self.wfile.flush()
                    behaviour.sent.set()
                    time.sleep(answer.waits)
            except OSError:
                pass  # whoever asked has gone
            self.close_connection = True

        def log_message(self, *args: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        behaviour.url = f"http://127.0.0.1:{running.server_port}/some/file.bin"
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield behaviour
        running.shutdown()
        thread.join()


def asked_start(header: str | None) -> int | None:
    return None if header is None else int(header.removeprefix("bytes=").removesuffix("-"))


def unchanged(request: BaseHTTPRequestHandler, answer: Answer) -> bool:
    """Whether a part may be sent: the file is still that of which the rest is asked for."""
    condition = request.headers.get("If-Range")
    return answer.ranges and condition in (None, answer.tag, answer.modified)


@pytest.fixture
def get(server: Server, tmp_path: Path) -> Callable[..., Path]:
    """get(): fetch CONTENT, or what else is given, without long pauses."""

    def fetched(content: bytes = CONTENT, **options: Any) -> Path:
        options = {"wait": 0.001, "timeout": 5.0} | options
        return fetch(server.url, tmp_path / "data" / "file.bin", checksum(content), **options)

    return fetched


def visible(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if not each.name.endswith(".lock"))


# Whole


def test_a_file_comes_and_nothing_else_stays(
    server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    path = get()
    assert path == tmp_path / "data" / "file.bin"
    assert path.read_bytes() == CONTENT
    assert visible(path.parent) == ["file.bin"]
    get()
    assert len(server.asked) == 1, "what is there is not asked for again"


def test_a_file_that_is_there_is_left_alone(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"mine")
    assert fetch(server.url, path, checksum(CONTENT)).read_bytes() == b"mine"
    assert server.asked == []


@pytest.mark.parametrize("content", [b"", b"x", CONTENT])
@pytest.mark.parametrize("length", [True, False])
def test_any_length_told_or_not(
    content: bytes, length: bool, server: Server, get: Callable[..., Path]
) -> None:
    server.answers = [Answer(content, length=length)]
    assert get(content).read_bytes() == content


def test_a_checksum_by_md5(server: Server, tmp_path: Path) -> None:
    known = "md5:" + hashlib.md5(CONTENT).hexdigest()
    assert fetch(server.url, tmp_path / "file.bin", known).read_bytes() == CONTENT


def test_others_may_read_what_came(get: Callable[..., Path], tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    assert get().stat().st_mode == ordinary.stat().st_mode


def test_nothing_has_the_name_before_all_has_come(
    server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    server.answers = [Answer(waits=0.05)]
    thread = threading.Thread(target=get)
    thread.start()
    assert server.sent.wait(5)
    assert not (tmp_path / "data" / "file.bin").exists()
    thread.join()
    assert (tmp_path / "data" / "file.bin").read_bytes() == CONTENT


# In parts


def test_a_dropped_connection_is_continued(server: Server, get: Callable[..., Path]) -> None:
    server.answers = [Answer(sends=100_000), Answer(sends=50_000), Answer()]
    assert get().read_bytes() == CONTENT
    assert server.ranges == [None, f"bytes={KEPT}-", f"bytes={KEPT + 3 * CHUNK}-"]
    assert [headers.get("If-Range") for headers in server.asked] == [None, '"first"', '"first"']


def test_many_drops_do_no_harm_while_something_comes(
    server: Server, get: Callable[..., Path]
) -> None:
    server.answers = [Answer(sends=20_000)]
    assert get().read_bytes() == CONTENT
    assert len(server.asked) > 2 * TRIES


@pytest.mark.parametrize("ranges", [True, False])
def test_a_server_that_goes_silent(ranges: bool, server: Server, get: Callable[..., Path]) -> None:
    server.answers = [Answer(waits=1.0), Answer(ranges=ranges)]
    assert get(timeout=0.2).read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_a_server_without_ranges_begins_again(server: Server, get: Callable[..., Path]) -> None:
    server.answers = [Answer(ranges=False, sends=100_000), Answer(ranges=False)]
    assert get().read_bytes() == CONTENT


def test_a_server_without_ranges_that_always_breaks_is_given_up(
    server: Server, get: Callable[..., Path]
) -> None:
    server.answers = [Answer(ranges=False, sends=100_000)]
    with pytest.raises(ConnectionError, match="100000"):
        get()
    assert len(server.asked) == 1 + TRIES


def test_what_came_is_kept_for_the_next_program(
    server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    server.answers = [Answer(sends=100_000), *[Answer(status=503, ranges=False)] * TRIES, Answer()]
    with pytest.raises(ConnectionError):
        get()
    assert visible(tmp_path / "data") == ["file.bin.part", "file.bin.part.json"]
    assert get().read_bytes() == CONTENT
    assert server.ranges[-1] == f"bytes={KEPT}-"
    assert visible(tmp_path / "data") == ["file.bin"]


def test_a_program_that_was_killed(
    server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    server.answers = [Answer(waits=0.5), Answer()]
    path = tmp_path / "data" / "file.bin"
    code = (
        "import sys; from pathlib import Path; from tinytorch.dataloader.downloading import fetch;"
        "fetch(sys.argv[1], Path(sys.argv[2]), sys.argv[3])"
    )
    program = subprocess.Popen([sys.executable, "-c", code, server.url, path, checksum(CONTENT)])
    part = path.with_name("file.bin.part")
    until = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size) and time.monotonic() < until:
        time.sleep(0.02)
    program.kill()
    program.wait()
    came = part.stat().st_size
    assert 0 < came < len(CONTENT)
    assert not path.exists()
    assert get().read_bytes() == CONTENT
    assert server.ranges[1] == f"bytes={came}-"


def test_a_download_that_is_interrupted(
    server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    class Impatient(Lines):
        def update(self, size: int) -> None:
            if size:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(progress=Impatient("file.bin"))
    assert visible(tmp_path / "data") == ["file.bin.part", "file.bin.part.json"]
    assert get().read_bytes() == CONTENT


# Parts that do not fit


def part_of(tmp_path: Path, url: str, content: bytes, version: object = '"first"') -> None:
    """As if a program had been killed after so much had come."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file.bin.part").write_bytes(content)
    note = version if isinstance(version, str) and version.startswith("raw ") else None
    text = note[4:] if note else json.dumps({"url": url, "version": version})
    (tmp_path / "data" / "file.bin.part.json").write_text(text)


def test_a_file_that_has_changed_since(
    server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    part_of(tmp_path, server.url, b"o" * 100_000)
    server.answers = [Answer(tag='"second"')]
    assert get().read_bytes() == CONTENT
    assert server.ranges == ["bytes=100000-"], "the server was asked, and sent all of it"


def test_a_changed_file_that_the_server_does_not_tell(
    server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    part_of(tmp_path, server.url, b"o" * 100_000, version="")
    server.answers = [Answer(tag=None)]
    assert get().read_bytes() == CONTENT
    assert server.ranges == ["bytes=100000-", None], "the checksum told it"


def test_a_weak_tag_does_not_vouch_for_bytes(server: Server, get: Callable[..., Path]) -> None:
    date = "Sat, 28 Nov 2026 10:00:00 GMT"
    server.answers = [Answer(tag='W/"first"', modified=date, sends=100_000), Answer(modified=date)]
    assert get().read_bytes() == CONTENT
    assert server.asked[1]["If-Range"] == date


def test_a_server_that_says_nothing_about_versions(
    server: Server, get: Callable[..., Path]
) -> None:
    server.answers = [Answer(tag=None, sends=100_000), Answer(tag=None)]
    assert get().read_bytes() == CONTENT
    assert "If-Range" not in server.asked[1]
    assert server.ranges[1] == f"bytes={KEPT}-"


def test_all_had_come_when_the_program_ended(
    server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    part_of(tmp_path, server.url, CONTENT)
    assert get().read_bytes() == CONTENT
    assert server.ranges == [f"bytes={len(CONTENT)}-"]


def test_more_had_come_than_there_is(
    server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    part_of(tmp_path, server.url, CONTENT + b"more")
    assert get().read_bytes() == CONTENT
    assert server.ranges[1:] == [None]


def test_another_part_than_was_asked_for(server: Server, get: Callable[..., Path]) -> None:
    server.answers = [Answer(sends=100_000), Answer(shift=7), Answer()]
    assert get().read_bytes() == CONTENT
    assert server.ranges == [None, f"bytes={KEPT}-", None]


@pytest.mark.parametrize(
    "note", ["raw ", "raw {", "raw []", "raw null", 'raw {"url": 7}'], ids=lambda note: note
)
def test_a_damaged_note(
    note: str, server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    part_of(tmp_path, server.url, b"o" * 100, version=note)
    assert get().read_bytes() == CONTENT
    assert server.ranges == [None]


def test_a_part_of_another_file(server: Server, get: Callable[..., Path], tmp_path: Path) -> None:
    part_of(tmp_path, server.url + "/other", b"o" * 100)
    assert get().read_bytes() == CONTENT
    assert server.ranges == [None]


# What cannot be had


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_not_there(
    status: int, server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    server.answers = [Answer(status=status)]
    with pytest.raises(ConnectionError) as caught:
        get()
    told = str(caught.value)
    path = tmp_path / "data" / "file.bin"
    for word in (str(status), server.url, str(path), "TINYTORCH_DATA", "root="):
        assert word in told
    assert len(server.asked) == 1, "to ask again is of no use"
    assert visible(path.parent) == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(
    status: int, server: Server, get: Callable[..., Path]
) -> None:
    server.answers = [Answer(status=status), Answer(status=status), Answer()]
    assert get().read_bytes() == CONTENT
    assert len(server.asked) == 3


def test_a_server_that_stays_busy(server: Server, get: Callable[..., Path]) -> None:
    server.answers = [Answer(status=500)]
    with pytest.raises(ConnectionError, match="500"):
        get()
    assert len(server.asked) == TRIES


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    url, path = "http://127.0.0.1:9/file.bin", tmp_path / "file.bin"
    with pytest.raises(ConnectionError) as caught:
        fetch(url, path, checksum(CONTENT), wait=0.001)
    told = str(caught.value)
    for word in (url, str(path), "TINYTORCH_DATA", "Without a network"):
        assert word in told
    assert visible(tmp_path) == []


def test_a_web_page_in_the_place_of_the_file(
    server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    server.answers = [Answer(PAGE)]
    with pytest.raises(ValueError, match=r"file\.bin.*web page"):
        get()
    assert visible(tmp_path / "data") == []
    server.answers = [Answer()]
    assert get().read_bytes() == CONTENT


def test_another_file_in_its_place(
    server: Server, get: Callable[..., Path], tmp_path: Path
) -> None:
    server.answers = [Answer(b"another file")]
    with pytest.raises(ValueError) as caught:
        get()
    told = str(caught.value)
    for word in ("file.bin", server.url, checksum(CONTENT)[7:], checksum(b"another file")[7:]):
        assert word in told
    assert visible(tmp_path / "data") == []
    assert len(server.asked) == 1, "it came in one piece: it would come again"


def test_a_folder_that_is_a_file(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("I am in the way")
    with pytest.raises(OSError, match="data"):
        fetch(server.url, tmp_path / "data" / "file.bin", checksum(CONTENT))


# Two at once


def test_two_threads_download_once(server: Server, get: Callable[..., Path]) -> None:
    server.answers = [Answer(waits=0.03)]
    threads = [threading.Thread(target=get) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 1
    assert get().read_bytes() == CONTENT


def test_two_programs_download_once(server: Server, tmp_path: Path) -> None:
    server.answers = [Answer(waits=0.1)]
    path = tmp_path / "data" / "file.bin"
    spawning = multiprocessing.get_context("spawn")
    arguments = (server.url, path, checksum(CONTENT))
    programs = [spawning.Process(target=fetch, args=arguments) for _ in range(2)]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
        assert program.exitcode == 0
    assert len(server.asked) == 1
    assert path.read_bytes() == CONTENT
    assert visible(path.parent) == ["file.bin"]


def test_the_second_says_that_it_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait() -> None:
        with alone(tmp_path / "file.bin"):
            pass

    told = io.StringIO()
    monkeypatch.setattr("sys.stderr", told)
    second = threading.Thread(target=wait)
    with alone(tmp_path / "file.bin"):
        second.start()
        until = time.monotonic() + 10
        while "waiting" not in told.getvalue() and time.monotonic() < until:
            time.sleep(0.01)
        assert second.is_alive()
    second.join()
    assert "file.bin" in told.getvalue()


# Progress


def test_a_line_for_each_tenth(server: Server, tmp_path: Path, capsys: Any) -> None:
    content = bytes(20_000_000)
    server.answers = [Answer(content)]
    fetch(server.url, tmp_path / "file.bin", checksum(content))
    lines = [line for line in capsys.readouterr().err.splitlines() if " MB" in line]
    assert lines[0] == "file.bin: 2 of 20 MB"
    assert lines[-1] == "file.bin: 20 of 20 MB"
    assert len(lines) == 10


def test_small_files_come_in_silence(get: Callable[..., Path], capsys: Any) -> None:
    get()
    assert " MB" not in capsys.readouterr().err


def test_a_bar_in_a_terminal(
    server: Server, get: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    server.answers = [Answer(sends=100_000), Answer()]
    shown = progress_of("file.bin")
    assert isinstance(shown, Bar)
    assert get(progress=shown).read_bytes() == CONTENT
    assert "file.bin" in screen.getvalue()
    assert "300.0/300.0 kB" in screen.getvalue()


def test_lines_where_there_is_no_terminal() -> None:
    assert isinstance(progress_of("file.bin"), Lines)


# Data sets


def test_the_root_goes_before_the_environment_and_that_before_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("TINYTORCH_DATA", raising=False)
    assert data_folder().name.lower() in ("tinytorch", "cache")
    monkeypatch.setenv("TINYTORCH_DATA", "")
    assert data_folder().name.lower() in ("tinytorch", "cache"), "an empty name names nothing"
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path / "named"))
    assert data_folder() == tmp_path / "named"
    assert data_folder(tmp_path / "root") == tmp_path / "root"
    assert data_folder("~/data") == Path.home() / "data"
    monkeypatch.chdir(tmp_path)
    assert data_folder("here") == tmp_path / "here"


def records(count: int, seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    made = rng.integers(0, 256, (count, RECORD)).astype(np.uint8)
    made[:, 0] %= 10
    return made.tobytes()


NAMES = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
FILES = {f"cifar-10-batches-bin/{name}": records(3, i) for i, name in enumerate(NAMES)}


def archive(files: dict[str, bytes | tarfile.TarInfo] | dict[str, bytes]) -> bytes:
    """A .tar.gz of these files; a TarInfo stands for itself, without content."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                tar.addfile(content)
                continue
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def test_cifar10_comes_over_the_network(server: Server, tmp_path: Path) -> None:
    packed = archive(FILES)
    server.answers = [Answer(packed, sends=len(packed) // 2), Answer(packed)]
    options: dict[str, Any] = {"url": server.url, "checksum": checksum(packed)}
    train = CIFAR10(tmp_path / "new" / "folder", **options)
    assert (
        train.images.reshape(15, -1).tobytes()
        == np.frombuffer(b"".join(FILES.values()), np.uint8).reshape(18, RECORD)[:15, 1:].tobytes()
    )
    assert len(CIFAR10(tmp_path / "new" / "folder", train=False, **options)) == 3
    assert len(server.asked) == 2
    folder = tmp_path / "new" / "folder"
    assert visible(folder) == ["cifar-10-batches-bin", "cifar-10-binary.tar.gz"]
    assert visible(folder / "cifar-10-batches-bin") == NAMES


def test_tiny_shakespeare_comes_over_the_network(server: Server, tmp_path: Path) -> None:
    text = b"To be, or not\r\nto be\n"
    server.answers = [Answer(text)]
    data = TinyShakespeare(tmp_path, url=server.url, checksum=checksum(text))
    assert data.text.encode() == text
    assert visible(tmp_path) == ["tinyshakespeare.txt"]


def read_archive(files: dict[str, Any], tmp_path: Path) -> CIFAR10:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cifar-10-binary.tar.gz").write_bytes(archive(files))
    return CIFAR10(tmp_path / "data", download=False)


@pytest.mark.parametrize(
    "name",
    ["../outside.bin", "/tmp/tinytorch-outside.bin", "cifar-10-batches-bin/../../outside.bin",
     "cifar-10-batches-bin/extra.bin", "data_batch_1.bin"],
)  # fmt: skip
def test_what_else_is_in_an_archive_is_left_there(name: str, tmp_path: Path) -> None:
    assert len(read_archive({name: records(1, 0), **FILES}, tmp_path)) == 15
    assert visible(tmp_path) == ["data"]
    assert visible(tmp_path / "data" / "cifar-10-batches-bin") == NAMES
    assert not Path("/tmp/tinytorch-outside.bin").exists()


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE],
    ids=["symbolic link", "hard link", "folder", "pipe"],
)
def test_what_is_no_plain_file_is_refused(kind: bytes, tmp_path: Path) -> None:
    member = tarfile.TarInfo("cifar-10-batches-bin/data_batch_3.bin")
    member.type = kind
    member.linkname = "/etc/passwd"
    with pytest.raises(ValueError, match=r"data_batch_3\.bin"):
        read_archive(FILES | {member.name: member}, tmp_path)
    assert visible(tmp_path / "data") == ["cifar-10-binary.tar.gz"], "nothing is unpacked"


def test_a_file_of_images_that_is_too_large_is_refused(tmp_path: Path) -> None:
    name = "cifar-10-batches-bin/data_batch_3.bin"
    with pytest.raises(ValueError, match=r"data_batch_3\.bin.*30,730,000"):
        read_archive(FILES | {name: bytes(10_001 * RECORD)}, tmp_path)


def test_an_archive_without_one_of_the_files(tmp_path: Path) -> None:
    files = {name: content for name, content in FILES.items() if "batch_5" not in name}
    with pytest.raises(ValueError, match=r"data_batch_5\.bin is not in it"):
        read_archive(files, tmp_path)


def test_every_damaged_byte_is_noticed(tmp_path: Path) -> None:
    """One bit of the archive is turned, at many places: never do other images come out of it."""
    packed = archive(FILES)
    expected = CIFAR10(prepared(tmp_path / "whole", packed), download=False).images
    refused = 0
    places = np.linspace(0, len(packed) - 1, 60).astype(int).tolist()
    for place in places:
        damaged = bytearray(packed)
        damaged[place] ^= 0x10
        folder = prepared(tmp_path / str(place), bytes(damaged))
        try:
            images = CIFAR10(folder, download=False).images
        except ValueError:
            refused += 1
            assert visible(folder) == ["cifar-10-binary.tar.gz"], "nothing is unpacked"
        else:
            assert np.array_equal(images, expected)
    assert refused > 50, "only in gzip's header a bit may be of no account"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_an_archive_that_is_cut_off(share: float, tmp_path: Path) -> None:
    packed = archive(FILES)
    folder = prepared(tmp_path / "data", packed[: int(share * len(packed))])
    with pytest.raises(ValueError, match="170,052,171"):
        CIFAR10(folder, download=False)
    assert visible(folder) == ["cifar-10-binary.tar.gz"]


def prepared(folder: Path, packed: bytes) -> Path:
    folder.mkdir(parents=True)
    (folder / "cifar-10-binary.tar.gz").write_bytes(packed)
    return folder


def test_an_archive_in_a_folder_that_must_stay_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = prepared(tmp_path / "data", archive(FILES))
    before = CIFAR10(prepared(tmp_path / "other", archive(FILES)), download=False).images
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    assert np.array_equal(CIFAR10(folder, download=False).images, before)
    assert sorted(each.name for each in folder.iterdir()) == ["cifar-10-binary.tar.gz"]


def test_the_version_for_python_is_not_the_one(tmp_path: Path) -> None:
    (tmp_path / "cifar-10-batches-py").mkdir()
    with pytest.raises(FileNotFoundError, match="pickle"):
        CIFAR10(tmp_path, download=False)
