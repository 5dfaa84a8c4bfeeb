"""A judge and its respondent, started with crossed streams: each reads what the other writes."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tinytorch_course.apart.draw import Draw
from tinytorch_course.apart.wire import RESPONDENT_ENDED
from tinytorch_course.checking import process
from tinytorch_course.checking.assignment import Assignment
from tinytorch_course.checking.launching import AsTheUser, Launch, Launcher, Process
from tinytorch_course.checking.process import Ending

JUDGE = "tinytorch_course.apart.judge"
RESPONDENT = "tinytorch_course.apart.respondent"
SECONDS_TO_END = 5.0

TRUSTED = AsTheUser()


def run(
    task: Assignment, path: Sequence[Path], limit: float, launcher: Launcher, salt: int
) -> Ending:
    """launcher: starts the respondent. path: what it imports from, before all others."""
    with (
        tempfile.TemporaryDirectory(prefix="tinytorch-", ignore_cleanup_errors=True) as ours,
        tempfile.TemporaryDirectory(prefix="tinytorch-", ignore_cleanup_errors=True) as theirs,
    ):
        judging, responding = Path(ours), Path(theirs)
        for folder in (judging, responding):
            (folder / "work").mkdir()
        task.write(judging / "assignment.json")
        Draw(salt, str(responding / "work" / "checks")).write(judging / "draw.json")
        launch = Launch(RESPONDENT, responding, path)
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with launcher.running(launch, stderr=subprocess.DEVNULL, **streams) as respondent:
            code = _judge(judging, respondent, limit)
        word = judging / "last_word.txt"
        return replace(
            process.ending(judging, code),
            word=word.read_text(encoding="utf-8") if word.is_file() else "",
        )


def _judge(folder: Path, respondent: Process, limit: float) -> int | None:
    """The judge's exit code, or the respondent's if that ended first; None after the time limit."""
    assert respondent.stdin is not None
    assert respondent.stdout is not None
    crossed = {"stdin": respondent.stdout, "stdout": respondent.stdin}
    with (
        (folder / "output.txt").open("wb") as output,
        TRUSTED.running(Launch(JUDGE, folder, ()), stderr=output, **crossed) as judge,
    ):
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
