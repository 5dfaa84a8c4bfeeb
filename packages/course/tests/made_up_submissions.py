"""Submissions of the made-up `tensor` (see `made_up.py`): right, wrong, odd, and hostile; and
what their grades say.

Every hostile one is bounded, so that a sandbox that fails harms no machine.
"""

from __future__ import annotations

from pathlib import Path

import made_up

from tinytorch_course.grading.grade import Grade, Item, Weight

SOLVED = made_up.STARTER.replace(made_up.DOUBLE, made_up.RIGHT_DOUBLE).replace(
    made_up.HALVE, made_up.RIGHT_HALVE
)
REFERENCE = {
    "setup": {"__init__.py": ""},
    "tensor": {"__init__.py": "from . import numbers\n", "numbers.py": SOLVED},
    "activations": {"__init__.py": ""},
    "layers": {"__init__.py": ""},
    "networks": {"__init__.py": ""},
    "xornet": {
        "__init__.py": "from tinytorch.tensor import numbers\n\n\n"
        "def train():\n    return numbers.halve(numbers.double(21))\n"
    },
}
PYPROJECT = '[project]\nname = "tinytorch-tensor"\nversion = "0.1.0+student"\n'


def project(
    folder: Path,
    double: str = made_up.RIGHT_DOUBLE,
    halve: str = made_up.RIGHT_HALVE,
    first: str = "",
    pyproject: str = PYPROJECT,
) -> Path:
    """A project with these bodies; `first` stands at the top of the file, and runs at import."""
    text = made_up.STARTER.replace(made_up.DOUBLE, double).replace(made_up.HALVE, halve)
    text = text.replace("from __future__ import annotations\n", "")
    home = folder / "src" / "tinytorch" / "tensor"
    made_up.write(home / "__init__.py", "from . import numbers\n")
    made_up.write(home / "numbers.py", first + text)
    made_up.write(folder / "pyproject.toml", pyproject)
    return folder


def untouched(folder: Path) -> Path:
    return project(folder, double=made_up.DOUBLE, halve=made_up.HALVE)


def items(grade: Grade) -> dict[str, Item]:
    return {item.id: item for _, item in grade.items}


def alarms(grade: Grade) -> str:
    return "\n".join(each.text for each in grade.all_remarks if each.weight is Weight.ALARM)


def reason(grade: Grade, task: str = "2.2") -> str:
    return "\n".join(items(grade)[task].reason)
