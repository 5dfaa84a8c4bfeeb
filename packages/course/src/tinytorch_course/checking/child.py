"""The process that a student's code runs in: `python -m tinytorch_course.checking.child FOLDER`.

The folder holds `assignment.json`. What happens is written there, to `journal.jsonl`, and where the
process was when it had to be ended, to `stack.txt`.
"""

from __future__ import annotations

import faulthandler
import importlib
import importlib.util
import os
import sys
from pathlib import Path

from tinytorch_course.checking import assignment
from tinytorch_course.checking.assignment import Assignment
from tinytorch_course.checking.failure import Failure, describe
from tinytorch_course.checking.limits import limit_this_process
from tinytorch_course.checking.observer import Journal, Observer, Watchdog


def main(folder: Path) -> None:
    task = assignment.read(folder / "assignment.json")
    journal = Journal(folder / "journal.jsonl")
    limit_this_process()
    import_libraries()
    with (folder / "stack.txt").open("w", encoding="utf-8") as stack:
        faulthandler.enable(stack)
        slow_start = Watchdog(stack, 2 * task.seconds)
        slow_start.start()
        if failure := import_failure(task):
            slow_start.stop()
            journal.write("unimportable", failure=failure.record())
            return
        journal.write("imported")
        observer = run_pytest(task, journal, Watchdog(stack, task.seconds))
        if not observer.has_collected and (failure := fixtures_failure(task)):
            journal.write("unimportable", failure=failure.record())
            return
        journal.write("done")


def import_libraries() -> None:
    """Before all else: their bytecode is kept where they are installed, as Python does. What comes
    after them is compiled each time, since a file that is edited within a second may keep its
    time and its size.
    """
    for name in ("numpy", "pytest", "hypothesis"):
        if importlib.util.find_spec(name):
            importlib.import_module(name)
    sys.dont_write_bytecode = True


def import_failure(task: Assignment) -> Failure | None:
    """Why the student's module cannot be imported, or is not the one that would be."""
    source = Path(task.source)
    try:
        module = importlib.import_module(task.module)
    except BaseException as error:  # noqa: BLE001  whatever it raises, SystemExit too
        return describe(error, source)
    file = Path(os.path.realpath(module.__file__ or ""))
    if task.ids and not file.is_relative_to(source):
        return Failure("elsewhere", str(file))
    return None


def fixtures_failure(task: Assignment) -> Failure | None:
    """pytest ends without a report when it cannot import the checks' `conftest.py`."""
    spec = importlib.util.spec_from_file_location("conftest", Path(task.checks, "conftest.py"))
    assert spec is not None
    assert spec.loader is not None
    try:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except BaseException as error:  # noqa: BLE001
        return describe(error, Path(task.source), Path(task.checks))
    return None


def run_pytest(task: Assignment, journal: Journal, watchdog: Watchdog) -> Observer:
    import pytest

    if any(uses_hypothesis(Path(task.checks, file)) for file in task.files):
        steady_examples()
    checks = Path(task.checks)
    observer = Observer(journal, watchdog, task.ids, Path(task.source), checks)
    wanted = [str(checks / file) for file in task.files] or [str(checks)]
    options = ["-c", str(Path(__file__).with_name("pytest.ini")), "--rootdir", str(checks)]
    if not task.ids:
        options.append("--collect-only")
    pytest.main([*options, "--confcutdir", str(checks), "-q", *wanted], plugins=[observer])
    return observer


def steady_examples() -> None:
    """The same examples each time, no deadline, nothing kept. The smallest example that fails is
    looked for; what hypothesis calls explaining takes seconds and says little to a learner.
    """
    from hypothesis import Phase, settings

    phases = (Phase.explicit, Phase.generate, Phase.shrink)
    settings.register_profile(
        "tinytorch", derandomize=True, deadline=None, database=None, phases=phases
    )
    settings.load_profile("tinytorch")


def uses_hypothesis(file: Path) -> bool:
    return "hypothesis" in file.read_text(encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)  # whatever threads the code left running
