"""The closing line of a nox run: how many tests passed in all its sessions."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


class PassedTests:
    """Adds up pytest's JUnit reports, for one closing line."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.seen: set[str] = set()

    def add(self, report: Path) -> None:
        """Count the tests of a report. A run that ended without one counts as a failure."""
        if not report.is_file():
            self.outcomes["failed"] += 1
            return
        for case in ElementTree.parse(report).iter("testcase"):
            self.seen.add(f"{case.get('classname')}::{case.get('name')}")
            self.outcomes[outcome(case)] += 1

    def closing_lines(self) -> list[str]:
        if not self.outcomes:
            return []
        counts = self.outcomes
        skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
        return [
            f"{len(self.seen)} different tests; most run in several environments. In all:",
            f"nox: {counts['passed']} passed, {counts['failed']} failed{skipped}",
        ]

    def print(self) -> None:
        for line in self.closing_lines():
            print(line, flush=True)


def outcome(case: ElementTree.Element) -> str:
    tags = {child.tag for child in case}
    if tags & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in tags else "passed"
