"""Whose code is it: the reference, yours, or something that got in between?"""

from typing import Literal

from packaging.version import Version

from tinytorch.setup.evidence import Evidence

Origin = Literal["reference", "student", "shadowed", "broken", "unpackaged", "absent"]


def classify(evidence: Evidence) -> Origin:
    """One word for the evidence.

    "absent": neither metadata nor code
    "unpackaged": code that import finds, but no metadata: pip knows nothing of it
    "broken": metadata, but no code that import finds
    "shadowed": the code that import finds does not lie inside the recorded folder
    "student": a copy of your own: the version's local part is `student` (`0.1.0+student`), or it
        was installed from a project folder
    "reference": anything else
    """
    if evidence.version is None or evidence.recorded is None:
        return "absent" if evidence.found is None else "unpackaged"
    if evidence.found is None:
        return "broken"
    if not evidence.found.is_relative_to(evidence.recorded):
        return "shadowed"
    if Version(evidence.version).local == "student" or evidence.folder is not None:
        return "student"
    return "reference"
