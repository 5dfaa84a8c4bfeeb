"""The tables of the whole course, generated from tools/course.toml and from what exists.

Packages that are not installed have no metadata to read, so `tinytorch-setup` and
`tinytorch-course` carry a table of everything, as JSON. The README shows one to people.
`python tools/course_table.py` writes them all, `--check` compares.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from workspace import ROOT, Entry, Workspace

PLACES = (
    Path("packages/01_setup/src/tinytorch/setup/course.json"),
    Path("packages/course/src/tinytorch_course/course.json"),
)

README_TABLE = re.compile(r"(<!-- course table: .*? -->\n)(.*)(<!-- end of .*? -->)", re.DOTALL)


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


def readme_table(workspace: Workspace) -> str:
    """The modules and capstones as a Markdown table."""
    lines = ["| part | no. | module | builds on | released |", "|---|---|---|---|---|"]
    for entry in in_order(workspace):
        number = f"{entry.number:02}" if entry.number else ""
        released = "yes" if workspace.named(entry.name) else "not yet"
        builds_on = ", ".join(entry.depends)
        lines.append(f"| {entry.part} | {number} | {entry.title} | {builds_on} | {released} |")
    return "\n".join(lines) + "\n"


def in_order(workspace: Workspace) -> list[Entry]:
    """Each part's modules, then its capstone."""
    course = workspace.course
    entries = [*course.modules, *course.capstones]
    return sorted(entries, key=lambda entry: (entry.part, entry.number or 100))


def expected_texts(workspace: Workspace) -> dict[Path, str]:
    """What every file that holds a table should hold."""
    texts = dict.fromkeys(places(workspace), course_table(workspace))
    readme = workspace.root / "README.md"
    if readme.is_file():
        text, table = readme.read_text("utf-8"), readme_table(workspace)
        texts[readme] = README_TABLE.sub(lambda found: f"{found[1]}\n{table}\n{found[3]}", text)
    return texts


def outdated(workspace: Workspace) -> dict[Path, str]:
    """The files whose table is missing or out of date, with what they should hold."""
    return {
        path: text
        for path, text in expected_texts(workspace).items()
        if not path.is_file() or path.read_text("utf-8") != text
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if outdated")
    options = parser.parse_args()
    workspace = Workspace.load(options.root)
    stale = outdated(workspace)
    for path, text in stale.items():
        if options.check:
            print(f"{path}: outdated; run `python tools/course_table.py`")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"{path}: written")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    raise SystemExit(main())
