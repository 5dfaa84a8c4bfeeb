"""Without a sandbox of the system's: limits on resources, the guard inside, the warden beside."""

from __future__ import annotations

from tinytorch_course.grading.sandbox.enclosure import Enclosure


class LimitsOnly:
    name = "limits"
    explanation = "limits and a guard in Python alone: files and network are not truly shut off"

    def command(self, enclosure: Enclosure) -> list[str]:
        return []
