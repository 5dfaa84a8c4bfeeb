"""How a verdict is shown: to a person, and to a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from tinytorch_course import progress, terminal
from tinytorch_course.checking.explanation import explain, summary
from tinytorch_course.checking.failure import Failure
from tinytorch_course.checking.functions import failing_function, told_apart
from tinytorch_course.checking.result import Tally, TaskResult
from tinytorch_course.checking.verdict import Verdict
from tinytorch_course.material import Task
from tinytorch_course.terminal import Marks, print_indented

TITLE_WIDTH = 40
BROKEN_GIVEN = (
    "Your tasks are done and keep their points, but something that was given does not work: it "
    "uses your functions in a way that the tasks' checks do not, or a line outside of them was "
    "changed. What builds on this module may need it."
)


def print_verdict(
    console: Console, verdict: Verdict, hint: bool, last_steps: Sequence[str] = ()
) -> None:
    """last_steps: what to type once all passes."""
    marks = terminal.marks(console)
    print_indented(console, "", _head(verdict))
    console.print()
    if verdict.unimportable:
        _print_unimportable(console, verdict.unimportable, marks)
        return
    for result in verdict.tasks:
        print_indented(console, "  ", _line(result, marks))
        _print_details(console, verdict, result, hint)
    if verdict.rest is not None and verdict.rest.total:
        _print_tally(console, "what is given", verdict.rest, marks)
        _print_given(console, verdict.rest)
    for each in verdict.dependants:
        _print_tally(console, each.module, each.tally, marks)
    console.print()
    step = _next_step(verdict, hint)
    _print_end(console, verdict, (step,) if step else last_steps if verdict.is_passed else ())


def _head(verdict: Verdict) -> Text:
    material = verdict.project.material
    return Text.assemble((material.title, "bold"), (f"  {verdict.project.root.resolve()}", "dim"))


def _line(result: TaskResult, marks: Marks) -> Text:
    sign, style = _sign(result, marks)
    title = f"{result.task.title:<{TITLE_WIDTH}}"
    return Text.assemble(
        (f"{sign} ", style),
        (f"{result.task.id:<6}", "dim"),
        title,
        (f" {result.points:>3} of {result.task.points:<3}", style),
        (f"  {_count(result)}", "dim"),
    )


def _sign(result: TaskResult, marks: Marks) -> tuple[str, str]:
    if result.is_passed:
        return marks.good, "green"
    return (marks.missing, "") if result.is_unwritten else (marks.bad, "red")


def _count(tally: Tally) -> str:
    if tally.passed == tally.total:
        return f"{tally.total} checks"
    return f"{tally.passed} of {tally.total} checks"


def _print_details(console: Console, verdict: Verdict, result: TaskResult, hint: bool) -> None:
    """In full for the first task that does not pass: one thing at a time."""
    if result.is_passed:
        return
    if result is not verdict.first_wrong:
        print_indented(console, " " * 10, Text(summary(result), style="dim"))
        return
    failure = result.first_wrong
    lines = explain(failure[1], result.task) if failure else [summary(result)]
    console.print()
    for line in lines:
        print_indented(console, " " * 10, Text(line))
    _print_functions(console, verdict, result)
    lesson = verdict.project.lesson
    print_indented(console, " " * 10, Text(f'read: {lesson}, "{result.task.heading}"', style="dim"))
    if hint:
        text = _hint(verdict, result)
        print_indented(console, " " * 10, Text.assemble(("hint: ", "bold"), text))
    if result is not verdict.tasks[-1]:
        console.print()


def _hint(verdict: Verdict, result: TaskResult) -> str:
    """Of the function that fails, where it has one of its own."""
    wrong = told_apart(verdict.project, result).wrong
    function = failing_function(verdict.project, result) or (wrong[0] if len(wrong) == 1 else None)
    return result.task.hints.get(function or "", result.task.hint)


def _print_functions(console: Console, verdict: Verdict, result: TaskResult) -> None:
    """Only where there is something to tell apart."""
    functions = told_apart(verdict.project, result)
    if len(result.task.functions) > 1 and (functions.right or functions.wrong):
        print_indented(console, " " * 10, Text(functions.in_words(), style="dim"))


def _print_given(console: Console, rest: Tally) -> None:
    if not rest.is_passed:
        print_indented(console, " " * 10, Text(BROKEN_GIVEN, style="dim"))


def _print_tally(console: Console, name: str, tally: Tally, marks: Marks) -> None:
    good = tally.is_passed
    sign, style = (marks.good, "green") if good else (marks.bad, "red")
    line = Text.assemble((f"{sign} ", style), f"{name:<{TITLE_WIDTH + 17}}", (_count(tally), "dim"))
    print_indented(console, "  ", line)
    if tally.first_wrong:
        check, failure = tally.first_wrong
        print_indented(console, " " * 10, Text(check, style="dim"))
        for text in explain(failure):
            print_indented(console, " " * 10, Text(text))


def _print_unimportable(console: Console, failure: Failure, marks: Marks) -> None:
    sign = Text.assemble((f"{marks.bad} ", "red"), "It cannot be imported, so nothing was checked.")
    print_indented(console, "  ", sign)
    console.print()
    for line in explain(failure):
        print_indented(console, " " * 4, Text(line))


def _print_end(console: Console, verdict: Verdict, steps: Sequence[str]) -> None:
    points = f"{verdict.points} of {verdict.possible} points"
    print_indented(console, "", Text(points, style="bold"))
    for label, step in zip(("Next", "Then"), steps, strict=False):
        print_indented(console, "", Text.assemble((f"{label}  ", "bold"), (step, "cyan")))


def _next_step(verdict: Verdict, hint: bool) -> str | None:
    """The task that failed, else the next that does not pass yet."""
    command = f"tinytorch check{verdict.project.option()}"
    if verdict.first_wrong:
        asked = "" if hint else " --hint"
        return f"{command} --task {verdict.first_wrong.task.id}{asked}"
    if verdict.rest is None:
        task = progress.read(verdict.project.root, verdict.project.material).next_task
        return f"{command} --task {task}" if task else command
    return None


def record(verdict: Verdict, hint: bool) -> dict[str, Any]:
    material = verdict.project.material
    return {
        "module": material.name,
        "version": material.version,
        "project": str(verdict.project.root.resolve()),
        "passed": verdict.is_passed,
        "points": verdict.points,
        "possible": verdict.possible,
        "unimportable": _failure(verdict.unimportable),
        "tasks": [_task(verdict, result, hint) for result in verdict.tasks],
        "rest": _tally(verdict.rest) if verdict.rest is not None else None,
        "dependants": [{"module": d.module, **_tally(d.tally)} for d in verdict.dependants],
        "unexpected": list(verdict.unexpected),
    }


def _task(verdict: Verdict, result: TaskResult, hint: bool) -> dict[str, Any]:
    task = result.task
    return {
        "id": task.id,
        "title": task.title,
        "points": result.points,
        "possible": task.points,
        "files": list(task.files),
        "lesson": {"heading": task.heading, "anchor": task.lesson},
        **({"hint": _hint(verdict, result)} if hint else {}),
        "functions": asdict(told_apart(verdict.project, result)),
        **_tally(result, task),
    }


def _tally(tally: Tally, task: Task | None = None) -> dict[str, Any]:
    wrong = tally.first_wrong
    return {
        "passed": tally.is_passed,
        "checks": tally.total,
        "checks_passed": tally.passed,
        "first_wrong": {"check": wrong[0], **(_failure(wrong[1], task) or {})} if wrong else None,
    }


def _failure(failure: Failure | None, task: Task | None = None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {**failure.record(), "explanation": explain(failure, task)}
