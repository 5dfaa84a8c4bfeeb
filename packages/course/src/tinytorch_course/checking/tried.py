"""What a check was doing when it failed: its code, the values of the names in it, and which error
it was waiting for."""

from __future__ import annotations

import ast
import builtins
import linecache
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from types import FrameType
from typing import Any

MOST_VALUES = 4
LONGEST_VALUE = 60
PLAIN = (bool, int, float, complex, str, bytes, type(None), slice, range)
"""Their `repr` is Python's own, and no student's code runs in it."""


@dataclass(frozen=True)
class Tried:
    code: str
    """The statement. Of a block that waits for an error, what stands in the block."""
    awaited: str = ""
    """The names of the errors, one of which should have come."""
    values: list[str] = field(default_factory=list)
    """`name = value`, where the value is short and plain."""


def in_frame(frame: FrameType, line: int) -> Tried | None:
    """line: which of the frame's lines was running."""
    statement = _statement(frame.f_code.co_filename, line)
    if statement is None:
        return None
    block = statement if isinstance(statement, ast.With) and _awaited(statement) else None
    body: list[ast.stmt] = block.body if block else [statement]
    values = _values(_names(body), frame.f_locals)
    return Tried(
        code="; ".join(_in_one_line(each) for each in body),
        awaited=_awaited(block) if block else "",
        values=list(islice(values, MOST_VALUES)),
    )


def _statement(file: str, line: int) -> ast.stmt | None:
    """The innermost around that line; a block that waits for an error is one statement."""
    body: list[ast.stmt] = _parsed(file)
    found = None
    while True:
        around = (each for each in body if each.lineno <= line <= (each.end_lineno or each.lineno))
        statement = next(around, None)
        if statement is None:
            return found
        found = statement
        if isinstance(statement, ast.With) and _awaited(statement):
            return found
        body = [each for each in ast.iter_child_nodes(statement) if isinstance(each, ast.stmt)]


@cache
def _parsed(file: str) -> list[ast.stmt]:
    try:
        return ast.parse("".join(linecache.getlines(file))).body
    except (SyntaxError, ValueError):
        return []


def _awaited(block: ast.With) -> str:
    """The errors that the block's context manager is given, as `pytest.raises(ValueError)` is."""
    calls = [item.context_expr for item in block.items]
    first = [call.args[0] for call in calls if isinstance(call, ast.Call) and call.args]
    return " or ".join(name for each in first for name in _errors(each))


def _errors(node: ast.expr) -> Iterator[str]:
    names = node.elts if isinstance(node, ast.Tuple) else [node]
    for each in names:
        name = each.id if isinstance(each, ast.Name) else getattr(each, "attr", "")
        known = getattr(builtins, name, None)
        if name.endswith("Error") or (isinstance(known, type) and issubclass(known, Exception)):
            yield name


def _in_one_line(statement: ast.stmt) -> str:
    """Of a loop or a condition only its head."""
    lines = ast.unparse(statement).splitlines()
    return lines[0] if hasattr(statement, "body") else " ".join(line.strip() for line in lines)


def _names(body: list[ast.stmt]) -> list[str]:
    """Those that the code reads, in the order in which they stand there."""
    spoken = [node for each in body for node in ast.walk(each) if isinstance(node, ast.Name)]
    spoken.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in spoken if isinstance(node.ctx, ast.Load)))


def _values(names: list[str], known: Mapping[str, Any]) -> Iterator[str]:
    for name in names:
        text = _in_words(known[name]) if name in known else ""
        if 0 < len(text) <= LONGEST_VALUE:
            yield f"{name} = {text}"


def _in_words(value: Any) -> str:
    """Nothing for what is not plain."""
    if _is_plain(value):
        return repr(value)
    array = _array(value)
    if array is None:
        return ""
    numbers = str(array.tolist())
    told = numbers if len(numbers) <= LONGEST_VALUE // 2 else f"... of shape {array.shape}"
    return f"{told} in {array.dtype}"


def _is_plain(value: Any) -> bool:
    if type(value) in (tuple, list):
        return len(value) <= LONGEST_VALUE and all(map(_is_plain, value))
    return type(value) in PLAIN or _is_numpy_scalar(value)


def _is_numpy_scalar(value: Any) -> bool:
    return type(value).__module__ == "numpy" and not hasattr(value, "__len__")


def _array(value: Any) -> Any:
    """A NumPy array, or the one in a tensor."""
    ndarray = getattr(sys.modules.get("numpy"), "ndarray", None)
    if ndarray is None:
        return None
    if type(value) is ndarray:
        return value
    try:
        array = value.array
    except Exception:  # noqa: BLE001  a student's class may do anything here
        return None
    return array if type(array) is ndarray else None
