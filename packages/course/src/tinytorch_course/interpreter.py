"""What this Python is, and where it would really import each module from.

Metadata says what was installed; only the import system says what would run. It is asked in a
second process, started as every process of the course is (`python -P`), because this one differs: a
console script has its own folder first on `sys.path`, `python -m` the current one, and a notebook
its own. The answer costs some 30 ms and holds for `tinytorch run` to the letter.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

PROBE = Path(__file__).with_name("interpreter_probe.py")
TIME_LIMIT = 60.0


@dataclass(frozen=True)
class Interpreter:
    executable: Path
    version: str
    prefix: Path
    base_prefix: Path
    path: tuple[str, ...]
    externally_managed: bool
    hidden_by: Path | None
    """A file that makes `tinytorch` an ordinary package, so that the modules cannot be found."""
    origins: Mapping[str, Path | None]
    """From import name to the file that would be imported."""

    @property
    def is_virtual(self) -> bool:
        return self.prefix != self.base_prefix

    @property
    def refuses_pip(self) -> bool:
        """The marker counts for the interpreter itself, and not for environments made of it."""
        return self.externally_managed and not self.is_virtual

    @property
    def is_conda(self) -> bool:
        return (self.prefix / "conda-meta").is_dir()


def ask(names: Sequence[str], executable: str | None = None) -> Interpreter:
    """Asks a Python (this one, if none is given) about itself and the modules of these names."""
    python = executable or sys.executable
    answer = json.loads(_run([python, "-P", str(PROBE), *names]))
    return Interpreter(
        executable=Path(python),
        version=answer["version"],
        prefix=Path(answer["prefix"]),
        base_prefix=Path(answer["base_prefix"]),
        path=tuple(answer["path"]),
        externally_managed=answer["externally_managed"],
        hidden_by=_path(answer["hidden_by"]),
        origins={name: _path(origin) for name, origin in answer["origins"].items()},
    )


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _run(command: list[str]) -> str:
    """The last line that the probe prints: a `.pth` file or sitecustomize may print before it."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT, check=True
        )
    except subprocess.CalledProcessError as failure:
        said = failure.stderr.decode(errors="replace").strip().splitlines()[-5:]
        raise click.ClickException(
            "Python does not start here, so nothing can be said about the course.\n"
            f"  {command[0]} -P ended with exit code {failure.returncode}\n"
            + "\n".join(f"  {line}" for line in said)
        ) from failure
    except subprocess.TimeoutExpired as failure:
        raise click.ClickException(
            f"{command[0]} did not answer within {TIME_LIMIT:.0f} s. Something that Python runs "
            "when it starts (a .pth file, sitecustomize) does not end."
        ) from failure
    return done.stdout.decode().strip().splitlines()[-1]
