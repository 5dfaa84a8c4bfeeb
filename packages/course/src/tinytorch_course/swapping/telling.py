"""What `swap` and `restore` say, in text and in JSON."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tinytorch_course.course import Module
from tinytorch_course.diagnosis.finding import Finding
from tinytorch_course.journey import Journey
from tinytorch_course.next_step import Step
from tinytorch_course.swapping.refusal import HALF_DONE
from tinytorch_course.terminal import Marks


def print_refusal(console: Console, marks: Marks, subject: str, finding: Finding) -> None:
    """What was not done and why; what there is to see; what mends it."""
    said = Text.assemble((f"{subject}: ", "bold"), (finding.title, "bold"))
    _print_hanging(console, Text(f"{marks.bad} ", style="red"), said)
    for line in finding.evidence:
        console.print(Text(f"    {line}", style="dim"), soft_wrap=True)
    console.print(Padding(Text(finding.explanation), (0, 0, 0, 2), expand=False))
    for line in finding.fix:
        console.print(Text(f"    {line}", style="cyan"), soft_wrap=True)
    if finding.kind != HALF_DONE:
        console.print(Text("  Nothing was changed.", style="dim"))


def _print_hanging(console: Console, sign: Text, said: Text) -> None:
    lines = said.wrap(console, max(console.width - len(sign), 20))
    for number, line in enumerate(lines):
        console.print(Text.assemble(sign if number == 0 else " " * len(sign), line), soft_wrap=True)


def print_done(console: Console, marks: Marks, said: str, remarks: Iterable[str]) -> None:
    console.print(Text.assemble((f"{marks.good} ", "green"), (said, "bold")), soft_wrap=True)
    for remark in remarks:
        console.print(Text(f"  {remark}"), soft_wrap=True)


def print_kernels(console: Console, marks: Marks, advice: str | None) -> None:
    if advice is not None:
        console.print(Text.assemble((f"{marks.note} ", "yellow"), advice), soft_wrap=True)


def print_steps(console: Console, steps: tuple[Step, ...]) -> None:
    console.print()
    for label, step in zip(("Next", "Then"), steps, strict=False):
        line = Text.assemble((f"{label}  ", "bold"), (step.command, "cyan"))
        console.print(line, soft_wrap=True)
        console.print(Text(f"      {step.reason}", style="dim"), soft_wrap=True)


def after_swap(journey: Journey, module: Module) -> tuple[Step, ...]:
    """Try what builds on the module: its checks, then the last capstone that can run."""
    above = journey.course.built_on(module.name)
    there = [name for name in above if journey.standings[name].package]
    check = f"tinytorch check {module.name}" + (" --dependants" if there else "")
    reason = "checks it, and what builds on it" if there else "checks it"
    return (Step(check, reason), *_run_capstone(journey, above))


def after_restore(journey: Journey, module: Module) -> tuple[Step, ...]:
    steps = _run_capstone(journey, journey.course.built_on(module.name))
    return steps or (Step("tinytorch status", "shows where you stand"),)


def _run_capstone(journey: Journey, above: frozenset[str]) -> tuple[Step, ...]:
    runnable = [each for each in journey.capstones if each.name in above and each.is_runnable]
    if not runnable:
        return ()
    last = runnable[-1]
    return (Step(f"tinytorch run {last.name}", f"runs {last.member.title} on it"),)


def command(*words: str) -> str:
    """As it is typed: a path may hold spaces."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def steps_record(steps: tuple[Step, ...]) -> list[dict[str, str]]:
    return [asdict(each) for each in steps]


def refusal_record(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind,
        "title": finding.title,
        "explanation": finding.explanation,
        "fix": list(finding.fix),
        "evidence": list(finding.evidence),
    }
