"""What a process that runs a student's code may see of the machine.

Everything is named here; what is not named is not there. Of a Python its programs and its libraries
are shown, and in these folders again nothing in which packages lie or that is called as the course
is: a reference may be installed there, or lie there as a wheel.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol

PROGRAMS = ("/usr/bin", "/usr/sbin", "/bin", "/sbin")
LIBRARIES = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64")
SETTINGS = (
    *("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/os-release"),
    "/usr/share/zoneinfo",
)
OF_A_PYTHON = ("bin", "lib", "lib32", "lib64") if os.name != "nt" else ("",)
NIX = "/nix/store"
"""There a Python's libraries lie, each in a folder of its own."""
PACKAGES = frozenset({"site-packages", "dist-packages"})
COURSE = "tinytorch"
LARGEST_SCRATCH = 512 * 2**20
MOST_FILES = 20_000


@dataclass(frozen=True)
class Enclosure:
    """Folders and files by what may be done with them."""

    readable: Sequence[Path]
    scratch: Path
    """A folder that is there. What is written to it is in memory and gone in the end, if the
    sandbox can make it so."""
    writable: Sequence[Path] = ()
    """Files and folders that are there, and can be written but not replaced."""

    @property
    def system(self) -> tuple[Path, ...]:
        """The machine's own programs and libraries, and the Python that is run."""
        return shown_of_the_system(interpreter(), (sys.base_prefix, sys.base_exec_prefix))

    @cached_property
    def hidden(self) -> tuple[Path, ...]:
        """What is in those folders and may not be seen."""
        return tuple(each for folder in self.system for each in hidden_in(folder))


class Sandbox(Protocol):
    name: str
    explanation: str
    """What it stops, in a line for the instructor."""
    is_wall: bool
    """Whether the system itself holds the code to the enclosure."""

    def command(self, enclosure: Enclosure) -> list[str]:
        """What is put before a command to run it enclosed."""


def interpreter() -> Path:
    """The file itself: not the grader's virtual environment of it, and no link to it."""
    program = getattr(sys, "_base_executable", None) or sys.executable
    return Path(os.path.realpath(program))


@cache
def shown_of_the_system(python: Path, prefixes: tuple[str, ...]) -> tuple[Path, ...]:
    own = [str(Path(prefix, part)) for prefix in prefixes for part in OF_A_PYTHON]
    nix = [NIX] if python.is_relative_to(NIX) else []
    windows = [os.environ["SYSTEMROOT"]] if "SYSTEMROOT" in os.environ else []
    wanted = (*PROGRAMS, *LIBRARIES, *SETTINGS, *nix, *windows, str(python.parent), *own)
    there = [each for each in map(Path, dict.fromkeys(wanted)) if each.exists()]
    return tuple(each for each in there if each.is_symlink() or not _is_below(each, there))


@cache
def hidden_in(folder: Path) -> tuple[Path, ...]:
    """The outermost; read once, since it takes a moment."""
    return () if folder.is_symlink() else tuple(_hidden_in(folder))


def _hidden_in(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        hidden = [name for name in folders if name in PACKAGES or name.startswith(COURSE)]
        folders[:] = [name for name in folders if name not in hidden]
        yield from (Path(root, name) for name in hidden if not Path(root, name).is_symlink())
        yield from (Path(root, name) for name in files if name.startswith(COURSE))


def _is_below(path: Path, others: Sequence[Path]) -> bool:
    """Whether it is seen already, in one of the others that is no link."""
    return any(path.is_relative_to(x) and path != x and not x.is_symlink() for x in others)
