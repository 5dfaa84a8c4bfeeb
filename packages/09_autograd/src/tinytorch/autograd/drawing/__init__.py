"""Pictures of the record: what was called on what, and what is kept for the way back.

`picture.py` says what is to be seen, `dot.py` writes it for Graphviz, and `layout.py` and `svg.py`
draw it where Graphviz is not installed.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinytorch.tensor import Tensor

from .dot import dot_of
from .kept import bytes_kept
from .picture import Names, Picture, picture_of
from .svg import svg_of

__all__ = ["Drawing", "bytes_kept", "draw", "to_dot", "to_svg"]


def draw(tensor: Tensor, names: Names = None) -> Drawing:
    """The record behind `tensor` as a picture, which a notebook shows.

        draw(loss, model.named_parameters())
        draw(loss, {"x": x, "h": h, **dict(model.named_parameters())})

    From top to bottom: leaves in blue, which receive a `.grad`; calls, with the shape of the result
    and what the gradient rule keeps until the way back; at the bottom, the call that made `tensor`.
    What requires no gradient is in no record. It is drawn, dashed, where it has a name and a call
    has kept it.

    names: for leaves, results and kept tensors, as a dict or as pairs of name and tensor.
    Raises RuntimeError if `tensor` requires no gradient, so that nothing was recorded.
    """
    return Drawing(picture_of(tensor, names))


def to_dot(tensor: Tensor, names: Names = None) -> str:
    """The picture that `draw` makes, in the language DOT: for Graphviz and its relatives."""
    return draw(tensor, names).to_dot()


def to_svg(tensor: Tensor, names: Names = None) -> str:
    """The picture that `draw` makes, as SVG: for a file that a browser shows."""
    return draw(tensor, names).to_svg()


@dataclass(frozen=True)
class Drawing:
    """A picture of the record as it was when `draw` looked at it."""

    picture: Picture

    def to_dot(self) -> str:
        return dot_of(self.picture)

    def to_svg(self) -> str:
        return svg_of(self.picture)

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def __repr__(self) -> str:
        boxes, arrows = len(self.picture.boxes), len(self.picture.arrows)
        return f"<drawing of a record: {boxes} boxes, {arrows} arrows>"
