"""Judge each module apart: right code must pass every check that can be judged so.

    python tools/try_apart.py [--salt N] [MODULE ...]

In an environment with the command and all modules. The reference and the alternative are judged,
with inputs drawn anew, and must pass all; an untouched starter must not pass a task. Prints a line
for each module: what share of its checks is judged apart, and how long it took.
"""

from __future__ import annotations

import argparse
import secrets
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from overlay import overlay
from tinytorch_course.apart.judging import judge_apart
from tinytorch_course.checking.judging import Judgement, Limits
from tinytorch_course.checking.launching import AsTheUser
from tinytorch_course.material import Material, all_material
from workspace import ROOT, Package, Workspace

LIMITS = Limits(check=60.0, total=900.0)


def attempt(package: Package, material: Material, salt: int) -> list[str]:
    """What is wrong; on the way, a line about the module."""
    apart = material.ids_apart
    problems: list[str] = []
    times = []
    with tempfile.TemporaryDirectory() as name:
        solved = Path(name).resolve()
        overlay(package, solved)
        for what, source in (("reference", package.source.resolve()), ("alternative", solved)):
            began = time.monotonic()
            problems += failures(what, judged(material, source, {what: apart}, salt))
            times.append(f"{what} {time.monotonic() - began:5.1f} s")
    tasks = {task.id: [each for each in apart if task.judges(each)] for task in material.tasks}
    untouched = judged(material, (material.starter / "src").resolve(), tasks, salt)
    for task, ids in tasks.items():
        if not ids:
            problems.append(f"task {task} has no check that can be judged apart")
        elif all(each.passed for each in untouched.of(ids).values()):
            problems.append(f"task {task} passes apart with an untouched starter")
    share = f"{len(apart):>4} of {len(material.ids):>4} apart"
    print(f"{package.name:<16} {share}   {'   '.join(times)}", *problems, sep="\n    ", flush=True)
    return problems


def judged(material: Material, source: Path, groups: dict[str, list[str]], salt: int) -> Judgement:
    return judge_apart(
        material.import_name, source, [source], material.checks, groups, LIMITS, AsTheUser(), salt
    )


def failures(what: str, found: Judgement) -> Iterator[str]:
    if found.unimportable:
        yield f"the {what} cannot be imported: {found.unimportable}"
    for name, outcome in found.outcomes.items():
        if not outcome.passed:
            yield f"the {what} fails apart in {name}: {outcome.failure}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("modules", nargs="*", help="names; all modules without any")
    parser.add_argument("--salt", type=int, default=secrets.randbits(32))
    options = parser.parse_args()
    print(f"salt {options.salt}")
    packages = {package.name: package for package in Workspace.load(ROOT).of_kind("module")}
    chosen = [m for m in all_material() if not options.modules or m.name in options.modules]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda m: attempt(packages[m.name], m, options.salt), chosen))
    problems = [problem for several in found for problem in several]
    print(f"{len(chosen)} modules, {len(problems)} problems")
    return int(bool(problems))


if __name__ == "__main__":
    raise SystemExit(main())
