"""A fault that no contract test sees is told of, and one that is explained must still be unseen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from sample_workspace import Rewrite, write
from workspace import ROOT

STEPS = "packages/02_tensor/src/tinytorch/tensor/steps.py"
CHECKS = "packages/02_tensor/tests/contract/test_steps.py"
PROGRAM = """
import sys
from pathlib import Path

import mutant_bench
import mutants

mutant_bench.SHORTEST = 2.0
sys.exit(mutants.main(Path(sys.argv.pop(1))))
"""
NO_DIFFERENCE = """
[[survivor]]
function = "steps.three"
line = "return given(3)"
becomes = ["return 3"]
equivalent = true
why = "A whole number is its own floor."

[[survivor]]
function = "steps.given"
line = "return math.floor(value)"
becomes = ["return math.ceil(value)", "return value"]
equivalent = false
why = "Only whole numbers come here."
"""


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = [ROOT / "tools", ROOT / "packages" / "course" / "src"]
    return subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(root), *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def counts(text: str, name: str) -> list[str]:
    """The numbers of a line of the table."""
    found = re.search(rf"^ *{re.escape(name)} +(\d.*)$", text, flags=re.M)
    assert found, text
    return found[1].split()


def explain(root: Path, text: str) -> None:
    write(root / "packages" / "02_tensor" / "tests" / "mutants.toml", text)


def test_survivors_are_shown_where_they_are(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    done = run(root, "tensor")
    assert (
        "packages/02_tensor/src/tinytorch/tensor/steps.py:23: steps.given (task 2.3)\n"
        "    - return math.floor(value)\n"
        "    + return math.ceil(value)\n"
        "    unexplained\n"
    ) in done.stdout, done.stderr
    assert counts(done.stdout, "2.1 Task 1")[:7] == ["3", "3", "0", "0", "0", "0", "100.0%"]
    assert counts(done.stdout, "2.3 Task 3")[:7] == ["7", "4", "0", "0", "0", "3", "57.1%"]
    assert "02_tensor: 81.2% of the faults are caught, 90% are needed" in done.stdout
    assert done.returncode == 1
    after = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert after == before


def test_what_makes_no_difference_does_not_count(root: Path) -> None:
    """Here 3 and its floor are one thing; the rest is said to be worth no check, so it counts."""
    explain(root, NO_DIFFERENCE)
    done = run(root, "tensor", "--task", "2.3")
    assert counts(done.stdout, "2.3 Task 3")[:7] == ["7", "4", "0", "1", "2", "0", "66.7%"]
    assert "equivalent: A whole number is its own floor." in done.stdout
    assert "explained: Only whole numbers come here." in done.stdout
    assert done.returncode == 1
    explain(root, NO_DIFFERENCE.replace("false", "true"))
    done = run(root, "tensor", "--task", "2.3")
    assert counts(done.stdout, "2.3 Task 3")[:7] == ["7", "4", "0", "3", "0", "0", "100.0%"]
    assert done.returncode == 0


def test_an_explanation_of_what_does_not_survive_is_refused(root: Path, rewrite: Rewrite) -> None:
    explain(root, NO_DIFFERENCE)
    rewrite(CHECKS, "import Counter", "import Counter, given")
    rewrite(CHECKS, "three() == 3", "three() == 3 and given(0.5) == 0")
    done = run(root, "tensor", "--task", "2.3")
    assert done.returncode == 1
    assert done.stdout.count("explains a fault that does not survive") == 2
    assert "    - return math.floor(value)\n    + return value\n" in done.stdout


def test_a_sample_says_nothing_of_what_it_left_out(root: Path) -> None:
    explain(root, NO_DIFFERENCE)
    done = run(root, "tensor", "--sample", "2")
    assert counts(done.stdout, "tensor")[0] == "2"
    assert "does not survive" not in done.stdout


def test_an_explanation_of_what_is_no_fault_is_refused(root: Path) -> None:
    explain(root, NO_DIFFERENCE.replace("return value", "return valeu"))
    done = run(root, "tensor", "--sample", "1")
    assert "explains a fault that does not survive, or is no fault" in done.stdout
    assert done.returncode == 1


def test_what_runs_forever_is_caught_and_told_apart(root: Path, rewrite: Rewrite) -> None:
    rewrite(
        STEPS,
        "def one() -> int:\n    return 1\n",
        "def one() -> int:\n    n = 0\n    while n < 1:\n        n += 1\n    return n\n",
    )
    done = run(root, "tensor", "--task", "2.1")
    assert counts(done.stdout, "2.1 Task 1")[2] == "3"  # no step, no way, or back


def test_a_module_that_its_own_tests_refuse_is_not_tried(root: Path, rewrite: Rewrite) -> None:
    rewrite(STEPS, "return 1", "return 5")
    done = run(root, "tensor")
    assert done.returncode == 1
    assert "02_tensor: its contract tests do not pass without a fault" in done.stdout
    assert "test_steps.py::test_1: " in done.stdout


def test_a_fault_that_other_processes_meet_is_caught(root: Path, rewrite: Rewrite) -> None:
    """The test does not call the function, but the Python that it starts does."""
    rewrite(CHECKS, "    assert one() == 1\n", OTHER_PROCESS)
    assert counts(run(root, "tensor", "--task", "2.1").stdout, "2.1 Task 1")[1] == "3"


OTHER_PROCESS = """\
    import subprocess, sys
    program = "from tinytorch.tensor.steps import one; assert one() == 1"
    subprocess.run([sys.executable, "-P", "-c", program], check=True)
"""


def test_a_module_that_is_not_there_is_refused(root: Path) -> None:
    done = run(root, "tenser")
    assert "no module is called tenser" in done.stderr
    assert done.returncode == 1
