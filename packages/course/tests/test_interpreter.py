"""What another Python says about itself."""

from __future__ import annotations

from pathlib import Path

from tinytorch_course import interpreter


def test_it_speaks_of_the_path_that_every_process_of_the_course_has(machine):
    """Neither the working folder nor the command's own is on it."""
    path = interpreter.ask([]).path
    assert str(machine.site) in path
    assert str(Path.cwd()) not in path
    assert "" not in path
    assert str(interpreter.PROBE.parent) not in path


def test_it_says_where_a_name_comes_from(machine, libraries):
    machine.install("tensor")
    told = interpreter.ask(["rich", "tinytorch.tensor", "tinytorch.layers", "nothing"])
    assert told.origins == {
        "rich": Path(libraries, "rich", "__init__.py"),
        "tinytorch.tensor": machine.site / "tinytorch" / "tensor" / "__init__.py",
        "tinytorch.layers": None,
        "nothing": None,
    }


def test_it_runs_nothing_of_what_it_finds(machine):
    machine.write(machine.site / "tinytorch" / "__init__.py", "raise SystemExit(3)")
    machine.install("tensor", code="raise SystemExit(3)")
    told = interpreter.ask(["tinytorch.tensor"])
    assert told.hidden_by == machine.site / "tinytorch" / "__init__.py"
    assert told.origins["tinytorch.tensor"] is not None
