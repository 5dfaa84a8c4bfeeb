"""Small faults for a function: what somebody who almost understood it might write.

Each is one change of the function's syntax tree. Docstrings, annotations, decorators and the texts
of errors are left alone: a check does not have to see those.
"""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from overlay import Function, is_docstring

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.LShift: (ast.RShift,),
}
OTHER_NAMES = {
    "min": "max",
    "max": "min",
    "minimum": "maximum",
    "maximum": "minimum",
    "any": "all",
    "all": "any",
    "zeros": "ones",
    "ones": "zeros",
    "argmax": "argmin",
    "argmin": "argmax",
    "exp": "expm1",
    "log": "log1p",
    "log1p": "log",
    "add": "subtract",
    "subtract": "add",
    "sum": "mean",
    "mean": "sum",
    "append": "extend",
    "prod": "sum",
}

COMMUTATIVE = {"min", "max", "minimum", "maximum", "add", "multiply", "gcd", "lcm", "isclose"}
WITHOUT_EFFECT = {"out"}
"""Keywords that change where a result lies and not what it is."""


@dataclass(frozen=True)
class Mutation:
    """A function with a fault in it."""

    line: int
    """Of the file, where the fault is."""
    before: str
    after: str
    """The faulty statement, on one line, and what it was."""
    text: str
    """The whole file."""


def mutations(text: str, name: str) -> Iterator[Mutation]:
    """Faults of the function of that name (`contiguous_strides`, `Module.forward`) in a file."""
    function = _function(ast.parse(text), name)
    seen = {ast.dump(function)}
    for number, place in enumerate(_places(function)):
        for variant in range(len(_changes(place))):
            changed = copy.deepcopy(function)
            faulty = _places(changed)[number]
            before = faulty.shown()
            _changes(faulty)[variant]()
            if ast.dump(changed) not in seen:
                seen.add(ast.dump(changed))
                yield Mutation(place.line, before, faulty.shown(), _with(text, function, changed))


def _with(text: str, function: Function, changed: Function) -> str:
    """The file with the changed function in the place of the function."""
    lines = text.splitlines(keepends=True)
    first = min(node.lineno for node in (function, *function.decorator_list))
    written = textwrap.indent(ast.unparse(changed), " " * function.col_offset)
    return "".join([*lines[: first - 1], written, "\n", *lines[function.end_lineno :]])


def _function(tree: ast.Module, name: str) -> Function:
    """Raises `StopIteration` for a name that is not there: tasks are checked before."""
    body: list[ast.stmt] = tree.body
    *owners, last = name.split(".")
    for owner in owners:
        body = next(n for n in body if isinstance(n, ast.ClassDef) and n.name == owner).body
    return next(n for n in body if isinstance(n, Function) and n.name == last)


@dataclass
class _Place:
    """A node that may be changed, the list or field that holds it, and the statement it is in."""

    node: ast.AST
    statement: ast.stmt
    block: list[ast.stmt]
    """The statements among which `statement` is."""

    @property
    def line(self) -> int:
        return self.statement.lineno

    def shown(self) -> str:
        """The statement's first line; `pass` where it is gone."""
        there = any(each is self.statement for each in self.block)
        return ast.unparse(self.statement).splitlines()[0] if there else "pass"


def _places(function: Function) -> list[_Place]:
    found: list[_Place] = []

    def walk_block(block: list[ast.stmt]) -> None:
        for statement in block:
            if is_docstring(statement):
                continue
            found.append(_Place(statement, statement, block))
            for part in _own_expressions(statement):
                found.extend(_Place(n, statement, block) for n in _reachable(part))
            for inner in _inner_blocks(statement):
                walk_block(inner)

    walk_block(function.body)
    return found


def _inner_blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        block = getattr(statement, field, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block
    for handler in getattr(statement, "handlers", ()):
        yield handler.body
    for case in getattr(statement, "cases", ()):
        yield case.body


def _own_expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Of the statement itself, not of those inside it. An error's text is no expression of ours."""
    if isinstance(
        statement, ast.Raise | ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    ):
        return
    for name, value in ast.iter_fields(statement):
        if name in (
            "annotation",
            "type_comment",
            "body",
            "orelse",
            "finalbody",
            "handlers",
            "cases",
        ):
            continue
        values = value if isinstance(value, list) else [value]
        yield from (each for each in values if isinstance(each, ast.AST))


def _reachable(node: ast.AST) -> Iterator[ast.AST]:
    """Not the text in an f-string."""
    if isinstance(node, ast.JoinedStr):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _reachable(child)


def _changes(place: _Place) -> list[_Change]:
    node = place.node
    if isinstance(node, ast.stmt):
        return _of_statement(place, node)
    match node:
        case ast.Compare(ops=[only]):
            return [_set(node, "ops", [other()]) for other in COMPARISONS.get(type(only), ())]
        case ast.BinOp(op=op):
            others = [_set(node, "op", other()) for other in ARITHMETIC.get(type(op), ())]
            is_ordered = not isinstance(op, ast.Add | ast.Mult | ast.BitAnd | ast.BitOr)
            return [*others, *([_swap(node, "left", "right")] if is_ordered else [])]
        case ast.BoolOp(op=op):
            return [_set(node, "op", ast.Or() if isinstance(op, ast.And) else ast.And())]
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            return [_become(node, operand)]
        case ast.Constant(value=value):
            return [_set(node, "value", other) for other in _other_constants(value)]
        case ast.IfExp():
            return [_swap(node, "body", "orelse")]
        case ast.Slice(lower=lower, upper=upper):
            bounds = (("lower", lower), ("upper", upper))
            return [_set(node, name, None) for name, bound in bounds if bound is not None]
        case ast.Call():
            return _of_call(node)
        case ast.Name(id=name, ctx=ast.Load()) if name in OTHER_NAMES:
            return [_set(node, "id", OTHER_NAMES[name])]
        case ast.Attribute(attr=name, ctx=ast.Load()) if name in OTHER_NAMES:
            return [_set(node, "attr", OTHER_NAMES[name])]
    return []


class _Change:
    """Something done to a tree, when called."""

    def __init__(self, target: ast.AST, values: dict[str, object]) -> None:
        self.target = target
        self.values = values

    def __call__(self) -> None:
        for name, value in self.values.items():
            setattr(self.target, name, value)


class _Removal(_Change):
    def __init__(self, place: _Place, instead: list[ast.stmt]) -> None:
        self.place = place
        self.instead = instead

    def __call__(self) -> None:
        block = self.place.block
        position = next(k for k, each in enumerate(block) if each is self.place.statement)
        block[position : position + 1] = self.instead or ([] if len(block) > 1 else [ast.Pass()])


class _Replacement(_Change):
    """One expression in the place of another, wherever that is held."""

    def __init__(self, node: ast.AST, other: ast.AST) -> None:
        self.node = node
        self.other = other

    def __call__(self) -> None:
        self.node.__class__ = self.other.__class__
        self.node.__dict__ = dict(self.other.__dict__)


def _set(node: ast.AST, name: str, value: object) -> _Change:
    return _Change(node, {name: value})


def _swap(node: ast.AST, one: str, other: str) -> _Change:
    return _Change(node, {one: getattr(node, other), other: getattr(node, one)})


def _become(node: ast.AST, other: ast.AST) -> _Change:
    return _Replacement(node, other)


def _of_statement(place: _Place, statement: ast.stmt) -> list[_Change]:
    match statement:
        case ast.Return(value=None) | ast.Pass() | ast.Import() | ast.ImportFrom():
            return []
        case ast.FunctionDef() | ast.ClassDef() | ast.With() | ast.Try() | ast.Match():
            return []
        case ast.Assert() | ast.Expr(value=ast.Constant()):
            return []  # for whoever checks types
        case ast.Return():
            return [_set(statement, "value", ast.Constant(None))]
        case ast.If(test=test):
            negated = _set(statement, "test", ast.UnaryOp(ast.Not(), test))
            return [negated, _Removal(place, list(statement.orelse))]
        case ast.AugAssign(op=op):
            others = [_set(statement, "op", o()) for o in ARITHMETIC.get(type(op), ())]
            return [*others, _Removal(place, [])]
        case ast.Assign() | ast.AnnAssign() | ast.For() | ast.While():
            return []  # what follows would not find a name, which is no fault worth a check
    return [_Removal(place, [])]


def _of_call(node: ast.Call) -> list[_Change]:
    found: list[_Change] = []
    for k, keyword in enumerate(node.keywords):
        if keyword.arg not in WITHOUT_EFFECT:
            found.append(_set(node, "keywords", node.keywords[:k] + node.keywords[k + 1 :]))
    is_ordered = ast.unparse(node.func).rpartition(".")[2] not in COMMUTATIVE
    if (
        is_ordered
        and len(node.args) >= 2
        and not any(isinstance(each, ast.Starred) for each in node.args)
    ):
        first, second, *rest = node.args
        found.append(_set(node, "args", [second, first, *rest]))
    return found


def _other_constants(value: object) -> list[object]:
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, *([0] if value > 1 else [])]
        case float():
            return [value * 1.25 if value else 1.0]
    return []
