"""Grading many submissions: side by side, one after another's failure, on from where it stopped.

Each grade is written to its file as soon as it is there. A run that was interrupted takes from
these files what it would only find again: the same submission, graded by the same rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tinytorch_course import json_file
from tinytorch_course.grading import archives, grade, submission
from tinytorch_course.grading.grade import Grade, Outcome
from tinytorch_course.grading.naming import file_name
from tinytorch_course.grading.submission import Rules


@dataclass(frozen=True)
class Batch:
    sources: Mapping[str, Path]
    """By the name that a submission has in the results."""
    results: Path
    """A folder; the grade of `ada` is in `records/ada.json`."""
    marks: str
    """What the grades of this run depend on besides the submissions: a changed one grades anew."""

    def known(self) -> dict[str, Grade]:
        """Grades that are there already and still hold."""
        found = ((name, self._known(name, source)) for name, source in self.sources.items())
        return {name: each for name, each in found if each}

    def _known(self, name: str, source: Path) -> Grade | None:
        kept = json_file.read(self.file(name))
        if kept.get("marks") != self.marks:
            return None
        try:
            known = grade.parse(kept["grade"])
            is_same = known.fingerprint == archives.fingerprint(source)
        except (AttributeError, KeyError, OSError, TypeError, ValueError):
            return None
        is_graded = all(item.outcome is not Outcome.UNGRADED for _, item in known.items)
        return known if is_graded and is_same else None

    def file(self, name: str) -> Path:
        return self.results / "records" / f"{file_name(name)}.json"

    def run(self, names: Sequence[str], rules: Rules, jobs: int) -> Iterator[tuple[str, Grade]]:
        """Grades of these, as they come. Ctrl-C ends it with nothing lost."""
        pool = ThreadPoolExecutor(jobs)
        futures: dict[Future[Grade], str] = {
            pool.submit(self._one, name, rules): name for name in names
        }
        try:
            for done in as_completed(futures):
                yield futures[done], done.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _one(self, name: str, rules: Rules) -> Grade:
        """A grader that fails at one submission goes on with the next, and says so in its grade."""
        source = self.sources[name]
        try:
            found = submission.grade(source, name, rules)
            self._keep(name, found)
        except Exception as error:  # noqa: BLE001  whatever it is, the others are waiting
            reason = f"the grader failed at it: {type(error).__name__}: {error}"
            found = submission.ungraded(name, rules, reason)
            with suppress(OSError):  # its reason is told; the next run grades it in any case
                self._keep(name, found)
        return found

    def _keep(self, name: str, found: Grade) -> None:
        json_file.write(self.file(name), {"marks": self.marks, "grade": found.record()})


def marks_of(facts: Mapping[str, object]) -> str:
    return json.dumps(facts, sort_keys=True)
