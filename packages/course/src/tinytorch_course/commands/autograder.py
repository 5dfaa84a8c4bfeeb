"""`tinytorch autograder`: packages for the graders that others run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from importlib_metadata import version

from tinytorch_course.course import the_course
from tinytorch_course.grading import assessment
from tinytorch_course.grading import assignment as assignments
from tinytorch_course.grading.assignment import Assignment, NoAssignment
from tinytorch_course.grading.autograder import gradescope as for_gradescope
from tinytorch_course.grading.autograder import pinning
from tinytorch_course.grading.autograder import prairielearn as for_prairielearn
from tinytorch_course.grading.autograder.contents import BEFORE_AND_AFTER, Order
from tinytorch_course.grading.autograder.prairielearn import MOST_SECONDS
from tinytorch_course.material import Material

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
    click.echo(
        f"{file} is written ({file.stat().st_size / 1e6:.2f} MB). In Gradescope:\n"
        "  Upload it at Configure Autograder.\n"
        f"  Set the autograder's points to {order.possible:g}.\n"
        f"  Give it at least {order.most_seconds // 60 + 1} minutes."
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
    if order.most_seconds > MOST_SECONDS:
        raise click.BadParameter(
            f"PrairieLearn ends a job after {MOST_SECONDS} s. That leaves "
            f"{_allowed(order.judged)} s for each of the {order.judged} to be judged.",
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
    try:
        assignment = _assignment(module, part, tests)
    except NoAssignment as problem:
        raise click.ClickException(str(problem)) from problem
    needs = (assignment.course.needs(each) for each in assignment.members)
    requirements = pinning.requirements(assignment.members.union(*needs))
    judged = len(assignment.members) + bool(assignment.extra)
    return Order(
        name=assignment.name,
        title=f"Part {part}" if part else assignment.modules[0].title,
        choice=("--part", str(part)) if part else ("--module", assignment.name),
        possible=assessment.possible(assignment),
        judged=judged,
        files=() if part else _files(assignment.modules[0]),
        seconds=time_budget or min(300, _allowed(judged)),
        requirements=requirements,
        wheels=pinning.wheels(wheels, requirements) if wheels else (),
        tests=tests,
        data=data_dir,
    )


def _assignment(module: str | None, part: int | None, tests: Path | None) -> Assignment:
    if (module is None) == (part is None):
        raise click.UsageError("Say what is graded: --module tensor, or --part 1.")
    course = the_course()
    if module is not None:
        found = assignments.of_module(course, module)
    else:
        assert part is not None
        found = assignments.of_part(course, part)
    return assignments.with_extra(found, tests) if tests else found


def _allowed(judged: int) -> int:
    """The seconds for each that PrairieLearn leaves."""
    return (MOST_SECONDS - BEFORE_AND_AFTER) // judged


def _files(material: Material) -> tuple[str, ...]:
    """Those of the module's tasks, if they lie side by side: an upload knows no folders."""
    folder = f"src/tinytorch/{material.name}/"
    files = dict.fromkeys(file for task in material.tasks for file in task.files)
    names = tuple(file.removeprefix(folder) for file in files)
    return () if any("/" in name for name in names) else names
