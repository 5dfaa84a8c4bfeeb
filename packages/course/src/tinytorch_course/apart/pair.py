"""A judge and its respondent, started with crossed streams: each reads what the other writes.

Each has a folder of its own. The files that the checks make lie in a third: the judge writes
there, and the respondent may read it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tinytorch_course.apart.draw import Draw
from tinytorch_course.apart.wire import RESPONDENT_ENDED
from tinytorch_course.checking.assignment import Assignment
from tinytorch_course.checking.judging import AS_THE_USER
from tinytorch_course.checking.kept_file import KeptFile, kept_file
from tinytorch_course.checking.launching import Launch, Launcher, Process
from tinytorch_course.checking.passing_folder import passing_folder
from tinytorch_course.checking.process import Ending, account

JUDGE = "tinytorch_course.apart.judge"
RESPONDENT = "tinytorch_course.apart.respondent"
SECONDS_TO_END = 5.0
LONGEST_WORD = 2_000


def run(
    task: Assignment,
    path: Sequence[Path],
    limit: float,
    launcher: Launcher,
    salt: int,
    judges: Launcher = AS_THE_USER,
) -> Ending:
    """path: what the respondent imports from, before all others. launcher: starts the respondent;
    judges: the judge.
    """
    with (
        passing_folder() as judging,
        passing_folder() as responding,
        passing_folder() as shared,
        account(judging) as given,
        kept_file(judging / "last_word.txt") as word,
    ):
        for folder in (judging, responding):
            (folder / "work").mkdir()
        task.write(judging / "assignment.json")
        Draw(salt, str(shared / "checks")).write(judging / "draw.json")
        written = (*given.written, word.path, shared)
        asking = Launch(JUDGE, judging, (), [Path(task.checks)], written)
        answering = Launch(RESPONDENT, responding, path, [shared])
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with launcher.running(answering, stderr=subprocess.DEVNULL, **streams) as respondent:
            code = _judge(asking, given.output, respondent, limit, judges)
        return given.ending(code, word.beginning(LONGEST_WORD))


def _judge(
    launch: Launch, output: KeptFile, respondent: Process, limit: float, launcher: Launcher
) -> int | None:
    """The judge's exit code, or the respondent's if that ended first; None after the time limit."""
    assert respondent.stdin is not None
    assert respondent.stdout is not None
    crossed = {"stdin": respondent.stdout, "stdout": respondent.stdin}
    with launcher.running(launch, stderr=output.file, **crossed) as judge:
        respondent.stdin.close()
        respondent.stdout.close()
        try:
            code = judge.wait(limit)
        except subprocess.TimeoutExpired:
            return None
    if code != RESPONDENT_ENDED:
        return code
    try:
        return respondent.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        return code
