"""Small faults of the kinds that people make, injected into one function of a file.

Each fault changes one place in the function's body: a comparison, a bound, a sign, a constant, an
argument, a statement left out, another value returned. What is only read by people stays: the
docstring, annotations, and all that an error says. A fault is made in the syntax tree, which must
become another one, and then written into the text where it belongs, so that all else keeps its
place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from itertools import takewhile
from tokenize import COMMENT, generate_tokens
from typing import TypeVar

from overlay import Function, definitions, is_docstring

Node = TypeVar("Node", bound=ast.AST)
Item = TypeVar("Item")
Replacement = ast.expr | list[ast.stmt]

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
SYMMETRIC = frozenset({"min", "max", "minimum", "maximum", "add", "multiply"})
ORDER_MATTERS = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
PAIRS = (
    ("min", "max"),
    ("minimum", "maximum"),
    ("fmin", "fmax"),
    ("argmin", "argmax"),
    ("any", "all"),
    ("floor", "ceil"),
    ("sum", "prod"),
    ("exp", "expm1"),
    ("log", "log1p"),
    ("sqrt", "square"),
    ("sin", "cos"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("append", "extend"),
    ("logical_and", "logical_or"),
    ("tril", "triu"),
)
CONFUSED = dict(PAIRS) | {second: first for first, second in PAIRS}
OTHER_ERRORS = {"ValueError": "TypeError", "TypeError": "ValueError", "IndexError": "KeyError"}
FACTOR = 1.1
"""A float that is wrong by a tenth."""


@dataclass(frozen=True)
class Mutation:
    """One fault: the file's text with it, and the lines that differ, without indentation."""

    line: int
    before: str
    after: str
    text: str


@dataclass(frozen=True)
class Site:
    """A place in the tree: a field of `owner`, or one item of it."""

    owner: ast.AST
    field: str
    index: int | None

    @property
    def node(self) -> ast.AST:
        held = getattr(self.owner, self.field)
        return held if self.index is None else held[self.index]

    def put(self, nodes: Sequence[ast.AST]) -> None:
        if self.index is None:
            (new,) = nodes
            setattr(self.owner, self.field, new)
            return
        held = list(getattr(self.owner, self.field))
        held[self.index : self.index + 1] = nodes
        setattr(self.owner, self.field, held)


def mutations(text: str, name: str) -> Iterator[Mutation]:
    """All faults in the body of the function `name` (`function` or `Class.method`), each once."""
    function = definitions(ast.parse(text))[name]
    seen = {ast.dump(function)}
    for site in sites(function):
        original = site.node
        held = getattr(site.owner, site.field)
        for replacement in replacements(site, function):
            new = replacement if isinstance(replacement, list) else [replacement]
            site.put(new)
            dump = ast.dump(function)
            setattr(site.owner, site.field, held)
            if dump not in seen:
                seen.add(dump)
                yield mutation(text, written(text, name, original, replacement, dump))


def sites(function: Function) -> Iterator[Site]:
    """Every statement and expression of a body, from top to bottom."""
    start = 1 if is_docstring(function.body[0]) else 0
    for index in range(start, len(function.body)):
        site = Site(function, "body", index)
        yield site
        yield from inner_sites(site.node)


def inner_sites(node: ast.AST) -> Iterator[Site]:
    for field, value in explored(node):
        children: list[object] = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if isinstance(child, ast.stmt | ast.expr):
                yield Site(node, field, index if isinstance(value, list) else None)
            if isinstance(child, ast.AST):
                yield from inner_sites(child)


def explored(node: ast.AST) -> Iterator[tuple[str, object]]:
    """The fields in which a fault would be one: not what errors say, and not annotations."""
    match node:
        case ast.Raise() | ast.JoinedStr():
            return
        case ast.Assert(test=test):
            yield "test", test
        case ast.AnnAssign(value=value):
            yield "value", value
        case ast.FunctionDef(body=body) | ast.Lambda(body=body):
            yield "body", body
        case _:
            yield from ast.iter_fields(node)


def replacements(site: Site, function: Function) -> Iterator[Replacement]:
    match site.node:
        case ast.stmt() as statement:
            yield from for_statement(statement, function)
        case ast.expr() as expression:
            if isinstance(getattr(expression, "ctx", None), ast.Store | ast.Del):
                return
            yield from for_expression(expression)
            yield from for_condition(site)
            yield from for_text(site)
            yield from for_bound(site)


def for_statement(statement: ast.stmt, function: Function) -> Iterator[Replacement]:
    match statement:
        case ast.Return(value=value):
            yield from for_return(value, function)
        case ast.Raise(exc=ast.Call(func=ast.Name(id=error)) as call):
            yield [ast.Pass()]
            other = ast.Name(OTHER_ERRORS.get(error, "ValueError"), ast.Load())
            yield [changed(statement, exc=changed(call, func=other))]
        case ast.With(body=body):
            yield body
        case ast.Break():
            yield [ast.Continue()]
        case ast.AugAssign(target=target, op=op, value=value):
            yield [ast.Pass()]
            if type(op) in ARITHMETIC:
                yield [changed(statement, op=ARITHMETIC[type(op)]())]
            if isinstance(target, ast.Name):
                yield [ast.Assign([target], value, lineno=statement.lineno)]
        case ast.Assign(targets=targets):
            if not all(first_bound(target, statement, function) for target in targets):
                yield [ast.Pass()]
        case ast.AnnAssign(target=target):
            if not first_bound(target, statement, function):
                yield [ast.Pass()]
        case ast.If() | ast.FunctionDef() | ast.Pass() | ast.Import() | ast.ImportFrom():
            return  # an `if` is left out by the faults in its condition
        case _:
            yield [ast.Pass()]


def for_return(value: ast.expr | None, function: Function) -> Iterator[Replacement]:
    if value is None:
        yield [ast.Pass()]
        return
    yield [ast.Return(ast.Constant(None))]
    taken = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    if taken and taken[0] not in ("self", "cls"):
        yield [ast.Return(ast.Name(taken[0], ast.Load()))]


def first_bound(target: ast.expr, statement: ast.stmt, function: Function) -> bool:
    """Whether the name has no value before: without the statement anybody would see a NameError."""
    if not isinstance(target, ast.Name):
        return isinstance(target, ast.Tuple)
    arguments = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    stored = [
        node.lineno
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == target.id
    ]
    return target.id not in arguments and min(stored) >= statement.lineno


def for_expression(node: ast.expr) -> Iterator[Replacement]:
    match node:
        case ast.Compare(ops=ops):
            for k, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    yield changed(node, ops=replaced(ops, k, other()))
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) in ARITHMETIC:
                yield changed(node, op=ARITHMETIC[type(op)]())
            if isinstance(op, ORDER_MATTERS):
                yield changed(node, left=right, right=left)
            yield left
            yield right
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.BoolOp(op=op, values=values):
            yield changed(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
            for k in range(len(values)):
                rest = replaced(values, k)
                yield rest[0] if len(rest) == 1 else changed(node, values=rest)
        case ast.IfExp(body=body, orelse=orelse):
            yield body
            yield orelse
        case ast.Constant(value=value):
            yield from map(constant, other_values(value))
        case ast.Call():
            yield from for_call(node)
        case ast.Name(id=name) if name in CONFUSED:
            yield changed(node, id=CONFUSED[name])
        case ast.Attribute(attr=name) if name in CONFUSED:
            yield changed(node, attr=CONFUSED[name])
        case ast.Tuple(elts=[first, second]):
            yield changed(node, elts=[second, first])
        case ast.Slice(lower=lower, upper=upper, step=step):
            for field, bound in (("lower", lower), ("upper", upper), ("step", step)):
                if bound is not None:
                    yield changed(node, **{field: None})
        case ast.JoinedStr(values=values) if len(values) > 1:
            for k in range(len(values)):
                yield changed(node, values=joined(replaced(values, k)))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            yield from without_filters(node)


def joined(parts: Sequence[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string, in which no two texts stand side by side."""
    together: list[ast.expr] = []
    for part in parts:
        match [*together[-1:], part]:
            case [ast.Constant(value=str(first)), ast.Constant(value=str(second))]:
                together[-1] = ast.Constant(first + second)
            case _:
                together.append(part)
    return together


def for_call(node: ast.Call) -> Iterator[Replacement]:
    """An argument forgotten, two of them exchanged, or the call forgotten: `x` for `tuple(x)`."""
    for k, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            yield changed(node, keywords=replaced(node.keywords, k))
    arguments = node.args
    if any(isinstance(argument, ast.Starred) for argument in arguments):
        return
    for k in range(0 if last_name(node.func) in SYMMETRIC else len(arguments) - 1):
        swapped = [*arguments[:k], arguments[k + 1], arguments[k], *arguments[k + 2 :]]
        yield changed(node, args=swapped)
    if len(arguments) == 1 and not isinstance(arguments[0], ast.GeneratorExp):
        yield arguments[0]
    if not arguments and isinstance(node.func, ast.Attribute):
        yield node.func.value


def last_name(function: ast.expr) -> str:
    return ast.unparse(function).rsplit(".", 1)[-1]


def without_filters(
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
) -> Iterator[Replacement]:
    for k, loop in enumerate(node.generators):
        for j in range(len(loop.ifs)):
            free = changed(loop, ifs=replaced(loop.ifs, j))
            yield changed(node, generators=replaced(node.generators, k, free))


def other_values(value: object) -> Iterator[object]:
    match value:
        case bool():
            yield not value
        case int():
            yield value + 1
            yield value - 1
        case float():
            yield value * FACTOR if value else 1.0


def constant(value: object) -> ast.expr:
    if isinstance(value, int | float) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)  # type: ignore[arg-type]


def for_condition(site: Site) -> Iterator[Replacement]:
    """A condition taken the wrong way round, always true, or never."""
    is_test = site.field == "test" or (site.field == "ifs")
    if not is_test:
        return
    node = site.node
    assert isinstance(node, ast.expr)
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1):  # else it is a comparison's
        yield ast.UnaryOp(ast.Not(), node)
    if isinstance(site.owner, ast.If):
        yield ast.Constant(True)
        yield ast.Constant(False)


def for_text(site: Site) -> Iterator[Replacement]:
    """Text that the code itself reads: a key, or what something is compared with."""
    node = site.node
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return
    if isinstance(site.owner, ast.Compare | ast.Subscript):
        yield ast.Constant(node.value + "_")


def for_bound(site: Site) -> Iterator[Replacement]:
    """One off, where a bound is computed; constants are off by one wherever they are."""
    node = site.node
    is_bound = isinstance(site.owner, ast.Slice) or (
        isinstance(site.owner, ast.Call)
        and isinstance(site.owner.func, ast.Name)
        and site.owner.func.id == "range"
        and site.field == "args"
    )
    if is_bound and isinstance(node, ast.expr) and not isinstance(node, ast.Constant):
        yield ast.BinOp(node, ast.Add(), ast.Constant(1))
        yield ast.BinOp(node, ast.Sub(), ast.Constant(1))


def changed(node: Node, **fields: object) -> Node:
    new = copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def replaced(items: Sequence[Item], k: int, *new: Item) -> list[Item]:
    return [*items[:k], *new, *items[k + 1 :]]


def written(text: str, name: str, original: ast.AST, replacement: Replacement, wanted: str) -> str:
    """The text with the replacement in the original's place, in brackets if it needs them."""
    for piece in spellings(original, replacement):
        new = spliced(text, original, piece)
        if dump_of(new, name) == wanted:
            return new
    raise AssertionError(f"{name}: no way to write {spellings(original, replacement)}")


def spellings(original: ast.AST, replacement: Replacement) -> list[str]:
    if isinstance(replacement, list):
        indent = " " * original.col_offset  # type: ignore[attr-defined]
        lines = "\n".join(map(unparsed, replacement)).splitlines()
        return [f"\n{indent}".join(lines)]
    piece = unparsed(replacement)
    if isinstance(replacement, ast.Tuple):
        return [piece, piece[1:-1]]  # an index with a slice in it stands without brackets
    return [piece, f"({piece})"]


def unparsed(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def spliced(text: str, original: ast.AST, piece: str) -> str:
    """Positions in the tree count bytes."""
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    first, last = original.lineno - 1, original.end_lineno - 1  # type: ignore[attr-defined]
    head = lines[first][: original.col_offset]  # type: ignore[attr-defined]
    tail = lines[last][original.end_col_offset :]  # type: ignore[attr-defined]
    return b"".join([*lines[:first], head, piece.encode(), tail, *lines[last + 1 :]]).decode()


def dump_of(text: str, name: str) -> str | None:
    try:
        return ast.dump(definitions(ast.parse(text))[name])
    except SyntaxError:
        return None


def mutation(text: str, new: str) -> Mutation:
    old_lines, new_lines = text.splitlines(), new.splitlines()
    start = common(old_lines, new_lines)
    end = common(old_lines[start:][::-1], new_lines[start:][::-1])
    return Mutation(
        start + 1,
        in_one_line(uncommented(text)[start : len(old_lines) - end]),
        in_one_line(uncommented(new)[start : len(new_lines) - end]),
        new,
    )


@lru_cache(maxsize=8)
def uncommented(text: str) -> list[str]:
    """The lines without their comments, which may change and leave a fault what it is."""
    lines = text.splitlines()
    for token in generate_tokens(StringIO(text).readline):
        if token.type == COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return lines


def common(some: Sequence[str], others: Sequence[str]) -> int:
    """How many lines agree at the beginning."""
    pairs = zip(some, others, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def in_one_line(lines: Sequence[str]) -> str:
    """Of a block only its first line."""
    stripped = [line.strip() for line in lines]
    if len(stripped) > 1 and stripped[0].endswith(":"):
        return f"{stripped[0]} …"
    return " ".join(filter(None, stripped))
