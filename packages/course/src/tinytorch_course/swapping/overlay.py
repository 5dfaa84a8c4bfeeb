"""Trying a wheel before it is installed: unpacked into a folder that comes first on the path.

The module is imported from there, and so is everything installed that builds on it. Nothing that is
installed is touched.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tinytorch_course.course import Module
from tinytorch_course.journey import Journey
from tinytorch_course.swapping.project import Project
from tinytorch_course.swapping.refusal import Refusal
from tinytorch_course.swapping.wheel import Wheel

PROBE = Path(__file__).with_name("overlay_probe.py")
TIME_LIMIT = 60.0
FEW = 8


@dataclass(frozen=True)
class Import:
    """How importing one name went."""

    failure: str = ""
    traceback: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    origin: Path | None = None


def check(wheel: Wheel, project: Project, public: Sequence[str], journey: Journey) -> None:
    """Raises `Refusal` when the module, or what builds on it, does not work from this wheel."""
    module = project.module
    dependants = _dependants(module, journey)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(os.path.realpath(name))
        wheel.unpack(folder, f"tinytorch/{module.name}/")
        wanted = {module.import_name: public} | dict.fromkeys(dependants, ())
        tried = import_all(wanted, folder, module.import_name)
        went = {each: _told_of(project, tried[each], folder) for each in tried}
        _check_module(module, went[module.import_name], folder)
    failed = [each for each in dependants if went[each].failure]
    before = import_all(dict.fromkeys(failed, ()), None) if failed else {}
    for each in failed:
        if not before[each].failure:
            raise _breaks(module, each, went[each])


def _told_of(project: Project, went: Import, folder: Path) -> Import:
    """Its traceback names the student's own files, not the copies of them that were tried."""
    own = str(project.source)
    return replace(went, traceback=tuple(each.replace(str(folder), own) for each in went.traceback))


def _dependants(module: Module, journey: Journey) -> list[str]:
    """The import names of all that builds on the module and can be imported, in order."""
    above = journey.course.built_on(module.name)
    return [
        each.member.import_name
        for each in journey.standings.values()
        if each.name in above and each.is_runnable
    ]


def _check_module(module: Module, went: Import, folder: Path) -> None:
    if went.failure:
        raise Refusal(
            "import-fails",
            f"{module.import_name} cannot be imported from it",
            f"When it is imported, {went.failure}.",
            evidence=went.traceback,
        )
    if went.origin is None or not Path(os.path.realpath(went.origin)).is_relative_to(folder):
        raise Refusal(
            "shadowed",
            f"Python imports another {module.import_name}",
            "Something comes before every installed package, so a swap would change nothing.",
            ("tinytorch doctor",),
            (str(went.origin),),
        )
    if went.missing:
        more = len(went.missing) - FEW
        raise Refusal(
            "incomplete",
            f"{module.import_name} lacks {_count(len(went.missing), 'public name')}",
            "What builds on the module may use every name that the reference offers (its "
            f"`__all__`). Define or import them in src/tinytorch/{module.name}/__init__.py.",
            evidence=(*went.missing[:FEW], *([f"and {more} more"] if more > 0 else [])),
        )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _breaks(module: Module, dependant: str, went: Import) -> Refusal:
    return Refusal(
        "dependant-fails",
        f"{dependant} cannot be imported on top of it",
        f"It works on what is installed now. On your {module.name}, {went.failure}.",
        evidence=went.traceback,
    )


def import_all(
    wanted: Mapping[str, Sequence[str]], first: Path | None, essential: str = ""
) -> dict[str, Import]:
    """How each import goes, with a folder first on the path.

    One process imports all. If it dies or hangs at a name, another goes on with the rest, unless
    that was the essential one.
    """
    went: dict[str, Import] = {}
    while waiting := {name: public for name, public in wanted.items() if name not in went}:
        if essential in went and went[essential].failure:
            break
        ending, found = _in_one_process(waiting, first)
        went |= found
        culprit = next((name for name in waiting if name not in found), None)
        if culprit is not None:
            went[culprit] = Import(ending)
    return went


def _in_one_process(
    wanted: Mapping[str, Sequence[str]], first: Path | None
) -> tuple[str, dict[str, Import]]:
    """How the process ended, and the imports that it reported."""
    names = json.dumps([[name, list(public)] for name, public in wanted.items()])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder, "report.jsonl")
        ending = _run([sys.executable, "-P", str(PROBE), str(file), names], first)
        return ending, _reported(file)


def _run(command: list[str], first: Path | None) -> str:
    quiet = subprocess.DEVNULL
    path = [str(first)] if first else []
    path += [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    try:
        done = subprocess.run(
            command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet, timeout=TIME_LIMIT
        )
    except subprocess.TimeoutExpired:
        return f"it was not done after {TIME_LIMIT:g} s"
    return f"it ends Python, with exit code {done.returncode}"


def _reported(file: Path) -> dict[str, Import]:
    if not file.is_file():
        return {}
    complete = file.read_text(encoding="utf-8").split("\n")[:-1]  # the last line may be cut short
    return {name: _import(*rest) for name, *rest in map(json.loads, complete)}


def _import(lines: list[str], missing: list[str], origin: str | None) -> Import:
    failure = "it raises an error" if lines else ""
    return Import(failure, tuple(lines), tuple(missing), Path(origin) if origin else None)
