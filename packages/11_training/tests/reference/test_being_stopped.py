"""Real processes, ended by real signals: what is left goes on to the bit."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tinytorch.training import latest_checkpoint, load_state

SCRIPT = Path(__file__).with_name("run_of_six_epochs.py")
STEPS_PER_EPOCH = 8


def begin(folder: Path, epochs: int, result: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(SCRIPT), str(folder), str(epochs), str(result), *options]
    return with_control_c(command, {**os.environ, "OMP_NUM_THREADS": "1"})


def with_control_c(command: list[str], environment: Any = None) -> subprocess.Popen[str]:
    """A process that heeds Ctrl-C, also where the tests run in the background and ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)
    finally:
        signal.signal(signal.SIGINT, before)


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out + err


def wait_for_step(process: subprocess.Popen[str], step: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == f"step {step}":
            return
    raise AssertionError(f"it ended before step {step}: {process.communicate()[1]}")


def wait_for_a_write(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while not any(folder.glob("*.part")):
        assert time.monotonic() < deadline, "no write has begun"


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()
    assert process.returncode != 0, "it had ended before it was killed"


def check_same(found: Any, expected: Any, where: str = "") -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for key in expected:
            check_same(found[key], expected[key], f"{where}/{key}")
    elif isinstance(expected, np.ndarray):
        assert found.tobytes() == expected.tobytes(), f"{where} differs"
    else:
        assert found == expected, where


@pytest.fixture(scope="module", params=[(), ("shards",)], ids=["one thread", "shards"])
def options(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module")
def through(options: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Six epochs in one go."""
    folder = tmp_path_factory.mktemp("through")
    finish(begin(folder / "checkpoints", 6, folder / "result", *options))
    return load_state(folder / "result")


def test_killed_in_the_fourth_epoch(options: Any, through: Any, tmp_path: Path) -> None:
    folder, result = tmp_path / "checkpoints", tmp_path / "result"
    process = begin(folder, 6, result, *options)
    wait_for_step(process, 3 * STEPS_PER_EPOCH + 3)
    kill(process)
    latest = latest_checkpoint(folder)
    assert latest is not None
    assert load_state(latest)["progress"]["epoch"] == 3
    finish(begin(folder, 6, result, *options))
    check_same(load_state(result), through)


def test_killed_again_and_again(options: Any, through: Any, tmp_path: Path) -> None:
    """At moments that nobody chose, some of them within the writing of a checkpoint."""
    folder, result = tmp_path / "checkpoints", tmp_path / "result"
    chance = Random(11)
    for step in (5, 17, 23, 38):
        process = begin(folder, 6, result, *options)
        done = load_state(latest)["progress"]["step"] if (latest := has_any(folder)) else 0
        wait_for_step(process, max(step, done + 1))
        time.sleep(chance.uniform(0, 0.02))
        kill(process)
    finish(begin(folder, 6, result, *options))
    check_same(load_state(result), through)


def has_any(folder: Path) -> Path | None:
    return latest_checkpoint(folder) if folder.is_dir() else None


def test_killed_while_a_checkpoint_is_written(tmp_path: Path) -> None:
    """Each process is killed as soon as a write of 8 MB is seen to have begun: there is a whole
    file of the steps that had been told, and a piece, which the next run clears away."""
    folder, result = tmp_path / "checkpoints", tmp_path / "result"
    pieces = 0
    least = 1
    for _ in range(8):
        process = begin(folder, 100, result, "heavy")
        wait_for_step(process, least + 2)
        wait_for_a_write(folder)
        kill(process)
        pieces += len(list(folder.glob("*.part")))
        latest = latest_checkpoint(folder)
        assert latest is not None
        done = load_state(latest)["progress"]["step"]
        assert done >= least + 1, f"step {least + 2} had been told, but the file is of step {done}"
        least = done
    assert pieces, "no kill met a write: the test has shown nothing"


def test_control_c_ends_behind_the_step_and_goes_on(
    options: Any, through: Any, tmp_path: Path
) -> None:
    folder, result = tmp_path / "checkpoints", tmp_path / "result"
    process = begin(folder, 6, result, *options)
    wait_for_step(process, 2 * STEPS_PER_EPOCH + 3)
    process.send_signal(signal.SIGINT)
    told = finish(process)
    assert "done interrupted" in told
    assert "Stopping after this step" in told
    assert "resume" in told
    latest = latest_checkpoint(folder)
    assert latest is not None
    progress = load_state(latest)["progress"]
    assert progress["epoch"] == 2
    assert 3 <= progress["batch"] < STEPS_PER_EPOCH, "it stopped within the third epoch"
    finish(begin(folder, 6, result, *options))
    check_same(load_state(result), through)


HANGING = """
import sys, time
from tinytorch.layers import Linear
from tinytorch.optimizers import SGD
from tinytorch.tensor import ones
from tinytorch.training import Trainer, mse_loss

def batches():
    print("step 1", flush=True)
    for _ in range(3000):
        time.sleep(0.02)
    yield ones(2, 1), ones(2, 1)

model = Linear(1, 1)
Trainer(model, SGD(model.parameters(), lr=0.1), mse_loss).fit(batches())
print("went on")
"""


def test_a_second_control_c_ends_at_once() -> None:
    """The loader sleeps for a minute: no step ends that the first one could stop behind."""
    process = with_control_c([sys.executable, "-c", HANGING])
    wait_for_step(process, 1)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None, "the first Ctrl-C should wait for the step"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in err
    assert "went on" not in out
    assert process.returncode != 0
