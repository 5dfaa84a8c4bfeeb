"""The process that runs the checks: `python -m tinytorch_course.apart.judge FOLDER`.

Its standard streams are the pipes to the respondent. The folder holds `assignment.json` and
`draw.json`; `journal.jsonl` and `stack.txt` are written there, as `checking/child.py` does. No code
of a student's runs here, and no file of `tinytorch` is imported.
"""

from __future__ import annotations

import faulthandler
import importlib
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tinytorch_course.apart import draw
from tinytorch_course.apart.dialogue import Dialogue
from tinytorch_course.apart.draw import Draw
from tinytorch_course.apart.mirrored_import import MirroredImport, real_modules
from tinytorch_course.apart.trust import Distrusted
from tinytorch_course.apart.wire import Channel
from tinytorch_course.checking import assignment, child
from tinytorch_course.checking.assignment import Assignment
from tinytorch_course.checking.failure import describe
from tinytorch_course.checking.limits import limit_this_process
from tinytorch_course.checking.observer import Journal, Observer, Watchdog


def main(folder: Path) -> None:
    dialogue = Dialogue(own_streams(), folder / "last_word.txt")
    limit_this_process()
    MirroredImport(dialogue).install()
    task = assignment.read(folder / "assignment.json")
    drawn = draw.read(folder / "draw.json")
    drawn.salt_numpy()
    journal = Journal(folder / "journal.jsonl")
    with (folder / "stack.txt").open("w", encoding="utf-8") as stack:
        faulthandler.enable(stack)
        slow_start = Watchdog(stack, 2 * task.seconds)
        slow_start.start()
        try:
            importlib.import_module(task.module)
        except Exception as error:  # noqa: BLE001  whatever the student's module raises
            slow_start.stop()
            failure = describe(error, Path(task.source))
            journal.write("unimportable", failure=failure.record())
            return
        journal.write("imported")
        run_pytest(task, drawn, dialogue, journal, Watchdog(stack, task.seconds))
        assert not real_modules(), real_modules()
        journal.write("done")


def own_streams() -> Channel:
    """The pipes, out of the way of what pytest prints."""
    source, sink = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    return Channel(source, sink)


def run_pytest(
    task: Assignment, drawn: Draw, dialogue: Dialogue, journal: Journal, watchdog: Watchdog
) -> None:
    checks = Path(task.checks)
    if any(child.uses_hypothesis(checks / file) for file in task.files):
        child.steady_examples()
    observer = Observer(journal, watchdog, task.ids, Path(task.source), checks)
    ini = Path(child.__file__).with_name("pytest.ini")
    options = ["-c", str(ini), "--rootdir", str(checks), "--confcutdir", str(checks), "-q"]
    options += ["--basetemp", drawn.files]
    wanted = [str(checks / file) for file in task.files]
    pytest.main([*options, *wanted], plugins=[observer, Strict(dialogue, drawn)])


class Strict:
    """A pytest plugin: inputs are drawn anew, and no breach is forgiven."""

    def __init__(self, dialogue: Dialogue, drawn: Draw) -> None:
        self.dialogue = dialogue
        self.drawn = drawn

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if "hypothesis" not in sys.modules:
            return
        import hypothesis

        for item in items:
            function = getattr(item, "obj", None)
            if function is not None and hypothesis.is_hypothesis_test(function):
                item.obj = hypothesis.seed(self.drawn.salt)(function)  # type: ignore[attr-defined]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self.dialogue.breaches.clear()
        found = yield
        if self.dialogue.breaches:
            raise Distrusted("something was caught that no check forgives") from (
                self.dialogue.breaches[0]
            )
        return found


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(Path(sys.argv[1]))
