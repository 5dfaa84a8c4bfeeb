"""Downloading a file once, whatever the network does.

pooch looks whether the file is there, checks what came, and only then gives it its name. What it
lacks is here: a download that broke off goes on where it stopped (HTTP range requests, RFC 9110,
sections 13.1.5 and 14), and two programs that want one file do not both download it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pooch
import requests
from filelock import FileLock, Timeout

from .progress import Progress, progress_of

DATA_VARIABLE = "TINYTORCH_DATA"
CHUNK = 1 << 14
"""Bytes that are written at once. When a connection breaks, less than this is lost."""
TRIES = 5
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


def data_folder(root: str | os.PathLike[str] | None = None) -> Path:
    """Where data sets are: `root`, else what the environment variable TINYTORCH_DATA names, else
    the folder for caches of this system (`~/.cache/tinytorch` on Linux).
    """
    named = root if root is not None else os.environ.get(DATA_VARIABLE)
    return Path(named or pooch.os_cache("tinytorch")).expanduser().absolute()


def fetch(
    url: str,
    path: Path,
    checksum: str,
    *,
    timeout: float = 30.0,
    wait: float = 1.0,
    progress: Progress | None = None,
) -> Path:
    """Download `url` to `path` if nothing is there yet, and return `path`.

    checksum: "sha256:…" or "md5:…"; a file gets its name only if this is its own. timeout: seconds
    without a byte after which a connection counts as broken. wait: seconds before the second
    attempt; each further pause is twice as long, and after five attempts in a row that brought
    nothing it ends. What has come by then is kept in `<name>.part`, for the next time.

    Raises ConnectionError if the file cannot be had, ValueError if it is not the expected one.
    """
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with alone(path):
        if not path.exists():
            shown = progress_of(path.name) if progress is None else progress
            _retrieve(url, path, checksum, Resuming(_beside(path, ".part"), timeout, wait, shown))
    return path


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other programs away from what is to become `path`; wait for one that is at it."""
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"Another program is fetching {path}: waiting for it.", file=sys.stderr, flush=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def by_hand(url: str, path: Path) -> str:
    """What somebody can do who cannot download."""
    return (
        f"Without a network, get {url} in another way and save it as {path}; or name a folder that "
        f"has it, by root=... or the environment variable {DATA_VARIABLE}."
    )


class Resuming:
    """A downloader for pooch that goes on where an earlier download stopped.

    What has come is in the file `part` and outlives the program; beside it, in `part.json`, is
    what the server said about the version of the file.
    """

    def __init__(self, part: Path, timeout: float, wait: float, progress: Progress) -> None:
        self.part = part
        self.timeout = timeout
        self.wait = wait
        self.progress = progress
        self.resumed = False
        """Whether the file was put together from more than one answer."""

    def __call__(self, url: str, output_file: str, pooch: object = None) -> None:
        """Download `url` and give it the name `output_file`."""
        fruitless = 0
        while True:
            before = self._size()
            try:
                self._go_on(url)
                break
            except (*BROKEN, requests.HTTPError) as error:
                if isinstance(error, requests.HTTPError) and not _busy(error):
                    raise
                fruitless = 0 if self._size() > before else fruitless + 1
                if fruitless == TRIES:
                    raise
                time.sleep(self.wait * 2 ** max(0, fruitless - 1))
            finally:
                self.progress.close()
        if _is_web_page(self.part):
            self.forget()
            raise ValueError("a web page came in its place, as networks with a login send them")
        os.replace(self.part, output_file)
        self.forget()

    def forget(self) -> None:
        """Begin anew next time."""
        self.part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _go_on(self, url: str) -> None:
        """One request: for what is missing, or for everything if nothing is there."""
        have, version = self._size(), self._version(url)
        if version is None:
            have = 0
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
            if version:
                headers["If-Range"] = version
        with requests.get(url, headers=headers, stream=True, timeout=self.timeout) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable:
                if _range_of(answer) == (None, have):
                    return
                self.forget()
                raise requests.ConnectionError(f"{url} has no bytes after the first {have}")
            answer.raise_for_status()
            start = 0
            if answer.status_code == requests.codes.partial_content:
                start = have
                if _range_of(answer)[0] != start:
                    self.forget()
                    raise requests.ConnectionError(f"{url} sent another part than was asked for")
            self.resumed |= start > 0
            self._receive(url, answer, start)

    def _receive(self, url: str, answer: requests.Response, start: int) -> None:
        """Write what comes behind the first `start` bytes of the part."""
        length = answer.headers.get("Content-Length")
        whole = "Content-Encoding" not in answer.headers and length is not None
        total = start + int(length) if whole and length is not None else None
        self.progress.total = total
        self.progress.reset()
        self.progress.update(start)
        with self.part.open("r+b" if start else "wb") as file:
            # Only now, when nothing of an older version is left, may the version be noted.
            self._note_version(url, answer)
            file.seek(start)
            for chunk in answer.iter_content(CHUNK):
                file.write(chunk)
                self.progress.update(len(chunk))
            file.flush()
            os.fsync(file.fileno())
        if total is not None and self._size() < total:
            raise requests.ConnectionError(f"{url} sent {self._size()} of {total} bytes")

    @property
    def _note(self) -> Path:
        return _beside(self.part, ".json")

    def _note_version(self, url: str, answer: requests.Response) -> None:
        """Keep the validator with which a server can tell whether the file is still the same.

        A weak entity tag (W/…) does not stand for the very same bytes, so it cannot serve here.
        """
        tag = answer.headers.get("ETag", "W/")
        version = answer.headers.get("Last-Modified", "") if tag.startswith("W/") else tag
        self._note.write_text(json.dumps({"url": url, "version": version}), encoding="utf-8")

    def _version(self, url: str) -> str | None:
        """The validator of what is in the part: "" if the server gave none, None if there is
        nothing of this url.
        """
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(note, dict) or note.get("url") != url:
            return None
        return str(note.get("version"))

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0


def _retrieve(url: str, path: Path, checksum: str, download: Resuming) -> None:
    try:
        _by_pooch(url, path, checksum, download)
    except ValueError as error:
        raise ValueError(f"{path.name}: {url} did not give the expected file: {error}") from error
    except requests.RequestException as error:
        raise ConnectionError(
            f"{path.name} could not be downloaded: {error}. {by_hand(url, path)}"
        ) from error


def _by_pooch(url: str, path: Path, checksum: str, download: Resuming) -> None:
    try:
        pooch.retrieve(url, checksum, path.name, path.parent, downloader=download)
    except ValueError:
        if not download.resumed:
            raise
        # Parts that do not fit together need not mean that the file is wrong: all of it, once more.
        pooch.retrieve(url, checksum, path.name, path.parent, downloader=download)


def _busy(error: requests.HTTPError) -> bool:
    """Whether a server refused for now, rather than for good."""
    return error.response is not None and error.response.status_code in BUSY


def _range_of(answer: requests.Response) -> tuple[int | None, int | None]:
    """Where the sent part begins, and how long the whole is: `bytes 5-9/10` or `bytes */10`."""
    found = re.fullmatch(
        r"bytes (?:(\d+)-\d+|\*)/(?:(\d+)|\*)", answer.headers.get("Content-Range", "")
    )
    start, total = found.groups() if found else (None, None)
    return (None if start is None else int(start)), (None if total is None else int(total))


def _is_web_page(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(512).lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
