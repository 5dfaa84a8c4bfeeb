"""Lay a module's alternative solution over its reference.

`alternative/memory.py` holds the task functions of `memory.py`, written differently. This writes a
copy of the module's `src/` in which they stand in the place of the reference's, so that the
contract tests can judge a second right answer:

    python tools/overlay.py packages/02_tensor FOLDER     then     PYTHONPATH=FOLDER pytest …

The functions are exchanged by their position in the text. A function keeps the reference's
decorators unless the alternative brings its own. Its imports are put at the top, its helpers and
constants before the first function exchanged, further methods of a class at the end of that class.
"""

from __future__ import annotations

import argparse
import ast
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workspace import Package

Function = ast.FunctionDef | ast.AsyncFunctionDef


class OverlayError(Exception):
    """The alternative cannot stand in the reference's place."""


@dataclass(frozen=True)
class Edit:
    """Lines [start, end) of the reference, counted from 0, become `text`."""

    start: int
    end: int
    text: str


def overlay(package: Package, destination: Path) -> list[Path]:
    """Write the module's `src/` with the alternative in place to `destination`.

    Returns the files that were changed. Raises OverlayError if a task's function has no
    alternative, or if the alternative would replace something that is given to students.
    """
    shutil.copytree(package.source, destination, dirs_exist_ok=True)
    changed = []
    for path, functions in task_functions(package).items():
        alternative = package.alternative / path
        if not alternative.is_file():
            raise OverlayError(f"{alternative} is missing: it should hold {', '.join(functions)}")
        target = destination / package.source_root.relative_to(package.source) / path
        own_name = ".".join([str(package.import_name), *path.with_suffix("").parts])
        merged = merge(
            target.read_text("utf-8"), alternative.read_text("utf-8"), functions, own_name
        )
        target.write_text(merged, encoding="utf-8", newline="\n")
        changed.append(target)
    return changed


def task_functions(package: Package) -> dict[Path, list[str]]:
    """The functions of all tasks, by the file that holds them."""
    found: defaultdict[Path, list[str]] = defaultdict(list)
    for task in package.tasks:
        for function in task.functions:
            path, qualified_name = package.function_location(function)
            found[path].append(qualified_name)
    return dict(found)


def merge(reference: str, alternative: str, functions: list[str], own_name: str) -> str:
    """The reference's text with `functions` taken from the alternative's."""
    theirs, ours = ast.parse(alternative), ast.parse(reference)
    taken = definitions(theirs)
    places = definitions(ours)
    edits = []
    for name in functions:
        if name not in taken:
            raise OverlayError(f"the alternative has no {name}: every task needs one")
        if name not in places:
            raise OverlayError(f"the reference has no {name}: correct the task that names it")
        edits.append(exchange(places[name], taken[name], alternative))
    imports, extras = extra_statements(theirs, functions, own_name)
    refuse_replacing(extras, ours)
    first = min(edits, key=lambda edit: edit.start).start
    owner_start = start_of_statement(ours, first)
    edits.append(insertion(import_line(ours), imports, alternative))
    edits.append(insertion(owner_start, extras, alternative))
    edits.extend(extra_methods(theirs, ours, functions, alternative))
    return apply(edits, reference)


def definitions(tree: ast.Module) -> dict[str, Function]:
    """Every top-level function as `name`, every method as `Class.name`."""
    found: dict[str, Function] = {}
    for node in tree.body:
        if isinstance(node, Function):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{m.name}": m for m in node.body if isinstance(m, Function)}
    return found


def exchange(place: Function, taken: Function, alternative: str) -> Edit:
    """Put `taken` where `place` is, with the decorators of the one that has some to give."""
    start = first_line(place) if taken.decorator_list else place.lineno - 1
    assert place.end_lineno is not None
    return Edit(start, place.end_lineno, source_of(taken, alternative))


def extra_statements(
    tree: ast.Module, functions: list[str], own_name: str
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """What an alternative brings beside the task functions: its imports, and all else."""
    imports: list[ast.stmt] = []
    extras: list[ast.stmt] = []
    owners = {name.split(".")[0] for name in functions}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            if not imports_itself(node, own_name):
                imports.append(node)
        elif not (is_docstring(node) or getattr(node, "name", None) in owners):
            extras.append(node)
    return imports, extras


def imports_itself(node: ast.stmt, own_name: str) -> bool:
    """Whether an import is of the file that the alternative becomes part of, or of `__future__`."""
    if not isinstance(node, ast.ImportFrom):
        return False
    name = f"{'.' * node.level}{node.module or ''}"
    return name in {"__future__", own_name, f".{own_name.rsplit('.', 1)[1]}"}


def refuse_replacing(extras: list[ast.stmt], reference: ast.Module) -> None:
    given = set(bound_names(reference.body))
    for name in bound_names(extras):
        if name in given:
            raise OverlayError(
                f"the alternative defines {name}, which is given and no task's: rename it, "
                "or name it in a task's functions"
            )


def bound_names(body: list[ast.stmt]) -> Iterator[str]:
    """Names that statements of a module define, imports apart."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def extra_methods(
    theirs: ast.Module, ours: ast.Module, functions: list[str], alternative: str
) -> list[Edit]:
    """Methods that an alternative adds to a class of the reference, put after its last member."""
    given = definitions(ours)
    last_lines = {n.name: n.end_lineno for n in ours.body if isinstance(n, ast.ClassDef)}
    edits = []
    for name, method in definitions(theirs).items():
        owner = name.split(".")[0]
        if name in functions or "." not in name or owner not in last_lines:
            continue
        if name in given:
            raise OverlayError(f"the alternative defines {name}, which is given and no task's")
        line = last_lines[owner]
        assert line is not None
        edits.append(Edit(line, line, "\n" + source_of(method, alternative)))
    return edits


def source_of(node: ast.stmt, text: str) -> str:
    """The lines of a statement, decorators included."""
    return "".join(text.splitlines(keepends=True)[first_line(node) : node.end_lineno])


def first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1


def start_of_statement(tree: ast.Module, line: int) -> int:
    """The first line of the top-level statement that holds `line`."""
    return max(first_line(node) for node in tree.body if first_line(node) <= line)


def import_line(tree: ast.Module) -> int:
    """The line after the docstring and the imports from `__future__`."""
    head = 0
    for node in tree.body:
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (future or is_docstring(node)):
            break
        head = node.end_lineno or head
    return head


def is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def insertion(line: int, statements: list[ast.stmt], text: str) -> Edit:
    block = "".join(terminated(source_of(node, text)) for node in statements)
    return Edit(line, line, block)


def terminated(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def apply(edits: list[Edit], text: str) -> str:
    """Make the edits from the last line to the first, so that positions hold."""
    lines = [terminated(line) for line in text.splitlines(keepends=True)]
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        lines[edit.start : edit.end] = [terminated(edit.text)] if edit.text else []
    return "".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("package", type=Path, help="a module's folder")
    parser.add_argument("destination", type=Path, help="where the copy goes")
    options = parser.parse_args()
    try:
        changed = overlay(Package(options.package.resolve()), options.destination)
    except (OverlayError, LookupError) as problem:
        print(f"{options.package}: {problem}")
        return 1
    for path in changed:
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
