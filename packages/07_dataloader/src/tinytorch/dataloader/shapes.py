"""Shapes: pictures of ten kinds of shapes, drawn on the spot.

Each shape is a signed distance: how far a point is from the outline, in units of the shape's size,
negative inside. Then everything is arithmetic: `minimum` unites two shapes, `maximum(a, -b)` cuts b
out of a, `abs(d) - w` draws an outline as wide as 2w. A pixel that the outline crosses is covered
in part, by half a pixel less the distance: this smooths the edges.

J. C. Hart, "Sphere tracing", The Visual Computer 12 (1996), has the distances and how they combine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import typing as npt

from .images import Bytes, LabelledImages

Floats = npt.NDArray[np.float32]

PIXELS = 32
TRAIN_SIZE = 5_000
TEST_SIZE = 1_000
AT_ONCE = 500


class Shapes(LabelledImages):
    """Images of one shape each, in any colour, place, size and direction, on a ground of colours
    and noise.

    train: another random stream gives the test images, so that no image is in both. size: how many
    images; without it 5,000, or 1,000 for the test. Each class has its share. seed: the same one
    gives the same images. transform: see `LabelledImages`.

    images: (N, 3, 32, 32), uint8. labels: (N,), int64. classes: their ten names. MEAN, STD: of red,
    green and blue, as numbers from 0 to 1.
    Raises ValueError if size is negative.
    """

    MEAN = (0.5, 0.5, 0.5)
    STD = (0.25, 0.25, 0.25)

    def __init__(
        self,
        train: bool = True,
        size: int | None = None,
        seed: int = 0,
        *,
        transform: Callable[[Any], Any] | None = None,
    ) -> None:
        count = (TRAIN_SIZE if train else TEST_SIZE) if size is None else size
        if count < 0:
            raise ValueError(f"Shapes: size is the number of images, and cannot be {count}")
        rng = np.random.default_rng([seed, 0 if train else 1])
        labels = rng.permutation(np.arange(count) % len(CLASSES)).astype(np.int64)
        images = np.empty((count, 3, PIXELS, PIXELS), np.uint8)
        for start in range(0, count, AT_ONCE):
            images[start : start + AT_ONCE] = draw(labels[start : start + AT_ONCE], rng)
        super().__init__(images, labels, CLASSES, transform)


def draw(labels: npt.NDArray[np.int64], rng: np.random.Generator) -> Bytes:
    """An image (3, 32, 32) for each label."""
    coverage = drawn_shapes(labels, rng)[:, None]
    ground, paint = two_colours(len(labels), rng)
    ground = ground + 0.18 * clouds(len(labels), rng)
    paint = paint + 0.08 * clouds(len(labels), rng)
    noise = rng.normal(0, 0.04, (len(labels), 3, PIXELS, PIXELS)).astype(np.float32)
    light = ground + coverage * (paint - ground) + noise
    return np.rint(255 * np.clip(light, 0, 1)).astype(np.uint8)


def drawn_shapes(labels: npt.NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """How much of each pixel the shape covers, from 0 to 1. Returns (N, 32, 32)."""
    n = len(labels)
    radius = rng.uniform(8, 13, (n, 1, 1)).astype(np.float32)
    centre = rng.uniform(radius, PIXELS - radius, (2, n, 1, 1)).astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi, (n, 1, 1)).astype(np.float32)
    row, column = np.mgrid[:PIXELS, :PIXELS].astype(np.float32) + np.float32(0.5)
    y, x = (row - centre[0]) / radius, (column - centre[1]) / radius
    x, y = np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y
    distance = np.empty((n, PIXELS, PIXELS), np.float32)
    for label, shape in enumerate(SHAPES.values()):
        of_this = labels == label
        distance[of_this] = shape(x[of_this], y[of_this])
    return np.clip(0.5 - distance * radius, 0, 1)


def two_colours(n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Two colours for each image, (n, 3, 1, 1), that can be told apart."""
    ground = rng.uniform(0.15, 0.85, (n, 3, 1, 1))
    direction = rng.normal(size=(n, 3, 1, 1))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    inwards = np.where(direction * (0.5 - ground) < 0, -direction, direction)
    paint = ground + inwards * rng.uniform(0.45, 0.75, (n, 1, 1, 1))
    return ground.astype(np.float32), np.clip(paint, 0, 1).astype(np.float32)


def clouds(n: int, rng: np.random.Generator) -> Floats:
    """Smooth random patches, (n, 3, 32, 32): numbers on a grid of 5 × 5, and lines between them."""
    grid = rng.uniform(-1, 1, (n, 3, 5, 5)).astype(np.float32)
    at = np.linspace(0, 4, PIXELS, dtype=np.float32)[:, None]
    between = np.maximum(0, 1 - np.abs(at - np.arange(5, dtype=np.float32)))
    return between @ grid @ between.T


# The shapes: signed distances at (x, y), for shapes that fit into the circle of radius 1.


def disc(x: Floats, y: Floats, radius: float) -> Floats:
    return np.hypot(x, y) - np.float32(radius)


def polygon(x: Floats, y: Floats, corners: Sequence[tuple[float, float]]) -> Floats:
    """The distance to the nearest edge. Inside is where a ray to the right crosses an odd number
    of edges."""
    nearest = np.full(x.shape, np.inf, np.float32)
    inside = np.zeros(x.shape, bool)
    for i, (ax, ay) in enumerate(corners):
        bx, by = corners[i - 1]
        along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
        along = np.clip(along, 0, 1)
        squared = (x - ax - along * (bx - ax)) ** 2 + (y - ay - along * (by - ay)) ** 2
        nearest = np.minimum(nearest, squared)
        if ay != by:
            inside ^= ((y < ay) != (y < by)) & (x < ax + (y - ay) * ((bx - ax) / (by - ay)))
    distance = np.sqrt(nearest)
    return np.where(inside, -distance, distance)


def regular(corners: int, *radii: float) -> list[tuple[float, float]]:
    """The corners of a regular polygon; with two radii in turns, of a star."""
    turns = [(2 * np.pi * i / corners, radii[i % len(radii)]) for i in range(corners)]
    return [(float(r * np.sin(turn)), float(-r * np.cos(turn))) for turn, r in turns]


def circle(x: Floats, y: Floats) -> Floats:
    return disc(x, y, 0.85)


def ring(x: Floats, y: Floats) -> Floats:
    return np.abs(disc(x, y, 0.75)) - np.float32(0.2)


def crescent(x: Floats, y: Floats) -> Floats:
    return np.maximum(disc(x, y, 0.95), -disc(x - np.float32(0.45), y, 0.75))


def triangle(x: Floats, y: Floats) -> Floats:
    return polygon(x, y, regular(3, 1.0))


def square(x: Floats, y: Floats) -> Floats:
    return polygon(x, y, regular(4, 1.0))


def bar(x: Floats, y: Floats) -> Floats:
    return polygon(x, y, [(-0.95, -0.28), (0.95, -0.28), (0.95, 0.28), (-0.95, 0.28)])


def cross(x: Floats, y: Floats) -> Floats:
    return np.minimum(bar(x, y), bar(y, x))


def star(x: Floats, y: Floats) -> Floats:
    return polygon(x, y, regular(10, 1.0, 0.42))


def heart(x: Floats, y: Floats) -> Floats:
    """A square that stands on a corner, and a half circle on each of its upper sides."""
    side = np.float32(0.4)
    lower = y - np.float32(0.15)
    standing = polygon(x, lower, regular(4, 0.8))
    lobes = disc(np.abs(x) - side, lower + side, 0.4 * 2**0.5)
    return np.minimum(standing, lobes)


def arrow(x: Floats, y: Floats) -> Floats:
    shaft, head, neck = 0.17, 0.62, -0.05
    right = [(0.0, -1.0), (head, neck), (shaft, neck), (shaft, 0.95)]
    return polygon(x, y, right + [(-px, py) for px, py in reversed(right[1:])])


SHAPES: dict[str, Callable[[Floats, Floats], Floats]] = {
    shape.__name__: shape
    for shape in (circle, ring, crescent, triangle, square, bar, cross, star, heart, arrow)
}
CLASSES = tuple(SHAPES)
