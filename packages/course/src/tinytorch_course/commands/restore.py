"""`tinytorch restore`: the reference comes back, offline."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence

import click
from rich.console import Console

from tinytorch_course import journey as journeys
from tinytorch_course import terminal
from tinytorch_course.course import Module
from tinytorch_course.journey import Journey, State
from tinytorch_course.swapping import homecoming, kernels, session, target, telling
from tinytorch_course.swapping.homecoming import Restored
from tinytorch_course.swapping.refusal import Refusal
from tinytorch_course.terminal import Marks

Outcome = Restored | Refusal | None
"""None where the reference was there already."""


@click.command()
@click.argument("module", required=False)
@click.option("--all", "everything", is_flag=True, help="Every module that is yours.")
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON.")
def restore(module: str | None, everything: bool, as_json: bool) -> None:
    """Bring back the reference of MODULE, as it was before the swap. Your project stays."""
    if (module is None) == (not everything):
        raise click.UsageError("Name a module, or say --all.")
    try:
        with session.alone() as here:
            wanted = _wanted(here.journey, module)
            outcomes = {each: _restore(here, each) for each in wanted}
    except Refusal as refusal:  # nothing could even be looked at
        if as_json:
            told = telling.refusal_record(refusal.finding)
            click.echo(json.dumps({"modules": [], "refusal": told}, indent=2))
            sys.exit(1)
        raise click.ClickException(f"{refusal}. {refusal.finding.explanation}") from refusal
    if as_json:
        click.echo(json.dumps(_record(outcomes), indent=2))
    else:
        _print(outcomes)
    sys.exit(1 if any(isinstance(each, Refusal) for each in outcomes.values()) else 0)


def _wanted(journey: Journey, module: str | None) -> tuple[Module, ...]:
    """The module that was named, else all that are not the reference."""
    if module is not None:
        return (target.module_called(journey.course, module),)
    return tuple(
        each.member
        for each in journey.modules
        if isinstance(each.member, Module)
        and each.package is not None
        and (each.package.is_students or each.state is State.BROKEN)
        and not target.is_reference(journey, each.member)
    )


def _restore(here: session.Session, module: Module) -> Outcome:
    try:
        return homecoming.restore(here, module)
    except Refusal as refusal:
        return refusal


def _print(outcomes: dict[Module, Outcome]) -> None:
    console = terminal.console()
    marks = terminal.marks(console)
    if not outcomes:
        telling.print_done(console, marks, "Every installed module is the reference already.", ())
        return
    for module, outcome in outcomes.items():
        _print_one(console, marks, module, outcome)
    done = [module for module, outcome in outcomes.items() if isinstance(outcome, Restored)]
    if done:
        telling.print_kernels(console, marks, kernels.advice())
        telling.print_steps(console, telling.after_restore(journeys.read(), done[-1]))


def _print_one(console: Console, marks: Marks, module: Module, outcome: Outcome) -> None:
    if isinstance(outcome, Refusal):
        subject = f"{module.name} was not restored"
        telling.print_refusal(console, marks, subject, outcome.finding)
    elif outcome is None:
        said = f"{module.import_name} is the reference already."
        telling.print_done(console, marks, said, ())
    else:
        said = f"{module.import_name} is the reference again, {outcome.reference.version}"
        telling.print_done(console, marks, said, _remarks(outcome))


def _remarks(restored: Restored) -> Iterator[str]:
    project = restored.was.project
    if restored.kept is not None and restored.kept.kind == "student":
        yield f"Your copy that was there is kept: {restored.kept.file}"
    if project is not None and project.is_dir():
        again = telling.command("tinytorch", "swap", restored.module.name, str(project))
        yield f"Your project is untouched: {again}"
    if restored.reference.edited:
        files = ", ".join(restored.reference.edited)
        yield f"It carries edits that were made where it is installed: {files}"


def _record(outcomes: dict[Module, Outcome]) -> dict[str, object]:
    done = [module for module, outcome in outcomes.items() if isinstance(outcome, Restored)]
    steps: Sequence[dict[str, str]] = ()
    if done:
        steps = telling.steps_record(telling.after_restore(journeys.read(), done[-1]))
    return {
        "modules": [_one_record(module, outcome) for module, outcome in outcomes.items()],
        "kernels": kernels.advice() if done else None,
        "next": list(steps),
    }


def _one_record(module: Module, outcome: Outcome) -> dict[str, object]:
    if isinstance(outcome, Refusal):
        told = telling.refusal_record(outcome.finding)
        return {"name": module.name, "outcome": "refused", "refusal": told}
    if outcome is None:
        return {"name": module.name, "outcome": "already"}
    return {
        "name": module.name,
        "outcome": "restored",
        "version": outcome.reference.version,
        "was": {
            "version": outcome.was.version,
            "project": str(outcome.was.project) if outcome.was.project else None,
        },
        "kept": str(outcome.kept.file) if outcome.kept else None,
        "edited": list(outcome.reference.edited),
    }
