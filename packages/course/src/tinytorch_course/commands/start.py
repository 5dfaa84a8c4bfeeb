"""`tinytorch start`: a project in which a module is written."""

from __future__ import annotations

import os
from pathlib import Path

import click
from packaging.requirements import Requirement
from rich.console import Console
from rich.text import Text

from tinytorch_course import installer, registry, starting, terminal
from tinytorch_course import journey as journeys
from tinytorch_course.course import Course, Module
from tinytorch_course.journey import Journey, State
from tinytorch_course.material import Material, material_of
from tinytorch_course.project import OWN, Project, enclosing
from tinytorch_course.swapping import precaution


@click.command()
@click.argument("module")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    help="The folder to make.  [default: one named after the module, here]",
)
@click.option("--notebook", is_flag=True, help="Also write the lesson as a notebook.")
def start(module: str, folder: Path | None, notebook: bool) -> None:
    """Begin a module: write a project with its tasks to fill in.

    MODULE is a name or a number: tensor, or 2. Nothing that is there is ever overwritten.
    """
    journey = journeys.read()
    material = _material(journey.course, module)
    target = folder or Path(material.name)
    inside = enclosing(Path(os.path.abspath(target)).parent)
    _refuse_within_itself(material, inside)
    _refuse_occupied(target)
    if folder is None:
        _refuse_second(material)
    _refuse_within_another(material, inside)
    _refuse_without_foundation(journey, material)
    if notebook and not material.notebook.is_file():
        raise click.ClickException(f"There is no lesson of '{material.name}' yet.")
    project = starting.write_project(material, target, notebook)
    registry.remember(material.name, target)
    _print(terminal.console(), project)
    _keep_reference(material.name)


def _material(course: Course, text: str) -> Material:
    member = course.find(text)
    if isinstance(member, Module):
        if material := material_of(member.name):
            return material
        raise click.ClickException(f"'{member.name}' is not yet released.")
    if member is not None:
        raise click.ClickException(
            f"{member.title} is a capstone: there is nothing to write in it.\n"
            f"Run it:  tinytorch run {member.name}"
        )
    near = course.nearest(text)
    meant = f" Did you mean '{near}'?" if near else ""
    raise click.ClickException(
        f"The course has no module '{text}'.{meant}\nSee them all:  tinytorch status"
    )


def _refuse_within_itself(material: Material, inside: Project | None) -> None:
    if inside is None or inside.material.name != material.name:
        return
    beside = inside.beside(f"{inside.root.name}-2")
    raise click.ClickException(
        f"{inside.root} is a project of '{material.name}' already, and another does not belong "
        "in it.\n"
        f"Go on with it:  tinytorch check{inside.option()}\n"
        f"Begin another beside it:  tinytorch start {material.name} --dir {beside}"
    )


def _refuse_within_another(material: Material, inside: Project | None) -> None:
    if inside is None:
        return
    beside = inside.beside(material.name)
    raise click.ClickException(
        f"{inside.root} is a project of '{inside.material.name}', and one of '{material.name}' "
        "does not belong in it.\n"
        f"Begin it beside that:  tinytorch start {material.name} --dir {beside}"
    )


def _refuse_second(material: Material) -> None:
    """One that is known, wherever it is. Two are fine for whoever says where."""
    for folder in registry.projects().get(material.name, ()):
        known = Project(folder, material)
        raise click.ClickException(
            f"There is a project of '{material.name}' already: {folder}\n"
            f"Go on with it:  tinytorch check{known.option()}\n"
            f"Begin another on purpose:  tinytorch start {material.name} --dir FOLDER"
        )


def _refuse_occupied(folder: Path) -> None:
    if folder.is_dir() and (names := sorted(each.name for each in folder.iterdir())):
        if OWN in names:
            raise click.ClickException(
                f"'{folder}' is a project already, and is left as it is.\n"
                f"Go on with it:  tinytorch check {folder}\n"
                "Begin another beside it:  add  --dir NAME"
            )
        there = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        raise click.ClickException(
            f"The folder '{folder}' is not empty, and is left as it is. It holds {there}.\n"
            "Choose another:  add  --dir NAME"
        )
    if folder.exists() and not folder.is_dir():
        raise click.ClickException(
            f"'{folder}' is a file, and is left as it is.\nChoose a folder:  add  --dir NAME"
        )


def _refuse_without_foundation(journey: Journey, material: Material) -> None:
    """What the module builds on must be there: reference or a student's own, both will do."""
    standing = journey.standings[material.name]
    if standing.needs:
        broken = [n for n in standing.needs if journey.standings[n].state is State.BROKEN]
        missing = (*standing.needs, *([material.name] if standing.state is State.MISSING else []))
        command = "tinytorch doctor" if broken else installer.install_missing(journey, missing)
        raise click.ClickException(
            f"'{material.name}' builds on modules that are not here: {', '.join(standing.needs)}.\n"
            f"Run first:  {command}"
        )
    libraries = [
        line
        for line in material.requirements
        if not Requirement(line).name.startswith("tinytorch-")
        and journey.installed.get(Requirement(line).name) is None
    ]
    if libraries:
        raise click.ClickException(
            f"'{material.name}' uses libraries that are not installed.\n"
            f"Run first:  {installer.install(journey, *libraries)}"
        )


def _keep_reference(name: str) -> None:
    """The project is there and good, whatever comes of this."""
    if refusal := precaution.keep_reference(name):
        click.echo(
            f"\nThe installed reference could not be kept for `tinytorch restore {name}`: "
            f"{refusal}. {refusal.finding.explanation}",
            err=True,
        )


def _print(console: Console, project: Project) -> None:
    material, first = project.material, project.material.tasks[0]
    number = len(material.tasks)
    console.print(
        Text.assemble(
            (f"{material.title}", "bold"),
            f" is ready in {project.root}: {number} tasks, {material.possible} points.",
        ),
        soft_wrap=True,
    )
    console.print()
    for title, text in (
        ("Read", f'{project.root / project.lesson}, to the end of "{first.heading}"'),
        ("Write", f"{project.root / first.files[0]}, task {first.id}: {first.title}"),
    ):
        console.print(Text.assemble((f"{title:<6}", "bold"), text), soft_wrap=True)
    command = f"tinytorch check{project.option()} --task {first.id}"
    console.print(Text.assemble((f"{'Check':<6}", "bold"), (command, "cyan")), soft_wrap=True)
