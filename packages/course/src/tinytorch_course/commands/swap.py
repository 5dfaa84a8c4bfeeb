"""`tinytorch swap`: a student's module takes the place of the installed one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tinytorch_course import progress as progress_of
from tinytorch_course import terminal
from tinytorch_course.fingerprint import fingerprint
from tinytorch_course.material import material_of
from tinytorch_course.progress import Progress
from tinytorch_course.project import Project
from tinytorch_course.swapping import kernels, session, takeover, target, telling
from tinytorch_course.swapping.project import default_folder
from tinytorch_course.swapping.refusal import Refusal
from tinytorch_course.swapping.session import Session
from tinytorch_course.swapping.takeover import Swapped


@click.command()
@click.argument("module")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--editable/--no-editable",
    default=True,
    help="Run the files where they lie, so that edits take effect (the default), or a copy.",
)
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON.")
def swap(module: str, path: Path | None, editable: bool, as_json: bool) -> None:
    """Put your own MODULE, the project in PATH, in the place of the reference.

    PATH is the current folder if that is the project, else the folder MODULE in it. Everything is
    checked before anything changes, and the reference is kept: `tinytorch restore MODULE`.
    """
    try:
        with session.alone() as here:
            found = target.module_called(here.journey.course, module)
            folder = path or default_folder(found, Path.cwd())
            swapped = takeover.swap(here, found, folder, editable)
    except Refusal as refusal:
        _print_refusal(module, refusal, as_json)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(_record(here, swapped), indent=2))
    else:
        _print(here, swapped)


def _print_refusal(module: str, refusal: Refusal, as_json: bool) -> None:
    if as_json:
        told = telling.refusal_record(refusal.finding)
        click.echo(json.dumps({"module": module, "outcome": "refused", "refusal": told}, indent=2))
        return
    console = terminal.console()
    subject = f"{module} was not swapped"
    telling.print_refusal(console, terminal.marks(console), subject, refusal.finding)


def _print(here: Session, swapped: Swapped) -> None:
    console = terminal.console()
    marks = terminal.marks(console)
    project = swapped.project
    said = f"{project.module.import_name} is now yours, {project.version}"
    telling.print_done(console, marks, said, _remarks(swapped))
    telling.print_kernels(console, marks, kernels.advice())
    telling.print_steps(console, telling.after_swap(here.journey, project.module))


def _remarks(swapped: Swapped) -> Iterator[str]:
    project, kept = swapped.project, swapped.kept
    yield f"from {project.folder}"
    if material := material_of(project.module.name):
        yield from _on_tasks(Project(project.folder, material))
    if swapped.editable:
        yield "Edits take effect whenever Python starts; no need to swap again."
    else:
        yield "It is a copy: swap again after editing."
    if kept is not None and kept.kind == "student":
        yield f"Your copy that was there is kept: {kept.file}"
    if swapped.compared:
        yield f"The reference is kept: tinytorch restore {project.module.name}"
    else:
        yield "No reference is here to compare your public names with."
    if kept is not None and kept.edited and kept.kind == "reference":
        yield f"It had been edited where it is installed, and is kept so: {', '.join(kept.edited)}"


def _on_tasks(project: Project) -> Iterator[str]:
    """What is known of them. Each has its own last check, and the files may have changed since."""
    progress = progress_of.read(project.root, project.material)
    if progress.next_task is None:
        return
    command = f"tinytorch check{project.option()}"
    if not progress.sources:
        yield f"Its tasks were not checked yet:  {command}"
        return
    tasks = [task.id for task in project.material.tasks]
    points = f"{progress.points} of {progress.possible} points"
    yield f"When last checked, {len(progress.passed)} of {len(tasks)} tasks passed: {points}."
    now = fingerprint(project.source)
    older = [each for each in tasks if progress.sources.get(each) != now]
    if older:
        yield f"Not checked since its files changed: {', '.join(older)}. Check them:  {command}"


def _progress(swapped: Swapped) -> Progress | None:
    """None for a module that this command has no tasks of."""
    material = material_of(swapped.project.module.name)
    return progress_of.read(swapped.project.folder, material) if material else None


def _record(here: Session, swapped: Swapped) -> dict[str, object]:
    project, kept = swapped.project, swapped.kept
    steps = telling.after_swap(here.journey, project.module)
    progress = _progress(swapped)
    return {
        "module": project.module.name,
        "outcome": "swapped",
        "version": str(project.version),
        "project": str(project.folder),
        "editable": swapped.editable,
        "points": progress.points if progress else None,
        "possible": progress.possible if progress else None,
        "was": {"version": swapped.was.version, "yours": swapped.was.is_students},
        "kept": str(kept.file) if kept else None,
        "edited": list(kept.edited) if kept else [],
        "kernels": kernels.advice(),
        "next": telling.steps_record(steps),
    }
