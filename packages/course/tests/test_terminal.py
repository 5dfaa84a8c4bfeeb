"""What is written depends on where it goes."""

from __future__ import annotations

import io

import pytest

from tinytorch_course import terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def written(monkeypatch):
    """What a spinner and a coloured line write, on a stdout of this kind."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-color")

    def write(stdout: io.StringIO) -> str:
        monkeypatch.setattr("sys.stdout", stdout)
        console = terminal.console()
        with console.status("checking", spinner="line"):
            console.print("passed", style="red")
        return stdout.getvalue()

    return write


def test_a_terminal_moves_and_has_colours(written, monkeypatch):
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    said = written(Terminal())
    assert "checking" in said
    assert "\x1b[31mpassed" in said


def test_a_notebooks_cell_has_colours_and_nothing_moves(written, monkeypatch):
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    assert written(Terminal()) == "\x1b[31mpassed\x1b[0m\n"


def test_without_colours_where_they_are_not_wanted(written, monkeypatch):
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert written(Terminal()) == "passed\n"


def test_a_pipe_has_neither(written, monkeypatch):
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    assert written(io.StringIO()) == "passed\n"
