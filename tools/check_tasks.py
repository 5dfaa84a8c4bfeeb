"""Whether every module's tasks are sound (ids, points, functions, tests, places in the lesson), and
what every capstone's milestone asks for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator
from pathlib import Path

from workspace import Package, Task, Workspace

FEWEST, MOST, ALL_POINTS = 4, 8, 100


def check_tasks(workspace: Workspace) -> Iterator[str]:
    for package in workspace.of_kind("module"):
        where = f"{package.folder.relative_to(workspace.root)}/pyproject.toml"
        for problem in (
            *check_count(package),
            *check_points(package),
            *check_ids(package, package.settings.get("number")),
            *check_lesson_requires(workspace, package),
        ):
            yield f"{where}: {problem}"
        anchors = heading_anchors(package.lesson)
        for task in package.tasks:
            for problem in check_task(package, task, anchors):
                yield f"{where}: task {task.id}: {problem}"


def check_milestones(workspace: Workspace) -> Iterator[str]:
    """Nothing is written in a capstone: its tasks are what must hold of it."""
    for package in workspace.of_kind("capstone"):
        where = f"{package.folder.relative_to(workspace.root)}/pyproject.toml"
        if not package.tasks:
            yield f"{where}: it has no tasks, so it is no milestone"
            continue
        for problem in (*check_points(package), *check_ids(package, package.name)):
            yield f"{where}: {problem}"
        for task in package.tasks:
            for problem in (
                *check_fields(task, "title", "tests", "hint"),
                *check_tests(package, task),
            ):
                yield f"{where}: task {task.id}: {problem}"


def check_count(package: Package) -> Iterator[str]:
    if not FEWEST <= len(package.tasks) <= MOST:
        yield f"{len(package.tasks)} tasks: a module has {FEWEST} to {MOST}"


def check_points(package: Package) -> Iterator[str]:
    total = sum(task.points for task in package.tasks)
    if total != ALL_POINTS:
        yield f"the points of the tasks add up to {total}: make it {ALL_POINTS}"


def check_ids(package: Package, prefix: object) -> Iterator[str]:
    for k, task in enumerate(package.tasks, start=1):
        if task.id != f"{prefix}.{k}":
            yield f"task {task.id!r} should have the id {prefix}.{k}: they count up in order"


def check_lesson_requires(workspace: Workspace, package: Package) -> Iterator[str]:
    number = package.settings.get("number", 0)
    for name in package.lesson_requires:
        entry = workspace.course.module(name)
        if entry is None:
            yield f"lesson-requires names {name}, which is no module of tools/course.toml"
        elif entry.number is None or entry.number >= number:
            yield f"lesson-requires names {name}, which the reader has not reached yet: remove it"


def check_task(package: Package, task: Task, anchors: Container[str]) -> Iterator[str]:
    yield from check_fields(task, "title", "functions", "tests", "lesson", "hint")
    for function in task.functions:
        yield from check_function(package, function)
    yield from check_hints(task)
    yield from check_tests(package, task)
    if task.lesson and task.lesson not in anchors:
        yield f"lesson.md has no heading with the anchor {task.lesson}"


def check_fields(task: Task, *fields: str) -> Iterator[str]:
    for field in fields:
        if not getattr(task, field):
            yield f"{field} is missing"


def check_hints(task: Task) -> Iterator[str]:
    for name, hint in task.hints.items():
        if not any(function.endswith(f".{name}") for function in task.functions):
            yield f"hints speaks of {name}, which is none of the task's functions"
        if not hint:
            yield f"the hint of {name} is empty"


def check_tests(package: Package, task: Task) -> Iterator[str]:
    for test in task.tests:
        yield from check_test(package, test)


def check_function(package: Package, function: str) -> Iterator[str]:
    try:
        path, name = package.function_location(function)
    except LookupError as problem:
        yield f"{problem}: write file.function or file.Class.method"
        return
    if name not in defined_names(package.source_root / path):
        yield f"{path} defines no {name}: a task names functions, or methods as Class.method"


def check_test(package: Package, test: str) -> Iterator[str]:
    file, *names = test.split("::")
    path = package.checks / file
    where = f"tests/{package.checks.name}"
    if not path.is_file():
        yield f"{where} has no {file}"
    elif names and ".".join(names) not in defined_names(path):
        yield f"{where}/{file} has no {'::'.join(names)}"


def defined_names(path: Path) -> set[str]:
    """Functions as `name`, methods as `Class.method`, and classes of a file."""
    names: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (m for m in node.body if isinstance(m, ast.FunctionDef))
            names |= {f"{node.name}.{method.name}" for method in methods}
    return names


def heading_anchors(lesson: Path) -> dict[str, str]:
    """From the anchors of a lesson to its headings: as MyST spells them, and explicit `(anchor)=`
    lines, which belong to the heading that follows.
    """
    if not lesson.is_file():
        return {}
    text = re.sub(r"^(`{3,}|~{3,}).*?^\1", "", lesson.read_text("utf-8"), flags=re.M | re.S)
    found: dict[str, str] = {}
    waiting: list[str] = []
    for anchor, heading in re.findall(r"^(?:\((.+)\)=|#{1,6}\s+(.+?)\s*#*)$", text, flags=re.M):
        if anchor:
            waiting.append(anchor)
            continue
        found |= dict.fromkeys([slug(heading), *waiting], heading)
        waiting = []
    return found


def slug(heading: str) -> str:
    """The anchor of a heading, spelt as on GitHub: no capitals, no punctuation, no spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
