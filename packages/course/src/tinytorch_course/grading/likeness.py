"""How like the reference a submission is: information for the instructor, and no proof of anything.

Two right solutions of a short task may be the same by nature. Functions are compared as syntax
trees, so names of variables, comments, docstrings and layout make no difference.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from tinytorch_course.material import Material

SHORT = 12
"""Parts of a tree; a function of fewer looks alike whoever writes it."""


@dataclass(frozen=True)
class Likeness:
    ratio: float
    """Of 1, over all tasks' functions that are not short, by their length."""
    equal: tuple[str, ...]
    """Those that are the reference's but for names."""
    compared: int


def likeness(material: Material, staged: Path, reference: Path) -> Likeness | None:
    """staged, reference: folders of the module's files. None if there is nothing to compare."""
    theirs, ours = _functions(staged), _functions(reference)
    equal, total, alike = [], 0, 0.0
    names = [name for task in material.tasks for name in task.functions]
    compared = 0
    for name in names:
        if name not in theirs or name not in ours:
            continue
        a, b = _shape(theirs[name]), _shape(ours[name])
        if len(b) < SHORT:
            continue
        compared += 1
        ratio = SequenceMatcher(None, a, b, autojunk=False).ratio()
        total += len(b)
        alike += ratio * len(b)
        if a == b:
            equal.append(name)
    return Likeness(alike / total, tuple(equal), compared) if total else None


def _functions(folder: Path) -> Mapping[str, ast.FunctionDef]:
    """By their names in tasks: `memory.contiguous_strides`, `module.Module.forward`."""
    found: dict[str, ast.FunctionDef] = {}
    for file in filter(Path.is_file, folder.rglob("*.py")):
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        place = ".".join(file.relative_to(folder).with_suffix("").parts)
        found |= {f"{place}.{name}": function for name, function in _named(tree)}
    return found


def _named(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
            yield from ((f"{node.name}.{each.name}", each) for each in methods)


def _shape(function: ast.FunctionDef) -> list[str]:
    """Kinds of nodes in order; names of variables replaced by when they first appear."""
    seen: dict[str, int] = {}
    shape = []
    body = function.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    for statement in body:
        for node in ast.walk(statement):
            shape.append(_label(node, seen))
    return shape


def _label(node: ast.AST, seen: dict[str, int]) -> str:
    kind = type(node).__name__
    match node:
        case ast.Name(id=name) | ast.arg(arg=name):
            return f"{kind} {seen.setdefault(name, len(seen))}"
        case ast.Attribute(attr=name):
            return f"{kind} {name}"
        case ast.Constant(value=value):
            return f"{kind} {value!r}"
    return kind
