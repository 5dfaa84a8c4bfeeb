"""What a process that runs a student's code may see of the machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/opt")
SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/os-release")
PACKAGES = ("site-packages", "dist-packages")


@dataclass(frozen=True)
class Enclosure:
    """Folders by what may be done with them. Whatever is not named is not there."""

    readable: Sequence[Path]
    writable: Path

    @cached_property
    def system(self) -> tuple[Path, ...]:
        """The machine's own programs and libraries, and the Python that is run."""
        wanted = (*SYSTEM, *SETTINGS, sys.base_prefix, sys.base_exec_prefix)
        return tuple(dict.fromkeys(Path(each) for each in wanted if Path(each).exists()))

    @cached_property
    def hidden(self) -> tuple[Path, ...]:
        """Where packages are installed: the reference may be among them."""
        return tuple(dict.fromkeys(_package_folders((sys.base_prefix, "/usr", "/usr/local"))))


class Sandbox(Protocol):
    name: str
    explanation: str
    """What it stops, in a line for the instructor."""

    def command(self, enclosure: Enclosure) -> list[str]:
        """What is put before a command to run it enclosed."""


def _package_folders(prefixes: Sequence[str]) -> Iterator[Path]:
    for prefix in prefixes:
        for name in PACKAGES:
            yield from sorted(Path(prefix).glob(f"lib*/python*/{name}"))
        yield from (folder for folder in [Path(prefix, "Lib", "site-packages")] if folder.is_dir())
