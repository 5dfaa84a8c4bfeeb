"""Unpacking in a process of its own: an archive may be made so that reading it takes hours, or all
memory.

    python -m tinytorch_course.grading.unpacking ARCHIVE FOLDER BYTES
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tinytorch_course.grading import archives
from tinytorch_course.grading.archives import Unpacked, UnpackError

SECONDS = 60.0
MEMORY = 2 * 2**30
"""Of addresses."""


def unpack(source: Path, folder: Path) -> Unpacked:
    """source: a folder or an archive. folder: new. Raises `UnpackError`."""
    if source.is_dir():
        return archives.unpack(source, folder)
    where = (str(source.resolve()), str(folder))
    command = [sys.executable, "-P", "-m", __name__, *where, str(MEMORY)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise UnpackError(f"unpacking it takes longer than {SECONDS:g} s") from None
    if done.returncode:
        raise UnpackError("unpacking it takes more memory than is allowed, or another misfortune")
    told = json.loads(done.stdout)
    if "error" in told:
        raise UnpackError(told["error"])
    return Unpacked(folder, **told)


def main() -> None:
    source, folder, memory = sys.argv[1:]
    _limit_memory(int(memory))
    try:
        found = archives.unpack(Path(source), Path(folder))
    except UnpackError as error:
        print(json.dumps({"error": str(error)}))
        return
    told = {"dangerous": found.dangerous, "bytes": found.bytes, "files": found.files}
    print(json.dumps(told))


def _limit_memory(size: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    main()
