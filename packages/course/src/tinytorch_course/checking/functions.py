"""Which of a task's functions are right and which are not, as far as its checks can tell.

Nothing is run: what the checks found is laid beside the names that each check speaks of.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from tinytorch_course.checking.failure import Failure
from tinytorch_course.checking.result import UNWRITTEN, TaskResult, unwritten
from tinytorch_course.material import Task
from tinytorch_course.project import Project

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Functions:
    """The functions of one task, in its order."""

    right: tuple[str, ...]
    """A check that uses it passes, and none that uses it fails."""
    wrong: tuple[str, ...]
    """A check fails in it, or tells of it alone."""
    unwritten: tuple[str, ...]
    unclear: tuple[str, ...]
    """No check uses it by name, or one fails that is about others, too."""

    def in_words(self) -> str:
        """One line."""
        words = {"right": self.right, "wrong": self.wrong, "not written": self.unwritten}
        words["not clear"] = self.unclear
        return "; ".join(f"{word}: {', '.join(names)}" for word, names in words.items() if names)


def told_apart(project: Project, result: TaskResult) -> Functions:
    homes = _homes(project, result.task)
    empty = {name for name, file in homes.items() if not _is_written(project.source / file, name)}
    about = {check: subjects_of(project.material.checks, check, homes) for check in result.outcomes}
    passed = {check for check, outcome in result.outcomes.items() if outcome.passed}
    used = {name for check in passed for name in about[check]}
    accused = {
        name
        for check, outcome in result.outcomes.items()
        if outcome.failure
        for name in _culprits(outcome.failure, check, about[check], homes)
    }
    misled = _misled(project, homes, accused | empty)
    wrong = accused - misled
    open_cases = (about[check] for check in about.keys() - passed)
    doubtful = misled.union(*(names for names in open_cases if not names & (wrong | empty)))
    right = used - doubtful

    def chosen(names: set[str]) -> tuple[str, ...]:
        return tuple(name for name in homes if name in names)

    return Functions(
        right=chosen(right - wrong - empty),
        wrong=chosen(wrong - empty),
        unwritten=chosen(empty),
        unclear=chosen(homes.keys() - right - wrong - empty),
    )


def failing_function(project: Project, result: TaskResult) -> str | None:
    """The one that the first failure is about, if that is clear."""
    if result.first_wrong is None:
        return None
    check, failure = result.first_wrong
    homes = _homes(project, result.task)
    if unwritten(failure) == result.task.id:
        found = UNWRITTEN.match(failure.message)
        return found[2] if found and found[2] in homes else None
    subjects = subjects_of(project.material.checks, check, homes)
    return next(iter(_culprits(failure, check, subjects, homes)), None)


def _culprits(
    failure: Failure, check: str, subjects: set[str], homes: Mapping[str, str]
) -> set[str]:
    """Where it was raised, else the one function that the check tells of."""
    if unwritten(failure):
        return set()
    place = failure.theirs
    if place and homes.get(place.function) == place.file:
        return {place.function}
    named = _named(failure, check, subjects)
    return named if len(named) == 1 else set()


def _named(failure: Failure, check: str, subjects: set[str]) -> set[str]:
    """Those that the failure tells of: in its message, its line, or the parameters."""
    line = failure.ours.text if failure.ours else ""
    words = set(re.findall(r"\w+", f"{failure.message} {line} {check.partition('[')[2]}"))
    return {each for each in subjects if each.rpartition(".")[2] in words}


def _misled(project: Project, homes: Mapping[str, str], bad: set[str]) -> set[str]:
    """Those that call another one that is not right: nobody knows whose mistake it is."""
    found = set()
    for name in bad:
        function = _definition(_parsed(project.source / homes[name]), name.split("."))
        spoken = set(_spoken(function.body)) if function else set()
        if any(other.rpartition(".")[2] in spoken for other in bad - {name}):
            found.add(name)
    return found


def _homes(project: Project, task: Task) -> dict[str, str]:
    """From the name of each function, `Class.method` too, to its file, from `src`."""
    found: dict[str, str] = {}
    for file in task.files:
        below = PurePosixPath(file).relative_to("src").with_suffix("").parts
        package = project.material.import_name.split(".")
        start = ".".join(below[len(package) :]) + "."
        names = (each for each in task.functions if each.startswith(start))
        found |= {name.removeprefix(start): file.removeprefix("src/") for name in names}
    order = [name for each in task.functions for name in found if each.endswith(f".{name}")]
    return {name: found[name] for name in dict.fromkeys(order)}


def _is_written(file: Path, name: str) -> bool:
    """Whether there is such a function, and its body is no longer the starter's."""
    function = _definition(_parsed(file), name.split("."))
    if function is None:
        return False
    first = next((each for each in function.body if not _is_text(each)), None)
    return not (isinstance(first, ast.Raise) and UNWRITTEN.search(ast.unparse(first)))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def subjects_of(checks: Path, check: str, names: Mapping[str, str]) -> set[str]:
    """Those of the names that a check has among its parameters, else in its code."""
    file, _, rest = check.partition("::")
    path, _, parameters = rest.partition("[")
    chosen = set(re.findall(r"\w+", parameters)) & names.keys()
    if chosen:
        return chosen
    function = _definition(_parsed(checks / file), path.split("::"))
    spoken = set(_spoken(function.body)) if function else set()
    return {name for name in names if name.rpartition(".")[2] in spoken}


def _spoken(body: list[ast.stmt]) -> Iterator[str]:
    """Names in code, but NumPy's: a check compares with those."""
    for node in (each for statement in body for each in ast.walk(statement)):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            is_numpys = isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy")
            yield from () if is_numpys else (node.attr,)


def _definition(tree: ast.Module, path: list[str]) -> Definition | None:
    body = tree.body
    found = None
    for name in path:
        named = (each for each in body if isinstance(each, Definition) and each.name == name)
        found = next(named, None)
        if found is None:
            return None
        body = found.body
    return found


@cache
def _parsed_text(text: str) -> ast.Module:
    return ast.parse(text)


def _parsed(file: Path) -> ast.Module:
    """Nothing for a file that is not there or is no Python."""
    try:
        return _parsed_text(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError, RecursionError):
        return ast.Module([], [])
