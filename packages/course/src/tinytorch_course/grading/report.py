"""How grades are shown in a terminal: one in full, many as a table, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import mean, median

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tinytorch_course import terminal
from tinytorch_course.grading import plain_text
from tinytorch_course.grading.grade import Grade, Item, Outcome, Remark, Section, Weight
from tinytorch_course.terminal import Marks, print_indented

TITLE_WIDTH = 38
REASON = 1_000
"""Characters of a task's reason that are shown."""
LABELS = {
    Outcome.PASSED: "",
    Outcome.WRONG: "wrong",
    Outcome.SLOW: "ran out of time",
    Outcome.CRASHED: "its process ended",
    Outcome.UNWRITTEN: "not written",
    Outcome.UNIMPORTABLE: "cannot be imported",
    Outcome.FORGED: "claimed to pass",
    Outcome.MISSING: "not handed in",
    Outcome.UNGRADED: "the grader failed",
}


def print_report(console: Console, grades: Sequence[Grade]) -> None:
    if len(grades) == 1:
        print_grade(console, grades[0])
        return
    print_table(console, grades)
    console.print()
    for text in summary(grades):
        print_indented(console, "", Text(text))


def print_grade(console: Console, grade: Grade) -> None:
    marks = terminal.marks(console)
    name = plain_text.line(grade.submission)
    print_indented(console, "", Text.assemble((name, "bold"), (f"  {grade.assignment}", "dim")))
    for section in grade.sections:
        console.print()
        print_indented(console, "  ", _head(section))
        _print_items(console, section, marks)
        _print_remarks(console, section.remarks, marks)
    console.print()
    _print_remarks(console, grade.remarks, marks)
    score = f"{grade.score:.4g} of {grade.possible:.4g} points"
    detail = f"  {grade.seconds:.1f} s, sandbox: {grade.sandbox}"
    print_indented(console, "", Text.assemble((score, "bold"), (detail, "dim")))


def _head(section: Section) -> Text:
    """In a part, with what its points come to: they count for less or more there."""
    title, version = plain_text.line(section.title), plain_text.line(section.version)
    earned, possible = section.factor * section.points, section.factor * section.possible
    worth = f"  {earned:.4g} of {possible:.4g}" if section.factor != 1 else ""
    return Text.assemble((title, "bold"), (f"  {version}", "dim"), worth)


def _print_items(console: Console, section: Section, marks: Marks) -> None:
    """What stops several tasks, a syntax error or a module that is missing, is said once."""
    told: tuple[str, ...] = ()
    for item in section.items:
        print_indented(console, "  ", _line(item, marks))
        if item.reason != told:
            for text in plain_text.lines(item.reason, REASON).splitlines():
                print_indented(console, " " * 10, Text(text, style="dim"))
        told = item.reason


def _line(item: Item, marks: Marks) -> Text:
    sign, style = _sign(item, marks)
    checks = f"{item.checks_passed} of {item.checks} checks" if item.checks else ""
    line = Text.assemble(
        (f"{sign} ", style),
        (f"{plain_text.line(item.id):<8} ", "dim"),
        f"{plain_text.line(item.title):<{TITLE_WIDTH}}",
        (f" {item.points:>4.4g} of {item.possible:<4.4g}", style),
        (f"  {LABELS[item.outcome]:<18}", style),
        (checks, "dim"),
    )
    line.rstrip()
    return line


def _sign(item: Item, marks: Marks) -> tuple[str, str]:
    if item.is_passed:
        return marks.good, "green"
    if item.outcome in (Outcome.UNWRITTEN, Outcome.MISSING):
        return marks.missing, ""
    if item.outcome in (Outcome.SLOW, Outcome.UNGRADED):
        return marks.note, "yellow"
    return marks.bad, "red"


def _print_remarks(console: Console, remarks: Sequence[Remark], marks: Marks) -> None:
    styles = {Weight.ALARM: "bold red", Weight.WARNING: "yellow", Weight.INFORMATION: "dim"}
    for remark in remarks:
        sign = "" if remark.weight is Weight.INFORMATION else f"{marks.note} {remark.weight}: "
        told = "" if remark.to_student else "  (the student does not see this)"
        text = plain_text.line(remark.text, REASON)
        style = styles[remark.weight]
        print_indented(console, "  ", Text.assemble((sign, style), text, (told, "dim")))


def print_table(console: Console, grades: Sequence[Grade]) -> None:
    marks = terminal.marks(console)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    table.add_column("submission", overflow="fold")
    table.add_column("score", justify="right")
    table.add_column("tasks", justify="right")
    table.add_column("ran out of time", overflow="fold")
    table.add_column("look at", overflow="fold")
    for grade in grades:
        sign, style = _standing(grade, marks)
        passed = sum(item.is_passed for _, item in grade.items)
        table.add_row(
            Text(sign, style=style),
            Text(plain_text.line(grade.submission)),
            Text(f"{grade.score:.4g} of {grade.possible:.4g}", style=style),
            Text(f"{passed} of {len(grade.items)}", style="dim"),
            Text(", ".join(_ids(grade, Outcome.SLOW)), style="yellow"),
            Text(" / ".join(_to_look_at(grade)), style="red" if grade.has_alarm else ""),
        )
    console.print(table)


def _standing(grade: Grade, marks: Marks) -> tuple[str, str]:
    if grade.has_alarm:
        return marks.note, "red"
    if is_ungraded(grade):
        return marks.note, "yellow"
    if is_full(grade):
        return marks.good, "green"
    return (marks.missing, "") if is_untouched(grade) else (marks.bad, "")


def _ids(grade: Grade, outcome: Outcome) -> list[str]:
    return [plain_text.line(item.id) for _, item in grade.items if item.outcome is outcome]


def _to_look_at(grade: Grade) -> Iterator[str]:
    for remark in grade.all_remarks:
        if remark.weight is not Weight.INFORMATION:
            yield f"{remark.weight}: {plain_text.line(remark.text)}"
    if ungraded := _ids(grade, Outcome.UNGRADED):
        yield f"the grader failed: {', '.join(ungraded)}"
    if reason := _stopped_all(grade):
        yield reason
    if not grade.items:
        yield "nothing was graded"


def _stopped_all(grade: Grade) -> str:
    """What kept every task from being judged: an archive that is none, a syntax error."""
    reasons = {item.reason for _, item in grade.items}
    outcomes = {item.outcome for _, item in grade.items}
    if len(reasons) != 1 or not outcomes <= {Outcome.MISSING, Outcome.UNIMPORTABLE}:
        return ""
    return plain_text.line(" ".join(reasons.pop()[:2]))


def is_full(grade: Grade) -> bool:
    return bool(grade.items) and all(item.is_passed for _, item in grade.items)


def is_untouched(grade: Grade) -> bool:
    """As it was begun: nothing is written, or nothing was handed in."""
    nothing = {Outcome.UNWRITTEN, Outcome.MISSING}
    return bool(grade.items) and {item.outcome for _, item in grade.items} <= nothing


def is_ungraded(grade: Grade) -> bool:
    return not grade.items or bool(_ids(grade, Outcome.UNGRADED))


def summary(grades: Sequence[Grade]) -> list[str]:
    """Count, mean, median, and what to look at; what the grader failed on has no part in a mean."""
    graded = [grade for grade in grades if not is_ungraded(grade)]
    lines = [f"{_count(len(grades), 'submission')}, {len(graded)} graded"]
    if shares := [100 * each.score / each.possible for each in graded if each.possible]:
        lines.append(f"mean {mean(shares):.1f} %, median {median(shares):.1f} %")
    slow = sum(bool(_ids(each, Outcome.SLOW)) for each in grades)
    alarms = sum(each.has_alarm for each in grades)
    full, untouched = sum(map(is_full, graded)), sum(map(is_untouched, graded))
    lines.append(
        f"{full} full, {untouched} untouched, {slow} with a task that ran out of time, "
        f"{_count(alarms, 'alarm')}"
    )
    if failed := len(grades) - len(graded):
        lines.append(
            f"{failed} not graded, or not wholly: the grader failed there, grade them again"
        )
    return lines


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"
