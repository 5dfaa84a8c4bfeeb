"""`tinytorch run`: finds capstones, starts them, and passes everything through."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

import made_up
import pytest

TELL = """\
import json, sys
print(json.dumps({"arguments": sys.argv[1:], "input": sys.stdin.read(), "path": sys.path[0]}))
print("to stderr", file=sys.stderr)
sys.exit(5)
"""


@pytest.fixture
def telling(part_1):
    """A capstone that says how it was started."""
    part_1.write_package(part_1.site, "xornet", main=TELL)
    return part_1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--help",),
        ("-h",),
        ("--json",),
        ("--version",),
        ("--seed", "3", "--", "-x", "--"),
        ("*", "a b", "", 'quo"te', "ünï", "--steps=5"),
    ],
)
def test_arguments_streams_and_exit_code_pass_through(telling, arguments):
    import json

    code, out, err = telling.run("run", "xornet", *arguments, stdin=b"some input")
    assert code == 5
    assert err.replace(b"\r", b"") == b"to stderr\n"
    told = json.loads(out)
    assert told["arguments"] == list(arguments)
    assert told["input"] == "some input"


def test_the_working_folder_is_not_on_the_path(telling, monkeypatch):
    telling.write_package(telling.root / "elsewhere", "tensor", "raise SystemExit(9)")
    telling.write(telling.root / "elsewhere" / "json.py", "raise SystemExit(9)")
    assert telling.run("run", "xornet")[0] == 5


def test_success_is_zero(part_1):
    assert part_1.run("run", "xornet") == (0, b"", b"")


def test_it_runs_on_the_students_module(part_1):
    shutil.rmtree(part_1.site / "tinytorch" / "tensor")
    shutil.rmtree(part_1.site / "tinytorch_tensor-0.1.0.dist-info")
    part_1.install_project("tensor", code="whose = 'mine'")
    main = "import tinytorch.tensor; print(tinytorch.tensor.whose)"
    part_1.write_package(part_1.site, "xornet", main=main)
    assert part_1.run("run", "xornet")[1].split() == [b"mine"]


OWN_MODULE = """\
def relu(x):
    return outer(lambda: x / 0)


def outer(function):
    return function()
"""


@pytest.fixture
def own(part_1):
    """Where activations is the student's own, and the capstone uses it."""
    shutil.rmtree(part_1.site / "tinytorch" / "activations")
    shutil.rmtree(part_1.site / "tinytorch_activations-0.1.0.dist-info")
    part_1.install_project("activations", code=OWN_MODULE)
    main = "import tinytorch.tensor, tinytorch.activations\n\ntinytorch.activations.relu(1)\n"
    part_1.write_package(part_1.site, "xornet", main=main)
    return part_1


def ended(machine) -> list[str]:
    """What stands on stderr after an error."""
    code, out, err = machine.run("run", "xornet")
    assert (code, out) == (1, b"")
    lines = err.decode().splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "tinytorch_course" not in err.decode()
    return lines


def file_of(machine, name: str) -> str:
    project = machine.root / "my work" / name
    return str(project / "src" / "tinytorch" / name / "__init__.py")


def pointer(machine, name: str, line: int) -> list[str]:
    return [
        "",
        f"The error comes out of your own tinytorch.{name}: {file_of(machine, name)}, line {line}.",
        f"See what its checks say:  tinytorch check {name}",
        f"Bring back the reference:  tinytorch restore {name}",
    ]


def test_an_error_in_ones_own_module_is_shown_and_whose_it_is(own):
    lines = ended(own)
    assert lines[1].endswith('__main__.py", line 3, in <module>')
    assert lines[-5] == "ZeroDivisionError: division by zero"
    assert lines[-4:] == pointer(own, "activations", 2)


def test_a_file_that_is_no_python_is_named_though_no_line_of_it_ran(own):
    own.write_package(own.root / "my work" / "activations" / "src", "activations", "x = 1\ndef (\n")
    lines = ended(own)
    assert lines[-5] == "SyntaxError: invalid syntax"
    assert lines[-4:] == pointer(own, "activations", 2)


def test_of_two_modules_of_ones_own_the_inner_one_is_named(own):
    shutil.rmtree(own.site / "tinytorch" / "tensor")
    shutil.rmtree(own.site / "tinytorch_tensor-0.1.0.dist-info")
    own.install_project("tensor", code="def divide(x):\n    return x / 0\n")
    code = "import tinytorch.tensor\n\n\ndef relu(x):\n    return tinytorch.tensor.divide(x)\n"
    own.write_package(own.root / "my work" / "activations" / "src", "activations", code)
    assert ended(own)[-4:] == pointer(own, "tensor", 2)


def test_an_error_that_a_reference_tells_of_ones_own_is_ones_own(own):
    main = """\
import tinytorch.activations

try:
    tinytorch.activations.relu(1)
except ZeroDivisionError as error:
    raise RuntimeError("no training") from error
"""
    own.write_package(own.site, "xornet", main=main)
    assert ended(own)[-4:] == pointer(own, "activations", 2)


@pytest.mark.parametrize("name", ["xornet", "tensor"])
def test_an_error_in_what_is_installed_is_not_ones_own(own, name):
    if name == "xornet":
        own.write_package(own.site, name, main="import tinytorch.activations\n1 / 0\n")
    else:
        own.write_package(own.site, name, "1 / 0\n")
    assert ended(own)[-1] == "ZeroDivisionError: division by zero"


def test_the_project_is_named_by_its_folder_where_its_module_is_material(own, monkeypatch):
    made_up.write_material(own.root / "material")
    project = own.root / "my work" / "activations"
    assert ended(own)[-2] == f'See what its checks say:  tinytorch check "{project}"'
    monkeypatch.chdir(project)
    assert ended(own)[-2] == "See what its checks say:  tinytorch check"


if os.name == "posix":  # Windows has neither process groups nor signals to send to one
    STUBBORN = """\
import sys, time
try:
    print("ready", flush=True)
    time.sleep(30)
except KeyboardInterrupt:
    time.sleep(0.2)
    print("saved", flush=True)
    sys.exit(7)
"""

    def interrupted(machine, main: str, number: signal.Signals) -> tuple[int, bytes, bytes]:
        """What is left when Ctrl-C reaches the whole group, as from a terminal."""
        machine.write_package(machine.site, "xornet", main=main)
        process = machine.start("run", "xornet", start_new_session=True)
        assert process.stdout.readline() == b"ready\n"
        if number is signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        out, err = process.communicate(timeout=20)
        return process.returncode, out, err

    def test_ctrl_c_waits_for_the_capstone(part_1):
        assert interrupted(part_1, STUBBORN, signal.SIGINT) == (7, b"saved\n", b"")

    def test_ctrl_c_on_a_capstone_that_does_not_mind_it(part_1):
        main = "import time; print('ready', flush=True); time.sleep(30)"
        code, out, err = interrupted(part_1, main, signal.SIGINT)
        assert (code, out) == (130, b"")
        assert err.count(b"Traceback") == 1  # the capstone's own, none of the command's

    def test_termination_reaches_the_capstone(part_1):
        main = "import time; print('ready', flush=True); time.sleep(30)"
        started = time.monotonic()
        assert interrupted(part_1, main, signal.SIGTERM) == (143, b"", b"")
        assert time.monotonic() - started < 20


def test_without_a_name_it_lists_them(part_1):
    lines = [line.split() for line in part_1.invoke("run").stdout.splitlines()]
    assert lines[0] == ["✓", "xornet", "XORNet", "tinytorch", "run", "xornet"]
    assert lines[2] == ["·", "tinygpt", "TinyGPT", "not", "yet", "released"]


def test_the_list_as_json(part_1):
    told = part_1.json("run").capstones
    assert [each.name for each in told] == ["xornet", "cifar10", "tinygpt"]
    assert [each.runnable for each in told] == [True, False, False]
    assert [each.module for each in told] == ["tinytorch_xornet", None, None]


def test_options_before_the_name_are_not_the_capstones(part_1):
    result = part_1.invoke("run", "--json", "xornet")
    assert result.exit_code == 2
    assert "after its name" in result.stderr


def test_a_capstone_that_is_not_installed(machine):
    result = machine.invoke("run", "xornet")
    assert result.exit_code == 1
    assert "'xornet' is not installed" in result.stderr
    assert "No capstone can run here yet." in result.stderr
    assert result.stderr.rstrip().endswith(" tinytorch-part1")
    assert machine.invoke("run").stdout.splitlines()[0].endswith(" tinytorch-part1")


def test_a_capstone_of_which_only_the_last_piece_is_missing(machine):
    machine.install("setup", "tensor", "activations", "layers", "networks")
    assert machine.invoke("run", "xornet").stderr.rstrip().endswith(" tinytorch-xornet")


def test_a_capstone_whose_module_is_missing(part_1):
    shutil.rmtree(part_1.site / "tinytorch" / "layers")
    shutil.rmtree(part_1.site / "tinytorch_layers-0.1.0.dist-info")
    result = part_1.invoke("run", "xornet")
    assert result.exit_code == 1
    assert "not what it needs: layers" in result.stderr
    assert result.stderr.rstrip().endswith(" tinytorch-layers")


def test_a_capstone_whose_module_is_hollow(part_1):
    shutil.rmtree(part_1.site / "tinytorch" / "layers")
    result = part_1.invoke("run", "xornet")
    assert result.stderr.rstrip().endswith("tinytorch doctor")


def test_an_unreleased_capstone(part_1):
    result = part_1.invoke("run", "tinygpt")
    assert result.exit_code == 1
    assert "not yet released" in result.stderr
    assert "You can run here: xornet." in result.stderr


def test_a_typo(part_1):
    result = part_1.invoke("run", "xornett")
    assert result.exit_code == 1
    assert "No capstone is called 'xornett'. Did you mean 'xornet'?" in result.stderr
    assert "tinytorch run" in result.stderr


def test_a_module_is_not_a_capstone(part_1):
    assert "No capstone is called 'tensor'." in part_1.invoke("run", "tensor").stderr


def test_somebody_elses_capstone(part_1):
    part_1.write(part_1.site / "mnist" / "__main__.py", "print('digits')")
    part_1.write(part_1.site / "mnist" / "__init__.py", "")
    part_1.write_metadata("mnist", "1.0", [], "[tinytorch.capstones]\nmnist = mnist\n")
    assert part_1.run("run", "mnist")[1].split() == [b"digits"]
    lines = [line.split() for line in part_1.invoke("run").stdout.splitlines()]
    assert lines[3] == ["✓", "mnist", "tinytorch", "run", "mnist"]


def test_a_reader_that_goes_away_ends_the_capstone_alone(part_1):
    part_1.write_package(part_1.site, "xornet", main="print('x' * 10**6)")
    process = part_1.start("run", "xornet", stdin=subprocess.DEVNULL)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) != 0
    assert b"tinytorch_course" not in err
