"""Merging Python files of a project: what a student wrote in a task's function is theirs.

The bodies of the tasks' functions are taken out of the student's file and the starter's put in.
What is left is the given part, in three versions that are merged by lines. Then the student's
bodies go back. So a new docstring above a body never meets the body below it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tinytorch_course.updating.merging import merge

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Span:
    """Lines of a function's body below its docstring, from 0, the last one not included."""

    start: int
    end: int


def merge_python(base: str, theirs: str, new: str) -> str | None:
    """None where it cannot be merged, or the result would be no Python though theirs was."""
    if not all(map(_is_python, (base, theirs, new))):
        return merge_text(base, theirs, new)
    empty = {name: _body(base, span) for name, span in _tasks(base).items()}
    spans = {name: span for name, span in _spans(theirs).items() if name in empty}
    written = {name: _body(theirs, span) for name, span in spans.items()}
    skeleton = _with_bodies(theirs, {name: empty[name] for name in written})
    merged = merge_text(base, skeleton, new)
    if merged is None or not _is_python(merged):
        return None
    changed = {name: body for name, body in written.items() if body != empty[name]}
    if not changed.keys() <= _spans(merged).keys():
        return None  # the newer starter has no such function: its place is gone
    result = _with_bodies(merged, changed)
    return result if _is_python(result) else None


def merge_text(base: str, theirs: str, new: str) -> str | None:
    merged = merge(*(each.splitlines(keepends=True) for each in (base, theirs, new)))
    return None if merged is None else "".join(merged)


def lost_functions(base: str, new: str) -> list[str]:
    """Functions of tasks that a newer starter has no more in this file."""
    if not (_is_python(base) and _is_python(new)):
        return []
    return sorted(_tasks(base).keys() - _spans(new).keys())


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _tasks(text: str) -> dict[str, Span]:
    """The functions that are still to be written in a starter."""
    return {
        name: span
        for name, span in _spans(text).items()
        if _body(text, span)[0].lstrip().startswith('raise NotImplementedError("task ')
    }


def _spans(text: str) -> dict[str, Span]:
    """By name, `Class.method` too, of functions whose body has lines of its own."""
    found = {}
    for name, function in _named(ast.parse(text).body):
        first = function.body[0]
        is_told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        start = (first.end_lineno or first.lineno) if is_told else first.lineno - 1
        end = function.end_lineno or start
        if start < end and first.lineno > function.lineno:
            found[name] = Span(start, end)
    return found


def _named(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, Function):
            yield owner + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _named(node.body, f"{owner}{node.name}.")


def _body(text: str, span: Span) -> list[str]:
    return text.splitlines(keepends=True)[span.start : span.end]


def _with_bodies(text: str, bodies: Mapping[str, list[str]]) -> str:
    lines = text.splitlines(keepends=True)
    spans = _spans(text)
    for name in sorted(bodies, key=lambda each: -spans[each].start):
        lines[spans[name].start : spans[name].end] = bodies[name]
    return "".join(lines)
