"""An instructor's own tests: which checks there are in them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tinytorch_course.checking import process
from tinytorch_course.checking.assignment import Assignment as Order
from tinytorch_course.grading.assignment import Assignment, NoAssignment
from tinytorch_course.grading.judging import Courtroom
from tinytorch_course.grading.sandbox.confined import Confined

SECONDS = 120.0


@dataclass(frozen=True)
class Collected:
    ids: tuple[str, ...] = ()
    in_process: frozenset[str] = frozenset()
    """Those that cannot be judged apart."""


NONE = Collected()


def collect(assignment: Assignment, room: Courtroom) -> Collected:
    """Their checks, collected with the references in place. Raises `NoAssignment`."""
    assert assignment.extra is not None
    launcher = Confined(
        python=room.environment.python,
        sandbox=room.sandbox,
        libraries=room.environment.path_for(_with_foundations(assignment), submitted=()),
        may_start_processes=True,
    )
    checks = assignment.extra.folder.resolve()
    module = assignment.modules[-1].import_name
    with tempfile.TemporaryDirectory(prefix="tinytorch-") as name:
        order = Order(module, str(Path(name).resolve()), str(checks), (), SECONDS)
        ending = process.run(order, [], SECONDS, launcher)
    events = {event["event"]: event for event in ending.events}
    for trouble in ("unimportable", "uncollected"):
        if trouble in events:
            failure = events[trouble]["failure"]
            raise NoAssignment(
                f"The tests in {checks} cannot be loaded: {failure['error']}: {failure['message']}"
            )
    collected = events.get("collected", {"ids": (), "in_process": ()})
    ids = tuple(collected["ids"])
    for task in assignment.extra.tasks:
        if not any(task.judges(each) for each in ids):
            raise NoAssignment(f"The tests in {checks} hold no check of task {task.id}")
    return Collected(ids, frozenset(collected["in_process"]))


def _with_foundations(assignment: Assignment) -> frozenset[str]:
    names = frozenset(each.name for each in assignment.modules)
    return names.union(*(assignment.course.needs(name) for name in names))
