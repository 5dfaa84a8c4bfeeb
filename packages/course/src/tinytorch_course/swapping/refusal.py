"""Why something is not done: what is wrong, why it matters, and what mends it."""

from __future__ import annotations

from tinytorch_course.diagnosis.finding import Finding, Level

HALF_DONE = "half-done"
"""The one kind after which not everything is as it was."""


class Refusal(Exception):
    """Raised before anything has changed, or after all of it was taken back."""

    def __init__(
        self,
        kind: str,
        title: str,
        explanation: str,
        fix: tuple[str, ...] = (),
        evidence: tuple[str, ...] = (),
    ) -> None:
        super().__init__(title)
        self.finding = Finding(Level.PROBLEM, kind, title, explanation, fix, evidence)
