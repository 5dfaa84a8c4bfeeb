"""What is graded: a module, or a part with its milestone; and an instructor's own tasks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from tinytorch_course.course import Course
from tinytorch_course.material import Material, Task, material_of

TASKS_FILE = "tasks.toml"


class NoAssignment(Exception):
    """What was asked for cannot be graded; the message says what can."""


@dataclass(frozen=True)
class Extra:
    """An instructor's own folder of tests, with tasks as a module's pyproject.toml has them."""

    folder: Path
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Assignment:
    name: str
    """`tensor`, or `part1`."""
    course: Course
    modules: tuple[Material, ...]
    milestone: Material | None = None
    extra: Extra | None = None

    @cached_property
    def members(self) -> frozenset[str]:
        """Modules and capstones whose references are needed to grade it."""
        names = {each.name for each in self.modules}
        return frozenset(names | ({self.milestone.name} if self.milestone else set()))


def of_module(course: Course, text: str) -> Assignment:
    member = course.find(text)
    material = material_of(member.name) if member else None
    if member is None or material is None or not material.starter.is_dir():
        near = course.nearest(text)
        meant = f" Did you mean '{near}'?" if near else ""
        raise NoAssignment(f"There is no module '{text}' to grade.{meant}")
    return Assignment(member.name, course, (material,))


def of_part(course: Course, part: int) -> Assignment:
    """All modules of the part that are released; the part's milestone."""
    found = (material_of(each.name) for each in course.modules if each.part == part)
    modules = tuple(each for each in found if each)
    capstones = (material_of(each.name) for each in course.capstones if each.part == part)
    milestone = next((each for each in capstones if each), None)
    if not modules or milestone is None:
        raise NoAssignment(f"Part {part} is not yet released, so it cannot be graded.")
    return Assignment(f"part{part}", course, modules, milestone)


def read_extra(folder: Path) -> Extra:
    """Raises `NoAssignment` with what is wrong in the folder."""
    file = folder / TASKS_FILE
    try:
        rows: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["tasks"]
        tasks = tuple(_tasks(rows))
    except FileNotFoundError as error:
        raise NoAssignment(
            f"{file} is missing. It says what the tests are worth:\n\n"
            '[[tasks]]\nid = "own.1"\ntitle = "..."\npoints = 10\ntests = ["test_own.py"]'
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise NoAssignment(f"{file} cannot be read: {error}") from error
    for task in tasks:
        for test in task.tests:
            if not (folder / test.partition("::")[0]).is_file():
                raise NoAssignment(f"{file}: task {task.id} names {test}, which is not there")
    return Extra(folder, tasks)


def _tasks(rows: list[dict[str, Any]]) -> Iterator[Task]:
    for row in rows:
        yield Task(
            id=str(row["id"]),
            title=str(row["title"]),
            points=int(row["points"]),
            functions=tuple(row.get("functions", ())),
            files=(),
            tests=tuple(row["tests"]),
            lesson="",
            heading="",
            hint=str(row.get("hint", "")),
        )


def with_extra(assignment: Assignment, folder: Path) -> Assignment:
    return replace(assignment, extra=read_extra(folder))
