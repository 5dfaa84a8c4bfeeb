"""`tinytorch grade`: judges submissions, many and none of them trusted."""

from __future__ import annotations

import glob
import hashlib
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from importlib_metadata import version
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tinytorch_course import journey as journeys
from tinytorch_course import terminal, whole_file
from tinytorch_course.checking.judging import Limits
from tinytorch_course.checking.passing_folder import passing_folder
from tinytorch_course.grading import archives, extra_tests, freezing, report
from tinytorch_course.grading import assignment as assignments
from tinytorch_course.grading import environment as environments
from tinytorch_course.grading.assignment import Assignment, NoAssignment
from tinytorch_course.grading.batch import Batch, marks_of
from tinytorch_course.grading.environment import Environment, NotAsReleased
from tinytorch_course.grading.formats import FORMATS
from tinytorch_course.grading.freezing import Thawed
from tinytorch_course.grading.grade import Grade
from tinytorch_course.grading.judging import Courtroom
from tinytorch_course.grading.naming import file_name, named
from tinytorch_course.grading.sandbox import choosing
from tinytorch_course.grading.sandbox.choosing import Unavailable
from tinytorch_course.grading.sandbox.enclosure import Sandbox
from tinytorch_course.grading.submission import Rules
from tinytorch_course.journey import Journey

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)
REFUSED = (NoAssignment, NotAsReleased, Thawed, Unavailable)


@click.command()
@click.argument("submissions", nargs=-1, metavar="SUBMISSION...")
@click.option("--module", metavar="MODULE", help="Grade this module, such as tensor or 2.")
@click.option("--part", type=int, help="Grade this part: its modules and its milestone.")
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), help="Also write this format.")
@click.option("--output", type=FILE, help="Where that goes.  [default: in the results' folder]")
@click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("grades"),
    show_default=True,
    help="A folder with a record of each grade. A run that stopped goes on from it.",
)
@click.option("--again", is_flag=True, help="Grade anew what is graded already.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: max(1, (os.cpu_count() or 2) // 2),
    help="Submissions at a time.  [default: half the cores]",
)
@click.option(
    "--sandbox",
    "wanted",
    type=click.Choice(choosing.NAMES),
    default="auto",
    show_default=True,
    help="How code is shut in; auto takes the strongest sandbox that works here and refuses "
    "without one, any takes limits then.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0.1),
    default=Limits.check,
    show_default=True,
    metavar="SECONDS",
    help="For a single check.",
)
@click.option(
    "--time-budget",
    type=click.FloatRange(min=1),
    default=900.0,
    show_default=True,
    metavar="SECONDS",
    help="For all checks of a module, and for a milestone.",
)
@click.option("--data-dir", type=FOLDER, help="Data for milestones; read-only.")
@click.option("--tests", type=FOLDER, help="A folder with tests of your own and a tasks.toml.")
@click.option(
    "--freeze", type=FILE, help="Write the exact versions of this term, and grade nothing."
)
@click.option(
    "--frozen",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Grade only if what is installed is what this file says.",
)
def grade(
    submissions: tuple[str, ...],
    module: str | None,
    part: int | None,
    kind: str | None,
    output: Path | None,
    results: Path,
    again: bool,
    jobs: int,
    wanted: str,
    time_limit: float,
    time_budget: float,
    data_dir: Path | None,
    tests: Path | None,
    freeze: Path | None,
    frozen: Path | None,
) -> None:
    """Grade what students handed in: folders, zips, tarballs or wheels.

    Each is judged by the course's own checks, in a new environment and a sandbox. Exits with 0 when
    all were graded, whatever their points, and with 1 when the grader failed at one.
    """
    if freeze:
        _freeze(freeze)
        return
    sources = named(_expanded(submissions))
    if output and not kind:
        raise click.UsageError("--output says where a --format goes: choose one.")
    if kind and (missing := FORMATS[kind].missing_variables()):
        raise click.UsageError(f"{kind} needs these environment variables: {', '.join(missing)}")
    try:
        if frozen:
            freezing.hold(frozen)
        journey = journeys.read()
        assignment = _assignment(journey, module, part, tests)
        sandbox = choosing.choose(wanted)
        limits = Limits(time_limit, time_budget)
        marks = marks_of(_marks(assignment, sandbox, limits, tests, frozen))
        batch = Batch(sources, results, marks)
        known = {} if again else batch.known()
        _print_beginning(sandbox, known, sources)
        if waiting := [name for name in sources if name not in known]:
            with _prepared(journey, assignment) as environment:
                rules = _rules(assignment, environment, sandbox, limits, data_dir)
                known |= _run(batch, waiting, rules, jobs)
        grades = [known[name] for name in sources]
    except REFUSED as problem:
        raise click.ClickException(str(problem)) from problem
    if kind:
        _write(kind, grades, output, results)
    console = terminal.console()
    report.print_report(console, grades)
    sys.exit(1 if any(report.is_ungraded(each) for each in grades) else 0)


def _freeze(file: Path) -> None:
    try:
        freezing.freeze(file)
    except NotAsReleased as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"The versions of this environment are written to {file}.")


def _expanded(texts: Sequence[str]) -> list[Path]:
    """Windows leaves `*.zip` to the program."""
    found: list[Path] = []
    for text in texts:
        paths = [Path(text)] if Path(text).exists() else [Path(p) for p in sorted(glob.glob(text))]
        if not paths:
            raise click.BadParameter(f"there is no '{text}'", param_hint="SUBMISSION")
        found += paths
    if not found:
        raise click.UsageError("Name what is to be graded: folders, zips, tarballs or wheels.")
    return found


def _assignment(
    journey: Journey, module: str | None, part: int | None, tests: Path | None
) -> Assignment:
    if (module is None) == (part is None):
        raise click.UsageError("Say what is graded: --module tensor, or --part 1.")
    if module is not None:
        found = assignments.of_module(journey.course, module)
    else:
        assert part is not None
        found = assignments.of_part(journey.course, part)
    return assignments.with_extra(found, tests) if tests else found


@contextmanager
def _prepared(journey: Journey, assignment: Assignment) -> Iterator[Environment]:
    with passing_folder() as folder:
        yield environments.build(folder / "environment", journey, assignment.members)


def _rules(
    assignment: Assignment,
    environment: Environment,
    sandbox: Sandbox,
    limits: Limits,
    data: Path | None,
) -> Rules:
    room = Courtroom(
        environment=environment,
        sandbox=sandbox,
        limits=limits,
        salt=secrets.randbits(64),
        readable=(data.resolve(),) if data else (),
        settings={"TINYTORCH_DATA": str(data.resolve())} if data else {},
    )
    whole = Limits(limits.total, limits.total)
    extra = extra_tests.collect(assignment, room) if assignment.extra else extra_tests.NONE
    return Rules(assignment, room, whole, extra)


def _marks(
    assignment: Assignment,
    sandbox: Sandbox,
    limits: Limits,
    tests: Path | None,
    frozen: Path | None,
) -> dict[str, object]:
    """What a grade depends on, so that one of other rules is not taken for it."""
    return {
        "assignment": assignment.name,
        "course": version("tinytorch-course"),
        "checks": {each.name: each.version for each in assignment.modules},
        "sandbox": sandbox.name,
        "limits": [limits.check, limits.total],
        "tests": archives.fingerprint(tests) if tests else None,
        "frozen": hashlib.sha256(frozen.read_bytes()).hexdigest() if frozen else None,
    }


def _print_beginning(
    sandbox: Sandbox, known: Mapping[str, Grade], sources: Mapping[str, Path]
) -> None:
    console = Console(stderr=True, highlight=False)
    console.print(f"Sandbox: {sandbox.name}, {sandbox.explanation}")
    if not sandbox.is_wall:
        console.print(
            "Warning: code that gets around Python can read and change what you can. Grade so only "
            "what you trust, or in a machine that is thrown away.",
            style="yellow",
        )
    if known:
        console.print(f"{len(known)} of {len(sources)} are graded already")


def _run(batch: Batch, names: Sequence[str], rules: Rules, jobs: int) -> dict[str, Grade]:
    columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    found = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=len(names))
        for name, each in batch.run(names, rules, jobs):
            found[name] = each
            progress.advance(bar)
    return found


def _write(kind: str, grades: Sequence[Grade], output: Path | None, results: Path) -> None:
    """One document for all goes to one file; one for each, to a folder of the format's name."""
    form = FORMATS[kind]
    documents = form.documents(grades)
    if form.is_one_for_all:
        names = [output or results / f"grades{form.extension}"]
    elif output and len(grades) == 1:
        names = [output]
    elif output:
        raise click.UsageError(f"{kind} is a file for each submission: leave --output out.")
    else:
        stems = [file_name(each.submission) for each in grades]
        names = [results / kind / f"{stem}{form.extension}" for stem in stems]
    for file, text in zip(names, documents, strict=True):
        whole_file.replace(file, text)
