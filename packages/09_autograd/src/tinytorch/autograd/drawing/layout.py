"""Where things stand: a layered layout of boxes and arrows.

Sugiyama, Tagawa & Toda, "Methods for visual understanding of hierarchical system structures"
(1981), in four steps. Boxes are put into rows, so that every arrow goes down. An arrow across
several rows gets a spot in each of them, so that there is room for it. Rows are sorted, and spots
moved, towards what they are connected with; long arrows are made straight. Then rows are stacked,
and arrows bend between them and nowhere else, so none runs through a box.

All arrows out of one box share their spots: they leave it together and part where they must. So a
weight that is used at every step needs one spot a row, not one for each use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

SPACE = 22.0
"""Between neighbours in a row."""
ROW_SPACE, STEEPNESS, MOST_ROW_SPACE = 34.0, 0.12, 90.0
"""Between rows: more where an arrow has far to go to the side."""
PORT_SPACE, PORT_INSET = 14.0, 12.0
"""Between arrows that arrive at one box, and from its corners."""
ROUNDS = 6
LIGHT = 1e-3
"""What leaves and long arrows weigh, where a call weighs 1 or more: they make way."""

Arrow = tuple[int, int]


class Size(NamedTuple):
    width: float
    height: float


class Place(NamedTuple):
    """x, y: of the centre."""

    x: float
    y: float


class Run(NamedTuple):
    """A vertical piece of an arrow, at x, from top to bottom."""

    x: float
    top: float
    bottom: float


Way = list[Run]
"""An arrow: vertical pieces, each joined to the next by a curve through the space between rows."""


@dataclass
class Layout:
    places: list[Place]
    ways: list[Way]
    width: float
    height: float


@dataclass
class Spots:
    """What stands in rows: the boxes, and behind them the places where long arrows pass.

    rows: the topmost first, each from left to right. row_of: in which row each is.
    source_of: the box whose arrows pass there; of a box, itself.
    widths, weights, x: of each spot.
    passed: of each arrow, all spots from its box to the box it points to.
    """

    rows: list[list[int]]
    row_of: list[int]
    source_of: list[int]
    widths: list[float]
    weights: list[float]
    passed: list[list[int]] = field(default_factory=list)
    above: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    below: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    x: list[float] = field(default_factory=list)


def layout(sizes: Sequence[Size], arrows: Sequence[Arrow]) -> Layout:
    """Places for boxes of these sizes, and ways for the arrows between them.

    arrows: pairs of places in `sizes`; every one points to a later box.
    """
    spots = in_rows(sizes, arrows)
    for _ in range(ROUNDS):
        pull(spots, spots.rows, spots.above)
        pull(spots, spots.rows[::-1], spots.below)
    for _ in range(ROUNDS):
        straighten(spots, len(sizes))
    return stacked(spots, sizes, arrows)


def row_numbers(count: int, arrows: Sequence[Arrow]) -> list[int]:
    """The row of each box: right above the first that needs it, by the longest path to the end."""
    below = [0] * count
    for source, target in sorted(arrows, key=lambda arrow: -arrow[1]):
        below[source] = max(below[source], below[target] + 1)
    last = max(below, default=0)
    return [last - number for number in below]


def weights_of(count: int, arrows: Sequence[Arrow]) -> list[float]:
    """What each box weighs: the more, the longer the chain of calls that ends there, so that short
    side branches make way for long chains, and these run straight."""
    above = [0] * count
    for source, target in sorted(arrows, key=lambda arrow: arrow[1]):
        above[target] = max(above[target], above[source] + 1)
    return [max(float(number) ** 3, LIGHT) for number in above]


def in_rows(sizes: Sequence[Size], arrows: Sequence[Arrow]) -> Spots:
    """The boxes and the places where arrows pass, in rows, in the order of the boxes."""
    row_of, source_of = row_numbers(len(sizes), arrows), list(range(len(sizes)))
    weights = weights_of(len(sizes), arrows)
    spots = Spots([], row_of, source_of, [size.width for size in sizes], weights)
    passing: dict[tuple[int, int], int] = {}
    for source, target in arrows:
        passed = [source]
        for row in range(row_of[source] + 1, row_of[target]):
            spot = passing.setdefault((source, row), len(row_of))
            if spot == len(row_of):
                row_of.append(row)
                source_of.append(source)
                spots.widths.append(0.0)
                weights.append(LIGHT)
            passed.append(spot)
        spots.passed.append([*passed, target])

    spots.rows = [[] for _ in range(max(row_of, default=-1) + 1)]
    for spot in sorted(range(len(row_of)), key=source_of.__getitem__):
        spots.rows[row_of[spot]].append(spot)
    for upper, lower in dict.fromkeys(link for passed in spots.passed for link in pairwise(passed)):
        spots.below[upper].append(lower)
        spots.above[lower].append(upper)
    spots.x = [0.0] * len(row_of)
    return spots


def pull(spots: Spots, rows: Sequence[list[int]], neighbours: dict[int, list[int]]) -> None:
    """Row by row, sort the spots by where their neighbours in the row before stand (the
    barycentre), and move them there as far as there is room."""
    x, weights = spots.x, spots.weights
    for row in rows:
        wanted = {}
        for spot in row:
            near = neighbours.get(spot) or [spot]
            total = sum(weights[other] for other in near)
            wanted[spot] = sum(weights[other] * x[other] for other in near) / total
        row.sort(key=wanted.__getitem__)
        move(spots, row, [wanted[spot] for spot in row], [weights[spot] for spot in row])


def straighten(spots: Spots, boxes: int) -> None:
    """Let the arrows that pass many rows pass them all at one x: the one that is farthest out.
    Where several run side by side, it is in the same order everywhere. Leaves make way for them,
    calls do not."""
    lane = farthest_out(spots, boxes)
    for row in spots.rows:
        side_by_side = groupby(list(row), key=lambda spot: spot < boxes)
        row[:] = [
            spot
            for is_box, group in side_by_side
            for spot in (group if is_box else sorted(group, key=lambda s: lane[spots.source_of[s]]))
        ]
        wanted = [spots.x[s] if s < boxes else lane[spots.source_of[s]][0] for s in row]
        move(spots, row, wanted, [max(spots.weights[s], float(s >= boxes)) for s in row])


def farthest_out(spots: Spots, boxes: int) -> dict[int, tuple[float, int]]:
    """For each box with a long arrow, the x at which that is farthest from what it connects; and
    the box, to keep arrows with the same x in one order."""
    ends: dict[int, list[float]] = defaultdict(list)
    for source, *_, target in spots.passed:
        ends[source] += [spots.x[source], spots.x[target]]
    centre = {source: sum(places) / len(places) for source, places in ends.items()}
    lane: dict[int, tuple[float, int]] = {}
    for source, x in zip(spots.source_of[boxes:], spots.x[boxes:], strict=True):
        before = lane.get(source, (centre[source], source))
        lane[source] = max(before, (x, source), key=lambda at: abs(at[0] - centre[at[1]]))
    return lane


def move(spots: Spots, row: list[int], wanted: list[float], weights: list[float]) -> None:
    """Move the spots of a row, in their order, to where they want to be or near to it."""
    widths = spots.widths
    gaps = [(widths[left] + widths[right]) / 2 + SPACE for left, right in pairwise(row)]
    for spot, place in zip(row, settle(wanted, gaps, weights), strict=True):
        spots.x[spot] = place


def settle(
    wanted: Sequence[float],
    gaps: Sequence[float],
    weights: Sequence[float],
    bounds: tuple[float, float] = (float("-inf"), float("inf")),
) -> list[float]:
    """Places in this order, at least `gaps` apart, with the least Σ weight·(place − wanted)².

    Less the sum of the gaps before it, every place must be no smaller than the one before: that is
    isotonic regression. Where the order is violated, neighbours share their weighted mean (Ayer et
    al., 1955).
    """
    before = list(accumulate(gaps, initial=0.0))
    blocks: list[tuple[float, float, int]] = []
    for want, offset, weight in zip(wanted, before, weights, strict=False):
        mean, count = want - offset, 1
        while blocks and blocks[-1][0] >= mean:
            other, heavy, members = blocks.pop()
            mean = (mean * weight + other * heavy) / (weight + heavy)
            weight, count = weight + heavy, count + members
        blocks.append((mean, weight, count))
    low, high = bounds[0], bounds[1] - before[-1]
    together = [max(low, min(mean, high)) for mean, _, count in blocks for _ in range(count)]
    return [place + offset for place, offset in zip(together, before, strict=False)]


def stacked(spots: Spots, sizes: Sequence[Size], arrows: Sequence[Arrow]) -> Layout:
    """The rows one below the other, from (0, 0), and the ways of the arrows through them."""
    left = min((x - width / 2 for x, width in zip(spots.x, spots.widths, strict=True)), default=0)
    right = max((x + width / 2 for x, width in zip(spots.x, spots.widths, strict=True)), default=0)
    x = spots.x = [place - left for place in spots.x]
    tops, bottoms = row_edges(spots, sizes)
    places = [
        Place(x[box], (tops[row] + bottoms[row]) / 2)
        for box, row in enumerate(spots.row_of[: len(sizes)])
    ]
    ports = arrivals(spots, sizes, arrows)
    ways = []
    for passed, port in zip(spots.passed, ports, strict=True):
        (source, *between, target), rows = passed, [spots.row_of[spot] for spot in passed]
        first = Run(x[source], places[source].y + sizes[source].height / 2, bottoms[rows[0]])
        last = Run(port, tops[rows[-1]], places[target].y - sizes[target].height / 2)
        middle = [
            Run(x[spot], tops[row], bottoms[row])
            for spot, row in zip(between, rows[1:-1], strict=True)
        ]
        ways.append(list(joined([first, *middle, last])))
    return Layout(places, ways, right - left, bottoms[-1] if bottoms else 0.0)


def joined(way: Way) -> Iterator[Run]:
    """The same way, with pieces that lie exactly below each other made one."""
    for x, pieces in groupby(way, key=attrgetter("x")):
        first, *_, last = [*pieces] * 2
        yield Run(x, first.top, last.bottom)


def row_edges(spots: Spots, sizes: Sequence[Size]) -> tuple[list[float], list[float]]:
    """Where each row begins and ends."""
    tops: list[float] = []
    bottoms: list[float] = []
    y = 0.0
    for row in spots.rows:
        aside = max((abs(spots.x[a] - spots.x[b]) for b in row for a in spots.above[b]), default=0)
        if bottoms:
            y += min(ROW_SPACE + STEEPNESS * aside, MOST_ROW_SPACE)
        tops.append(y)
        y += max(sizes[box].height for box in row if box < len(sizes))
        bottoms.append(y)
    return tops, bottoms


def arrivals(spots: Spots, sizes: Sequence[Size], arrows: Sequence[Arrow]) -> list[float]:
    """The x at which each arrow meets the upper edge of its box: near to where it comes from, and
    apart from the others."""
    arriving: dict[int, list[int]] = defaultdict(list)
    for number, (_, target) in enumerate(arrows):
        arriving[target].append(number)
    ports = [0.0] * len(arrows)
    for target, numbers in arriving.items():
        numbers.sort(key=lambda number: spots.x[spots.passed[number][-2]])
        origins = [spots.passed[number][-2] for number in numbers]
        half = sizes[target].width / 2 - PORT_INSET
        bounds = (spots.x[target] - half, spots.x[target] + half)
        wanted = [spots.x[spot] for spot in origins]
        gaps = [min(PORT_SPACE, 2 * half / len(numbers))] * (len(numbers) - 1)
        settled = settle(wanted, gaps, [spots.weights[spot] for spot in origins], bounds)
        for number, port in zip(numbers, settled, strict=True):
            ports[number] = port
    return ports
