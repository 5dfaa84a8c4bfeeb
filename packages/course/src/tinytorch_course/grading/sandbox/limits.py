"""Without a sandbox of the system's: limits on resources, the guard inside, the warden beside."""

from __future__ import annotations

import sys
from pathlib import Path

from tinytorch_course.grading.sandbox import foster_parent
from tinytorch_course.grading.sandbox.enclosure import Enclosure, interpreter


class LimitsOnly:
    name = "limits"
    explanation = "limits and a guard in Python alone: files and network are not truly shut off"
    is_wall = False

    def command(self, enclosure: Enclosure) -> list[str]:
        if sys.platform != "linux":
            return []
        return [str(interpreter()), "-S", "-P", str(Path(foster_parent.__file__))]
