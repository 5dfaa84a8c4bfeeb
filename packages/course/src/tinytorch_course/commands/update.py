"""`tinytorch update`: a project follows a newer reference."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import click
from packaging.version import InvalidVersion, Version
from rich.console import Console
from rich.text import Text

from tinytorch_course import json_file, project, terminal
from tinytorch_course.project import OWN, Project
from tinytorch_course.updating import applying
from tinytorch_course.updating.plan import Change, Fate, plan

SAID = {
    Fate.UPDATED: "is the newer one; you had not changed it",
    Fate.ADDED: "is new",
    Fate.REMOVED: "is gone; you had not changed it",
    Fate.MERGED: "has your changes and the newer ones",
    Fate.CONFLICT: "is yours as it was; the newer one lies beside it",
    Fate.KEPT: "is left as you have it",
}


@click.command()
@click.argument("place", required=False, metavar="[PATH|MODULE]")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--undo", is_flag=True, help="Bring back what was there before the last update.")
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON.")
def update(place: str | None, dry_run: bool, undo: bool, as_json: bool) -> None:
    """Move a project to a newer reference.

    What you wrote stays. Given parts, tests and the lesson become the newer ones; where you changed
    the same lines, yours are left and the newer file lies beside it. `--undo` takes it back.
    """
    found = project.find(place, "update")
    if undo:
        _undo(found)
        return
    if applying.is_torn(found.root) and not dry_run:
        applying.undo(found.root)
        click.echo("An update had been cut short. Its changes were taken back first.", err=True)
    before = _began_as(found)
    changes = plan(found.root, found.root / OWN / "base", found.material.starter)
    if not dry_run and (changes or before != found.material.version):
        applying.apply(found.root, changes, found.material)
    if as_json:
        click.echo(json.dumps(_record(found, before, changes, dry_run), indent=2))
    else:
        _print(terminal.console(), found, before, changes, dry_run)
    sys.exit(1 if any(each.fate is Fate.CONFLICT for each in changes) else 0)


def _began_as(found: Project) -> str:
    """The version that the project follows; refuses one that this command knows nothing of."""
    own = found.root / OWN
    text = str(json_file.read(own / "project.json").get("reference"))
    if not (own / "base").is_dir():
        raise click.ClickException(
            f"{found.root} has no {OWN}/base, so nobody knows what it began as.\n"
            f"Begin a new project and copy your functions into it:  "
            f"tinytorch start {found.material.name} --dir {found.material.name}-new"
        )
    try:
        is_newer = Version(text) > Version(found.material.version)
    except InvalidVersion:
        is_newer = False
    if is_newer:
        raise click.ClickException(
            f"{found.root} was begun from {found.material.name} {text}, and this command knows "
            f"{found.material.version}.\nUpdate it:  pip install -U tinytorch-course"
        )
    return text


def _undo(found: Project) -> None:
    if not applying.can_undo(found.root):
        raise click.ClickException(f"{found.root} was not updated, or was taken back already.")
    version = applying.undo(found.root)
    click.echo(f"{found.root} is as it was before the update, at {version}.")


def _print(
    console: Console, found: Project, before: str, changes: Sequence[Change], dry_run: bool
) -> None:
    marks = terminal.marks(console)
    after = found.material.version
    if not changes:
        console.print(Text(f"{found.root} follows {found.material.name} {after}: nothing to do."))
        return
    would = "would go" if dry_run else "went"
    console.print(Text(f"{found.root} {would} from {before} to {after}.", style="bold"))
    for change in changes:
        is_open = change.fate in (Fate.CONFLICT, Fate.KEPT)
        sign, style = (marks.note, "yellow") if is_open else (marks.good, "green")
        line = Text.assemble((f"  {sign} ", style), change.path, (f"  {SAID[change.fate]}", "dim"))
        console.print(line, soft_wrap=True)
        for name in change.lost:
            console.print(Text(f"      {name} has no place in the newer one"), soft_wrap=True)
    if not dry_run:
        console.print()
        console.print(
            Text.assemble(("Next  ", "bold"), (f"tinytorch check{found.option()}", "cyan"))
        )
        undo = f"tinytorch update{found.option()} --undo"
        console.print(Text.assemble(("Back  ", "bold"), (undo, "cyan")))


def _record(
    found: Project, before: str, changes: Sequence[Change], dry_run: bool
) -> dict[str, object]:
    return {
        "module": found.material.name,
        "project": str(found.root.resolve()),
        "from": before,
        "to": found.material.version,
        "done": not dry_run,
        "files": [
            {
                "path": each.path,
                "fate": each.fate.value,
                "beside": f"{each.path}.new" if each.beside is not None else None,
                "lost": list(each.lost),
            }
            for each in changes
        ],
    }
