"""What is said of a failure, whatever a student's code has made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinytorch_course.checking.explanation import explain
from tinytorch_course.checking.failure import Failure, describe
from tinytorch_course.checking.tried import Tried

RAISES = Tried("halve(3)", "ValueError", ["x = 3"])


@pytest.mark.parametrize("said", ["OddError", "<class 'a.b.OddError'>"])
def test_an_error_that_did_not_come(said):
    """As newer versions of pytest say it, and older ones."""
    failure = Failure("Failed", f"DID NOT RAISE {said}", tried=RAISES)
    assert explain(failure) == [
        "this should raise an OddError, and raises nothing",
        "in the check: halve(3)",
        "where x = 3",
    ]


def test_one_of_several_errors_that_did_not_come():
    for said in ("(IndexError, ValueError)", "any of (<class 'IndexError'>, <class 'ValueError'>)"):
        told = explain(Failure("Failed", f"DID NOT RAISE {said}"))[0]
        assert told == "this should raise an IndexError or ValueError, and raises nothing"


def test_words_that_only_look_like_pytests():
    assert explain(Failure("Failed", "DID NOT RAISE "))[0] == "DID NOT RAISE "
    nameless = Tried("f()", " or x")
    assert "which should raise" in explain(Failure("KeyError", "1", tried=nameless))[-1]


def test_an_error_with_other_words():
    message = "Regex pattern did not match.\n  Expected regex: 'odd'\n  Actual message: 'no'"
    assert explain(Failure("AssertionError", message)) == [
        "the error should say 'odd', but it says 'no'"
    ]


def test_very_many_blanks_take_no_time():
    message = "Regex pattern did not match.\n  Expected regex: 'odd'" + " " * 1_000_000
    assert len(explain(Failure("AssertionError", message))) == 1


def test_a_class_that_is_called_as_the_courts_own_words_are():
    kind = type("timeout", (Exception,), {})
    assert describe(kind("mine"), Path("/nowhere")).error == "class timeout"
