"""The capstone as its users run it."""

import json
import os
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from matplotlib.image import imread
from tinytorch_tinygpt.__main__ import main

SMALL = (
    *("--steps", "4", "--layers", "1", "--heads", "2", "--width", "16", "--context", "16"),
    *("--batch-size", "4", "--vocabulary", "300"),
)


def run(*args, **options):
    return CliRunner().invoke(main, [str(arg) for arg in args], **options)


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    folder = tmp_path_factory.mktemp("output")
    result = run(*SMALL, "--output", folder)
    assert result.exit_code == 0, result.output
    assert "accepted by the stories' grammar" in result.output
    return folder


def test_everything_is_written(output):
    picture = imread(output / "curves.png")
    assert min(picture.shape[:2]) > 100
    assert picture[..., :3].std() > 0.02, "curves.png is blank"
    metrics = json.loads((output / "metrics.json").read_text())
    assert metrics["recipe"]["dataset"] == "stories"
    assert 0 < metrics["loss"] < 8
    assert 0 <= metrics["grammatical"] <= 1
    assert len(metrics["looks"]) == 1
    assert metrics["sample"] == (output / "sample.txt").read_bytes().decode().removesuffix("\n")
    assert (output / "samples.txt").read_text(encoding="utf-8").startswith("== step 4, loss")
    assert len((output / "looks.csv").read_text().splitlines()) == 2
    assert list((output / "checkpoints").glob("step-*.safetensors"))
    names = {file.name for file in (output / "model").iterdir()}
    assert names == {"model.safetensors", "config.json", "tokenizer.json"}
    assert not list(output.glob(".*")), "something was left aside"


def test_chat_goes_on_with_a_prompt(output):
    for folder in (output, output / "model"):
        told = run("chat", folder, "--prompt", "One rainy", "--tokens", 5)
        assert told.exit_code == 0, told.output
        assert told.output.startswith("One rainy")
        assert len(told.output) > len("One rainy\n")


def test_chat_asks_line_by_line(output):
    told = run("chat", output, "--tokens", 3, input="Ada\nBruno\n\n")
    assert told.exit_code == 0, told.output
    assert told.output.count("> ") == 3
    assert "Ada" in told.output


def test_chat_is_the_same_for_the_same_seed(output):
    one, same, other = (
        run("chat", output, "--prompt", "Ada", "--seed", seed, "--tokens", 40).output
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_chat_stops_before_a_text(output):
    whole = run("chat", output, "--prompt", "Ada", "--tokens", 40).output
    written = whole.removeprefix("Ada").rstrip("\n")
    stop = written[5:7]
    told = run("chat", output, "--prompt", "Ada", "--tokens", 40, "--stop", stop).output
    assert told == f"Ada{written[: written.index(stop)]}\n"


def test_chat_without_a_model_says_to_train(tmp_path):
    told = run("chat", tmp_path, "--prompt", "a")
    assert told.exit_code == 1
    assert "train one first" in told.output


def test_a_prompt_with_characters_that_it_does_not_know(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("abcab " * 200, encoding="utf-8")
    told = run(*SMALL[:-2], "--vocabulary", 0, "--text", text, "--output", tmp_path / "output")
    assert told.exit_code == 0, told.output
    assert "grammar" not in told.output
    told = run("chat", tmp_path / "output", "--prompt", "z")
    assert told.exit_code == 1
    assert "'z'" in told.output


def test_a_text_that_is_too_short(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("short", encoding="utf-8")
    told = run(*SMALL[:-2], "--vocabulary", 0, "--text", text, "--output", tmp_path / "output")
    assert told.exit_code == 1
    assert "too short" in told.output


def test_heads_that_cannot_share_a_width(tmp_path):
    told = run("--heads", 3, "--width", 16, "--output", tmp_path)
    assert told.exit_code == 2
    assert "3 heads" in told.output


def test_json_is_all_that_is_printed(tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tinytorch_tinygpt", *SMALL, "--json", "--no-plot"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["pictures"] == []
    assert 0 <= told["grammatical"] <= 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_any_console_can_show_it(encoding, tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tinytorch_tinygpt", *SMALL, "--no-plot"],
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "80"},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert "accepted by the stories' grammar" in done.stdout.decode(encoding)


def test_a_second_training_does_not_destroy_the_first(output):
    told = run(*SMALL, "--output", output)
    assert told.exit_code == 1
    assert "--resume" in told.output


def test_resume_wants_the_same_recipe(output):
    told = run(*SMALL, "--output", output, "--resume", "--seed", "3")
    assert told.exit_code == 1
    assert "seed 0 there, 3 here" in told.output


def test_resume_wants_something_to_resume(tmp_path):
    told = run(*SMALL, "--output", tmp_path, "--resume")
    assert told.exit_code == 1
    assert "nothing to resume" in told.output


def test_a_time_budget_limits_the_steps(tmp_path):
    told = run(*SMALL[2:], "--steps", 200_000, "--time-budget", 4, "--output", tmp_path)
    assert told.exit_code == 0, told.output
    recipe = json.loads((tmp_path / "recipe.json").read_text())
    assert 100 <= recipe["steps"] < 200_000


def test_killed_and_resumed_it_ends_where_it_would_have(tmp_path):
    """kill -9 in the middle; --resume goes on from the last look, to the bit."""
    options = (*SMALL[2:], "--steps", "600", "--no-plot")
    command = [sys.executable, "-P", "-m", "tinytorch_tinygpt", *options]
    whole = subprocess.run(
        [*command, "--output", "whole"], cwd=tmp_path, capture_output=True, text=True
    )
    assert whole.returncode == 0, whole.stderr
    killed = subprocess.Popen(
        [*command, "--output", "killed"], cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    checkpoints, deadline = tmp_path / "killed" / "checkpoints", time.monotonic() + 120
    while not list(checkpoints.glob("step-*.safetensors")) and time.monotonic() < deadline:
        time.sleep(0.01)
    killed.kill()
    assert killed.wait() == -9
    resumed = subprocess.run(
        [*command, "--output", "killed", "--resume"], cwd=tmp_path, capture_output=True, text=True
    )
    assert resumed.returncode == 0, resumed.stderr
    one, other = (
        (tmp_path / name / "model" / "model.safetensors").read_bytes()
        for name in ("whole", "killed")
    )
    assert one == other
