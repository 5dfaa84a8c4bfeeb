"""A module's starter: the reference with the tasks' functions emptied.

    python tools/starter.py packages/02_tensor FOLDER

A function that a task names keeps its decorators, signature and docstring; in the place of its body
stands `raise NotImplementedError("task 2.1: …")`. A function that only emptied ones use is part of
the solution: it is emptied, too. What is emptied is found in the syntax tree, so the reference
needs no marks. A constant has another value in the starter where the module's pyproject.toml says
so:

    [tool.tinytorch.starter]
    "convolution.DEFAULT_KERNEL" = "im2col"

All else stays to the letter.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from overlay import Edit, Function, apply, definitions, is_docstring
from workspace import Package


class StarterError(Exception):
    """A starter cannot be made from this module."""


@dataclass(frozen=True, order=True)
class Place:
    """A function of a module: its file, relative to the module's folder, and its name there."""

    path: Path
    name: str

    @property
    def last_name(self) -> str:
        return self.name.rsplit(".", 1)[-1]


def write_starter(package: Package, destination: Path) -> dict[Place, str]:
    """Write the module's `src/` with its tasks emptied to `destination`.

    Returns the emptied functions and the message that each now raises.
    """
    emptied = messages(package)
    shutil.copytree(
        package.source,
        destination,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    constants = {
        Place(*package.function_location(name)): value
        for name, value in package.settings.get("starter", {}).items()
    }
    root = destination / package.source_root.relative_to(package.source)
    for path in sorted({place.path for place in (*emptied, *constants)}):
        bodies = {place.name: message for place, message in emptied.items() if place.path == path}
        values = {place.name: value for place, value in constants.items() if place.path == path}
        text = (package.source_root / path).read_text("utf-8")
        try:
            changed = apply([*body_edits(text, bodies), *constant_edits(text, values)], text)
        except StarterError as problem:
            raise StarterError(f"{package.distribution}: {path}: {problem}") from None
        (root / path).write_text(changed, encoding="utf-8", newline="\n")
    return emptied


def messages(package: Package) -> dict[Place, str]:
    """What each function to be emptied will raise: the tasks' own, then what only they use."""
    found: dict[Place, str] = {}
    owners: dict[Place, str] = {}
    for task in package.tasks:
        for function in task.functions:
            place = Place(*package.function_location(function))
            found[place] = f"task {task.id}: {place.last_name}"
            owners[place] = task.id
    trees = {
        path.relative_to(package.source_root): ast.parse(path.read_text("utf-8"))
        for path in sorted(package.source_root.rglob("*.py"))
    }
    check_definitions(package, trees, found)
    for place, users in helpers(trees, set(found)).items():
        first = min(owners[user] for user in users if user in owners)
        found[place] = f"task {first}: {place.last_name}, which is yours to use or to leave"
    return found


def check_definitions(
    package: Package, trees: Mapping[Path, ast.Module], places: Mapping[Place, str]
) -> None:
    for place in places:
        if place.name not in definitions(trees[place.path]):
            raise StarterError(f"{package.distribution}: {place.path} defines no {place.name}")


def helpers(trees: Mapping[Path, ast.Module], tasks: set[Place]) -> dict[Place, set[Place]]:
    """Functions that are used, and by emptied functions alone; with the tasks' functions that use
    them.

    A use is any mention of the name outside the function itself: by name, as an attribute, in an
    import of another file, or as a string (`__all__` makes a function public, and public ones are
    given).
    """
    shown = modules_shown(trees)
    candidates = {
        Place(path, name): node
        for path, tree in trees.items()
        for name, node in definitions(tree).items()
        if Place(path, name) not in tasks
        and not is_given(path, name, shown)
        and not node.decorator_list
    }
    uses = {place: users(trees, place) for place in candidates}
    emptied = set(tasks)
    found: dict[Place, set[Place]] = {}
    while True:
        new = {p for p, by in uses.items() if p not in emptied and by and by <= emptied}
        if not new:
            return found
        emptied |= new
        for place in new:
            found[place] = reached_tasks(place, uses, tasks)


def reached_tasks(
    place: Place, uses: Mapping[Place, set[Place | None]], tasks: set[Place]
) -> set[Place]:
    """The tasks' functions that use `place`, directly or through other helpers."""
    found: set[Place] = set()
    waiting: list[Place | None] = [place]
    seen: set[Place | None] = set()
    while waiting:
        here = waiting.pop()
        if here in seen or here is None:
            continue
        seen.add(here)
        if here in tasks:
            found.add(here)
        waiting.extend(uses.get(here, ()))
    return found


def is_given(path: Path, name: str, shown: set[str]) -> bool:
    """Whether a function is part of what the package offers: a public method, a special one, or a
    public function of a file that the package shows as a whole.
    """
    last = name.rsplit(".", 1)[-1]
    if last.startswith("__"):
        return True
    return not last.startswith("_") and ("." in name or path.stem in shown)


def modules_shown(trees: Mapping[Path, ast.Module]) -> set[str]:
    """The files that `__init__.py` offers as modules: `from . import init`."""
    start = trees.get(Path("__init__.py"), ast.Module([], []))
    imports = [
        n for n in start.body if isinstance(n, ast.ImportFrom) and n.level == 1 and not n.module
    ]
    return {alias.name for node in imports for alias in node.names}


def users(trees: Mapping[Path, ast.Module], place: Place) -> set[Place | None]:
    """The functions that mention `place`; None stands for anything that is not in a function."""
    found: set[Place | None] = set()
    for path, tree in trees.items():
        for holder, node in mentions(tree, place.last_name):
            user = None if holder is None else Place(path, holder)
            if user != place and not is_import_for(node, path, place):
                found.add(user)
    return found


def is_import_for(node: ast.AST, path: Path, place: Place) -> bool:
    """An import into another file is no use by itself: what that file does with the name is."""
    return isinstance(node, ast.ImportFrom) and path != place.path and path.name != "__init__.py"


def mentions(tree: ast.Module, name: str) -> Iterator[tuple[str | None, ast.AST]]:
    """Where a name is mentioned, each with the top-level function or method whose body holds it.

    Decorators, defaults and annotations are no part of a body: they stay when it is emptied.
    """
    inside: dict[ast.AST, str] = {}
    for holder, function in definitions(tree).items():
        for statement in function.body:
            for node in ast.walk(statement):
                inside[node] = holder
    for node in ast.walk(tree):
        if is_mention(node, name):
            yield inside.get(node), node


def is_mention(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=found) | ast.Attribute(attr=found) | ast.Constant(value=found):
            return found == name
        case ast.ImportFrom(names=names):
            return any(alias.name == name for alias in names)
    return False


def constant_edits(text: str, values: Mapping[str, str | int | float]) -> Iterator[Edit]:
    """For each constant in `values`: its value replaced by that one.

    Raises StarterError for a name that the file gives no number or text.
    """
    found = constants(ast.parse(text))
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    for name, value in values.items():
        if name not in found:
            raise StarterError(f"it has no line `{name} = …` with a number or a text")
        node = found[name]
        assert node.end_lineno is not None
        literal = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
        before = lines[node.lineno - 1][: node.col_offset]
        after = lines[node.end_lineno - 1][node.end_col_offset :]
        changed = before + literal.encode() + after
        yield Edit(node.lineno - 1, node.end_lineno, changed.decode())


def constants(tree: ast.Module) -> dict[str, ast.Constant]:
    """The numbers and texts of a file that have a name, by it."""
    found: dict[str, ast.Constant] = {}
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() as value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant() as value)
            ):
                found[name] = value
    return found


def body_edits(text: str, messages: Mapping[str, str]) -> Iterator[Edit]:
    """For each function in `messages`: its body replaced by a raise of its message."""
    found = definitions(ast.parse(text))
    return (body_edit(found[name], message) for name, message in messages.items())


def body_edit(function: Function, message: str) -> Edit:
    """Take out everything between the docstring (or the signature) and the function's end."""
    first = function.body[0]
    if first.lineno == function.lineno:
        raise StarterError(f"{function.name}: put its body on a line of its own")
    line = f'{" " * first.col_offset}raise NotImplementedError("{message}")\n'
    assert function.end_lineno is not None
    assert first.end_lineno is not None
    if is_docstring(first):
        return Edit(first.end_lineno, function.end_lineno, line)
    return Edit(first.lineno - 1, function.end_lineno, line)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("package", type=Path, help="a module's folder")
    parser.add_argument("destination", type=Path, help="where the starter goes")
    options = parser.parse_args()
    try:
        emptied = write_starter(Package(options.package.resolve()), options.destination)
    except (StarterError, LookupError) as problem:
        print(f"{options.package}: {problem}")
        return 1
    for place, message in sorted(emptied.items()):
        print(f"{place.path}: {place.name}: {message}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
