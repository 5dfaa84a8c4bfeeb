"""How like the reference a submission is: information for the instructor, and no proof of anything.

Two right solutions of a short task may be the same by nature. Functions are compared as syntax
trees, so names of variables, comments, docstrings and layout make no difference. They are read in
the grader's own process, so nothing is looked at that is larger than what people write.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path

from tinytorch_course.material import Material

SHORT = 12
"""Parts of a tree; a function of fewer looks alike whoever writes it."""
LARGEST = 100_000
"""Bytes of a file: its tree fills a thousand times as much memory, and the grader's own."""
LONGEST = 10
"""Times the reference's function; what follows is not compared."""


@dataclass(frozen=True)
class Likeness:
    ratio: float
    """Of 1, over all tasks' functions that are not short, by their length."""
    equal: tuple[str, ...]
    """Those that are the reference's but for names."""
    compared: int
    too_large: tuple[str, ...]
    """Files of tasks that nobody looked into."""


def likeness(material: Material, staged: Path, reference: Path) -> Likeness | None:
    """staged, reference: folders of the module's files. None if there is nothing to compare."""
    files = _files(material)
    too_large = tuple(file for file in files if _is_too_large(staged / file))
    theirs, ours = (
        _functions(folder, [file for file in files if file not in too_large])
        for folder in (staged, reference)
    )
    equal, total, alike = [], 0, 0.0
    names = [name for task in material.tasks for name in task.functions]
    compared = 0
    for name in names:
        if name not in theirs or name not in ours:
            continue
        b = list(_shape(ours[name]))
        if len(b) < SHORT:
            continue
        a = list(islice(_shape(theirs[name]), LONGEST * len(b)))
        compared += 1
        ratio = SequenceMatcher(None, a, b, autojunk=False).ratio()
        total += len(b)
        alike += ratio * len(b)
        if a == b:
            equal.append(name)
    if not total and not too_large:
        return None
    return Likeness(alike / total if total else 0.0, tuple(equal), compared, too_large)


def _files(material: Material) -> list[str]:
    """Those that functions of tasks stand in, from the module's folder."""
    prefix = f"src/tinytorch/{material.name}/"
    found = (file.removeprefix(prefix) for task in material.tasks for file in task.files)
    return list(dict.fromkeys(found))


def _is_too_large(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > LARGEST


def _functions(folder: Path, files: Sequence[str]) -> Mapping[str, ast.FunctionDef]:
    """By their names in tasks: `memory.contiguous_strides`, `module.Module.forward`."""
    found: dict[str, ast.FunctionDef] = {}
    for name in files:
        file = folder / name
        if not file.is_file():
            continue
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        place = ".".join(Path(name).with_suffix("").parts)
        found |= {f"{place}.{name}": function for name, function in _named(tree)}
    return found


def _named(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
            yield from ((f"{node.name}.{each.name}", each) for each in methods)


def _shape(function: ast.FunctionDef) -> Iterator[str]:
    """Kinds of nodes in order; names of variables replaced by when they first appear."""
    seen: dict[str, int] = {}
    body = function.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    for statement in body:
        for node in ast.walk(statement):
            yield _label(node, seen)


def _label(node: ast.AST, seen: dict[str, int]) -> str:
    kind = type(node).__name__
    match node:
        case ast.Name(id=name) | ast.arg(arg=name):
            return f"{kind} {seen.setdefault(name, len(seen))}"
        case ast.Attribute(attr=name):
            return f"{kind} {name}"
        case ast.Constant(value=value):
            return f"{kind} {type(value).__name__} {hash(value)}"  # some have no repr: long ints
    return kind
