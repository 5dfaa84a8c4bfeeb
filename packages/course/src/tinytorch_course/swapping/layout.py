"""The files of a package as an installer writes them, in a folder aside."""

from __future__ import annotations

import json
from pathlib import Path

from tinytorch_course.swapping import record
from tinytorch_course.swapping.keep import Kept
from tinytorch_course.swapping.project import Project
from tinytorch_course.swapping.wheel import Wheel

INSTALLER = "tinytorch"


def editable(wheel: Wheel, project: Project, folder: Path) -> None:
    """The metadata, and a `.pth` with the project's folder: its files run from where they lie."""
    for name in wheel.names:
        if name.startswith(f"{wheel.info}/"):
            _write(folder / name, wheel.read(name))
    pth = folder / f"_tinytorch_{project.module.name}.pth"
    _write(pth, path_line(project.source).encode("ascii"))
    _add_origin(wheel, project, folder, {"editable": True})


def copy(wheel: Wheel, project: Project, folder: Path) -> None:
    wheel.unpack(folder, f"tinytorch/{project.module.name}/")
    _add_origin(wheel, project, folder, {})


def kept(what: Kept, folder: Path) -> None:
    """To the byte as it was installed, RECORD included."""
    wheel = Wheel(what.file)
    wheel.unpack(folder, f"tinytorch/{what.module}/")
    (folder / wheel.info / "RECORD").unlink()
    for name, text in what.added.items():
        _write(folder / wheel.info / name, text.encode())


def path_line(folder: Path) -> str:
    """The line of a `.pth` file: plain, which editors and type checkers read as well.

    Which encoding Python reads the file in differs between versions and machines. With other
    letters than ASCII the line is code, in which they can be escaped.
    """
    plain = str(folder)
    return f"{plain}\n" if plain.isascii() else f"import sys; sys.path.append({plain!a})\n"


def _add_origin(wheel: Wheel, project: Project, folder: Path, how: dict[str, bool]) -> None:
    """Where it came from, as pip notes it (PEP 610, PEP 376), and its RECORD."""
    info = folder / wheel.info
    origin = {"dir_info": how, "url": project.folder.as_uri()}
    _write(info / "direct_url.json", json.dumps(origin).encode())
    _write(info / "INSTALLER", f"{INSTALLER}\n".encode())
    _write(info / "REQUESTED", b"")
    record.write(folder, wheel.info)


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
