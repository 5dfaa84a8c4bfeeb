"""bubblewrap: a file system of its own, made of what the enclosure names; no network."""

from __future__ import annotations

import shutil
from pathlib import Path

from tinytorch_course.grading.sandbox.enclosure import Enclosure


class Bubblewrap:
    name = "bwrap"
    explanation = "own files, processes and network (bubblewrap)"

    def command(self, enclosure: Enclosure) -> list[str]:
        words = [
            shutil.which("bwrap") or "bwrap",
            "--unshare-all",
            "--die-with-parent",
            "--cap-drop",
            "ALL",
        ]
        words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
        for folder in enclosure.system:
            words += _as_it_is(folder)
        for folder in enclosure.hidden:
            words += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
        for folder in enclosure.readable:
            words += ["--ro-bind", str(folder), str(folder)]
        words += ["--bind", str(enclosure.writable), str(enclosure.writable)]
        words += ["--remount-ro", "/"]  # else it could be filled, and it is memory
        return [*words, "--chdir", str(enclosure.writable / "work"), "--"]


def _as_it_is(path: Path) -> list[str]:
    """`/bin` is a link to `usr/bin` on many systems."""
    if path.is_symlink():
        return ["--symlink", str(path.readlink()), str(path)]
    return ["--ro-bind", str(path), str(path)]
