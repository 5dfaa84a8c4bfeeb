"""A picture in DOT, the language of Graphviz: https://graphviz.org/doc/info/lang.html."""

from __future__ import annotations

from collections.abc import Iterator

from .picture import Box, Picture
from .style import FILL, OUTLINE, printable


def dot_of(picture: Picture) -> str:
    return "\n".join(_statements(picture)) + "\n"


def _statements(picture: Picture) -> Iterator[str]:
    yield "digraph record {"
    caption = r"\n".join(map(_, picture.caption))
    yield f'  graph [bgcolor=white, fontname=monospace, fontsize=11, label="{caption}"];'
    yield "  node [fontname=monospace, fontsize=12, shape=box];"
    for place, box in enumerate(picture.boxes):
        yield f"  {place} [{_attributes(box)}];"
    for source, target in picture.arrows:
        yield f"  {source} -> {target};"
    yield "}"


def _attributes(box: Box) -> str:
    label = r"\n".join(_(line.text) for line in box.lines)
    style = "filled,dashed" if box.kind == "constant" else "filled,rounded"
    colours = f'fillcolor="{FILL[box.kind]}", color="{OUTLINE[box.kind]}"'
    return f'label="{label}", style="{style}", {colours}'


def _(text: str) -> str:
    """`text` as Graphviz reads it between quotes, where backslashes and HTML's entities count."""
    escaped = printable(text).replace("&", "&amp;").replace("\\", "\\\\")
    return escaped.replace('"', '\\"')
