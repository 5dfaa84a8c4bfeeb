"""The command as a process: it imports nothing of the course, and writes to whatever is there."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from importlib_metadata import version

from tinytorch_course.cli import COMMANDS as NAMES

COMMANDS = [
    ("--version",),
    ("--help",),
    ("status",),
    ("status", "--json"),
    ("doctor",),
    ("doctor", "--json"),
    ("graph",),
    ("graph", "--dot"),
    ("graph", "--json"),
    ("graph", "networks"),
    ("run",),
    ("run", "--json"),
    ("run", "xornet"),
    ("run", "nothing"),
    ("start", "tensor"),
    ("start", "nothing"),
    ("check", "tensor"),
    ("check", "tensor", "--dependants"),
    ("check", "nothing"),
    ("nothing",),
]
WATCHED = """\
import json, os, sys
from tinytorch_course.cli import main
for arguments in json.loads(sys.argv[1]):
    sys.argv[1:] = arguments
    try:
        main()
    except SystemExit:
        pass
    watched = [each for each in sys.modules if each.partition(".")[0] in {"tinytorch", "numpy"}]
    print("loaded:", *arguments, *watched, file=sys.stderr)
"""


def watched(machine, commands, code: str = WATCHED) -> list[list[str]]:
    """For each command, what of the course was in its process when it was done."""
    done = subprocess.run(
        [machine.python, "-P", "-c", code, json.dumps(commands)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = [line.split() for line in done.stderr.splitlines() if line.startswith("loaded:")]
    assert len(lines) == len(commands)
    return [line[1 + len(command) :] for line, command in zip(lines, commands, strict=True)]


def test_the_course_is_never_imported(writer):
    writer.install_project("spatial")
    assert watched(writer, COMMANDS) == [[] for _ in COMMANDS]


def test_the_watch_can_see_an_import(part_1):
    code = WATCHED.replace("main()", "import tinytorch.tensor, numpy")
    assert watched(part_1, [("status",)], code) == [["tinytorch", "tinytorch.tensor", "numpy"]]


def test_its_version(machine):
    assert machine.invoke("--version").stdout == (
        f"tinytorch, version {version('tinytorch-course')}\n"
    )


@pytest.mark.parametrize("arguments", [("--help",), ("-h",)])
def test_help_lists_the_commands(machine, arguments):
    result = machine.invoke(*arguments)
    assert result.exit_code == 0
    names = re.findall(r"^  (\w+) ", result.stdout.split("Commands:")[1], re.MULTILINE)
    assert names == list(NAMES)


@pytest.mark.parametrize(
    ("typed", "meant"), [("stauts", "status"), ("doc", "doctor"), ("grpah", "graph")]
)
def test_a_typo_is_answered_with_the_nearest_command(machine, typed, meant):
    result = machine.invoke(typed)
    assert result.exit_code == 2
    assert f"Did you mean 'tinytorch {meant}'?" in result.stderr


def test_something_else_is_answered_with_the_commands_there_are(machine):
    result = machine.invoke("xyzzy")
    assert result.exit_code == 2
    listed = "There are status, start, check, update, swap,"
    assert listed in result.stderr


def test_an_unknown_option(machine):
    result = machine.invoke("status", "--jsn")
    assert result.exit_code == 2
    assert "--json" in result.stderr


PLAIN_C = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
SIGNS = set("✓◆✗○▸├└│─")


@pytest.mark.parametrize("settings", [{"LC_ALL": "C"}, PLAIN_C], ids=["C", "plain C"])
def test_the_c_locale(part_1, settings):
    """Python takes UTF-8 in its place, unless it is told not to."""
    part_1.environment = settings
    code, out, err = part_1.run("status")
    assert (code, err) == (0, b"")
    assert re.search(r"[✓+]  +1  setup", out.decode())


@pytest.mark.parametrize(
    ("encoding", "arguments"),
    [
        ("ascii", ("status",)),
        ("cp1252", ("status",)),
        ("cp437", ("status",)),
        ("utf-8", ("status",)),
        ("ascii", ("doctor",)),
        ("cp1252", ("graph", "networks")),
        ("ascii", ("graph", "networks")),
    ],
)
def test_any_encoding(part_1, encoding, arguments):
    """With a path that few encodings can write."""
    source = part_1.root / "Größe-張"
    package = part_1.write_package(source, "spatial", "1 / 0")
    part_1.environment = {"PYTHONPATH": str(source), "PYTHONIOENCODING": encoding}
    code, out, err = part_1.run(*arguments)
    assert err == b""
    assert code == (1 if arguments == ("doctor",) else 0)
    assert bool(SIGNS & set(out.decode(encoding))) == (encoding == "utf-8")
    if arguments != ("graph", "networks"):
        assert str(package / "__init__.py").encode(encoding, "backslashreplace") in out


@pytest.mark.parametrize("arguments", [("status",), ("graph", "--json"), ("--help",), ("doctor",)])
def test_a_reader_that_stops_reading(part_1, arguments):
    process = part_1.start(*arguments)
    process.stdout.close()
    err = process.stderr.read()
    process.wait(60)
    process.stderr.close()
    assert err == b""


def test_a_closed_pipe_that_no_library_notices(machine):
    code = (
        "import errno\nfrom tinytorch_course import cli\n"
        "def broken(**_):\n    raise OSError(errno.EPIPE, 'Broken pipe')\n"
        "cli.cli = broken\ncli.main()"
    )
    done = subprocess.run([machine.python, "-P", "-c", code], capture_output=True)
    assert (done.returncode, done.stderr) == (1, b"")


def test_no_colour_in_a_pipe(part_1):
    assert b"\x1b" not in part_1.run("status")[1]
    assert b"\x1b" not in part_1.run("doctor")[1]


def test_colour_where_it_is_wanted_and_not_where_it_is_not(part_1):
    part_1.environment = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    coloured = re.compile(rb"\x1b\[[0-9;]*3[0-9]m")
    assert coloured.search(part_1.run("status")[1])
    part_1.environment |= {"NO_COLOR": "1"}
    assert not coloured.search(part_1.run("status")[1])


def test_long_lines_are_not_wrapped_in_a_pipe(part_1):
    part_1.environment = {"COLUMNS": "40"}
    part_1.write_package(part_1.site, "spatial")
    origin = part_1.json("status").modules[5].origin
    assert origin.encode() in part_1.run("status")[1]


def test_the_console_script(machine):
    """It is what `tinytorch` on the command line is."""
    from importlib_metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="tinytorch")
    assert script.value == "tinytorch_course.cli:main"
    code = f"import sys; from {script.module} import main; sys.argv[0] = 'tinytorch'; main()"
    done = subprocess.run([machine.python, "-P", "-c", code, "--version"], capture_output=True)
    assert done.stdout.startswith(b"tinytorch, version ")


def test_a_python_that_does_not_start_is_told(part_1, monkeypatch):
    part_1.write(part_1.site / "a.pth", "import os; os._exit(4)\n")
    result = part_1.invoke("status")
    assert result.exit_code == 1
    assert "exit code 4" in result.stderr


def test_what_python_prints_when_it_starts_does_no_harm(part_1):
    part_1.write(part_1.site / "a.pth", "import sys; print('hello')\n")
    assert part_1.invoke("status").exit_code == 0
