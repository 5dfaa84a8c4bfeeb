"""`tinytorch status`: the journey at a glance, from metadata alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from tinytorch_course import journey as journeys
from tinytorch_course import terminal, wording
from tinytorch_course.begun import Begun, begun
from tinytorch_course.course import Module
from tinytorch_course.journey import Journey, Standing, State
from tinytorch_course.next_step import Step, next_steps
from tinytorch_course.swapping import memory, storage, telling
from tinytorch_course.terminal import Marks


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON.")
def status(as_json: bool) -> None:
    """Show what is installed, whose it is, and the next step."""
    journey = journeys.read()
    steps = next_steps(journey)
    if as_json:
        click.echo(json.dumps(_record(journey, steps), indent=2))
        return
    console = terminal.console()
    marks = terminal.marks(console)
    for part in journey.course.parts:
        _print_part(console, journey, part, marks)
    _print_projects(console, begun(), marks)
    replaced = _replaced(journey)
    for remark in (*_remarks(journey, marks), *_remarks_on(replaced, marks)):
        console.print(remark, soft_wrap=True)
    if replaced or not journey.is_sound:
        console.print()
    _print_steps(console, steps)


def _print_part(console: Console, journey: Journey, part: int, marks: Marks) -> None:
    console.print(Text(wording.part_title(journey.course, part), style="bold"))
    for standing in journey.standings.values():
        if standing.member.part == part:
            console.print(_line(standing, marks))
    console.print()


def _line(standing: Standing, marks: Marks) -> Text:
    member = standing.member
    number = member.number if isinstance(member, Module) else ""
    style = wording.STYLES[standing.state]
    return Text.assemble(
        (f"  {wording.mark(standing.state, marks)} ", style),
        (f"{number:>2}  ", "dim"),
        (f"{member.name:<16}", "" if standing.state.is_there else "dim"),
        (f"{member.title:<27}", "dim"),
        *_said(standing),
    )


def _said(standing: Standing) -> tuple[tuple[str, str], ...]:
    style = wording.STYLES[standing.state]
    if standing.version is None or standing.state is State.UNPACKAGED:
        return ((wording.LABELS[standing.state], style),)
    state = wording.LABELS[standing.state]
    if standing.needs and not standing.state.is_wrong:
        state, style = f"needs {_shortened(standing.needs)}", "yellow"
    elif not isinstance(standing.member, Module) and standing.state is State.REFERENCE:
        state = "ready to run"
    return ((f"{standing.version:<15}", "dim"), (state, style))


def _print_projects(console: Console, projects: tuple[Begun, ...], marks: Marks) -> None:
    if not projects:
        return
    console.print(Text("Your projects", style="bold"))
    for each in projects:
        done = each.progress.next_task is None
        sign, style = (marks.good, "green") if done else (marks.missing, "")
        line = Text.assemble(
            (f"  {sign} ", style),
            (f"{each.project.material.facts['number']:>2}  ", "dim"),
            f"{each.name:<16}",
            f"{each.progress.points:>3} of {each.progress.possible} points  ",
            (str(each.project.root), "dim"),
        )
        console.print(line, soft_wrap=True)
        if each.is_stale:
            note = f"its files changed since: tinytorch check{each.project.option()}"
            console.print(Text(f"      {marks.note} {note}", style="yellow"), soft_wrap=True)
    console.print()


def _shortened(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _remarks(journey: Journey, marks: Marks) -> Iterator[Text]:
    """A line on each thing that is wrong; `tinytorch doctor` says more, and how to mend it."""
    if journey.installed.get("tinytorch"):
        yield _sentence(marks.bad, "red", "tinytorch", "is installed, which is not this course")
    if journey.interpreter.hidden_by:
        said = "should not exist: it hides the modules"
        yield _sentence(marks.bad, "red", str(journey.interpreter.hidden_by), said)
        return
    for standing in journey.wrong:
        yield _remark(standing, marks)


def _replaced(journey: Journey) -> dict[str, str]:
    """Modules that were swapped in from these folders, and are the reference without a restore."""
    known = memory.swapped(storage.folder_of(Path(sys.prefix)))
    standings = journey.standings
    return {
        name: folder
        for name, folder in known.items()
        if name in standings and standings[name].state is State.REFERENCE
    }


def _remarks_on(replaced: dict[str, str], marks: Marks) -> Iterator[Text]:
    for name, folder in replaced.items():
        again = telling.command("tinytorch", "swap", name, folder)
        said = f"was yours; an installer put the reference in its place. Yours again: {again}"
        yield _sentence(marks.note, "yellow", f"tinytorch.{name}", said)


def _remark(standing: Standing, marks: Marks) -> Text:
    said = {
        State.SHADOWED: f"is imported from {standing.origin}, not from where it was installed",
        State.BROKEN: "is installed, but there is nothing to import",
        State.UNPACKAGED: f"is imported from {standing.origin}, yet it is not installed",
    }[standing.state]
    sign = wording.mark(standing.state, marks)
    return _sentence(sign, wording.STYLES[standing.state], standing.member.import_name, said)


def _sentence(sign: str, style: str, subject: str, said: str) -> Text:
    return Text.assemble((f"{sign} ", style), (subject, "bold"), f" {said}")


def _print_steps(console: Console, steps: tuple[Step, ...]) -> None:
    for label, step in zip(("Next", "Then"), steps, strict=False):
        line = Text.assemble((f"{label}  ", "bold"), (step.command, "cyan"))
        console.print(line, soft_wrap=True)
        console.print(Text(f"      {step.reason}", style="dim"), soft_wrap=True)


def _record(journey: Journey, steps: tuple[Step, ...]) -> dict[str, object]:
    return {
        "modules": [
            {
                "name": each.name,
                "number": each.member.number if isinstance(each.member, Module) else None,
                **_facts(each),
            }
            for each in journey.modules
        ],
        "capstones": [
            {"name": each.name, **_facts(each), "runnable": each.is_runnable}
            for each in journey.capstones
        ],
        "projects": [
            {
                "module": each.name,
                "folder": str(each.project.root),
                "points": each.progress.points,
                "possible": each.progress.possible,
                "checked": each.progress.checked,
                "changed_since": each.is_stale,
                "next_task": each.progress.next_task,
            }
            for each in begun()
        ],
        "replaced": [
            {"module": name, "folder": folder} for name, folder in _replaced(journey).items()
        ],
        "next": [{"command": step.command, "reason": step.reason} for step in steps],
    }


def _facts(standing: Standing) -> dict[str, object]:
    project = standing.package.project if standing.package else None
    return {
        "title": standing.member.title,
        "part": standing.member.part,
        "state": standing.state.value,
        "version": standing.version,
        "origin": str(standing.origin) if standing.origin else None,
        "project": str(project) if project else None,
        "needs": list(standing.needs),
    }
