"""What was earned, and when: a line of JSON for each check that changed something.

It lies in the command's own data folder, so it outlives the projects. Lines are only ever added;
one that cannot be read is passed by and stays.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tinytorch_course.checking.result import TaskResult
from tinytorch_course.material import Material
from tinytorch_course.registry import home


@dataclass(frozen=True)
class Entry:
    """The points of some tasks at one moment."""

    at: str
    """ISO 8601, UTC."""
    module: str
    version: str
    """Of the reference that the checks were made from."""
    project: str
    points: Mapping[str, int]
    """By task, of those that were checked."""


@dataclass(frozen=True)
class Earned:
    """The best of a module's history."""

    points: Mapping[str, int]
    """By task."""
    since: Mapping[str, str]
    """By task that has points, when it first had as many."""
    checked: str
    """When it was checked last."""

    @property
    def total(self) -> int:
        return sum(self.points.values())

    @property
    def last_gain(self) -> str | None:
        return max(self.since.values(), default=None)


def file() -> Path:
    return home() / "history.jsonl"


def note(project: Path, material: Material, results: Iterable[TaskResult]) -> None:
    """Add what a check found, unless it is what the last one found."""
    points = {result.task.id: result.points for result in results}
    where = os.path.realpath(project)
    known: dict[str, int] = {}
    for entry in read():
        if (entry.module, entry.project) == (material.name, where):
            known |= entry.points
    if known | points != known:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        _add([Entry(now, material.name, material.version, where, points)])


def read(source: Path | None = None) -> tuple[Entry, ...]:
    """In the order in which they were added."""
    return tuple(_entries(source or file()))


def earned() -> dict[str, Earned]:
    """By module."""
    found: dict[str, Earned] = {}
    for entry in sorted(read(), key=lambda each: each.at):
        before = found.get(entry.module, Earned({}, {}, entry.at))
        gained = {t: p for t, p in entry.points.items() if p > before.points.get(t, 0)}
        points = {**dict.fromkeys(entry.points, 0), **before.points, **gained}
        since = {**before.since, **dict.fromkeys(gained, entry.at)}
        found[entry.module] = Earned(points, since, entry.at)
    return found


def take_in(source: Path) -> int:
    """Add the entries of another machine's history that are not in this one; how many they were."""
    there = set(map(_spelled, read()))
    new = [each for each in _entries(source) if _spelled(each) not in there]
    _add(new)
    return len(new)


def _add(entries: Iterable[Entry]) -> None:
    """In one write, so that two commands at a time do not tear each other's lines."""
    text = "".join(f"{_spelled(each)}\n" for each in entries)
    if not text:
        return
    file().parent.mkdir(parents=True, exist_ok=True)
    with file().open("ab") as out:
        out.write(text.encode("utf-8"))


def _spelled(entry: Entry) -> str:
    return json.dumps(asdict(entry), sort_keys=True)


def _entries(source: Path) -> Iterator[Entry]:
    if not source.is_file():
        return
    for line in source.read_text(encoding="utf-8", errors="replace").splitlines():
        entry = _entry(line)
        if entry:
            yield entry


def _entry(line: str) -> Entry | None:
    try:
        row: dict[str, Any] = json.loads(line)
        points = {str(task): int(value) for task, value in row["points"].items()}
        texts = {key: str(row[key]) for key in ("at", "module", "version", "project")}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Entry(**texts, points=points)
