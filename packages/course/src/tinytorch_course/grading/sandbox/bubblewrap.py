"""bubblewrap: a file system of its own, made of what the enclosure names; no network."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from tinytorch_course.grading.sandbox.enclosure import LARGEST_SCRATCH, Enclosure


class Bubblewrap:
    name = "bwrap"
    explanation = "own files, processes and network (bubblewrap)"
    is_wall = True

    def command(self, enclosure: Enclosure) -> list[str]:
        bwrap = shutil.which("bwrap") or "bwrap"
        words = [bwrap, "--unshare-all", "--die-with-parent", "--cap-drop", "ALL"]
        if knows(bwrap, "--disable-userns"):
            words += ["--unshare-user", "--disable-userns"]
        words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
        for path in enclosure.system:
            words += _as_it_is(path)
        for path in enclosure.hidden:
            words += _covered(path)
        for path in enclosure.readable:
            words += ["--ro-bind", str(path), str(path)]
        words += ["--size", str(LARGEST_SCRATCH), "--tmpfs", str(enclosure.scratch)]
        for path in enclosure.writable:
            words += ["--bind", str(path), str(path)]
        words += ["--remount-ro", "/"]  # else it could be filled, and it is memory
        return [*words, "--chdir", str(enclosure.scratch), "--"]


@cache
def knows(bwrap: str, option: str) -> bool:
    """Within namespaces of its own the code could mount more folders in memory: bubblewrap can
    forbid them, since 0.8."""
    try:
        done = subprocess.run([bwrap, "--help"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return option in done.stdout + done.stderr


def _as_it_is(path: Path) -> list[str]:
    """`/bin` is a link to `usr/bin` on many systems."""
    if path.is_symlink():
        return ["--symlink", str(path.readlink()), str(path)]
    return ["--ro-bind", str(path), str(path)]


def _covered(path: Path) -> list[str]:
    if path.is_dir():
        return ["--tmpfs", str(path), "--remount-ro", str(path)]
    return ["--ro-bind", os.devnull, str(path)]
