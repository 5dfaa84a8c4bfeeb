"""What is shown of a text on a console that cannot show all of it."""

import pytest
from tinytorch_tinygpt.showing import shown


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("fox\n\tand owl", "ascii", "fox\n\tand owl"),
        ("naïve\ufffd", "ascii", "na?ve?"),
        ("naïve", "cp1252", "naïve"),
        ("bell\x07, escape\x1b[2J", "utf-8", "bell?, escape?[2J"),
        ("a\u202eb", "utf-8", "a?b"),
    ],
)
def test_nothing_controls_the_console(text, encoding, expected):
    assert shown(text, encoding) == expected
