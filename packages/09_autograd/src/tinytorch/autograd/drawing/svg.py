"""A picture as SVG, laid out here: no program but a browser is needed to see it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

from .layout import Layout, Place, Size, Way, layout
from .picture import Box, Line, Picture
from .style import ARROW, FILL, GROUND, INK, OUTLINE, printable

MARGIN, PADDING, LEADING = 20.0, 12.0, 1.35
TITLE, TEXT = 14.0, 11.0
"""Font sizes in pixels."""
ADVANCE = 0.61
"""The width of a character of a monospaced font, for each pixel of its size."""


def svg_of(picture: Picture) -> str:
    sizes = [size_of(box) for box in picture.boxes]
    drawn = layout(sizes, picture.arrows)
    width = max(drawn.width, *(width_of(line, TEXT) for line in picture.caption))
    return "\n".join(_elements(picture, sizes, drawn, (width - drawn.width) / 2, width)) + "\n"


def _elements(
    picture: Picture, sizes: list[Size], drawn: Layout, aside: float, width: float
) -> Iterator[str]:
    full, high = (
        width + 2 * MARGIN,
        drawn.height + 2 * MARGIN + (len(picture.caption) + 1) * LEADING * TEXT,
    )
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{full:.1f}" height="{high:.1f}" '
        f'viewBox="0 0 {full:.1f} {high:.1f}" style="max-width: 100%; height: auto">'
    )
    yield f'<rect width="{full:.1f}" height="{high:.1f}" fill="{GROUND}"/>'
    yield f'<g transform="translate({MARGIN + aside:.1f} {MARGIN:.1f})">'
    yield f'<g fill="none" stroke="{ARROW}" stroke-width="1.3" stroke-linecap="round">'
    yield from (f'<path d="{path_of(way)}"/>' for way in drawn.ways)
    yield "</g>"
    yield '<g font-family="monospace" text-anchor="middle">'
    for number, box in enumerate(picture.boxes):
        yield from box_elements(box, drawn.places[number], sizes[number], number == len(sizes) - 1)
    for number, text in enumerate(picture.caption, start=2):
        yield text_element(
            Line(text, "freed"), drawn.width / 2, drawn.height + number * LEADING * TEXT
        )
    yield "</g></g></svg>"


def path_of(way: Way) -> str:
    """An arrow, with its head: straight through rows, and curved between them."""
    steps = [f"M{way[0].x:.1f} {way[0].top:.1f}V{way[0].bottom:.1f}"]
    for before, run in pairwise(way):
        middle = (before.bottom + run.top) / 2
        start, end = f"{before.x:.1f} {middle:.1f}", f"{run.x:.1f} {middle:.1f}"
        steps.append(f"C{start} {end} {run.x:.1f} {run.top:.1f}V{run.bottom:.1f}")
    return "".join(steps) + "m-4 -6l4 6l4 -6"


def box_elements(box: Box, place: Place, size: Size, is_root: bool) -> Iterator[str]:
    """The box around `place`, and the text in it."""
    left, top = place.x - size.width / 2, place.y - size.height / 2
    radius = size.height / 2 if box.kind == "result" else 5
    dashes = ' stroke-dasharray="4 3"' if box.kind == "constant" else ""
    yield (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{size.width:.1f}" height="{size.height:.1f}" '
        f'rx="{radius:.1f}" fill="{FILL[box.kind]}" stroke="{OUTLINE[box.kind]}" '
        f'stroke-width="{2.4 if is_root else 1.2}"{dashes}/>'
    )
    y = top + PADDING / 2
    for line in box.lines:
        y += LEADING * font_size(line)
        yield text_element(line, place.x, y - 0.35 * font_size(line))


def text_element(line: Line, x: float, y: float) -> str:
    weight = ' font-weight="bold"' if line.tone == "title" else ""
    text = escape(printable(line.text)).encode("ascii", "xmlcharrefreplace").decode()
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{font_size(line):.0f}"'
    return f'<text {place} fill="{INK[line.tone]}"{weight} xml:space="preserve">{text}</text>'


def size_of(box: Box) -> Size:
    """Room for the text of a box."""
    width = max(width_of(line.text, font_size(line)) for line in box.lines) + 2 * PADDING
    return Size(width, sum(LEADING * font_size(line) for line in box.lines) + PADDING)


def font_size(line: Line) -> float:
    return TITLE if line.tone == "title" else TEXT


def width_of(text: str, size: float) -> float:
    """No text is wider: signs of Chinese, Japanese and Korean take two places, others one."""
    places = sum(2 if east_asian_width(c) in "WF" else 1 for c in printable(text))
    return places * size * ADVANCE
