"""The distances behind the drawn shapes, against plain geometry."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinytorch.dataloader import shapes
from tinytorch.dataloader.shapes import SHAPES, draw, polygon, regular

AT = np.linspace(-1.5, 1.5, 301, dtype=np.float32)
Y, X = np.meshgrid(AT, AT, indexing="ij")
CELL = float(AT[1] - AT[0]) ** 2


def area(distance: Any) -> float:
    return float((distance < 0).sum()) * CELL


def test_the_distance_to_a_polygon() -> None:
    """The nearest of many points along its edges is as far, to within their spacing."""
    corners = [(-0.9, -0.8), (0.7, -0.5), (0.1, 0.1), (0.8, 0.9), (-0.6, 0.4)]
    share = np.linspace(0, 1, 2001)[:, None]
    edges = zip(corners, corners[1:] + corners[:1], strict=True)
    outline = np.concatenate([np.add(a, share * np.subtract(b, a)) for a, b in edges])
    rng = np.random.default_rng(0)
    points = rng.uniform(-1.5, 1.5, (200, 2)).astype(np.float32)
    nearest = np.hypot(*(points[:, None] - outline).transpose(2, 0, 1)).min(1)
    found = polygon(points[:, 0], points[:, 1], corners)
    assert np.allclose(np.abs(found), nearest, atol=2e-3)
    ax, ay = np.transpose(corners)
    surveyed = abs(np.dot(ax, np.roll(ay, -1)) - np.dot(ay, np.roll(ax, -1))) / 2
    assert area(polygon(X, Y, corners)) == pytest.approx(surveyed, rel=0.01)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("circle", np.pi * 0.85**2),
        ("ring", np.pi * (0.95**2 - 0.55**2)),
        ("triangle", 3 * np.sqrt(3) / 4),
        ("square", 2.0),
        ("bar", 1.9 * 0.56),
        ("cross", 2 * 1.9 * 0.56 - 0.56**2),
        ("star", 10 * 0.5 * 0.42 * np.sin(np.pi / 5)),
        ("heart", 2 * 0.64 + np.pi * 0.32),
    ],
)
def test_areas(name: str, expected: float) -> None:
    assert area(SHAPES[name](X, Y)) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("name", list(SHAPES))
def test_every_shape_fits_into_the_unit_circle(name: str) -> None:
    distance = SHAPES[name](X, Y)
    assert distance.dtype == np.float32
    assert np.hypot(X, Y)[distance < 0].max() < 1.05
    assert 0.4 < area(distance) < 2.6


@pytest.mark.parametrize("name", list(SHAPES))
def test_a_step_changes_a_distance_by_no_more_than_its_length(name: str) -> None:
    distance = SHAPES[name](X, Y)
    step = float(AT[1] - AT[0])
    for axis in (0, 1):
        assert np.abs(np.diff(distance, axis=axis)).max() < 1.01 * step


def test_corners_of_a_regular_polygon() -> None:
    assert np.allclose(regular(4, 1.0), [(0, -1), (1, 0), (0, 1), (-1, 0)], atol=1e-12)
    assert np.allclose(np.hypot(*np.transpose(regular(10, 1.0, 0.4))), [1, 0.4] * 5)


def test_every_shape_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn white on black, without clouds: as many pixels are white as its area says."""
    black_and_white = (np.zeros((1000, 3, 1, 1), np.float32), np.ones((1000, 3, 1, 1), np.float32))
    monkeypatch.setattr(shapes, "two_colours", lambda n, rng: black_and_white)
    monkeypatch.setattr(shapes, "clouds", lambda n, rng: np.float32(0))
    labels = np.arange(1000) % 10
    white = draw(labels, np.random.default_rng(0)).mean((1, 2, 3)) / 255 * 32**2
    for label, shape in enumerate(SHAPES.values()):
        expected = area(shape(X, Y)) * (13**3 - 8**3) / 3 / 5  # of radii from 8 to 13, evenly
        noise = 0.02 * 32**2  # where black is brightened and white is darkened
        assert white[labels == label].mean() == pytest.approx(expected, rel=0.15, abs=noise)
