"""`tinytorch check`: the course's checks on a student's files, with nothing installed."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import click
from rich.text import Text

from tinytorch_course import history, progress, project, registry, terminal
from tinytorch_course import journey as journeys
from tinytorch_course.check_report import print_verdict, record
from tinytorch_course.checking.judging import Limits
from tinytorch_course.checking.verdict import Verdict
from tinytorch_course.checking.verdict import check as run_checks
from tinytorch_course.course import the_course
from tinytorch_course.fingerprint import fingerprint
from tinytorch_course.journey import Journey
from tinytorch_course.material import Material, Task, material_of
from tinytorch_course.next_step import next_steps
from tinytorch_course.project import Project
from tinytorch_course.watching import saves


@click.command()
@click.argument("place", required=False, metavar="[PATH|MODULE]")
@click.option("--task", "ids", multiple=True, metavar="ID", help="Only this task, such as 2.1.")
@click.option("--hint", is_flag=True, help="Show the hint of each task that does not pass.")
@click.option("--watch", is_flag=True, help="Check again after every save; Ctrl-C ends it.")
@click.option("--dependants", is_flag=True, help="Also the modules that build on this one.")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0.1),
    default=Limits.check,
    show_default=True,
    metavar="SECONDS",
    help="For a single check.",
)
@click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
def check(
    place: str | None,
    ids: tuple[str, ...],
    hint: bool,
    watch: bool,
    dependants: bool,
    time_limit: float,
    as_json: bool,
) -> None:
    """Check your code, task by task.

    The course's own checks run on the files of a project, in a process of their own. Nothing is
    installed. Exits with 0 when all that was asked for passes, and with 1 when not.
    """
    if watch and as_json:
        raise click.UsageError("--watch is for people and --json for programs: choose one.")
    place, ids = _meant(place, ids)
    found = project.find(place, "check")
    tasks = _tasks(found.material, ids)
    journey = journeys.read() if dependants else None
    others = _dependants(journey, found.material) if journey else ()
    limits = Limits(check=time_limit)

    def once() -> Verdict:
        source = fingerprint(found.source)
        verdict = run_checks(found, tasks, limits, with_rest=not ids, dependants=others)
        _keep(found, verdict, source)
        return verdict

    if watch:
        _watch(found, once, hint, journey)
        return
    if as_json:
        verdict = once()
        click.echo(json.dumps(record(verdict, hint), indent=2))
    else:
        console = terminal.console()
        with console.status("checking", spinner="line"):
            verdict = once()
        print_verdict(console, verdict, hint, _last_steps(journey, found))
    sys.exit(0 if verdict.is_passed else 1)


def _tasks(material: Material, ids: Sequence[str]) -> tuple[Task, ...]:
    known = {task.id: task for task in material.tasks}
    for each in ids:
        if each not in known:
            raise click.BadParameter(
                f"'{material.name}' has no task {each}. It has {', '.join(known)}.",
                param_hint="--task",
            )
    return tuple(task for task in material.tasks if not ids or task.id in ids)


def _meant(place: str | None, ids: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The id of a task in the place of a project means that task, in its module's project."""
    if place is None or Path(place).exists() or not re.fullmatch(r"\d+\.\d+", place):
        return place, ids
    module = the_course().find(place.partition(".")[0])
    return (module.name, (*ids, place)) if module else (place, ids)


def _dependants(journey: Journey, material: Material) -> tuple[Material, ...]:
    """Modules, and capstones by their milestones, that can run here."""
    above = journey.course.built_on(material.name)
    names = [each.name for each in journey.course.members if each.name in above]
    found = (material_of(name) for name in names if journey.standings[name].is_runnable)
    return tuple(each for each in found if each and each.ids)


def _last_steps(journey: Journey | None, found: Project) -> tuple[str, ...]:
    """Once all passes: what builds on it, then the swap, then what comes after the module."""
    if journey is None:
        return (f"tinytorch check{found.option()} --dependants",)
    swap = _swap(journey, found)
    return (swap,) if swap else tuple(step.command for step in next_steps(journey))


def _swap(journey: Journey, found: Project) -> str | None:
    """The command that puts the project in the reference's place, unless it is there."""
    package = journey.standings[found.material.name].package
    if package and package.project and package.project.resolve() == found.root.resolve():
        return None
    name = found.material.name
    where = found.option() or f" {os.path.relpath(found.root)}"
    return f"tinytorch swap {name}" + ("" if where == f" {name}" else where)


def _keep(found: Project, verdict: Verdict, source: str) -> None:
    """A project may lie where nothing can be written; its code is checked all the same."""
    try:
        progress.keep(found.root, found.material, verdict.tasks, source)
        history.note(found.root, found.material, verdict.tasks)
        if (found.root / project.OWN / "project.json").is_file():
            registry.remember(found.material.name, found.root)
    except OSError as error:
        click.echo(f"The results could not be kept: {error}", err=True)


def _watch(
    found: Project, once: Callable[[], Verdict], hint: bool, journey: Journey | None
) -> None:
    console = terminal.console()
    with suppress(KeyboardInterrupt):
        for _ in saves(found.source):
            console.clear()
            print_verdict(console, once(), hint, _last_steps(journey, found))
            console.print(Text("Waiting for the next save. Ctrl-C ends this.", style="dim"))
