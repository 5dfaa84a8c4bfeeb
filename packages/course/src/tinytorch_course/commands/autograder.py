"""`tinytorch autograder`: packages for the graders that others run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from importlib_metadata import version

from tinytorch_course.course import Module, the_course
from tinytorch_course.grading.autograder import gradescope as for_gradescope
from tinytorch_course.grading.autograder import pinning
from tinytorch_course.grading.autograder import prairielearn as for_prairielearn
from tinytorch_course.grading.autograder.contents import Order
from tinytorch_course.grading.autograder.prairielearn import BEFORE_AND_AFTER, MOST_SECONDS
from tinytorch_course.material import Material, material_of

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OPTIONS = (
    click.option("--module", metavar="MODULE", help="Grade this module, such as tensor or 2."),
    click.option("--part", type=int, help="Grade this part: its modules and its milestone."),
    click.option("--tests", type=FOLDER, help="A folder with tests of your own; see grade."),
    click.option(
        "--time-budget",
        type=click.IntRange(min=1),
        metavar="SECONDS",
        help="For all checks of a module, and for a milestone.  "
        "[default: 300, or what ten minutes allow]",
    ),
    click.option("--data-dir", type=FOLDER, help="Data for milestones, to be packed with it."),
    click.option("--wheels", type=FOLDER, help="Pack wheels from this folder, and install those."),
)


@click.group()
def autograder() -> None:
    """Make a package for Gradescope or PrairieLearn.

    It grades there with the versions that are installed here, by `tinytorch grade`.
    """


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@autograder.command()
@_with_options
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The zip to write.  [default: gradescope-NAME.zip]",
)
def gradescope(output: Path | None, **asked: Any) -> None:
    """A zip to upload at "Configure Autograder"."""
    order = _order(**asked)
    file = output or Path(f"gradescope-{order.name}.zip")
    for_gradescope.write(order, file)
    possible = _possible(asked["module"])
    click.echo(
        f"{file} is written ({file.stat().st_size / 1e6:.1f} MB). In Gradescope:\n"
        f"  Upload it at Configure Autograder; Ubuntu 24.04 or newer builds fastest.\n"
        f"  Set the autograder's points to {possible}, and its time to at least "
        f"{_seconds(order) // 60 + 1} minutes."
    )


@autograder.command()
@_with_options
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("prairielearn"),
    show_default=True,
    help="The folder to write to.",
)
@click.option(
    "--image",
    default=lambda: f"tinytorch-grader:{version('tinytorch-course')}",
    help="What the image will be called; for PrairieLearn's servers, with your Docker Hub name.  "
    "[default: tinytorch-grader:VERSION]",
)
def prairielearn(output: Path, image: str, **asked: Any) -> None:
    """A question for your course, and what the image is built from that grades it."""
    order = _order(**asked)
    if _seconds(order) > MOST_SECONDS:
        raise click.BadParameter(
            f"PrairieLearn ends a job after {MOST_SECONDS} s; that leaves "
            f"{(MOST_SECONDS - BEFORE_AND_AFTER) // order.members} s for each of {order.members}.",
            param_hint="--time-budget",
        )
    question = for_prairielearn.write(order, output, image)
    click.echo(
        f"{question} is written. Copy it into your course's questions.\n"
        f"Its image, once for all questions:  docker build -t {image} {output / 'image'}\n"
        f"PrairieLearn's servers fetch it:  docker push {image}"
    )


def _order(
    module: str | None,
    part: int | None,
    tests: Path | None,
    time_budget: int | None,
    data_dir: Path | None,
    wheels: Path | None,
) -> Order:
    if (module is None) == (part is None):
        raise click.UsageError("Say what is graded: --module tensor, or --part 1.")
    if module is not None:
        material = _module(module)
        name, title, choice = material.name, material.title, ("--module", material.name)
        members: tuple[str, ...] = (material.name,)
        handed_in = _files(material)
    else:
        assert part is not None
        name, title, choice = f"part{part}", f"Part {part}", ("--part", str(part))
        members, handed_in = _part(part), ()
    course = the_course()
    needed = frozenset(members).union(*(course.needs(each) for each in members))
    requirements = pinning.requirements(needed)
    return Order(
        name=name,
        title=title,
        choice=choice,
        members=len(members),
        files=handed_in,
        seconds=time_budget or _allowed(len(members)),
        requirements=requirements,
        wheels=pinning.wheels(wheels, requirements) if wheels else (),
        tests=tests,
        data=data_dir,
    )


def _allowed(members: int) -> int:
    return min(300, (MOST_SECONDS - BEFORE_AND_AFTER) // members)


def _seconds(order: Order) -> int:
    return order.members * order.seconds + BEFORE_AND_AFTER


def _module(text: str) -> Material:
    member = the_course().find(text)
    material = material_of(member.name) if isinstance(member, Module) else None
    if material is None:
        near = the_course().nearest(text)
        meant = f" Did you mean '{near}'?" if near else ""
        raise click.BadParameter(f"there is no module '{text}' to grade.{meant}")
    return material


def _part(part: int) -> tuple[str, ...]:
    course = the_course()
    members = tuple(each.name for each in course.members if each.part == part and each.released)
    if not members:
        raise click.BadParameter(f"part {part} is not yet released.", param_hint="--part")
    return members


def _files(material: Material) -> tuple[str, ...]:
    """Those of the module's tasks, if they lie side by side: an upload knows no folders."""
    folder = f"src/tinytorch/{material.name}/"
    files = dict.fromkeys(file for task in material.tasks for file in task.files)
    names = tuple(file.removeprefix(folder) for file in files)
    return () if any("/" in name for name in names) else names


def _possible(module: str | None) -> str:
    return f"{_module(module).possible}" if module else "what a grade says is possible"
