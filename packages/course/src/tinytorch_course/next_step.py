"""What somebody does next, as a command to type."""

from __future__ import annotations

from dataclasses import dataclass

from tinytorch_course import installer
from tinytorch_course.begun import Begun, begun
from tinytorch_course.journey import Journey, Standing, State
from tinytorch_course.material import all_material
from tinytorch_course.project import start_command


@dataclass(frozen=True)
class Step:
    command: str
    reason: str


def next_steps(journey: Journey) -> tuple[Step, ...]:
    """The next step, and the one after it where there is a choice. Trouble comes first, then what
    somebody is in the middle of.
    """
    if not journey.is_sound:
        return (Step("tinytorch doctor", "something is not as it was installed"),)
    projects = begun()
    going_on = tuple(
        Step(each.command, f"goes on with {each.name}, at {_points(each)}")
        for each in sorted(projects, key=lambda each: not each.is_here)
        if each.progress.next_task
    )
    return (*going_on[:1], *_of_packages(journey), *_next_module(journey, projects))


def _points(each: Begun) -> str:
    return f"{each.progress.points} of {each.progress.possible} points"


def _next_module(journey: Journey, projects: tuple[Begun, ...]) -> tuple[Step, ...]:
    """The first module to write after the last of one's own: somebody may have joined later. Those
    that were left out come when none is left.
    """
    own = {each.name for each in projects}
    own |= {each.name for each in journey.modules if each.state is State.YOURS}
    names = [material.name for material in all_material()]
    after_last = max((names.index(name) + 1 for name in own if name in names), default=0)
    for name in (*names[after_last:], *names[:after_last]):
        standing = journey.standings[name]
        if name not in own and standing.is_runnable:
            return (Step(start_command(name), f"begins your own {standing.member.title}"),)
    return ()


def _of_packages(journey: Journey) -> tuple[Step, ...]:
    """What to run or to install."""
    run = _run_capstone(journey)
    for part in journey.course.parts:
        members = _released_members(journey, part)
        missing = tuple(each.name for each in members if each.state is State.MISSING)
        if not missing:
            continue
        step = _install(journey, missing)
        is_begun = len(missing) < len(members)
        return (step,) if is_begun else (*run, step)
    return run


def _released_members(journey: Journey, part: int) -> list[Standing]:
    members = (*journey.modules, *journey.capstones)
    return [
        each for each in members if each.member.part == part and each.state is not State.UNRELEASED
    ]


def _install(journey: Journey, missing: tuple[str, ...]) -> Step:
    if journey.interpreter.refuses_pip:
        return Step("tinytorch doctor", "pip refuses to install here; the doctor knows the way out")
    return Step(installer.install_missing(journey, missing), f"installs {', '.join(missing)}")


def _run_capstone(journey: Journey) -> tuple[Step, ...]:
    """The last capstone that can run here, if any."""
    runnable = [each for each in journey.capstones if each.is_runnable]
    if not runnable:
        return ()
    last = runnable[-1]
    return (Step(f"tinytorch run {last.name}", f"runs {last.member.title} on what is installed"),)
