"""What this command brings of each module (a starter, the checks that judge it, the lesson) and of
each capstone (the checks of its milestone).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tinytorch_course.course import the_course

ELSEWHERE = "TINYTORCH_MATERIAL"
"""An environment variable that names another folder of material, for tests and for forks."""


@dataclass(frozen=True)
class Task:
    id: str
    title: str
    points: int
    functions: tuple[str, ...]
    files: tuple[str, ...]
    """Where its functions are, from the project's folder."""
    tests: tuple[str, ...]
    lesson: str
    """The anchor of the heading in the lesson."""
    heading: str
    hint: str
    hints: Mapping[str, str] = field(default_factory=dict)
    """Of single functions, by their name in the file; `hint` is for the others."""

    def judges(self, check: str) -> bool:
        """Whether a check of that id is one of this task's."""
        starts = (f"{test}{mark}" for test in self.tests for mark in ("::", "["))
        return check in self.tests or check.startswith(tuple(starts))


@dataclass(frozen=True)
class Material:
    """One module's, or a capstone's: then it has checks only."""

    folder: Path

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        text = (self.folder / "module.json").read_text(encoding="utf-8")
        facts: dict[str, Any] = json.loads(text)
        return facts

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def title(self) -> str:
        return str(self.facts["title"])

    @property
    def version(self) -> str:
        """Of the reference that the starter and the checks were made from."""
        return str(self.facts["version"])

    @property
    def import_name(self) -> str:
        return str(self.facts["import_name"])

    @property
    def requirements(self) -> tuple[str, ...]:
        return tuple(self.facts["requirements"])

    @property
    def starter(self) -> Path:
        return self.folder / "starter"

    @property
    def checks(self) -> Path:
        return self.folder / "checks"

    @property
    def notebook(self) -> Path:
        return self.folder / "lesson.ipynb"

    @property
    def ids(self) -> tuple[str, ...]:
        """Of all checks: none of them may be missing when a student's code is judged."""
        return tuple(self.facts["checks"])

    @property
    def in_process(self) -> frozenset[str]:
        """Those that must run beside the code that they judge: `@pytest.mark.in_process`."""
        return frozenset(self.facts.get("in_process", ()))

    @property
    def ids_apart(self) -> list[str]:
        """Those that can be judged from another process."""
        return [each for each in self.ids if each not in self.in_process]

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        rows: list[dict[str, Any]] = self.facts["tasks"]
        lists = ("functions", "files", "tests")
        return tuple(Task(**{**row, **{key: tuple(row[key]) for key in lists}}) for row in rows)

    @property
    def possible(self) -> int:
        return sum(task.points for task in self.tasks)

    @cached_property
    def starts_processes(self) -> bool:
        """Whether a check starts the module as a command."""
        files = self.checks.rglob("*.py")
        return any("subprocess" in file.read_text(encoding="utf-8") for file in files)

    def ids_of(self, task: Task) -> tuple[str, ...]:
        return tuple(each for each in self.ids if task.judges(each))

    @property
    def other_ids(self) -> tuple[str, ...]:
        """Checks of what is given: they belong to no task."""
        return tuple(each for each in self.ids if not any(task.judges(each) for task in self.tasks))


def material_of(name: str) -> Material | None:
    """None for a module or capstone that this version of the command knows nothing of."""
    folder = _home() / name
    return Material(folder) if (folder / "module.json").is_file() else None


def all_material() -> tuple[Material, ...]:
    """Of the modules, in the order of the course."""
    found = (material_of(module.name) for module in the_course().modules)
    return tuple(each for each in found if each)


def _home() -> Path:
    """Inside the package; an editable install of the command leaves it beside its sources."""
    if chosen := os.environ.get(ELSEWHERE):
        return Path(chosen)
    here = Path(__file__).parent
    inside = here / "material"
    return inside if inside.is_dir() else here.parents[1] / "material"
