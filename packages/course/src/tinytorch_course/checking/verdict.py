"""A project's checks, run and put together: by task, for what is given, for what builds on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tinytorch_course.checking.endless import blame_once
from tinytorch_course.checking.failure import Failure
from tinytorch_course.checking.judging import Groups, Judgement, Limits, judge
from tinytorch_course.checking.result import Tally, TaskResult
from tinytorch_course.material import Material, Task
from tinytorch_course.project import Project


@dataclass(frozen=True)
class Dependant:
    """A module that builds on the student's, judged with the student's under it."""

    module: str
    tally: Tally


@dataclass(frozen=True)
class Verdict:
    project: Project
    tasks: tuple[TaskResult, ...]
    rest: Tally | None
    """Checks of what is given; None while a task fails, and when single ones were asked for."""
    dependants: tuple[Dependant, ...]
    unimportable: Failure | None
    unexpected: tuple[str, ...]

    @property
    def points(self) -> int:
        return sum(result.points for result in self.tasks)

    @property
    def possible(self) -> int:
        return sum(result.task.points for result in self.tasks)

    @property
    def is_passed(self) -> bool:
        rest = self.rest is None or self.rest.passed == self.rest.total
        return (
            self.unimportable is None
            and rest
            and all(result.is_passed for result in self.tasks)
            and all(each.tally.is_passed for each in self.dependants)
        )

    @property
    def first_wrong(self) -> TaskResult | None:
        return next((result for result in self.tasks if not result.is_passed), None)


def check(
    project: Project,
    tasks: Sequence[Task],
    limits: Limits,
    with_rest: bool = True,
    dependants: Iterable[Material] = (),
) -> Verdict:
    """tasks: those to be judged. with_rest: also the checks that belong to no task, once the tasks
    pass; before, they would only fail for the same reasons.
    """
    material = project.material
    groups = {task.id: material.ids_of(task) for task in tasks}
    found = _judge(project, material, groups, limits)
    verdict = Verdict(
        project=project,
        tasks=blame_once([TaskResult(found.of(groups[task.id]), task) for task in tasks]),
        rest=None,
        dependants=(),
        unimportable=found.unimportable,
        unexpected=tuple(sorted(found.collected - set(material.ids))),
    )
    if found.unimportable:
        return verdict
    if with_rest and verdict.is_passed:
        rest = _judge(project, material, {"rest": material.other_ids}, limits)
        verdict = replace(verdict, rest=Tally(rest.outcomes))
    others = tuple(
        Dependant(each.name, Tally(_judge(project, each, {each.name: each.ids}, limits).outcomes))
        for each in dependants
    )
    return replace(verdict, dependants=others)


def _judge(project: Project, checks_of: Material, groups: Groups, limits: Limits) -> Judgement:
    module = project.material.import_name
    return judge(module, project.source, checks_of.checks, groups, limits)
