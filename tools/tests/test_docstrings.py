"""Docstrings become reStructuredText that says the same."""

from __future__ import annotations

import pytest

from docstrings import to_rst


def rst(text: str) -> str:
    return "\n".join(to_rst(text.splitlines())).rstrip("\n")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Adds `a` and `b`.", r"Adds \ ``a``\  and \ ``b``\ ."),
        ("For |x| <= 1 and x_ * y", r"For \|x\| <= 1 and x\_ \* y"),
        ("A *view* of it (*view*)", "A *view* of it (*view*)"),
        ("a*b*c and 2 * x * y", r"a\*b\*c and 2 \* x \* y"),
        ("`**kwargs`s", r"\ ``**kwargs``\ s"),
        (
            "Do it.\n\nx: what comes in\ny, z: what goes out",
            "Do it.\n\n- ``x``: what comes in\n- ``y, z``: what goes out",
        ),
        (
            "Do it.\n\nx: what comes in,\n    and more of it",
            "Do it.\n\n- ``x``: what comes in,\n  and more of it",
        ),
        ("The formula:\n\n    y = x * w", "The formula:\n\n::\n\n    y = x * w"),
        ("The formula:\n    y = x * w\nholds.", "The formula:\n\n::\n\n    y = x * w\n\nholds."),
    ],
)
def test_a_docstring_is_read_as_it_is_meant(written: str, read: str) -> None:
    assert rst(written) == read


def test_the_first_paragraph_is_never_a_list_of_arguments() -> None:
    assert (
        rst("Networks: module 05. Layers in sequence.")
        == "Networks: module 05. Layers in sequence."
    )


def test_arguments_that_share_a_line_are_items_of_their_own() -> None:
    text = "Do it.\n\nx: what is done. bias: whether there is a b."
    assert rst(text).splitlines()[2:] == [
        "- ``x``: what is done.",
        "- ``bias``: whether there is a b.",
    ]
