"""A starter is the reference with the tasks' bodies, and what only they use, taken out."""

from __future__ import annotations

from pathlib import Path

import pytest

from sample_workspace import Rewrite
from starter import StarterError, write_starter
from workspace import Package

STEPS = "packages/02_tensor/src/tinytorch/tensor/steps.py"


@pytest.fixture
def tensor(root: Path) -> Package:
    return Package(root / "packages" / "02_tensor")


def emptied(package: Package, destination: Path) -> dict[str, str]:
    return {p.name: message for p, message in write_starter(package, destination).items()}


def starter(package: Package, destination: Path) -> str:
    write_starter(package, destination)
    return (destination / "tinytorch" / "tensor" / "steps.py").read_text("utf-8")


def test_the_tasks_functions_raise_with_their_task(tensor: Package, tmp_path: Path) -> None:
    assert emptied(tensor, tmp_path / "out") == {
        "one": "task 2.1: one",
        "two": "task 2.2: two",
        "three": "task 2.3: three",
        "Counter.four": "task 2.4: four",
        "given": "task 2.3: given, which is yours to use or to leave",
    }
    text = starter(tensor, tmp_path / "out")
    assert 'def one() -> int:\n    raise NotImplementedError("task 2.1: one")\n' in text
    assert '    def four(self) -> int:\n        raise NotImplementedError("task 2.4: four")' in text


def test_decorators_docstrings_and_all_else_survive(
    tensor: Package, rewrite: Rewrite, tmp_path: Path
) -> None:
    rewrite(STEPS, "def one() -> int:\n", 'def one() -> int:\n    """One."""\n    # why\n')
    text = starter(tensor, tmp_path / "out")
    assert '    """One."""\n    raise NotImplementedError("task 2.1: one")\n' in text
    assert "# why" not in text
    assert "@functools.cache\ndef two() -> int:\n    raise" in text
    assert "    def kept(self) -> int:\n        return self.four() + 1\n" in text
    assert text.startswith('"""What the tasks are about."""\n\nfrom __future__ import annotations')


USES = {
    "in given code": "\n\ndef shown():\n    return given(1)\n",
    "when the file is imported": "\n\nGIVEN = given(1)\n",
    "as public": '\n\n__all__ = ["given"]\n',
    "as a decorator of a task": None,
    "as a default of a task": None,
}


@pytest.mark.parametrize("use", USES)
def test_a_helper_that_something_else_uses_is_given(
    use: str, tensor: Package, rewrite: Rewrite, tmp_path: Path
) -> None:
    if use == "as a decorator of a task":
        rewrite(STEPS, "@functools.cache", "@given")
    elif use == "as a default of a task":
        rewrite(STEPS, "def three() ->", "def three(by=given) ->")
    else:
        rewrite(STEPS, "class Counter", f"{(USES[use] or '').strip()}\n\n\nclass Counter")
    assert "given" not in emptied(tensor, tmp_path / "out")


def test_helpers_of_helpers_are_emptied(tensor: Package, rewrite: Rewrite, tmp_path: Path) -> None:
    rewrite(STEPS, "return math.floor(value)", "return deep(value)")
    rewrite(
        STEPS, "class Counter", "def deep(value: int) -> int:\n    return value\n\n\nclass Counter"
    )
    assert "deep" in emptied(tensor, tmp_path / "out")


def test_a_starter_can_be_imported(tensor: Package, tmp_path: Path) -> None:
    compile(starter(tensor, tmp_path / "out"), "steps.py", "exec")


def test_a_function_that_is_not_there_is_refused(
    tensor: Package, rewrite: Rewrite, tmp_path: Path
) -> None:
    rewrite(STEPS, "def one", "def uno")
    with pytest.raises(StarterError, match=r"steps\.py defines no one"):
        write_starter(tensor, tmp_path / "out")


def test_a_body_beside_its_signature_is_refused(
    tensor: Package, rewrite: Rewrite, tmp_path: Path
) -> None:
    rewrite(STEPS, "def one() -> int:\n    return 1", "def one() -> int: return 1")
    with pytest.raises(StarterError, match="one: put its body on a line of its own"):
        write_starter(tensor, tmp_path / "out")


def give_constants(rewrite: Rewrite, line: str) -> None:
    """Write the table of the module's pyproject.toml that gives constants another value."""
    table = f"[tool.tinytorch.starter]\n{line}\n\n"
    rewrite("packages/02_tensor/pyproject.toml", "[tool.tinytorch]", f"{table}[tool.tinytorch]")


@pytest.mark.parametrize(
    ("line", "value", "expected"),
    [
        ('SPEED = "fast"  # why', '"slow"', 'SPEED = "slow"  # why'),
        ("SPEED: str = 'fast'", '"é \\"slow\\""', 'SPEED: str = "é \\"slow\\""'),
        ("SPEED = 1  # é", "2.5", "SPEED = 2.5  # é"),
        ('SPEED = """\nfast\n"""  # why', "2", "SPEED = 2  # why"),
    ],
    ids=["text", "annotated", "number", "several lines"],
)
def test_a_constant_may_have_another_value(
    line: str, value: str, expected: str, tensor: Package, rewrite: Rewrite, tmp_path: Path
) -> None:
    rewrite(STEPS, "class Counter", f"{line}\n\n\nclass Counter")
    give_constants(rewrite, f'"steps.SPEED" = {value}')
    text = starter(Package(tensor.folder), tmp_path / "out")
    assert f"\n{expected}\n\n\nclass Counter" in text
    assert 'raise NotImplementedError("task 2.1: one")' in text


@pytest.mark.parametrize(
    "line",
    ["", "SPEED = [1]", "def SPEED() -> None: ...", "def f() -> None:\n    SPEED = 1"],
    ids=["not there", "a list", "a function", "inside a function"],
)
def test_a_constant_that_is_not_there_is_refused(
    line: str, tensor: Package, rewrite: Rewrite, tmp_path: Path
) -> None:
    rewrite(STEPS, "class Counter", f"{line}\n\n\nclass Counter")
    give_constants(rewrite, '"steps.SPEED" = 2')
    with pytest.raises(StarterError, match=r"steps\.py: it has no line `SPEED = …`"):
        write_starter(Package(tensor.folder), tmp_path / "out")
