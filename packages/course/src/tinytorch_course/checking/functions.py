"""Which of a task's functions are right and which are not, as far as its checks can tell.

Nothing is run: what the checks found is laid beside the names that each check speaks of.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from tinytorch_course.checking.failure import Failure
from tinytorch_course.checking.result import UNWRITTEN, TaskResult, unwritten
from tinytorch_course.material import Task
from tinytorch_course.project import Project

OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.USub: "neg",
}
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
    """A check fails that is about others, too."""

    def in_words(self) -> str:
        """One line."""
        words = {"right": self.right, "wrong": self.wrong, "not written": self.unwritten}
        words["not clear"] = self.unclear
        return "; ".join(f"{word}: {', '.join(names)}" for word, names in words.items() if names)


@dataclass(frozen=True)
class Evidence:
    """What the checks found, laid beside the names that each speaks of."""

    homes: Mapping[str, str]
    """The task's functions, and the file of each."""
    empty: frozenset[str]
    """Those that are still as in the starter."""
    calls: Mapping[str, set[str]]
    """Which of the others each calls."""
    about: Mapping[str, set[str]]
    """By check: which functions it speaks of."""
    passed: frozenset[str]
    """The checks that pass."""
    accusations: Mapping[str, set[str]]
    """By failed check: in which function it fails, or of which alone it tells."""

    @cached_property
    def used(self) -> set[str]:
        return {name for check in self.passed for name in self.about[check]}

    @cached_property
    def accused(self) -> set[str]:
        return set().union(*self.accusations.values())

    @cached_property
    def wrong(self) -> set[str]:
        return (self.accused | self.shared) - self.misled

    @cached_property
    def shared(self) -> set[str]:
        """What several that fail all call, and no passing check tells of: the mistake may well be
        one, and there.
        """
        if len(self.accused) < 2 or any(self.calls[one] & self.accused for one in self.accused):
            return set()
        return set.intersection(*(self.calls[name] for name in self.accused)) - self.used

    @cached_property
    def misled(self) -> set[str]:
        """Those whose mistake it need not be: they call one that is not right, or meet one in every
        check that accuses them.
        """
        suspects = self.accused | self.empty | self.shared
        callers = {name for name in self.accused if self.calls[name] & (suspects - {name})}
        proven = {
            name
            for check, names in self.accusations.items()
            for name in names - callers
            if self.about[check] == names
        }
        beside = {name for name in self.accused - proven if self._always_beside(name, proven)}
        return callers | beside

    def _always_beside(self, name: str, proven: set[str]) -> bool:
        cases = (self.about[check] for check, names in self.accusations.items() if name in names)
        return all(case & proven for case in cases)

    @cached_property
    def failed_cases(self) -> list[set[str]]:
        """What each failed check may be about: those it speaks of, else any that no check that
        passes is about alone.
        """
        alone = {
            name
            for check in self.passed
            for name in self.about[check]
            if len(self.about[check]) == 1
        }
        anybody = set(self.homes) - alone or set(self.homes)
        return [self.about[check] or anybody for check in self.about.keys() - self.passed]

    @cached_property
    def doubtful(self) -> set[str]:
        found = self.wrong | self.empty
        return self.misled.union(*(names for names in self.failed_cases if not names & found))


def told_apart(project: Project, result: TaskResult) -> Functions:
    found = _evidence(project, result)
    right = found.used - found.doubtful - found.wrong - found.empty
    wrong = found.wrong - found.empty
    open_ones = found.doubtful.union(*found.failed_cases) - right - wrong - found.empty

    def in_order(names: AbstractSet[str]) -> tuple[str, ...]:
        return tuple(name for name in found.homes if name in names)

    return Functions(*map(in_order, (right, wrong, found.empty, open_ones)))


def _evidence(project: Project, result: TaskResult) -> Evidence:
    homes = _homes(project, result.task)
    about = {check: subjects_of(project.material.checks, check, homes) for check in result.outcomes}
    return Evidence(
        homes=homes,
        empty=frozenset(
            n for n, file in homes.items() if not _is_written(project.source / file, n)
        ),
        calls=_calls(project, homes),
        about=about,
        passed=frozenset(check for check, outcome in result.outcomes.items() if outcome.passed),
        accusations={
            check: _culprits(outcome.failure, check, about[check], homes)
            for check, outcome in result.outcomes.items()
            if outcome.failure
        },
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
    places = (place for place in failure.through if homes.get(place.function) == place.file)
    raised = next((place.function for place in places), None)
    if raised:
        return {raised}
    named = _named(failure, check, subjects)
    return named if len(named) == 1 else set()


def _named(failure: Failure, check: str, subjects: set[str]) -> set[str]:
    """Those that the failure tells of: in its message, its line, or the parameters."""
    code = failure.tried.code if failure.tried else ""
    words = set(re.findall(r"\w+", f"{failure.message} {check.partition('[')[2]}"))
    words |= set(_spoken(_parsed_code(code).body))
    return {each for each in subjects if each.rpartition(".")[2] in words}


def _calls(project: Project, homes: Mapping[str, str]) -> dict[str, set[str]]:
    found = {}
    for name, file in homes.items():
        function = _definition(_parsed(project.source / file), name.split("."))
        spoken = set(_spoken(function.body)) if function else set()
        found[name] = {other for other in homes if other.rpartition(".")[2] in spoken} - {name}
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
    """Names in code, and of its operators; but not NumPy's: a check compares with those."""
    for node in (each for statement in body for each in ast.walk(statement)):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.BinOp | ast.UnaryOp):
            yield OPERATORS.get(type(node.op), "")
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
def _parsed_code(text: str) -> ast.Module:
    """Nothing for what is no Python, as the head of a loop is none."""
    try:
        return ast.parse(text)
    except (ValueError, SyntaxError, RecursionError):
        return ast.Module([], [])


def _parsed(file: Path) -> ast.Module:
    """Nothing for a file that is not there, either."""
    try:
        return _parsed_code(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ast.Module([], [])
