"""`tinytorch run`: starts a capstone as a process of its own and steps out of the way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click
from rich.text import Text

import tinytorch_course
from tinytorch_course import installer, terminal, wording
from tinytorch_course import journey as journeys
from tinytorch_course.course import Capstone
from tinytorch_course.journey import Journey, Standing, State, home_of, lies_in
from tinytorch_course.material import material_of
from tinytorch_course.project import Project

PROCESS = Path(tinytorch_course.__file__).with_name("capstone_process.py")
EVERYTHING = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command(context_settings=EVERYTHING)
@click.option("--json", "as_json", is_flag=True, help="Write the list of capstones as JSON.")
@click.argument("capstone", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGS]...")
def run(as_json: bool, capstone: str | None, arguments: tuple[str, ...]) -> None:
    """Run a capstone; without a name, list them.

    Everything after the name goes to the capstone: `tinytorch run xornet --help` is its own help.
    """
    journey = journeys.read()
    if capstone is None:
        _list(journey, as_json)
        return
    if as_json:
        raise click.UsageError("--json writes the list. A capstone's options go after its name.")
    module = journey.installed.capstones().get(capstone)
    standing = journey.standings.get(capstone)
    if module is None or (standing is not None and not standing.is_runnable):
        raise click.ClickException(_why_not(journey, capstone))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        note = Path(folder, "places.json")
        code = _run(note, module, arguments)
        places = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else []
    if pointer := _pointer(journey, places):
        click.echo(f"\n{pointer}", err=True)
    sys.exit(code)


def _run(note: Path, module: str, arguments: tuple[str, ...]) -> int:
    """The exit code of the capstone; as shells count, 128 + N when signal N ended it.

    Ctrl-C reaches both processes. The capstone decides what it means (it may have something to
    save), so this one only waits. A handler, unlike SIG_IGN, is not inherited.
    """
    command = [sys.executable, "-P", str(PROCESS), str(note), module, *arguments]
    signal.signal(signal.SIGINT, _wait_on)
    with subprocess.Popen(command) as child:

        def pass_on(number: int, _frame: FrameType | None) -> None:
            child.send_signal(number)

        signal.signal(signal.SIGTERM, pass_on)
        code = child.wait()
    return code if code >= 0 else 128 - code


def _pointer(journey: Journey, places: Sequence[tuple[str, int]]) -> str | None:
    """Where in a module of the student's own an error comes from, and what helps."""
    for file, line in reversed(places):
        for standing in journey.modules:
            if _is_in_own(Path(file), standing):
                return (
                    f"The error comes out of your own {standing.member.import_name}: "
                    f"{file}, line {line}.\n"
                    f"See what its checks say:  tinytorch check{_project(standing)}\n"
                    f"Bring back the reference:  tinytorch restore {standing.name}"
                )
    return None


def _is_in_own(file: Path, standing: Standing) -> bool:
    if standing.state is not State.YOURS or standing.package is None:
        return False
    return lies_in(file, home_of(standing.package, standing.member))


def _project(standing: Standing) -> str:
    folder = standing.package.project if standing.package else None
    material = material_of(standing.name)
    if folder is None or not folder.is_dir() or material is None:
        return f" {standing.name}"
    return Project(folder, material).option()


def _wait_on(_number: int, _frame: FrameType | None) -> None:
    return None


def _list(journey: Journey, as_json: bool) -> None:
    capstones = _all(journey)
    if as_json:
        records = [_record(journey, each) for each in capstones]
        click.echo(json.dumps({"capstones": records}, indent=2))
        return
    console = terminal.console()
    marks = terminal.marks(console)
    for name in capstones:
        standing = journey.standings.get(name)
        state = standing.state if standing else State.REFERENCE
        style = wording.STYLES[state]
        title = standing.member.title if standing else ""
        console.print(
            Text.assemble(
                (f"  {wording.mark(state, marks)} ", style),
                f"{name:<12}",
                (f"{title:<16}", "dim"),
                *_how(journey, name),
            ),
            soft_wrap=True,
        )


def _all(journey: Journey) -> list[str]:
    """Those of the course, then whatever else calls itself a capstone."""
    planned = [each.name for each in journey.capstones]
    return list(dict.fromkeys(planned + sorted(journey.installed.capstones())))


def _how(journey: Journey, name: str) -> tuple[tuple[str, str], ...]:
    """What to type to run it, or first."""
    standing = journey.standings.get(name)
    if standing is None or standing.is_runnable:
        return ((f"tinytorch run {name}", "cyan"),)
    if standing.state is State.UNRELEASED:
        return (("not yet released", "dim"),)
    if standing.state is State.BROKEN:
        return (("tinytorch doctor", "cyan"),)
    return ((_command_for(journey, standing), "cyan"),)


def _command_for(journey: Journey, standing: Standing) -> str:
    """What installs a capstone and all that it builds on."""
    own = (standing.name,) if standing.state is State.MISSING else ()
    return installer.install_missing(journey, (*standing.needs, *own))


def _why_not(journey: Journey, name: str) -> str:
    """What was asked, what is there, and the command that helps."""
    standing = journey.standings.get(name)
    there = [each for each in _all(journey) if _is_runnable(journey, each)]
    can = f"You can run here: {', '.join(there)}." if there else "No capstone can run here yet."
    if standing is None or not isinstance(standing.member, Capstone):
        meant = journey.course.nearest(name)
        maybe = f"Did you mean '{meant}'? " if meant in _all(journey) else ""
        return f"No capstone is called '{name}'. {maybe}{can}\nList them all:  tinytorch run"
    if standing.state is State.UNRELEASED:
        return f"{standing.member.title} ('{name}') is not yet released. {can}"
    if standing.state is State.BROKEN:
        return f"'{name}' is installed, but it cannot be found.\nFind out why:  tinytorch doctor"
    if standing.state is State.MISSING:
        return f"'{name}' is not installed. {can}\nInstall it:  {_command_for(journey, standing)}"
    broken = [each for each in standing.needs if journey.standings[each].state is State.BROKEN]
    lacking = ", ".join(standing.needs)
    command = "tinytorch doctor" if broken else _command_for(journey, standing)
    return f"'{name}' is installed, but not what it needs: {lacking}.\nRun first:  {command}"


def _is_runnable(journey: Journey, name: str) -> bool:
    standing = journey.standings.get(name)
    return name in journey.installed.capstones() and (standing is None or standing.is_runnable)


def _record(journey: Journey, name: str) -> dict[str, object]:
    standing = journey.standings.get(name)
    return {
        "name": name,
        "title": standing.member.title if standing else None,
        "module": journey.installed.capstones().get(name),
        "state": standing.state.value if standing else "other",
        "runnable": _is_runnable(journey, name),
        "needs": list(standing.needs) if standing else [],
    }
