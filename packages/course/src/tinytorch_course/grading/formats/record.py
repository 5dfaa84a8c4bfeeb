"""JSON: a list of the model's own records, which `grade.parse` reads back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tinytorch_course.grading import plain_text
from tinytorch_course.grading.grade import Grade


def write(grades: Sequence[Grade]) -> str:
    records = [_shown(grade.record()) for grade in grades]
    return json.dumps(records, indent=2, ensure_ascii=False) + "\n"


def _shown(value: Any) -> Any:
    """With every text in it fit to be shown."""
    if isinstance(value, dict):
        return {key: _shown(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(each) for each in value]
    return plain_text.text(value) if isinstance(value, str) else value
