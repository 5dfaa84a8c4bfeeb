"""The results of a project's last checks, kept in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tinytorch_course import json_file
from tinytorch_course.checking.result import TaskResult
from tinytorch_course.material import Material
from tinytorch_course.project import OWN


@dataclass(frozen=True)
class Progress:
    points: int
    possible: int
    checked: str | None
    """When, in ISO 8601, UTC; None if it never was."""
    passed: tuple[str, ...]
    """The tasks that have all of their points."""
    next_task: str | None
    """The first task that does not pass; None when all do."""
    source: str | None
    """The fingerprint of the files that were checked last."""
    sources: Mapping[str, str]
    """By task that was checked, that of the files that it was checked on."""


def keep(root: Path, material: Material, results: Iterable[TaskResult], source: str) -> None:
    """Tasks that were not checked this time keep what they had. source: the files' fingerprint."""
    file = root / OWN / "progress.json"
    new = {
        each.task.id: {
            "points": each.points,
            "passed": each.passed,
            "checks": each.total,
            "source": source,
        }
        for each in results
    }
    content = {
        "module": material.name,
        "reference": material.version,
        "checked": datetime.now(UTC).isoformat(timespec="seconds"),
        "source": source,
        "tasks": _tasks(file) | new,
    }
    json_file.write(file, content)


def read(root: Path, material: Material) -> Progress:
    file = root / OWN / "progress.json"
    kept = json_file.read(file)
    rows = _tasks(file)
    points = {task: row["points"] for task, row in rows.items()}
    passed = tuple(task.id for task in material.tasks if points.get(task.id, 0) >= task.points)
    lacking = (task.id for task in material.tasks if task.id not in passed)
    return Progress(
        points=sum(points.get(task.id, 0) for task in material.tasks),
        possible=material.possible,
        checked=kept.get("checked"),
        passed=passed,
        next_task=next(lacking, None),
        source=kept.get("source"),
        sources={task: str(row.get("source")) for task, row in rows.items()},
    )


def _tasks(file: Path) -> dict[str, dict[str, Any]]:
    """Only entries that make sense: it is a file in a folder that people work in."""
    rows = json_file.read(file).get("tasks")
    if not isinstance(rows, dict):
        return {}
    return {
        task: row
        for task, row in rows.items()
        if isinstance(row, dict) and isinstance(row.get("points"), int)
    }
