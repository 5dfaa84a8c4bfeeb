"""Inside a judged process: refuses what no module of the course does, and writes down who tried.

Python asks an audit hook before it opens a file, a connection or a process, and nothing in Python
can take a hook away again. It is no wall: code that leaves Python (a C library, a flaw of the
interpreter) is not asked. The sandbox is the wall; the guard says what it was hit with, and where
there is no sandbox it is what there is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

READS = ("open", "os.listdir", "os.scandir", "os.chdir")
WRITES = (
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr", "shutil.rmtree"),
)
NETWORK = (
    *("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"),
    *("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"),
)
PROCESSES = (
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile"),
    *("os.fork", "os.forkpty", "pty.spawn"),
)
SIGNALS = ("os.kill", "os.killpg", "signal.pthread_kill")
LIBRARIES = ("ctypes.dlopen",)

WHAT: dict[str, str] = {
    **dict.fromkeys(NETWORK, "use the network"),
    **dict.fromkeys(PROCESSES, "start another process"),
    **dict.fromkeys(SIGNALS, "send a signal"),
    **dict.fromkeys(LIBRARIES, "load a library of machine code"),
}
SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/opt", "/nix")
PACKAGES = frozenset({"site-packages", "dist-packages"})
MOST_WRITTEN = 50


class Guard:
    """readable, writable: folders. may_start_processes: some checks start a module as a command."""

    def __init__(
        self, readable: Sequence[Path], writable: Path, log: Path, may_start_processes: bool
    ) -> None:
        system = (*SYSTEM, sys.base_prefix, sys.base_exec_prefix, os.environ.get("SYSTEMROOT", ""))
        self.system = tuple(_real(each) for each in system if each)
        self.readable = tuple(_real(each) for each in readable)
        self.writable = _real(writable)
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.written = 0
        self.allowed = frozenset(PROCESSES) if may_start_processes else frozenset()
        self.is_asking = False

    def start(self) -> None:
        sys.addaudithook(self.ask)

    def ask(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in READS:
            self.ask_about_file(arguments, may_write=event == "open" and _writes(arguments))
        elif event in WRITES:
            self.ask_about_file(arguments, may_write=True)
        elif event in WHAT and not self.is_allowed(event, arguments):
            self.refuse(f"{WHAT[event]} ({event} {arguments[:2]!r})", f"may not {WHAT[event]}")

    def is_allowed(self, event: str, arguments: tuple[Any, ...]) -> bool:
        """NumPy opens Python itself as a library, and threadpoolctl the BLAS that NumPy brings."""
        if event not in LIBRARIES:
            return event in self.allowed
        name = arguments[0] if arguments else None
        return name is None or any(_is_in(_real(name), each) for each in self.readable)

    def ask_about_file(self, arguments: tuple[Any, ...], may_write: bool) -> None:
        """A number is a file that is open already, and None the folder where one is."""
        if (
            self.is_asking
            or not arguments
            or not isinstance(arguments[0], str | bytes | os.PathLike)
        ):
            return
        self.is_asking = True  # finding the real path may open folders
        try:
            path = _real(arguments[0])
        finally:
            self.is_asking = False
        if _is_in(path, self.writable) or path == os.devnull:
            return
        if may_write:
            self.refuse(f"write to {path}", f"may not write to {path}")
        if not self.is_readable(path):
            self.refuse(f"read {path}", f"may not read {path}")

    def is_readable(self, path: str) -> bool:
        if any(_is_in(path, each) for each in self.readable):
            return True
        is_packages = not PACKAGES.isdisjoint(Path(path).parts)
        return not is_packages and any(_is_in(path, each) for each in self.system)

    def refuse(self, tried: str, message: str) -> None:
        if self.written < MOST_WRITTEN:
            self.written += 1
            os.write(self.log, f"{tried[:500]}\n".encode("utf-8", "backslashreplace"))
        raise PermissionError(f"a module that is graded {message}")


def _real(path: str | bytes | os.PathLike[Any]) -> str:
    return os.path.realpath(os.fsdecode(path))


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _writes(arguments: tuple[Any, ...]) -> bool:
    """open(path, mode, flags): one of the two last is None or without meaning."""
    mode, flags = (*arguments, None, None)[1:3]
    if isinstance(mode, str):
        return not set(mode).isdisjoint("wax+")
    return bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND))
