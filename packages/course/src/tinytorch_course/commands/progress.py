"""`tinytorch progress`: what was earned on the way, and when."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from tinytorch_course import history, terminal
from tinytorch_course import journey as journeys
from tinytorch_course.history import Earned
from tinytorch_course.journey import Journey, State
from tinytorch_course.material import Material, all_material

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--export", "target", type=FILE, help="Copy the history to a file.")
@click.option(
    "--import",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Add the history of another machine.",
)
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON.")
def progress(target: Path | None, source: Path | None, as_json: bool) -> None:
    """Show what you have earned, module by module.

    The best of every task counts, whatever became of the project. The history is one file, which
    only grows.
    """
    if source:
        click.echo(f"{history.take_in(source)} entries are new.", err=True)
    if target:
        _export(target)
    journey = journeys.read()
    found = history.earned()
    if as_json:
        click.echo(json.dumps(_record(journey, found), indent=2))
        return
    _print(terminal.console(), journey, found)


def _export(target: Path) -> None:
    if target.exists():
        raise click.ClickException(f"{target} is there already, and is left as it is.")
    if not history.file().is_file():
        raise click.ClickException("There is no history yet: check a project first.")
    shutil.copyfile(history.file(), target)


def _print(console: Console, journey: Journey, found: dict[str, Earned]) -> None:
    if not found:
        console.print(Text("Nothing was checked yet.  tinytorch start setup", style="dim"))
        return
    marks = terminal.marks(console)
    for material in all_material():
        earned = found.get(material.name)
        if earned is None:
            continue
        is_full = _points(material, earned) == material.possible
        sign, style = (marks.good, "green") if is_full else (marks.missing, "")
        line = Text.assemble(
            (f"  {sign} ", style),
            (f"{material.facts['number']:>2}  ", "dim"),
            f"{material.name:<16}",
            (f"{_points(material, earned):>3} of {material.possible}", style),
            (f"  {_when(earned, is_full)}", "dim"),
            ("  in use" if _is_in_use(journey, material) else "", "cyan"),
        )
        console.print(line, soft_wrap=True)
    points = sum(_points(m, found[m.name]) for m in all_material() if m.name in found)
    possible = sum(material.possible for material in all_material())
    console.print()
    console.print(Text(f"{points} of {possible} points", style="bold"))
    console.print(Text(f"kept in {history.file()}", style="dim"), soft_wrap=True)


def _points(material: Material, earned: Earned) -> int:
    """Of the tasks that there are: an older reference may have had others."""
    return sum(min(earned.points.get(task.id, 0), task.points) for task in material.tasks)


def _when(earned: Earned, is_full: bool) -> str:
    if is_full and earned.last_gain:
        return f"since {earned.last_gain[:10]}"
    return f"checked {earned.checked[:10]}"


def _is_in_use(journey: Journey, material: Material) -> bool:
    return journey.standings[material.name].state is State.YOURS


def _record(journey: Journey, found: dict[str, Earned]) -> dict[str, object]:
    return {
        "file": str(history.file()),
        "modules": [
            {
                "module": material.name,
                "points": _points(material, found[material.name]),
                "possible": material.possible,
                "checked": found[material.name].checked,
                "in_use": _is_in_use(journey, material),
                "tasks": [
                    {
                        "id": task.id,
                        "points": found[material.name].points.get(task.id, 0),
                        "possible": task.points,
                        "since": found[material.name].since.get(task.id),
                    }
                    for task in material.tasks
                ],
            }
            for material in all_material()
            if material.name in found
        ],
    }
