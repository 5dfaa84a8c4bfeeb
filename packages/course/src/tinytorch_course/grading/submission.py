"""Grading one submission, from what was handed in to its grade."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from importlib_metadata import version

from tinytorch_course.checking.judging import Limits
from tinytorch_course.checking.passing_folder import passing_folder
from tinytorch_course.grading import (
    archives,
    assessment,
    extra_tests,
    finding,
    items,
    staging,
    unpacking,
)
from tinytorch_course.grading.archives import UnpackError
from tinytorch_course.grading.assignment import Assignment
from tinytorch_course.grading.extra_tests import Collected
from tinytorch_course.grading.finding import Found
from tinytorch_course.grading.grade import Grade, Item, Outcome, Remark, Section, Weight
from tinytorch_course.grading.judging import Case, Courtroom, try_case, try_hidden
from tinytorch_course.grading.likeness import likeness
from tinytorch_course.grading.sandbox.enclosure import Sandbox
from tinytorch_course.material import Material


@dataclass(frozen=True)
class Rules:
    """How a run grades."""

    assignment: Assignment
    room: Courtroom
    milestone_limits: Limits
    extra: Collected = extra_tests.NONE
    """The checks of an instructor's own tests."""


@dataclass(frozen=True)
class Unpacked:
    """A submission as it is judged."""

    folder: Path
    found: Mapping[str, Found]
    """By module, the code of those that are in it."""
    remarks: tuple[Remark, ...]


def grade(source: Path, name: str, rules: Rules) -> Grade:
    """name: what the submission is called in the results."""
    began = time.monotonic()
    with passing_folder() as folder:
        try:
            unpacked = _unpack(source, folder / "submission", rules.assignment)
            sections, remarks = _sections(unpacked, folder, rules), unpacked.remarks
        except UnpackError as error:
            sections, remarks = tuple(_unreadable(rules.assignment, str(error))), ()
    fingerprint = archives.fingerprint(source)
    return _grade(name, rules, sections, remarks, fingerprint, time.monotonic() - began)


def ungraded(name: str, rules: Rules, reason: str) -> Grade:
    """Of a submission at which the grader itself failed: it looks at nothing of it again."""
    sections = tuple(_failed(rules.assignment, Outcome.UNGRADED, reason))
    return _grade(name, rules, sections, (Remark(Weight.ALARM, reason, False),), "", 0.0)


def _grade(
    name: str,
    rules: Rules,
    sections: tuple[Section, ...],
    remarks: tuple[Remark, ...],
    fingerprint: str,
    seconds: float,
) -> Grade:
    return Grade(
        submission=name,
        assignment=rules.assignment.name,
        sections=sections,
        remarks=(*remarks, *_about_sandbox(rules.room.sandbox)),
        fingerprint=fingerprint,
        course=version("tinytorch-course"),
        sandbox=rules.room.sandbox.name,
        graded=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 2),
    )


def _unpack(source: Path, folder: Path, assignment: Assignment) -> Unpacked:
    unpacked = unpacking.unpack(source, folder)
    found = ((each.name, finding.find(each, folder)) for each in assignment.modules)
    return Unpacked(
        folder=folder,
        found={name: each for name, each in found if each},
        remarks=tuple(_about_entries(unpacked.dangerous)),
    )


def _about_sandbox(sandbox: Sandbox) -> Iterator[Remark]:
    if not sandbox.is_wall:
        text = f"it was graded with {sandbox.explanation}"
        yield Remark(Weight.WARNING, text, to_student=False)


def _about_entries(dangerous: list[str]) -> Iterator[Remark]:
    if dangerous:
        shown = ", ".join(repr(each) for each in dangerous[:3])
        yield Remark(
            Weight.ALARM,
            f"{len(dangerous)} entries were left out, since they are links or lead out of the "
            f"submission's folder: {shown}",
        )


def _unreadable(assignment: Assignment, reason: str) -> Iterator[Section]:
    return _failed(assignment, Outcome.MISSING, f"it could not be unpacked: {reason}")


def _failed(assignment: Assignment, outcome: Outcome, reason: str) -> Iterator[Section]:
    members = (*assignment.modules, *([assignment.milestone] if assignment.milestone else []))
    for material in members:
        rows = tuple(items.missing(task, [reason], outcome) for task in material.tasks)
        yield _section(material, rows, (), assignment)


def _sections(unpacked: Unpacked, folder: Path, rules: Rules) -> tuple[Section, ...]:
    found = [_of_module(material, unpacked, folder, rules) for material in rules.assignment.modules]
    if rules.assignment.milestone:
        found.append(_of_milestone(rules.assignment.milestone, unpacked, folder, rules))
    if rules.assignment.extra:
        found.append(_of_extra(unpacked, folder, rules))
    return tuple(found)


def _section(
    material: Material, rows: tuple[Item, ...], remarks: tuple[Remark, ...], assignment: Assignment
) -> Section:
    factor = 1.0
    if assignment.milestone and material is assignment.milestone:
        factor = assessment.milestone_factor(material.name, material.possible)
    elif assignment.milestone:
        count = len(assignment.modules)
        factor = assessment.module_factor(assignment.milestone.name, count, material.possible)
    return Section(material.name, material.title, material.version, rows, remarks, factor)


def _of_module(material: Material, unpacked: Unpacked, folder: Path, rules: Rules) -> Section:
    found = unpacked.found.get(material.name)
    if found is None:
        why = finding.why_not(material, unpacked.folder)
        rows = tuple(items.missing(task, why) for task in material.tasks)
        return _section(material, rows, (), rules.assignment)
    source = folder / "staged" / material.name / "src"
    left_out = staging.stage(material, found.folder, source)
    case = Case(
        import_name=material.import_name,
        source=source,
        submitted=(material.name,),
        needed=rules.assignment.course.needs(material.name),
        checks=material.checks,
        groups={task.id: material.ids_of(task) for task in material.tasks},
        in_process=material.in_process,
        may_start_processes=material.starts_processes,
    )
    verdict = try_case(case, rules.room)
    rows = tuple(items.item_of(task, verdict) for task in material.tasks)
    remarks = (
        *found.remarks,
        *_about_compiled(left_out),
        *_about_likeness(material, source, rules),
        *verdict.remarks,
    )
    return _section(material, rows, remarks, rules.assignment)


def _about_compiled(left_out: tuple[str, ...]) -> Iterator[Remark]:
    if left_out:
        names = ", ".join(left_out[:3])
        yield Remark(Weight.WARNING, f"compiled files were left out, nobody can read them: {names}")


def _about_likeness(material: Material, source: Path, rules: Rules) -> Iterator[Remark]:
    staged = source / "tinytorch" / material.name
    found = likeness(material, staged, rules.room.environment.reference(material.name))
    if found is None:
        return
    if found.too_large:
        yield Remark(
            Weight.WARNING,
            f"{', '.join(found.too_large[:3])} is too large to be compared with the reference",
            to_student=False,
        )
    if not found.compared:
        return
    equal = f"; but for names the same: {', '.join(found.equal[:8])}" if found.equal else ""
    yield Remark(
        Weight.INFORMATION,
        f"{found.ratio:.0%} like the reference, over {found.compared} functions{equal}",
        to_student=False,
    )


def _of_milestone(material: Material, unpacked: Unpacked, folder: Path, rules: Rules) -> Section:
    """The capstone on all modules of the submission at once; on references where it has none."""
    assignment = rules.assignment
    theirs = tuple(each for each in assignment.modules if each.name in unpacked.found)
    if not theirs:
        why = ["no module of this part was handed in for it to run on"]
        rows = tuple(items.missing(task, why) for task in material.tasks)
        return _section(material, rows, (), assignment)
    source = folder / "staged" / material.name / "src"
    for each in theirs:
        staging.stage(each, unpacked.found[each.name].folder, source)
    case = Case(
        import_name=theirs[-1].import_name,
        source=source,
        submitted=tuple(each.name for each in theirs),
        needed=assignment.course.needs(material.name) | {material.name},
        checks=material.checks,
        groups={task.id: material.ids_of(task) for task in material.tasks},
        in_process=material.in_process,
    )
    verdict = try_case(case, replace(rules.room, limits=rules.milestone_limits))
    share = len(theirs) / len(assignment.modules)
    rows = tuple(items.item_of(task, verdict, share) for task in material.tasks)
    return _section(
        material, rows, (*_about_share(assignment, theirs), *verdict.remarks), assignment
    )


def _about_share(assignment: Assignment, theirs: tuple[Material, ...]) -> Iterator[Remark]:
    if len(theirs) < len(assignment.modules):
        yield Remark(
            Weight.WARNING,
            f"it ran on {len(theirs)} of {len(assignment.modules)} modules of the submission and "
            "counts by that share; the others are the reference's",
        )


def _of_extra(unpacked: Unpacked, folder: Path, rules: Rules) -> Section:
    """An instructor's tests, on all that was handed in, which its code cannot read."""
    extra, assignment = rules.assignment.extra, rules.assignment
    assert extra is not None
    theirs = tuple(each for each in assignment.modules if each.name in unpacked.found)
    name, title = extra.folder.resolve().name, "Further tests"
    if not theirs:
        rows = tuple(items.missing(task, ["nothing was handed in for it"]) for task in extra.tasks)
        return Section(name, title, "", rows)
    source = folder / "staged" / "further" / "src"
    for each in theirs:
        staging.stage(each, unpacked.found[each.name].folder, source)
    last = theirs[-1]
    groups = {
        task.id: [each for each in rules.extra.ids if task.judges(each)] for task in extra.tasks
    }
    case = Case(
        import_name=last.import_name,
        source=source,
        submitted=tuple(each.name for each in theirs),
        needed=frozenset().union(*(assignment.course.needs(each.name) for each in theirs)),
        checks=extra.folder,
        groups=groups,
        in_process=rules.extra.in_process,
    )
    verdict = try_hidden(case, rules.room)
    rows = tuple(items.item_of(task, verdict) for task in extra.tasks)
    return Section(name, title, "", rows, verdict.remarks)
