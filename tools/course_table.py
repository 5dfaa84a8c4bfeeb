"""The table of the whole course that `tinytorch-setup` and `tinytorch-course` carry.

Packages that are not installed have no metadata to read, so these two ship a table of everything,
generated from tools/course.toml: `python tools/course_table.py` writes it, `--check` compares.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from workspace import ROOT, Entry, Workspace

PLACES = (
    Path("packages/01_setup/src/tinytorch/setup/course.json"),
    Path("packages/course/src/tinytorch_course/course.json"),
)


def course_table(workspace: Workspace) -> str:
    """The table as JSON text. `released` says whether the workspace holds the package."""

    def row(entry: Entry) -> dict[str, Any]:
        number = {} if entry.number is None else {"number": entry.number}
        return {
            "name": entry.name,
            **number,
            "part": entry.part,
            "title": entry.title,
            "depends": list(entry.depends),
            "released": workspace.named(entry.name) is not None,
        }

    table = {
        "modules": [row(entry) for entry in workspace.course.modules],
        "capstones": [row(entry) for entry in workspace.course.capstones],
    }
    return json.dumps(table, indent=2, ensure_ascii=False) + "\n"


def places(workspace: Workspace) -> list[Path]:
    """The files that hold the table, of the packages that exist."""
    return [workspace.root / p for p in PLACES if (workspace.root / p.parent).is_dir()]


def outdated(workspace: Workspace) -> list[Path]:
    """The files whose table is missing or differs from course.toml."""
    text = course_table(workspace)
    return [p for p in places(workspace) if not p.is_file() or p.read_text("utf-8") != text]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if outdated")
    options = parser.parse_args()
    workspace = Workspace.load(options.root)
    stale = outdated(workspace)
    for path in stale:
        if options.check:
            print(f"{path}: outdated; run `python tools/course_table.py`")
        else:
            path.write_text(course_table(workspace), encoding="utf-8", newline="\n")
            print(f"{path}: written")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    raise SystemExit(main())
