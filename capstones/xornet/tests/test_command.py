"""The capstone as its users run it."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from matplotlib.image import imread

from tinytorch_xornet.__main__ import main


def run(*args):
    return CliRunner().invoke(main, args)


def test_it_tells_the_story_and_draws(tmp_path):
    result = run("--output", str(tmp_path / "pictures"))
    assert result.exit_code == 0
    assert "4 of 4 right" in result.output
    assert "best has 3 of the 4" in result.output.replace("\n", " ")
    for name in ("boundary.png", "loss.png"):
        picture = imread(tmp_path / "pictures" / name)
        assert picture.shape[0] > 300
        assert picture[..., :3].std() > 0.05, "the picture is blank"
    assert sorted(p.name for p in (tmp_path / "pictures").iterdir()) == ["boundary.png", "loss.png"]


def test_json_is_all_that_is_printed(tmp_path):
    result = run("--json", "--seed", "7", "--hidden", "4", "--output", str(tmp_path))
    told = json.loads(result.output)
    assert result.exit_code == 0
    assert told["correct"] == 4
    assert told["seed"] == 7
    assert told["hidden"] == 4
    assert told["gradient_error"] < 1e-7
    assert told["linear_final_loss"] > 0.69
    assert [p > 0.5 for p in told["probabilities"]] == [False, True, True, False]
    assert len(told["pictures"]) == 2


def test_no_plot_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("--no-plot").exit_code == 0
    assert os.listdir(tmp_path) == []


def test_too_few_steps_fail_and_say_what_to_do():
    result = run("--no-plot", "--steps", "0")
    assert result.exit_code == 1
    assert "more --steps" in result.output


@pytest.mark.parametrize(
    "args",
    [
        ("--hidden", "0"),
        ("--lr", "0"),
        ("--steps", "-1"),
        ("--seed", "x"),
        ("--colour",),
        ("--lr", "nan"),
        ("--lr", "inf"),
        ("--hidden", "100000000000"),
    ],
)
def test_bad_options_are_refused(args):
    result = run(*args)
    assert result.exit_code == 2
    assert args[0] in result.output


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_console_can_show_it(encoding, tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tinytorch_xornet", "--no-plot"],
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "80"},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    text = done.stdout.decode(encoding)
    assert "4 of 4 right" in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_loss_that_leaves_the_numbers_is_told_and_is_still_json():
    told = run("--no-plot", "--lr", "1e300")
    assert told.exit_code == 1
    assert "smaller --lr" in told.output
    assert "right" not in told.output.split("probability of 1")[1].split("of 4 right")[0]
    result = json.loads(run("--no-plot", "--json", "--lr", "1e300").output, parse_constant=float)
    assert result["final_loss"] is None
    assert result["correct"] == 0


def test_json_has_no_nan():
    text = run("--no-plot", "--json", "--lr", "1e300").output
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_a_folder_that_cannot_be_made_is_refused_before_training(tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = run("--output", str(tmp_path / "file" / "pictures"))
    assert result.exit_code == 2
    assert "--output" in result.output


def test_wrong_gradients_are_said_to_be_wrong(monkeypatch):
    from tinytorch_xornet import __main__ as command

    monkeypatch.setattr(command, "worst_error", lambda *_: 3.4)
    output = run("--no-plot", "--steps", "1").output
    assert "disagrees" in output
    assert "tinytorch check" in output
    assert "agrees with central differences to" not in output
