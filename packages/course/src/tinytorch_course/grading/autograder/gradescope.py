"""A zip for Gradescope's "Configure Autograder".

As described in https://gradescope-autograders.readthedocs.io/en/latest/specs/: `setup.sh` runs once
when the image is built, `run_autograder` for each submission; both lie at the root of the zip.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tinytorch_course.grading.autograder import contents
from tinytorch_course.grading.autograder.contents import Entry, Order
from tinytorch_course.whole_file import replacing

UNFINISHED: dict[str, object] = {
    "score": 0,
    "output": contents.UNFINISHED,
    "output_format": "text",
    "visibility": "visible",
    "stdout_visibility": "hidden",
}
A_DAY = (2026, 1, 1, 0, 0, 0)
"""Of every file in the zip, so that the same contents make the same zip."""


def write(order: Order, file: Path) -> None:
    with replacing(file) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in _entries(order):
            packed.writestr(_info(entry), entry.content, zipfile.ZIP_DEFLATED)


def _entries(order: Order) -> Iterator[Entry]:
    yield contents.script("setup.sh")
    yield contents.script("run_autograder")
    yield from contents.environment(order)
    yield from contents.assignment(order, UNFINISHED)
    yield from contents.data(order)


def _info(entry: Entry) -> zipfile.ZipInfo:
    """As if zipped on Unix, wherever it is: elsewhere there is no bit that says executable."""
    info = zipfile.ZipInfo(entry.path, A_DAY)
    info.create_system = 3
    info.external_attr = (stat.S_IFREG | (0o755 if entry.executable else 0o644)) << 16
    return info
