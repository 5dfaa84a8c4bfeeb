"""Inside a judged process: refuses what no module of the course does, and tells who tried.

Python asks an audit hook before it opens a file, a connection or a process, and nothing in Python
can take a hook away again. It is no wall: code that leaves Python (a C library, a flaw of the
interpreter) is not asked. The sandbox is the wall; the guard says what it was hit with, and where
there is no sandbox it is what there is.

`shut_in.py` runs this module as a copy that only the hook knows, so that its rules cannot be
changed by importing it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

READS = ("open", "os.listdir", "os.scandir", "os.chdir")
WRITES = {
    **dict.fromkeys(("os.remove", "os.rmdir"), ((0, 1),)),
    **dict.fromkeys(("os.mkdir", "os.chmod"), ((0, 2),)),
    **dict.fromkeys(("os.chown", "os.utime"), ((0, 3),)),
    **dict.fromkeys(("os.rename", "os.link"), ((0, 2), (1, 3))),
    **dict.fromkeys(("os.truncate", "os.setxattr", "os.removexattr"), ((0, None),)),
    **dict.fromkeys(("shutil.rmtree", "sqlite3.connect"), ((0, None),)),
    "os.symlink": ((1, 2),),
}
"""By event, where among its arguments the paths are, and the folders that these start from."""
NETWORK = (
    *("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"),
    *("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"),
)
PROCESSES = (
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile"),
    *("os.fork", "os.forkpty", "pty.spawn"),
)
SIGNALS = ("os.kill", "os.killpg", "signal.pthread_kill", "resource.prlimit")
LIBRARIES = ("ctypes.dlopen",)
INSIDES = ("gc.get_objects", "gc.get_referrers", "gc.get_referents", "sys._current_frames")
"""By these the guard itself could be found."""

WHAT: dict[str, str] = {
    **dict.fromkeys(NETWORK, "use the network"),
    **dict.fromkeys(PROCESSES, "start another process"),
    **dict.fromkeys(SIGNALS, "send a signal"),
    **dict.fromkeys(LIBRARIES, "load a library of machine code"),
    **dict.fromkeys(INSIDES, "look through the objects of this process"),
}
OF_THE_MACHINE = (
    *("/etc", "/sys", "/dev", "/proc/self", "/proc/sys", "/proc/cpuinfo", "/proc/meminfo"),
    *("/proc/stat", "/proc/loadavg", "/proc/version", "/proc/filesystems"),
)
"""Of other processes nothing: there is what they were started with, and their memory."""
PACKAGES = frozenset({"site-packages", "dist-packages"})
MOST_TOLD = 50
LONGEST = 400


class Guard:
    """readable, writable, system: paths; in what is the system's, no package may be read.

    may_start_python: some checks start a module as a command. tell: sends a line to the grader.
    """

    def __init__(
        self,
        readable: Sequence[str],
        writable: Sequence[str],
        system: Sequence[str],
        may_start_python: bool,
        tell: Callable[[bytes], object],
    ) -> None:
        self.system = tuple(map(_real, (*system, *OF_THE_MACHINE)))
        self.readable = tuple(map(_real, readable))
        self.writable = (*map(_real, writable), os.devnull)
        self.python = _real(sys.executable) if may_start_python else None
        self.tell = tell
        self.told = 0

    def ask(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in READS:
            self.ask_about_opening(event, arguments)
        elif event in WRITES:
            for path in _paths(arguments, WRITES[event]):
                self.ask_about(path, may_write=True)
            if event == "os.symlink":
                self.ask_about_link(arguments)
        elif event in WHAT and not self.is_allowed(event, arguments):
            self.refuse(f"{WHAT[event]} ({event} {arguments[:2]!r})", f"may not {WHAT[event]}")

    def is_allowed(self, event: str, arguments: tuple[Any, ...]) -> bool:
        """NumPy opens Python itself as a library, and threadpoolctl the BLAS that NumPy brings.
        hypothesis asks who holds a generator of random numbers."""
        if event == "resource.prlimit":
            return arguments[0] in (0, os.getpid())
        if event == "gc.get_referrers":
            return all(type(each) is Random for each in arguments[0])
        name = arguments[0] if arguments else None
        if event == "subprocess.Popen":
            return self.python is not None and _is_path(name) and self.may_start(name, arguments[1])
        if event not in LIBRARIES:
            return False
        return name is None or (_is_path(name) and self.is_given(_real(name)))

    def is_given(self, path: str) -> bool:
        """Whether it was there before the code ran."""
        if any(_is_in(path, each) for each in self.writable):
            return False
        return any(_is_in(path, each) for each in self.readable)

    def may_start(self, program: Any, command: Any) -> bool:
        """Python, and what `platform.processor` asks."""
        if _text(program) != "uname":
            return _real(program) == self.python
        return [_text(word) for word in command] == ["uname", "-p"]

    def ask_about_opening(self, event: str, arguments: tuple[Any, ...]) -> None:
        """A number is a file that is open already, and None the folder where one is."""
        if not arguments or not _is_path(arguments[0]):
            return
        writes = event == "open" and _writes(arguments)
        if (
            event == "open"
            and arguments[1] is None
            and not _is_plain_or_whole(arguments[0], writes)
        ):
            # os.open does not say which folder it starts from
            self.refuse(f"open {_text(arguments[0])} from a folder", "opens files by whole paths")
        self.ask_about(arguments[0], writes)

    def ask_about_link(self, arguments: tuple[Any, ...]) -> None:
        """Where it leads, and would lead from any other place."""
        leads_to = _text(arguments[0])
        if ".." in leads_to.split(os.sep):
            self.refuse(f"make a link to {leads_to}", f"may not make a link to {leads_to}")
        if os.path.isabs(leads_to):
            self.ask_about(leads_to, may_write=False)

    def ask_about(self, name: Any, may_write: bool) -> None:
        path = _real(name)
        if any(_is_in(path, each) for each in self.writable):
            return
        if may_write:
            self.refuse(f"write to {path}", f"may not write to {path}")
        if not self.is_readable(path):
            self.refuse(f"read {path}", f"may not read {path}")

    def is_readable(self, path: str) -> bool:
        if any(_is_in(path, each) for each in self.readable):
            return True
        is_packages = not PACKAGES.isdisjoint(path.split(os.sep))
        return not is_packages and any(_is_in(path, each) for each in self.system)

    def refuse(self, tried: str, message: str) -> None:
        if self.told < MOST_TOLD:
            self.told += 1
            line = tried.replace("\n", " ").encode("utf-8", "backslashreplace")
            self.tell(line[:LONGEST] + b"\n")
        raise PermissionError(f"a module that is graded {message}")


def _paths(arguments: tuple[Any, ...], places: Sequence[tuple[int, int | None]]) -> Iterator[str]:
    for path, folder in places:
        if path < len(arguments) and _is_path(arguments[path]):
            start = arguments[folder] if folder is not None and folder < len(arguments) else None
            yield _below(start, _text(arguments[path]))


def _below(folder: Any, path: str) -> str:
    """folder: the number of an open one, or what is none."""
    if not isinstance(folder, int) or folder < 0 or os.path.isabs(path):
        return path
    try:
        return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)
    except OSError:
        return path


def _is_plain_or_whole(name: Any, writes: bool) -> bool:
    path = _text(name)
    return os.path.isabs(path) or not (writes or os.sep in path or path == os.pardir)


def _is_path(value: Any) -> bool:
    return isinstance(value, str | bytes | os.PathLike)


def _text(path: Any) -> str:
    """A text and nothing derived from it, whose methods could say anything."""
    found = os.fspath(path)
    if isinstance(found, bytes):
        return bytes.decode(found, "utf-8", "surrogateescape")
    return str.encode(found, "utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _real(path: Any) -> str:
    return os.path.realpath(_text(path))


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _writes(arguments: tuple[Any, ...]) -> bool:
    """open(path, mode, flags): one of the two last is None or without meaning."""
    mode, flags = (*arguments, None, None)[1:3]
    if isinstance(mode, str):
        return not set(mode).isdisjoint("wax+")
    return bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND))
