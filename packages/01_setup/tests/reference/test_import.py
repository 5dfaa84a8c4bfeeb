"""What importing this module costs, and what the package is."""

import json
import subprocess
import sys
from importlib import resources

import tinytorch.setup


def modules_after(statement: str) -> set[str]:
    program = f"{statement}; import sys, json; print(json.dumps(list(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return set(json.loads(run.stdout))


def test_numpy_is_imported_when_it_is_needed_and_not_before() -> None:
    assert "numpy" not in modules_after("import tinytorch.setup")
    assert "numpy" in modules_after("import tinytorch.setup as s; s.environment()")


def test_tinytorch_is_a_namespace() -> None:
    assert sys.modules["tinytorch"].__file__ is None


def test_the_types_are_shipped() -> None:
    assert resources.files("tinytorch.setup").joinpath("py.typed").is_file()


def test_all_that_is_promised_is_there() -> None:
    assert all(hasattr(tinytorch.setup, name) for name in tinytorch.setup.__all__)


def test_the_table_is_written_as_it_is_generated() -> None:
    text = resources.files("tinytorch.setup").joinpath("course.json").read_text(encoding="utf-8")
    table = json.loads(text)
    assert text == json.dumps(table, indent=2, ensure_ascii=False) + "\n"
    assert [list(row) for row in table["modules"]] == 17 * [
        ["name", "number", "part", "title", "depends", "released"]
    ]
    assert [list(row) for row in table["capstones"]] == 3 * [
        ["name", "part", "title", "depends", "released"]
    ]
