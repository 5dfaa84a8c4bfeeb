"""What can be wrong with an installed course, and how each thing is mended.

Each file looks at one side of it and returns findings; `examine` runs them all.
"""

from __future__ import annotations

from tinytorch_course.diagnosis import imports, namespace, packages, python
from tinytorch_course.diagnosis.finding import Finding
from tinytorch_course.journey import Journey


def examine(journey: Journey, time_limit: float) -> tuple[Finding, ...]:
    return (
        *python.examine(journey),
        *namespace.examine(journey),
        *packages.examine(journey),
        *imports.examine(journey, time_limit),
    )
