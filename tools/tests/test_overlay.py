"""An alternative takes the place of exactly the task functions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from overlay import OverlayError, overlay
from sample_workspace import Rewrite
from workspace import Package

STEPS = "packages/02_tensor/alternative/steps.py"


@pytest.fixture
def tensor(root: Path) -> Package:
    return Package(root / "packages" / "02_tensor")


def overlaid(package: Package, destination: Path) -> str:
    (changed,) = overlay(package, destination)
    return changed.read_text("utf-8")


def run(source: Path, program: str) -> str:
    """What a program prints that imports from `source`."""
    command = [sys.executable, "-P", "-c", program]
    environment = {"PYTHONPATH": str(source)}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_alternative_runs_in_the_references_place(tensor: Package, tmp_path: Path) -> None:
    overlay(tensor, tmp_path / "out")
    program = (
        "from tinytorch.tensor.steps import *; c = Counter(); "
        "print(one(), two(), three(), c.four(), c.twice(5), c.kept(), PAIR)"
    )
    assert run(tmp_path / "out", program) == "1 2 3 4 10 5 (1, 1)"


def test_the_body_is_the_alternatives_and_the_decorator_the_references(
    tensor: Package, tmp_path: Path
) -> None:
    text = overlaid(tensor, tmp_path / "out")
    assert "@functools.cache\ndef two() -> int:\n    return total(PAIR)\n" in text
    assert "return 2\n" not in text


def test_what_is_given_survives_to_the_letter(tensor: Package, tmp_path: Path) -> None:
    text = overlaid(tensor, tmp_path / "out")
    assert "def given(value: int) -> int:\n    return math.floor(value)\n" in text
    assert text.startswith(
        '"""What the tasks are about."""\n\nfrom __future__ import annotations\n'
    )


def test_a_decorator_of_the_alternative_replaces_the_references(
    tensor: Package, rewrite: Rewrite, tmp_path: Path
) -> None:
    rewrite(STEPS, "def two()", "@operator.methodcaller\ndef two()")
    text = overlaid(tensor, tmp_path / "out")
    assert "@operator.methodcaller\ndef two()" in text
    assert "@functools.cache" not in text


def test_it_does_not_import_itself(tensor: Package, tmp_path: Path) -> None:
    assert "import given" not in overlaid(tensor, tmp_path / "out")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def one()", "def uno()", "has no one"),
        ("def four(", "def vier(", "has no Counter.four"),
        ("PAIR = (1, 1)", "PAIR = (1, 1)\n\n\ndef given(v): return v", "defines given"),
        ("def twice(", "def kept(", "defines Counter.kept"),
    ],
)
def test_what_does_not_fit_is_refused(
    tensor: Package, rewrite: Rewrite, tmp_path: Path, old: str, new: str, said: str
) -> None:
    rewrite(STEPS, old, new)
    with pytest.raises(OverlayError, match=said):
        overlay(tensor, tmp_path / "out")


def test_a_missing_file_is_refused(tensor: Package, tmp_path: Path) -> None:
    (tensor.alternative / "steps.py").unlink()
    with pytest.raises(OverlayError, match=r"steps\.py is missing: it should hold one, two"):
        overlay(tensor, tmp_path / "out")
