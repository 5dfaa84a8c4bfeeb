"""What a drawing shows, in words and numbers; where things stand is not decided here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tinytorch.tensor import Tensor

from ..graph import Node, Output, Target, target_of
from .kept import bytes_kept, kept_by

Names: TypeAlias = Mapping[str, Tensor] | Iterable[tuple[str, Tensor]] | None


@dataclass(frozen=True)
class Line:
    """A line of text in a box. tone: what it tells of."""

    text: str
    tone: Literal["title", "shape", "kept", "freed", "missing"]


@dataclass(frozen=True)
class Box:
    """A leaf, a call, one of the several results of a call, or a tensor without a gradient."""

    kind: Literal["leaf", "call", "result", "constant"]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Picture:
    """boxes: each after those that it was computed from; what was asked for is the last.

    arrows: pairs of places in `boxes`, from a tensor to the call that used it.
    caption: what the whole record keeps, in lines.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[tuple[int, int], ...]
    caption: tuple[str, ...]


def picture_of(tensor: Tensor, names: Names = None) -> Picture:
    """The record behind `tensor`. See `draw`."""
    if not tensor.requires_grad:
        raise RuntimeError(
            f"draw: this tensor of shape {tensor.shape} requires no gradient, so nothing was "
            "recorded that could be drawn; compute it from a tensor with requires_grad=True, "
            "outside of no_grad()"
        )
    named = _Named(names)
    targets = inputs_first(target_of(tensor), named)
    places = {id(target): place for place, target in enumerate(targets)}
    arrows = [
        (places[id(source)], place)
        for place, target in enumerate(targets)
        for source in named.inputs_of(target)
    ]
    boxes = [Box(kind_of(target), tuple(lines_of(target, named))) for target in targets]
    return Picture(tuple(boxes), tuple(arrows), caption_of(targets))


def inputs_first(root: Any, named: _Named) -> list[Any]:
    """`root` and all that it was computed from, each once, and after its own inputs.

    By its edges alone, so that a record can be looked at before the way back is written. Without
    recursion: it may be deeper than Python's stack.
    """
    found: dict[int, Any] = {}
    waiting = [root]
    while waiting:
        new = [source for source in named.inputs_of(waiting[-1]) if id(source) not in found]
        if new:
            waiting += reversed(new)
        else:
            target = waiting.pop()
            found[id(target)] = target
    return list(found.values())


class _Named:
    """The tensors that have names, where they are found in a record."""

    def __init__(self, names: Names) -> None:
        self._names: dict[int, str] = {}
        self._constants: dict[int, Tensor] = {}
        for name, tensor in dict(names or ()).items():
            if not isinstance(tensor, Tensor):
                raise TypeError(f"draw: {name!r} must name a tensor, not a {type(tensor).__name__}")
            self._names.setdefault(id(target_of(tensor)), str(name))
            if not tensor.requires_grad:
                self._constants.setdefault(id(tensor.array), tensor)

    def name_of(self, target: Any) -> str:
        """Its name, or an empty one."""
        return self._names.get(id(target), "")

    def inputs_of(self, target: Any) -> list[Target]:
        """What it was computed from, as far as it is recorded or has been kept."""
        if isinstance(target, Tensor):
            return []
        edges = [edge for edge in target.edges if edge is not None]
        if not self._constants or not isinstance(target, Node):
            return edges
        kept = {id(array): array for arrays in kept_by(target).values() for array in arrays}
        return [self._constants[key] for key in kept if key in self._constants] + edges


def kind_of(target: Any) -> Literal["leaf", "call", "result", "constant"]:
    if isinstance(target, Tensor):
        return "leaf" if target.requires_grad else "constant"
    return "result" if isinstance(target, Output) else "call"


def lines_of(target: Any, named: _Named) -> Iterator[Line]:
    """What the box of a leaf, a call or a result says."""
    name = named.name_of(target)
    if isinstance(target, Tensor):
        yield Line(name or "leaf", "title")
        yield Line(str(target.shape), "shape")
    elif isinstance(target, Output):
        yield Line(f"[{target.index}] {name}".rstrip(), "title")
        yield Line(str(target.shape), "shape")
    elif isinstance(target, Node):
        yield Line(target.name, "title")
        several = f"{target.results} results"
        yield Line(several if target.results > 1 else f"{name} {target.shape}".lstrip(), "shape")
        yield from lines_of_kept(target)
    else:
        yield Line(f"gradient of {target.name}", "title")
        yield Line(f"{name} {target.shape}".lstrip(), "shape")
        yield Line("no second order", "missing")


def lines_of_kept(node: Node) -> Iterator[Line]:
    """What the call keeps for its gradient rule."""
    if node.operation.rule is None:
        yield Line("no gradient rule", "missing")
    elif node.kept is None:
        yield Line("freed", "freed")
    elif kept := kept_by(node):
        arrays = {id(array): array for found in kept.values() for array in found}
        size = sum(array.nbytes for array in arrays.values())
        yield Line(f"keeps {', '.join(kept)}: {size:,} B", "kept")


def caption_of(targets: Sequence[Any]) -> tuple[str, ...]:
    """The memory of the whole record."""
    calls = [target for target in targets if isinstance(target, Node)]
    leaves = [target for target in targets if isinstance(target, Tensor)]
    freed = sum(call.kept is None for call in calls)
    told = (f"the record keeps {bytes_kept(calls, leaves):,} bytes", "besides the leaves")
    return (*told, f"{freed} of {len(calls)} calls freed") if freed else told
