"""The command as a process: it imports nothing of the course, and writes to whatever is there."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from importlib_metadata import version

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
    ("nothing",),
]
WATCHED = """\
from tinytorch_course.cli import main
try:
    main()
finally:
    loaded = [name for name in sys.modules if name == "tinytorch" or name.startswith("tinytorch.")]
    print("loaded:", *loaded, *(["numpy"] if "numpy" in sys.modules else []), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_the_course_is_never_imported(part_1, arguments):
    part_1.install_project("spatial")
    done = subprocess.run(
        [part_1.python, "-P", "-c", WATCHED, *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.stderr.splitlines()[-1] == "loaded:"


def test_the_watch_can_see_an_import(part_1):
    watched = WATCHED.replace("    main()", "    import tinytorch.tensor")
    done = subprocess.run(
        [part_1.python, "-P", "-c", watched], capture_output=True, text=True, timeout=60
    )
    assert done.stderr.splitlines()[-1] == "loaded: tinytorch tinytorch.tensor"


def test_its_version(machine):
    assert machine.invoke("--version").stdout == (
        f"tinytorch, version {version('tinytorch-course')}\n"
    )


@pytest.mark.parametrize("arguments", [("--help",), ("-h",)])
def test_help_lists_the_commands(machine, arguments):
    result = machine.invoke(*arguments)
    assert result.exit_code == 0
    names = re.findall(r"^  (\w+) ", result.stdout.split("Commands:")[1], re.MULTILINE)
    assert names == ["status", "doctor", "graph", "run"]


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
    assert "There are status, doctor, graph and run." in result.stderr


def test_an_unknown_option(machine):
    result = machine.invoke("status", "--jsn")
    assert result.exit_code == 2
    assert "--json" in result.stderr


@pytest.mark.parametrize(
    "settings",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "cp437"},
        {"PYTHONIOENCODING": "utf-8"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "arguments", [("status",), ("graph", "networks"), ("doctor",)], ids=" ".join
)
def test_any_encoding(part_1, settings, arguments):
    """With a path in it that few encodings know."""
    project = part_1.root / "Größe-張"
    package = part_1.write_package(project / "src", "spatial", "1 / 0")
    (part_1.site / "spatial.pth").write_text(f"{project / 'src'}\n", encoding="utf-8")
    part_1.environment = {"PYTHONUTF8": "1", **settings}
    code, out, err = part_1.run(*arguments)
    assert err == b""
    assert code == (1 if arguments == ("doctor",) else 0)
    encoding = settings.get("PYTHONIOENCODING", "utf-8")
    text = out.decode("ascii" if "PYTHONUTF8" in settings else encoding)
    if encoding != "utf-8" or "PYTHONUTF8" in settings:
        assert not set(text) & set("✓◆✗○▸├└│─")
    if arguments == ("status",):
        assert re.search(r"[✓+]  +1  setup", text)
        assert str(package)[-5:] in text


@pytest.mark.parametrize("arguments", COMMANDS[:-3], ids=" ".join)
def test_a_reader_that_stops_reading(part_1, arguments):
    process = part_1.start(*arguments)
    process.stdout.close()
    err = process.stderr.read()
    process.wait(60)
    process.stderr.close()
    assert err == b""


@pytest.mark.parametrize(
    "arguments", [("status",), ("graph",), ("doctor",), ("run",)], ids=" ".join
)
def test_no_colour_in_a_pipe(part_1, arguments):
    assert b"\x1b" not in part_1.run(*arguments)[1]


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
    part_1.write(part_1.site / "sitecustomize.py", "import os; os._exit(4)")
    result = part_1.invoke("status")
    assert result.exit_code == 1
    assert "exit code 4" in result.stderr


def test_what_python_prints_when_it_starts_does_no_harm(part_1):
    part_1.write(part_1.site / "sitecustomize.py", "print('hello')")
    assert part_1.invoke("status").exit_code == 0


def test_json_of_every_command_is_one_document(part_1):
    for arguments in (("status",), ("doctor",), ("graph",), ("run",)):
        code, out, err = part_1.run(*arguments, "--json")
        assert (code, err) == (0, b"")
        assert isinstance(json.loads(out), dict)
