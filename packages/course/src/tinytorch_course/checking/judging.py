"""Runs groups of checks on a student's code, whatever that code does to the process it runs in.

One process runs all groups in order. If it dies or has to be ended, the group whose check it was at
is closed, and another process goes on with the groups after it. Nothing is concluded from how a
process ends: a check has passed if it was reported so, and one without a report has not.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinytorch_course.checking import failure as failures
from tinytorch_course.checking import process
from tinytorch_course.checking.assignment import Assignment
from tinytorch_course.checking.failure import Failure, Place
from tinytorch_course.checking.launching import AsTheUser, Launcher
from tinytorch_course.checking.process import Ending
from tinytorch_course.checking.result import NOT_REPORTED, NOT_RUN, Outcome

Groups = Mapping[str, Sequence[str]]
"""The ids of checks, by a name of the group."""

AS_THE_USER = AsTheUser()

NOT_FOUND = "no check of this name was found beside the code"
WAS_ENDED = "something ended the checks before it was this one's turn"


@dataclass(frozen=True)
class Limits:
    check: float = 10.0
    """Seconds that one check may take."""
    total: float = 300.0
    """Seconds for all."""


@dataclass(frozen=True)
class Judgement:
    outcomes: Mapping[str, Outcome]
    """By id, one for each that was asked for."""
    unimportable: Failure | None
    """Why the module cannot even be imported: then no check was run."""
    collected: frozenset[str]
    """Checks that were found in the files of those that were asked for."""

    def of(self, ids: Sequence[str]) -> dict[str, Outcome]:
        return {each: self.outcomes[each] for each in ids}


def judge(
    module: str,
    source: Path,
    checks: Path,
    groups: Groups,
    limits: Limits,
    launcher: Launcher = AS_THE_USER,
) -> Judgement:
    """module: what is imported first. source: the student's `src`, laid over what is installed."""
    return judge_by(
        lambda task, left: process.run(task, [source], left, launcher),
        *(module, source, checks, groups, limits),
    )


def judge_by(
    run: Callable[[Assignment, float], Ending],
    module: str,
    source: Path,
    checks: Path,
    groups: Groups,
    limits: Limits,
) -> Judgement:
    """run: start a process that does the assignment, with so many seconds left, to its end."""
    outcomes = {each: NOT_RUN for ids in groups.values() for each in ids}
    waiting = {name: list(ids) for name, ids in groups.items() if ids}
    collected: frozenset[str] = frozenset()
    deadline = time.monotonic() + limits.total
    while waiting:
        ids = tuple(each for group in waiting.values() for each in group)
        task = Assignment(module, str(source), os.path.realpath(checks), ids, limits.check)
        left = max(deadline - time.monotonic(), 0.0)
        ending = run(task, left)
        if failure := _import_failure(ending, source, limits):
            return Judgement(outcomes, failure, frozenset())
        reported = _reported(ending, ids)
        outcomes |= reported
        collected |= _collected(ending)
        culprit = _running(ending, ids) or next(
            (each for each in ids if each not in reported), None
        )
        if ending.is_complete or culprit is None:
            outcomes |= _not_reported(ids, reported, collected)
            break
        outcomes[culprit] = Outcome(False, _why_ended(ending, source, limits))
        if ending.code is None:
            break
        waiting = _after(waiting, culprit)
    return Judgement(outcomes, None, collected)


def _after(waiting: dict[str, list[str]], culprit: str) -> dict[str, list[str]]:
    """The groups behind the one that holds the culprit."""
    names = list(waiting)
    position = next(k for k, name in enumerate(names) if culprit in waiting[name])
    return {name: waiting[name] for name in names[position + 1 :]}


def _import_failure(ending: Ending, source: Path, limits: Limits) -> Failure | None:
    """The last word counts: the checks' own `conftest.py` imports the module, too."""
    events = {event["event"]: event for event in ending.events}
    if "unimportable" in events:
        return failures.parse(events["unimportable"]["failure"])
    if "imported" in events:
        return None
    return _why_ended(ending, source, limits, importing=True)


def _reported(ending: Ending, ids: Sequence[str]) -> dict[str, Outcome]:
    """A file of checks that could not be loaded speaks for each check in it."""
    found: dict[str, Outcome] = {}
    for event in ending.events:
        failure = failures.parse(event["failure"]) if event.get("failure") else None
        if event["event"] == "finished":
            found[event["id"]] = Outcome(event["passed"] and failure is None, failure)
        elif event["event"] == "uncollected":
            held = (each for each in ids if each.startswith(f"{event['id']}::"))
            found |= dict.fromkeys(held, Outcome(False, failure))
    return {each: found[each] for each in ids if each in found}


def _collected(ending: Ending) -> frozenset[str]:
    lists = (event["ids"] for event in ending.events if event["event"] == "collected")
    return frozenset(each for ids in lists for each in ids)


def _not_reported(
    ids: Sequence[str], reported: Mapping[str, Outcome], collected: frozenset[str]
) -> dict[str, Outcome]:
    """Time was left for these, and the process got to its end without them."""
    return {
        each: Outcome(False, Failure(NOT_REPORTED, WAS_ENDED if each in collected else NOT_FOUND))
        for each in ids
        if each not in reported
    }


def _running(ending: Ending, ids: Sequence[str]) -> str | None:
    """The check that was started and not finished."""
    last = ending.events[-1] if ending.events else {"event": None}
    return last["id"] if last["event"] == "started" and last["id"] in ids else None


def _why_ended(ending: Ending, source: Path, limits: Limits, importing: bool = False) -> Failure:
    place = _innermost(ending.stack, source)
    if ending.code is None:
        return Failure("timeout", f"all checks together took longer than {limits.total:g} s", place)
    if ending.stack.startswith("Timeout"):
        limit = limits.check * (2 if importing else 1)
        return Failure("timeout", f"it was not done after {limit:g} s", place)
    words = ending.word or _ending_in_words(ending.code)
    return Failure("crash", words, place, printed=ending.printed)


def _ending_in_words(code: int) -> str:
    if code >= 0:
        return f"it ended Python, with exit code {code}"
    try:
        return f"it ended Python, with the signal {signal.Signals(-code).name}"
    except ValueError:
        return f"it ended Python, with the signal {-code}"


def _innermost(stack: str, source: Path) -> Place | None:
    """The first line of faulthandler's account (the innermost call) that is the student's."""
    for file, line, function in re.findall(r'File "(.+)", line (\d+) in (\S+)', stack):
        path = Path(os.path.realpath(file))
        if path.is_relative_to(source):
            return Place(path.relative_to(source).as_posix(), int(line), function, "")
    return None
