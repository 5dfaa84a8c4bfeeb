"""An explanation is whole, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from explained_survivors import ExplanationError, Fault, read

TEXT = """
[[survivor]]
function = "steps.given"
line = "return math.floor(value)"
becomes = ["return math.ceil(value)", "return value"]
equivalent = true
why = "Only whole numbers come here."
"""


def test_each_thing_that_a_line_becomes_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "mutants.toml"
    file.write_text(TEXT, encoding="utf-8")
    found = read(file)
    assert list(found) == [
        Fault("steps.given", "return math.floor(value)", after)
        for after in ("return math.ceil(value)", "return value")
    ]
    assert all(each.is_equivalent and each.why.startswith("Only") for each in found.values())


def test_without_a_file_nothing_is_explained(tmp_path: Path) -> None:
    assert read(tmp_path / "mutants.toml") == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('why = "Only whole numbers come here."', "", "steps.given: .* it needs why, a str"),
        ("Only whole numbers come here.", "", "it needs why"),
        ("equivalent = true", 'equivalent = "yes"', "it needs equivalent, a bool"),
        ('"return math.ceil(value)", "return value"', "", "it needs becomes"),
        ('"return math.ceil(value)"', '"return value"', "explained twice: return math.floor"),
        ("why =", "because = 1\nwhy =", "what is because?"),
    ],
)
def test_what_lacks_something_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TEXT
    file = tmp_path / "mutants.toml"
    file.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(ExplanationError, match=said):
        read(file)
