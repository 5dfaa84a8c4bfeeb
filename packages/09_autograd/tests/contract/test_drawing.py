"""What is given: pictures of the record, in DOT and in SVG.

Both are read back here, as Graphviz and a browser would read them: which boxes there are, what they
say, and which arrows lead from where to where.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from tinytorch.autograd.drawing import draw, to_dot, to_svg
from tinytorch.tensor import Tensor, cat, exp, split

SVG = "{http://www.w3.org/2000/svg}"

Texts = tuple[str, ...]
Arrows = Counter[tuple[Texts, Texts]]


@dataclass(frozen=True)
class Rectangle:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Rectangle") -> bool:
        aside = self.right <= other.left or other.right <= self.left
        return not (aside or self.bottom <= other.top or other.bottom <= self.top)

    def holds(self, x: float, y: float, by: float = 0.0) -> bool:
        return self.left + by <= x <= self.right - by and self.top + by <= y <= self.bottom - by


# Reading DOT


def read_dot(text: str) -> tuple[list[Texts], Arrows]:
    """The lines of each box, and the arrows, as pairs of such lines."""
    quoted = r'"((?:[^"\\]|\\.)*)"'
    found = re.findall(rf"^\s*(\w+) \[.*?label={quoted}", text, flags=re.MULTILINE)
    boxes = {name: shown(label) for name, label in found if name != "graph"}
    arrows = re.findall(r"^\s*(\w+) -> (\w+)", text, flags=re.MULTILINE)
    return list(boxes.values()), Counter((boxes[a], boxes[b]) for a, b in arrows)


def shown(label: str) -> Texts:
    """What Graphviz makes of a label: lines break at \\n, and a backslash protects a sign."""
    signs = re.findall(r"\\.|[^\\]", label, flags=re.DOTALL)
    broken = ["\n" if sign == r"\n" else sign[-1] for sign in signs]
    return tuple(html.unescape(line) for line in "".join(broken).split("\n"))


# Reading SVG


@dataclass
class Seen:
    """A picture as a browser shows it. texts: with the place where their middle stands."""

    page: Rectangle
    boxes: list[Rectangle]
    texts: list[tuple[str, float, Rectangle]]
    paths: list[list[tuple[float, float]]]

    def lines(self, box: Rectangle) -> Texts:
        inside = [(where.top, text) for text, _, where in self.texts if self.stands_in(where, box)]
        return tuple(text for _, text in sorted(inside))

    def stands_in(self, where: Rectangle, box: Rectangle) -> bool:
        middle = (where.left + where.right) / 2
        return box.holds(middle, (where.top + where.bottom) / 2)

    def all_lines(self) -> list[Texts]:
        return [self.lines(box) for box in self.boxes]

    def arrows(self) -> Arrows:
        """From the box at whose lower edge a path begins to that whose upper edge it touches."""
        return Counter(
            (self.lines(self.at_edge("bottom", path[0])), self.lines(self.at_edge("top", path[-1])))
            for path in self.paths
        )

    def at_edge(self, edge: str, point: tuple[float, float]) -> Rectangle:
        x, y = point
        (box,) = [
            box
            for box in self.boxes
            if box.left < x < box.right and abs(getattr(box, edge) - y) < 0.5
        ]
        return box


def read_svg(text: str) -> Seen:
    root = ElementTree.fromstring(text)
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    seen = Seen(Rectangle(left, top, left + width, top + height), [], [], [])
    for element, x, y in elements(root, 0.0, 0.0):
        value = element.attrib
        if element.tag == f"{SVG}rect":
            a, b = x + float(value.get("x", 0)), y + float(value.get("y", 0))
            seen.boxes.append(
                Rectangle(a, b, a + float(value["width"]), b + float(value["height"]))
            )
        elif element.tag == f"{SVG}text":
            a, b, size = x + float(value["x"]), y + float(value["y"]), float(value["font-size"])
            # A monospaced font: every sign is 0.6 wide, where the size is 1.
            half = len(element.text or "") * 0.6 * size / 2
            where = Rectangle(a - half, b - 0.75 * size, a + half, b + 0.2 * size)
            seen.texts.append((element.text or "", size, where))
        elif element.tag == f"{SVG}path":
            seen.paths.append([(a + x, b + y) for a, b in points(value["d"])])
    ground = seen.boxes.pop(0)
    assert ground == seen.page, "the first rectangle is the ground, so that any page can show it"
    return seen


def elements(element: Any, x: float, y: float) -> Iterator[tuple[Any, float, float]]:
    """All elements with where their origin lies."""
    moved = re.fullmatch(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", element.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2])
    yield element, x, y
    for part in element:
        yield from elements(part, x, y)


def points(path: str) -> Iterator[tuple[float, float]]:
    """Points of a path of M, L, H, V and C, up to its head, which is drawn in small letters."""
    x = y = 0.0
    for letter, rest in re.findall(r"([MLHVC])([^A-Za-z]*)", re.split("[a-z]", path)[0]):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", rest)]
        if letter == "C":
            controls = np.array([x, y, *numbers]).reshape(4, 2)
            for t in np.linspace(0, 1, 21)[1:]:
                near = np.array([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
                x, y = map(float, near @ controls)
                yield x, y
            continue
        before = x, y
        x = numbers[0] if letter != "V" else x
        y = numbers[-1] if letter != "H" else y
        if letter != "M":
            for t in np.linspace(0, 1, 9)[1:-1]:
                yield before[0] + t * (x - before[0]), before[1] + t * (y - before[1])
        yield x, y


def assert_readable(seen: Seen) -> None:
    """Nothing hides anything else, and nothing is cut off."""
    for box, other in combinations(seen.boxes, 2):
        assert not box.overlaps(other), f"{seen.lines(box)} lies over {seen.lines(other)}"
    for box in seen.boxes:
        assert seen.page.holds(box.left, box.top), f"{seen.lines(box)} is cut off"
        assert seen.page.holds(box.right, box.bottom), f"{seen.lines(box)} is cut off"
    for text, _, where in seen.texts:
        around = [box for box in seen.boxes if seen.stands_in(where, box)] or [seen.page]
        for frame in around:
            assert frame.holds(where.left, where.top), f"{text!r} sticks out"
            assert frame.holds(where.right, where.bottom), f"{text!r} sticks out"
    for path in seen.paths:
        for x, y in path:
            assert seen.page.holds(x, y), "an arrow leaves the picture"
            under = [box for box in seen.boxes if box.holds(x, y, by=0.5)]
            assert not under, f"an arrow runs through {seen.lines(under[0])}"


# What is in the pictures


def leaf(*shape: int) -> Tensor:
    return Tensor(np.ones(shape, "float32"), requires_grad=True)


def titles(boxes: list[Texts]) -> list[str]:
    return sorted(lines[0] for lines in boxes)


def by_title(arrows: Arrows) -> Counter[tuple[str, str]]:
    return Counter((a[0], b[0]) for a, b in arrows.elements())


def both(tensor: Tensor, names: Any = None) -> list[tuple[list[Texts], Arrows]]:
    seen = read_svg(to_svg(tensor, names))
    assert_readable(seen)
    return [read_dot(to_dot(tensor, names)), (seen.all_lines(), seen.arrows())]


def test_a_tensor_that_is_used_twice_is_one_box_with_two_arrows() -> None:
    a, b = leaf(3), leaf(2, 3)
    for boxes, arrows in both(a * b + a, {"a": a, "b": b}):
        assert titles(boxes) == ["a", "add", "b", "mul"]
        assert by_title(arrows) == Counter(
            [("a", "mul"), ("b", "mul"), ("mul", "add"), ("a", "add")]
        )
        assert {lines[0]: lines[1] for lines in boxes} == {
            "a": "(3,)",
            "b": "(2, 3)",
            "mul": "(2, 3)",
            "add": "(2, 3)",
        }


def test_a_tensor_times_itself_has_two_arrows() -> None:
    a = leaf(3)
    for boxes, arrows in both(a * a, {"a": a}):
        assert titles(boxes) == ["a", "mul"]
        assert by_title(arrows) == {("a", "mul"): 2}
    first, second = read_svg(to_svg(a * a)).paths
    assert first != second, "the two arrows must not lie on each other"


def test_a_leaf_alone() -> None:
    a = leaf(2, 5)
    for boxes, arrows in both(a, {"weight": a}):
        assert boxes == [("weight", "(2, 5)")]
        assert not arrows


def test_leaves_without_a_name_show_their_shape() -> None:
    for boxes, _ in both(leaf(2, 5) + leaf(7, 1, 1)):
        assert sorted(lines[1] for lines in boxes) == ["(2, 5)", "(7, 1, 1)", "(7, 2, 5)"]


def test_names_of_results() -> None:
    a = leaf(3)
    h = exp(a)
    for boxes, _ in both(h.sum(), {"h": h, "elsewhere": leaf(2)}):
        assert any(lines[:2] == ("exp", "h (3,)") for lines in boxes), boxes
        assert "elsewhere" not in str(boxes)


def test_a_call_with_several_results_is_one_box() -> None:
    x = leaf(6, 2)
    first, second, third = split(x, 2)
    result = cat([third, first, third])
    for boxes, arrows in both(result, {"x": x, "first": first}):
        assert titles(boxes) == ["[0] first", "[2]", "cat", "split", "x"]
        assert by_title(arrows) == Counter(
            [
                ("x", "split"),
                ("split", "[0] first"),
                ("split", "[2]"),
                ("[2]", "cat"),
                ("[0] first", "cat"),
                ("[2]", "cat"),
            ]
        )
    assert second.requires_grad


def test_what_needs_no_gradient_has_no_place_in_the_record() -> None:
    a, x = leaf(3), Tensor(np.ones(3, "float32"))
    for boxes, arrows in both(a + x + 1, {"a": a, "x": x}):
        assert titles(boxes) == ["a", "add", "add"]
        assert by_title(arrows) == {("a", "add"): 1, ("add", "add"): 1}


def test_names_as_a_dict_or_as_pairs() -> None:
    a, b = leaf(3), leaf(3)
    result = a * b
    assert to_dot(result, [("a", a), ("b", b)]) == to_dot(result, {"a": a, "b": b})
    assert to_svg(result, [("a", a), ("b", b)]) == to_svg(result, {"a": a, "b": b})


def test_a_drawing_gives_both() -> None:
    a = leaf(3)
    drawing = draw(exp(a), {"a": a})
    assert drawing.to_dot() == to_dot(exp(a), {"a": a})
    assert drawing.to_svg() == to_svg(exp(a), {"a": a})


STRANGE = ['a"b', "a\\", r"a\n\l", "<b>&amp;</b>", "]]>", "α·β", "with  spaces", "{x|y}", "'"]


@pytest.mark.parametrize("name", STRANGE)
def test_names_are_shown_as_they_are(name: str) -> None:
    a = leaf(3)
    for boxes, _ in both(exp(a), {name: a}):
        assert name in titles(boxes)


@pytest.mark.parametrize("name", ["a\nb", "a\x00b", "\x1b[1m"], ids=["newline", "zero", "escape"])
def test_names_with_signs_that_have_no_picture(name: str) -> None:
    a = leaf(3)
    for boxes, arrows in both(exp(a), {name: a}):
        assert len(boxes) == 2
        assert len(arrows) == 1
        assert repr(name)[1:-1] in titles(boxes)


def test_long_names_fit_into_their_boxes() -> None:
    a, b = leaf(3), leaf(3)
    name = "encoder.layers.11.self_attention.query.weight" * 3
    for boxes, _ in both(a * b, {name: a, "b": b}):
        assert name in titles(boxes)


# Computations of any form


def drawn_at_random(seed: int, calls: int) -> tuple[Tensor, dict[str, Tensor], Counter[Any]]:
    """A computation, names for all in it, and the arrows that must be seen, by these names."""
    random = np.random.default_rng(seed)
    names = {f"x{i}": leaf(2) for i in range(3)}
    inputs: dict[str, list[str]] = {}
    for i in range(calls):
        known = list(names)
        # Mostly what is new, so that the record is deep; at times something old: a long arrow.
        old = [known[-1 - int(random.integers(min(len(known), 4 + 10 * (i % 3 == 0))))]]
        old += [known[int(random.integers(len(known)))]]
        used = old[: 1 + int(random.integers(2))]
        values = [names[name] for name in used]
        names[f"h{i}"] = exp(values[0] * 0) if len(used) == 1 else values[0] + values[1]
        inputs[f"h{i}"] = used
    arrows: Counter[Any] = Counter()
    waiting, seen = [f"h{calls - 1}"], {f"h{calls - 1}"}
    while waiting:
        name = waiting.pop()
        used = inputs.get(name, [])
        if len(used) == 1:
            arrows[("mul", name)] += 1
            arrows[(used[0], "mul")] += 1
        else:
            arrows.update((other, name) for other in used)
        waiting += {*used} - seen
        seen |= {*used}
    return names[f"h{calls - 1}"], names, arrows


def name_in(lines: Texts) -> str:
    """The name that a box shows: a leaf's is its title, a result's stands before its shape."""
    if lines[0] not in ("add", "exp", "mul"):
        return lines[0]
    return lines[1].split(" ")[0] if lines[0] != "mul" else "mul"


@pytest.mark.parametrize("calls", [1, 5, 15, 40])
@pytest.mark.parametrize("seed", range(5))
def test_every_box_and_every_arrow_once(seed: int, calls: int) -> None:
    result, names, expected = drawn_at_random(seed, calls)
    for boxes, arrows in both(result, names):
        named = Counter(map(name_in, boxes))
        muls = sum(n for (_, b), n in expected.items() if b == "mul")
        in_it = {name for arrow in expected for name in arrow} - {"mul"}
        assert named == Counter({**dict.fromkeys(in_it, 1), "mul": muls}) - Counter()
        found = Counter((name_in(a), name_in(b)) for a, b in arrows.elements())
        assert found == expected


def test_arrows_go_down() -> None:
    result, names, _ = drawn_at_random(7, 30)
    for path in read_svg(to_svg(result, names)).paths:
        heights = [y for _, y in path]
        assert heights == sorted(heights)


def test_a_record_deeper_than_the_stack_of_python() -> None:
    x = y = leaf(1)
    for _ in range(3000):
        y = y * y
    seen = read_svg(to_svg(y, {"x": x}))
    boxes, arrows = read_dot(to_dot(y, {"x": x}))
    assert len(seen.boxes) == len(boxes) == 3001
    assert len(seen.paths) == sum(arrows.values()) == 6000


# What cannot be drawn


def test_nothing_was_recorded() -> None:
    for write in (to_dot, to_svg):
        with pytest.raises(RuntimeError) as caught:
            write(Tensor(np.ones((2, 7), "float32")))
        assert "(2, 7)" in str(caught.value)


def test_a_name_for_something_else() -> None:
    a = leaf(3)
    with pytest.raises(TypeError) as caught:
        to_dot(exp(a), {"threshold": 0.5})  # type: ignore[arg-type]
    assert "threshold" in str(caught.value)
    assert "float" in str(caught.value)
