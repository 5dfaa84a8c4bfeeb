"""`tinytorch doctor`: is everything as it should be, and if not, what mends it."""

from __future__ import annotations

import json
import sys

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tinytorch_course import journey as journeys
from tinytorch_course import terminal
from tinytorch_course.diagnosis import examine
from tinytorch_course.diagnosis.finding import Finding, Level
from tinytorch_course.diagnosis.python import describe
from tinytorch_course.journey import Journey
from tinytorch_course.terminal import Marks


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON.")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0.1),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long importing the modules may take.",
)
def doctor(as_json: bool, time_limit: float) -> None:
    """Look for what is wrong, and say what fixes it.

    Exits with 0 when all is well (notes may be shown), with 1 when there is a problem.
    """
    journey = journeys.read()
    findings = examine(journey, time_limit)
    problems = [each for each in findings if each.level is Level.PROBLEM]
    if as_json:
        click.echo(json.dumps(_record(journey, findings), indent=2))
    else:
        _print(terminal.console(), journey, findings)
    sys.exit(1 if problems else 0)


def _print(console: Console, journey: Journey, findings: tuple[Finding, ...]) -> None:
    marks = terminal.marks(console)
    for label, said in _facts(journey).items():
        console.print(Text.assemble((f"{label:<13}", "bold"), said), soft_wrap=True)
    console.print()
    for finding in findings:
        _print_finding(console, finding, marks)
    console.print(_verdict(findings, marks))


def _facts(journey: Journey) -> dict[str, str]:
    python = journey.interpreter
    numpy = journey.installed.get("numpy")
    modules = [each for each in journey.modules if each.package]
    capstones = [each.name for each in journey.capstones if each.package]
    return {
        "Python": f"{python.version}  {python.executable}",
        "Environment": describe(python),
        "NumPy": (numpy.version or "unknown") if numpy else "not installed",
        "Course": f"{len(modules)} of {len(journey.modules)} modules; "
        f"capstones: {', '.join(capstones) or 'none'}",
    }


def _print_finding(console: Console, finding: Finding, marks: Marks) -> None:
    sign, style = (marks.bad, "red") if finding.level is Level.PROBLEM else (marks.note, "yellow")
    heading = Table.grid()
    heading.add_row(Text(f"{sign} ", style=style), Text(finding.title, style="bold"))
    console.print(heading)
    for line in finding.evidence:
        console.print(Text(f"    {line}", style="dim"), soft_wrap=True)
    console.print(Padding(Text(finding.explanation), (0, 0, 0, 2), expand=False))
    for command in finding.fix:
        console.print(Text(f"    {command}", style="cyan"), soft_wrap=True)
    console.print()


def _verdict(findings: tuple[Finding, ...], marks: Marks) -> Text:
    problems = sum(each.level is Level.PROBLEM for each in findings)
    if not problems:
        return Text.assemble((f"{marks.good} ", "green"), "No problems found.")
    advice = "Fix it" if problems == 1 else "Fix them from the top"
    return Text.assemble(
        (f"{problems} problem{'s' if problems > 1 else ''} found. ", "bold"),
        (f"{advice}, then run `tinytorch doctor` again.", ""),
    )


def _record(journey: Journey, findings: tuple[Finding, ...]) -> dict[str, object]:
    python = journey.interpreter
    numpy = journey.installed.get("numpy")
    return {
        "healthy": not any(each.level is Level.PROBLEM for each in findings),
        "python": {"version": python.version, "executable": str(python.executable)},
        "environment": {
            "prefix": str(python.prefix),
            "virtual": python.is_virtual,
            "conda": python.is_conda,
            "externally_managed": python.externally_managed,
        },
        "numpy": numpy.version if numpy else None,
        "modules": {each.name: each.version for each in journey.modules if each.package},
        "findings": [
            {
                "level": each.level.value,
                "kind": each.kind,
                "title": each.title,
                "explanation": each.explanation,
                "fix": list(each.fix),
                "evidence": list(each.evidence),
            }
            for each in findings
        ],
    }
