"""What a check is called does not hang on what a student's function is called within."""

from __future__ import annotations

import pytest
from made_up import write

from tinytorch_course.apart.judging import judge_apart
from tinytorch_course.checking.judging import Limits, judge
from tinytorch_course.checking.launching import AsTheUser

CHECKS = """\
import pytest

from tinytorch.tensor import Tensor, double


@pytest.mark.parametrize("function", [double, abs, lambda x: 2 * x, Tensor])
def test_it(function):
    assert function is abs or function is Tensor or function(2) == 4
"""
PLAIN = "class Tensor: pass\n\n\ndef double(x):\n    return 2 * x\n"
WRAPPED = PLAIN + (
    "\n\ndef checked(function):\n    def inner(*args):\n        return function(*args)\n"
    "    return inner\n\n\ndouble = checked(double)\nTensor = type('Other', (Tensor,), {})\n"
)
IDS = [f"test_it.py::test_it[{name}]" for name in ("function0", "abs", "function1", "function2")]
LIMITS = Limits(check=20, total=120)


@pytest.fixture
def place(tmp_path):
    """A folder with checks, and a way to write the module that they judge."""
    folder = tmp_path.resolve()
    write(folder / "checks" / "test_it.py", CHECKS)
    return folder


def outcomes(place, code, is_apart, ids):
    source = place / "src"
    write(source / "tinytorch" / "tensor" / "__init__.py", code)
    parts = ("tinytorch.tensor", source)
    if is_apart:
        rest = (place / "checks", {"1": ids}, LIMITS, AsTheUser(), 1)
        return judge_apart(*parts, [source], *rest).outcomes
    return judge(*parts, place / "checks", {"1": ids}, LIMITS).outcomes


@pytest.mark.parametrize("is_apart", [False, True])
@pytest.mark.parametrize("code", [PLAIN, WRAPPED], ids=["plain", "wrapped"])
def test_functions_of_any_name(place, code, is_apart):
    found = outcomes(place, code, is_apart, IDS)
    assert {name: each.passed for name, each in found.items()} == dict.fromkeys(IDS, True)


def test_a_check_that_is_not_there_is_told_as_that(place):
    found = outcomes(place, PLAIN, False, [*IDS, "test_it.py::test_other"])
    failure = found["test_it.py::test_other"].failure
    assert failure is not None
    assert (failure.error, failure.message) == (
        "not run",
        "no check of this name was found beside the code",
    )


def test_a_check_that_was_not_reached_is_told_as_that(place):
    code = PLAIN.replace("return 2", "import pytest; pytest.exit('enough'); return 2")
    found = outcomes(place, code, False, IDS)
    failure = found[IDS[-1]].failure
    assert failure is not None
    assert failure.message == "something ended the checks before it was this one's turn"
