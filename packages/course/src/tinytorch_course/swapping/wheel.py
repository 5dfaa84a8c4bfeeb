"""A wheel: what it holds and what it says of itself."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from functools import cached_property
from pathlib import Path

from tinytorch_course.swapping import record

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every file in a wheel made here, so that equal content makes equal wheels."""


@dataclass(frozen=True)
class Wheel:
    file: Path

    @cached_property
    def names(self) -> tuple[str, ...]:
        with zipfile.ZipFile(self.file) as archive:
            return tuple(name for name in archive.namelist() if not name.endswith("/"))

    @property
    def info(self) -> str:
        """The name of the folder with its metadata: `tinytorch_tensor-0.1.0.dist-info`."""
        (name,) = {name.partition("/")[0] for name in self.names if name.endswith("info/METADATA")}
        return name

    def others(self, root: str) -> list[str]:
        """What is neither below that folder nor metadata."""
        return [name for name in self.names if not name.startswith((root, f"{self.info}/"))]

    @cached_property
    def metadata(self) -> Message:
        return BytesParser().parsebytes(self.read(f"{self.info}/METADATA"))

    def read(self, name: str) -> bytes:
        with zipfile.ZipFile(self.file) as archive:
            return archive.read(name)

    def unpack(self, folder: Path, root: str) -> None:
        """What is below that folder, and the metadata."""
        others = set(self.others(root))
        with zipfile.ZipFile(self.file) as archive:
            archive.extractall(folder, [name for name in self.names if name not in others])


def pack(file: Path, info: str, files: Mapping[str, bytes]) -> None:
    """Writes a wheel of these files, and its RECORD."""
    lines = [record.line(name, data) for name, data in sorted(files.items())]
    name = f"{info}/RECORD"
    text = record.spell([*lines, record.Line(name, "", "")])
    with open(file, "wb") as out:
        with zipfile.ZipFile(out, "w") as archive:
            for each, data in [*sorted(files.items()), (name, text.encode())]:
                entry = zipfile.ZipInfo(each, EPOCH)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
        out.flush()
        os.fsync(out.fileno())
