"""Docstrings as they are written here, as the reStructuredText that Sphinx reads.

Ours are plain text: names between single backticks, |x| for an absolute value, `name: meaning` for
arguments, formulas indented. Read as reStructuredText, half of that would be an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

ARGUMENT = re.compile(r"([A-Za-z_*][\w*]*(?:, [A-Za-z_*][\w*]*)*): (\S.*)")

NEXT_ARGUMENT = re.compile(r"(?<=\.) (?=[a-z_]\w*(?:, [a-z_]\w*)*: )")


def to_rst(lines: list[str]) -> list[str]:
    """The paragraphs of a docstring, each rewritten by what it is."""
    first, *rest = [*paragraphs(lines)] or [[]]
    out = [*map(escaped, first), ""]
    for paragraph in rest:
        out += [*rewritten(paragraph), ""]
    return out


def paragraphs(lines: list[str]) -> Iterator[list[str]]:
    """Runs of lines between blank ones; an indented block in a run is one of its own."""
    run: list[str] = []
    for line in [*lines, ""]:
        turns = bool(run) and is_indented(line) != is_indented(run[-1]) and not is_arguments(run)
        if run and (turns or not line.strip()):
            yield run
            run = []
        if line.strip():
            run.append(line.rstrip())


def rewritten(paragraph: list[str]) -> list[str]:
    if all(is_indented(line) for line in paragraph):
        return ["::", "", *(f"    {line}" for line in dedented(paragraph))]
    if is_arguments(paragraph):
        return arguments(paragraph)
    return [line if line.lstrip().startswith(">>>") else escaped(line) for line in paragraph]


def is_indented(line: str) -> bool:
    return line.startswith("    ")


def is_arguments(paragraph: list[str]) -> bool:
    """Whether every line is `name: meaning`, or continues the one before, indented."""
    first, *rest = paragraph
    described = ARGUMENT.match(first) is not None
    return described and all(is_indented(line) or ARGUMENT.match(line) for line in rest)


def arguments(paragraph: list[str]) -> list[str]:
    """A list with an item for each argument, also for several that stand on one line."""
    out = []
    parts = [part for line in paragraph for part in NEXT_ARGUMENT.split(line)]
    for line in parts:
        match = ARGUMENT.match(line)
        out.append(
            f"- ``{match[1]}``: {escaped(match[2])}" if match else f"  {escaped(line.strip())}"
        )
    return out


def dedented(paragraph: list[str]) -> list[str]:
    margin = min(len(line) - len(line.lstrip()) for line in paragraph)
    return [line[margin:] for line in paragraph]


def escaped(line: str) -> str:
    """Code between backticks as code, *words* emphasised; other `*`, `|` and `_` as themselves."""
    pieces = re.split(r"(`+[^`]+`+|(?<![\w*)\]])\*\w[\w ]*\*(?![\w*(\[]))", line)
    return "".join(map(inline, pieces))


def inline(piece: str) -> str:
    if piece.startswith("`"):
        return f"\\ ``{piece.strip('`')}``\\ "  # a backslash and a space: a boundary, not shown
    if re.fullmatch(r"\*[^*]+\*", piece):
        return piece
    return re.sub(r"([*|_\\])", r"\\\1", piece)
