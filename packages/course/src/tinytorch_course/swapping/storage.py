"""Where the command keeps what must outlive the installed packages, for one at a time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_dir

from tinytorch_course.swapping.refusal import Refusal

VARIABLE = "TINYTORCH_HOME"
"""Names another folder than the user's own data folder."""
PATIENCE = 120.0


def folder_of(prefix: Path) -> Path:
    """The folder for one environment."""
    spelled = os.path.normcase(os.path.realpath(prefix))
    name = hashlib.sha256(spelled.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    home = os.environ.get(VARIABLE) or user_data_dir("tinytorch", appauthor=False)
    return Path(home, "environments", name)


@contextmanager
def one_at_a_time(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Holds the environment's lock, which ends with the process however that ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock", timeout=patience)
        lock.acquire()
    except Timeout as error:
        raise Refusal(
            "busy",
            "another swap or restore is at work in this environment",
            f"It was not done after {patience:.0f} s. Wait for it, then try again.",
        ) from error
    except OSError as error:
        raise Refusal(
            "no-storage",
            f"{folder} cannot be written to",
            "That is where the reference is kept while your module is in its place. Set the "
            f"environment variable {VARIABLE} to a folder of yours.",
            evidence=(str(error),),
        ) from error
    try:
        yield
    finally:
        lock.release()
