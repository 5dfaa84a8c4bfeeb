"""Tries to import modules, in another process and for a limited time."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROBE = Path(__file__).with_name("import_probe.py")


@dataclass(frozen=True)
class Failure:
    reason: str
    traceback: tuple[str, ...] = ()


def try_imports(needs: Mapping[str, frozenset[str]], time_limit: float) -> dict[str, Failure]:
    """Which of these names cannot be imported, and why.

    `needs` holds the names, in order, and for each the names that it builds on. What builds on a
    failure is left out: it fails for the same reason.

    One process imports all of them, which takes a fraction of the time of one each. If it dies or
    hangs at a name, another process goes on with the rest.
    """
    failures: dict[str, Failure] = {}
    waiting = list(needs)
    while waiting:
        done, failed = _in_one_process(waiting, time_limit)
        failures |= failed
        waiting = [
            name for name in waiting if name not in done and not needs[name] & failures.keys()
        ]
    return {name: why for name, why in failures.items() if not needs[name] & failures.keys()}


def _in_one_process(names: Sequence[str], time_limit: float) -> tuple[set[str], dict[str, Failure]]:
    """The names that were dealt with, at least one, and the failures among them."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder, "report.jsonl")
        ending = _run([sys.executable, "-P", str(PROBE), str(file), *names], time_limit)
        tracebacks = _tracebacks(file)
    failed = {
        name: Failure("it raises an error", tuple(lines))
        for name, lines in tracebacks.items()
        if lines
    }
    done = set(tracebacks)
    if len(done) < len(names):
        culprit = next(name for name in names if name not in done)
        return done | {culprit}, failed | {culprit: Failure(ending)}
    return done, failed


def _run(command: list[str], time_limit: float) -> str:
    """How the process ended, in words."""
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=time_limit)
    except subprocess.TimeoutExpired:
        return f"it was not done after {time_limit:g} s"
    return f"it ends Python, with exit code {done.returncode}"


def _tracebacks(file: Path) -> dict[str, list[str]]:
    """From each name that was dealt with to its traceback. The last line may be cut short."""
    if not file.is_file():
        return {}
    complete = file.read_text(encoding="utf-8").split("\n")[:-1]
    return dict(json.loads(line) for line in complete)
