"""What is written about a training, read back by those that it is for."""

import csv
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tinytorch.layers import Linear
from tinytorch.optimizers import SGD, StepLR
from tinytorch.tensor import Tensor
from tinytorch.training import (
    Callback,
    Checkpoint,
    CSVLogger,
    LearningRateMonitor,
    ProgressBar,
    TensorBoardLogger,
    Trainer,
    mse_loss,
    plot_history,
)


def data(batches: int = 3) -> list[Any]:
    draws = np.random.default_rng(0)
    numbers = draws.standard_normal((batches, 4, 3)).astype(np.float32)
    return [(Tensor(x[:, :2]), Tensor(x[:, 2:])) for x in numbers]


def trainer_of(*callbacks: Callback, **options: Any) -> Trainer:
    model = Linear(2, 1)
    return Trainer(model, SGD(model.parameters(), lr=0.1), mse_loss, callbacks=callbacks, **options)


# On the screen


def written(encoding: str, terminal: bool, epochs: int = 2) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True, newline="")
    console = Console(file=stream, force_terminal=terminal, width=100, soft_wrap=True)
    trainer_of(ProgressBar(console)).fit(data(), data(), epochs)
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_a_bar_on_a_terminal(encoding: str) -> None:
    told = written(encoding, terminal=True)
    assert "epoch 2/2" in told
    assert "validation_loss" in told
    assert "3/3" in told


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_plain_lines_elsewhere(encoding: str) -> None:
    lines = written(encoding, terminal=False).splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert all(line.isascii() and "\x1b" not in line for line in lines)
    assert all("  loss " in line and "  validation_loss " in line for line in lines)


def test_standard_output_without_a_console(capsys: pytest.CaptureFixture[str]) -> None:
    trainer_of(ProgressBar()).fit(data())
    assert capsys.readouterr().out.startswith("epoch 1/1  loss ")


def test_why_it_stopped_whatever_the_words(capsys: pytest.CaptureFixture[str]) -> None:
    class Stopping(Callback):
        def on_batch_end(self, trainer: Trainer) -> None:
            trainer.stop("[bold]enough[/]")

    trainer_of(ProgressBar(), Stopping()).fit(data())
    assert capsys.readouterr().out == "stopped: [bold]enough[/]\n"


def test_the_bar_ends_when_something_goes_wrong() -> None:
    class Failing(Callback):
        def on_batch_end(self, trainer: Trainer) -> None:
            raise OSError("gone")

    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True)
    with pytest.raises(OSError, match="gone"):
        trainer_of(ProgressBar(console), Failing()).fit(data())
    hidden, shown = "\x1b[?25l", "\x1b[?25h"
    assert stream.getvalue().rindex(shown) > stream.getvalue().rindex(hidden), "the cursor"


def test_a_loader_that_does_not_know_its_length() -> None:
    stream = io.StringIO()
    bar = ProgressBar(Console(file=stream, force_terminal=True))
    trainer_of(bar).fit(iter(data()))
    assert "epoch 1/1" in stream.getvalue()


# Learning rates


def test_the_learning_rate_of_each_epoch_and_step() -> None:
    model = Linear(2, 1)
    groups = [{"params": [model.weight]}, {"params": [model.bias], "lr": 1.0}]
    optimizer = SGD(groups, lr=0.5)
    monitor = LearningRateMonitor()
    options: Any = {"scheduler": StepLR(optimizer, 2, 0.5), "scheduler_every": "step"}
    Trainer(model, optimizer, mse_loss, callbacks=[monitor], **options).fit(data(), epochs=1)
    assert monitor.steps == [[0.5, 1.0], [0.5, 1.0], [0.25, 0.5]]
    trainer = trainer_of(LearningRateMonitor())
    trainer.scheduler = StepLR(trainer.optimizer, 2, 0.5)
    trainer.fit(data(), epochs=3)
    assert trainer.history["learning_rate"] == [0.1, 0.1, 0.05]


def test_a_learning_rate_for_each_group() -> None:
    model = Linear(2, 1)
    optimizer = SGD([{"params": [model.weight]}, {"params": [model.bias], "lr": 1.0}], lr=0.5)
    trainer = Trainer(model, optimizer, mse_loss, callbacks=[LearningRateMonitor()])
    row = trainer.fit(data()).rows[0]
    assert (row["learning_rate_0"], row["learning_rate_1"]) == (0.5, 1.0)


# Tables and TensorBoard


def test_a_csv_file_that_has_each_epoch_once(tmp_path: Path) -> None:
    file, folder = tmp_path / "new" / "log.csv", tmp_path / "checkpoints"
    trainer_of(CSVLogger(file), Checkpoint(folder)).fit(data(), data(), 2)
    resumed = trainer_of(LearningRateMonitor(), CSVLogger(file), Checkpoint(folder))
    history = resumed.fit(data(), data(), 4, resume=folder)
    with file.open(newline="", encoding="utf-8") as lines:
        found = list(csv.DictReader(lines))
    assert [row["epoch"] for row in found] == ["1", "2", "3", "4"]
    assert [float(row["validation_loss"]) for row in found] == history["validation_loss"]
    assert [row["learning_rate"] for row in found] == ["", "", "0.1", "0.1"]


def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    """The first run is stopped behind its checkpoint; what it wrote of later steps is dropped."""

    class Failing(Callback):
        def on_batch_end(self, trainer: Trainer) -> None:
            if trainer.step == 5:
                raise OSError("gone")

    board, folder = tmp_path / "board", tmp_path / "checkpoints"
    with pytest.raises(OSError, match="gone"):
        trainer_of(TensorBoardLogger(board), Checkpoint(folder), Failing()).fit(data(), data(), 3)
    losses: list[float] = []

    class Listening(Callback):
        def on_batch_end(self, trainer: Trainer) -> None:
            losses.append(trainer.loss)

    resumed = trainer_of(TensorBoardLogger(board), Listening())
    history = resumed.fit(data(), data(), 3, resume=folder)
    events = EventAccumulator(str(board))
    events.Reload()
    steps = events.Scalars("step/loss")
    assert [event.step for event in steps] == list(range(1, 10))
    assert [event.value for event in steps[3:]] == pytest.approx(losses)
    epochs = events.Scalars("epoch/validation_loss")
    assert [event.step for event in epochs] == [3, 6, 9]
    assert [event.value for event in epochs] == pytest.approx(history["validation_loss"])


@pytest.mark.parametrize("missing", ["tensorboardX", "matplotlib.figure"])
def test_what_is_not_installed_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    extra = "tensorboard" if missing == "tensorboardX" else "plots"
    with pytest.raises(ImportError, match=rf"pip install tinytorch-training\[{extra}\]"):
        TensorBoardLogger("folder") if extra == "tensorboard" else plot_history(
            trainer_of().history
        )


# Curves


def test_curves_of_training_and_validation_meet() -> None:
    trainer = trainer_of(LearningRateMonitor())
    history = trainer.fit(data(), data(), 3)
    axes = plot_history(history).axes
    assert [axis.get_title() for axis in axes] == ["loss", "learning_rate"]
    curves = {line.get_label(): list(line.get_ydata()) for line in axes[0].get_lines()}
    assert curves == {"loss": history["loss"], "validation_loss": history["validation_loss"]}
    assert list(axes[0].get_lines()[0].get_xdata()) == [1, 2, 3]


def test_chosen_curves(tmp_path: Path) -> None:
    history = trainer_of().fit(data(), epochs=2)
    figure = plot_history(history, ["seconds"])
    figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 1000
    with pytest.raises(KeyError, match="accuracy"):
        plot_history(history, ["accuracy"])
    assert plot_history(trainer_of().history).axes
