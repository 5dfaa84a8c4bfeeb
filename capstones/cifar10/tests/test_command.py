"""The capstone as its users run it."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.image import imread
from PIL import Image
from safetensors.numpy import load_file
from tinytorch_cifar10.__main__ import main

from tinytorch.dataloader import Shapes

SMALL = ("--dataset", "shapes", "--epochs", "1", "--width", "2", "--batch-size", "250")
PICTURES = ("curves.png", "confusion.png", "predictions.png", "filters.png")


def run(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    folder = tmp_path_factory.mktemp("output")
    result = run(*SMALL, "--output", folder)
    assert result.exit_code == 0, result.output
    assert "of the test images right" in result.output
    return folder


def test_everything_is_written(output):
    for name in PICTURES:
        picture = imread(output / name)
        assert min(picture.shape[:2]) > 100
        assert picture[..., :3].std() > 0.02, f"{name} is blank"
    metrics = json.loads((output / "metrics.json").read_text())
    assert metrics["recipe"]["dataset"] == "shapes"
    assert sum(map(sum, metrics["confusion"])) == 1000
    assert len(metrics["epochs"]) == 1
    assert len((output / "epochs.csv").read_text().splitlines()) == 2
    assert list((output / "checkpoints").glob("step-*.safetensors"))
    assert not list(output.glob(".*")), "something was left aside"


def test_the_accuracy_is_that_of_the_confusions(output):
    metrics = json.loads((output / "metrics.json").read_text())
    confusion = np.array(metrics["confusion"])
    assert metrics["accuracy"] == pytest.approx(np.trace(confusion) / confusion.sum())
    last = metrics["epochs"][-1]
    assert metrics["accuracy"] == pytest.approx(last["validation_accuracy"], abs=0.003)


def test_predict_says_what_is_on_an_image(output, tmp_path):
    Image.fromarray(Shapes(train=False, size=1).images[0].transpose(1, 2, 0)).save(
        tmp_path / "shape.png"
    )
    path = tmp_path / "shape.png"
    told = run("predict", path, "--output", output)
    assert told.exit_code == 0, told.output
    assert told.output.startswith(f"{path}: ")
    assert told.output.count("%") == 3
    answers = json.loads(run("predict", path, "--output", output, "--json").output)
    assert answers[str(path)].keys() == set(Shapes(size=0).classes)
    assert sum(answers[str(path)].values()) == pytest.approx(1, abs=1e-4)


def test_predict_without_a_model_says_to_train(tmp_path):
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    told = run("predict", tmp_path / "a.png", "--output", tmp_path / "nowhere")
    assert told.exit_code == 1
    assert "train first" in told.output


def test_predict_of_another_file_names_it(output, tmp_path):
    (tmp_path / "a.png").write_text("no image")
    told = run("predict", tmp_path / "a.png", "--output", output)
    assert told.exit_code == 1
    assert "a.png: cannot be read as an image" in told.output


def test_a_model_of_something_else_is_refused(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"something")
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    told = run("predict", tmp_path / "a.png", "--output", tmp_path)
    assert told.exit_code == 1
    assert "is no model" in told.output


def test_json_is_all_that_is_printed(tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tinytorch_cifar10", *SMALL, "--json", "--no-plot"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["pictures"] == []
    assert 0 <= told["accuracy"] <= 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_any_console_can_show_it(encoding, tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tinytorch_cifar10", *SMALL, "--no-plot"],
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "80"},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert "of the test images right" in done.stdout.decode(encoding)


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


def test_a_time_budget_limits_the_epochs(tmp_path):
    told = run(*SMALL[:2], *SMALL[4:], "--epochs", 500, "--time-budget", 3, "--output", tmp_path)
    assert told.exit_code == 0, told.output
    recipe = json.loads((tmp_path / "recipe.json").read_text())
    assert 1 <= recipe["epochs"] < 500


def test_no_data_says_where_to_put_it(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "data_batch_1.bin").write_bytes(b"short")
    for name in ("data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"):
        (tmp_path / "data" / f"{name}.bin").write_bytes(bytes(3073))
    told = run("--data-dir", tmp_path / "data", "--output", tmp_path / "output")
    assert told.exit_code == 1
    assert "data_batch_1.bin" in told.output


def test_cifar10_is_read_from_a_folder(tmp_path):
    rng = np.random.default_rng(0)
    for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
        records = rng.integers(256, size=(60, 3073)).astype(np.uint8)
        records[:, 0] %= 10
        (tmp_path / f"{name}.bin").write_bytes(records.tobytes())
    small = ("--epochs", 1, "--width", 2, "--batch-size", 50, "--no-plot")
    told = run(*small, "--data-dir", tmp_path, "--output", tmp_path / "output")
    assert told.exit_code == 0, told.output
    assert "300 training images and 60 test images" in told.output
    assert "airplane" in told.output


@pytest.mark.parametrize(
    "args",
    [("--epochs", "0"), ("--width", "0"), ("--lr", "0"), ("--dataset", "dogs"), ("--shards", "0")],
)
def test_bad_options_are_refused(args):
    result = run(*args)
    assert result.exit_code == 2
    assert args[0] in result.output


def test_killed_and_resumed_it_ends_as_if_nothing_had_been(tmp_path):
    options = (*SMALL[:2], "--epochs", "4", *SMALL[4:], "--no-plot")
    command = [sys.executable, "-P", "-m", "tinytorch_cifar10", *options, "--output"]
    subprocess.run([*command, tmp_path / "whole"], check=True, capture_output=True)
    killed = subprocess.Popen(
        [*command, tmp_path / "killed"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for_checkpoints(tmp_path / "killed" / "checkpoints", 2, killed)
    killed.kill()
    assert killed.wait() != 0, "it had ended before it was killed"
    subprocess.run([*command, tmp_path / "killed", "--resume"], check=True, capture_output=True)
    whole, resumed = (load_file(tmp_path / n / "model.safetensors") for n in ("whole", "killed"))
    assert whole.keys() == resumed.keys()
    for name in whole:
        np.testing.assert_array_equal(whole[name], resumed[name], err_msg=name)


def wait_for_checkpoints(folder, count, process):
    """Until an epoch has been saved that often; the older ones are deleted meanwhile."""
    seen = set()
    while len(seen) < count:
        seen |= {path.name for path in folder.glob("step-*.safetensors")}
        assert process.poll() is None, "it ended too early"
        time.sleep(0.01)
