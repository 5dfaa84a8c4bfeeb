"""A Python of its own that is no virtual environment, as conda's, the system's, and Colab's are.

Its executable is a copy and its standard library links, so it finds itself in its own folder.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

NOT_ITS_OWN = {"site-packages", "dist-packages", "EXTERNALLY-MANAGED", "sitecustomize.py"}
DEBIANS_FOLDER = """\
import site
import sysconfig

folder = {folder!r}
sysconfig._INSTALL_SCHEMES[sysconfig.get_default_scheme()].update(purelib=folder, platlib=folder)
site.getsitepackages = lambda prefixes=None: [folder]
site.addsitedir(folder)
"""
"""What Debian's Python is patched to say of the folder that pip installs into."""


@dataclass(frozen=True)
class Standalone:
    root: Path

    @property
    def python(self) -> str:
        return str(self.root / "bin" / "python3")

    @property
    def library(self) -> Path:
        return self.root / "lib" / Path(sysconfig.get_path("stdlib")).name


def make(root: Path) -> Standalone:
    made = Standalone(root)
    standard = Path(sysconfig.get_path("stdlib"))
    (made.library / "site-packages").mkdir(parents=True)
    for each in standard.iterdir():
        if each.name not in NOT_ITS_OWN:
            (made.library / each.name).symlink_to(each)
    for each in standard.parent.glob("libpython*"):
        (root / "lib" / each.name).symlink_to(each)
    (root / "bin").mkdir()
    executable = Path(getattr(sys, "_base_executable", sys.executable))
    shutil.copy(os.path.realpath(executable), made.python)
    return made


def install_as_debian_does(made: Standalone) -> Path:
    """Packages go into local/lib/python3.x/dist-packages."""
    folder = made.root / "local" / "lib" / made.library.name / "dist-packages"
    folder.mkdir(parents=True)
    text = DEBIANS_FOLDER.format(folder=str(folder))
    (made.library / "sitecustomize.py").write_text(text, encoding="utf-8")
    return folder
