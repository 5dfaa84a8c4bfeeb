"""Judging a student's module apart: the expectations stay where its code never runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tinytorch_course.apart import pair
from tinytorch_course.checking.judging import AS_THE_USER, Groups, Judgement, Limits, judge_by
from tinytorch_course.checking.launching import Launcher


def judge_apart(
    module: str,
    source: Path,
    path: Sequence[Path],
    checks: Path,
    groups: Groups,
    limits: Limits,
    launcher: Launcher,
    salt: int,
    judges: Launcher = AS_THE_USER,
) -> Judgement:
    """path: folders for the respondent to import from, `source` first. groups: without the checks
    that must run beside the code (`Material.in_process`). salt: drawn anew for each run. launcher:
    starts the respondent; judges: the judge.

    When the respondent dies, hangs or sends what makes no sense, the group it was at is closed, and
    a new pair of processes goes on behind it.
    """
    return judge_by(
        lambda task, left: pair.run(task, path, left, launcher, salt, judges),
        *(module, source, checks, groups, limits),
    )
