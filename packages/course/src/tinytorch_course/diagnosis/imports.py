"""Modules that are found but fail when they are imported."""

from __future__ import annotations

from collections.abc import Iterator

from tinytorch_course import installer
from tinytorch_course.course import distribution_of
from tinytorch_course.diagnosis.finding import Finding, Level
from tinytorch_course.journey import Journey, Standing, State
from tinytorch_course.trial import Failure, try_imports


def examine(journey: Journey, time_limit: float) -> Iterator[Finding]:
    failures = try_imports(_needs(journey), time_limit)
    if "numpy" in failures:
        yield _numpy(journey, failures["numpy"])
    for standing in journey.standings.values():
        failure = failures.get(standing.member.import_name)
        if failure is not None:
            yield _module(journey, standing, failure)


def _needs(journey: Journey) -> dict[str, frozenset[str]]:
    """What to import, in order. What is known to be missing or hidden is left out."""
    if journey.interpreter.origins["numpy"] is None:
        return {}
    needs: dict[str, frozenset[str]] = {"numpy": frozenset()}
    if journey.interpreter.hidden_by is not None:
        return needs  # each import would run that file first
    for standing in journey.standings.values():
        if standing.is_runnable:
            below = journey.course.needs(standing.name)
            names = {journey.course.member(each).import_name for each in below}
            needs[standing.member.import_name] = frozenset(names | {"numpy"})
    return needs


def _numpy(journey: Journey, failure: Failure) -> Finding:
    return Finding(
        Level.PROBLEM,
        "import-fails",
        "numpy cannot be imported",
        f"When it is imported, {failure.reason}. Every module stands on it.",
        (installer.install(journey, "--force-reinstall", "--no-deps", "numpy"),),
        failure.traceback,
    )


def _module(journey: Journey, standing: Standing, failure: Failure) -> Finding:
    if standing.state is State.REFERENCE:
        mend, command = "Install it again", installer.reinstall(journey, standing)
    else:
        # Where nothing is kept, restore tells how to install the reference anew.
        mend = "Correct it, or bring back the reference"
        command = f"tinytorch restore {standing.name}"
    return Finding(
        Level.PROBLEM,
        "import-fails",
        f"{distribution_of(standing.name)} cannot be imported",
        f"When {standing.member.import_name} is imported, {failure.reason}, and so does what is "
        f"built on it. {mend}:",
        (command,),
        failure.traceback or (str(standing.origin),),
    )
