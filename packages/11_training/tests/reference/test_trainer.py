"""The trainer's order of things: stopping, resuming, and what it refuses."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinytorch.tensor as tt
from tinytorch.dataloader import DataLoader, TensorDataset
from tinytorch.layers import Linear, Module
from tinytorch.networks import MLP
from tinytorch.optimizers import SGD, AdamW, LinearLR, OneCycleLR, ReduceLROnPlateau
from tinytorch.tensor import Tensor
from tinytorch.training import (
    Accuracy,
    Callback,
    Checkpoint,
    ConfusionMatrix,
    CrossEntropyLoss,
    EarlyStopping,
    Trainer,
    latest_checkpoint,
    load_model,
    load_state,
    mse_loss,
)


def data(count: int = 40, generator: Any = None, batch_size: int = 8) -> DataLoader:
    draws = np.random.default_rng(0)
    x = draws.standard_normal((count, 4)).astype(np.float32)
    y = (x.sum(axis=1) > 0).astype(np.int64)
    dataset = TensorDataset(Tensor(x), Tensor(y))
    return DataLoader(dataset, batch_size, shuffle=True, generator=generator)


def network(seed: int = 1) -> Module:
    tt.manual_seed(seed)
    return MLP(4, [8], 2)


def trainer_of(model: Module, *callbacks: Callback, **options: Any) -> Trainer:
    optimizer = AdamW(model.parameters(), lr=0.05)
    return Trainer(model, optimizer, CrossEntropyLoss(), callbacks=callbacks, **options)


def values(model: Module) -> list[Any]:
    return [x.numpy().tobytes() for x in model.state_dict().values()]


def rows(trainer: Trainer) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k != "seconds"} for row in trainer.history]


class StopAt(Callback):
    def __init__(self, step: int) -> None:
        self.at = step

    def on_batch_end(self, trainer: Trainer) -> None:
        if trainer.step == self.at:
            trainer.stop("enough")


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("own_generator", [True, False])
@pytest.mark.parametrize("step", [1, 3, 4, 5, 7])
def test_stopped_anywhere_and_resumed(
    step: int, own_generator: bool, accumulate: int, tmp_path: Path
) -> None:
    def generator() -> Any:
        return np.random.default_rng(3) if own_generator else None

    through = trainer_of(network(), accumulate=accumulate)
    loader = data(generator=generator())
    through.fit(loader, loader, 4)

    folder = tmp_path / "checkpoints"
    stopped = trainer_of(network(), StopAt(step), Checkpoint(folder), accumulate=accumulate)
    loader = data(generator=generator())
    stopped.fit(loader, loader, 4)
    assert (stopped.step, stopped.stop_reason) == (step, "enough")
    file = (latest_checkpoint(folder) or folder).rename(tmp_path / "of the stopped one")

    stopped.callbacks = []
    stopped.fit(loader, loader, 4)
    assert values(stopped.model) == values(through.model), "the same trainer, going on"
    assert rows(stopped) == rows(through)

    resumed = trainer_of(network(9), accumulate=accumulate)
    loader = data(generator=generator())
    resumed.fit(loader, loader, 4, resume=file)
    assert values(resumed.model) == values(through.model), "another one, resumed"
    assert rows(resumed) == rows(through)


def test_generators_of_ones_own(tmp_path: Path) -> None:
    """A model that draws from a generator that only the user knows."""

    class Noisy(Module):
        def __init__(self, draws: Any) -> None:
            super().__init__()
            self.inner = Linear(4, 2)
            self.draws = [draws]

        def forward(self, x: Any) -> Any:
            return self.inner(x + tt.randn(x.shape, generator=self.draws[0]))

    def made(seed: int, *callbacks: Callback) -> Trainer:
        tt.manual_seed(1)
        draws = np.random.default_rng(seed)
        return trainer_of(Noisy(draws), *callbacks, generators={"noise": draws})

    through = made(2)
    through.fit(data(), epochs=3)
    made(2, StopAt(7), Checkpoint(tmp_path)).fit(data(), epochs=3)
    resumed = made(5)
    resumed.fit(data(), epochs=3, resume=tmp_path)
    assert values(resumed.model) == values(through.model)


@pytest.mark.parametrize("own", [True, False], ids=["own generator", "default generator"])
def test_shards_that_draw_go_on_to_the_bit(own: bool, tmp_path: Path) -> None:
    class Noisy(Module):
        def __init__(self, generator: Any) -> None:
            super().__init__()
            self.inner = Linear(4, 2)
            self.generator = generator

        def forward(self, x: Any) -> Any:
            return self.inner(x + tt.randn(x.shape, generator=self.generator))

    def made(seed: int, *callbacks: Callback) -> Trainer:
        tt.manual_seed(1)
        draws = np.random.default_rng(seed)
        model = Noisy(draws if own else None)
        return trainer_of(model, *callbacks, generators={"noise": draws}, shards=2)

    through, again = made(2), made(2)
    for trainer in (through, again):
        tt.manual_seed(3)
        trainer.fit(data(count=42), epochs=3)
    assert values(through.model) == values(again.model)
    stopped, resumed = made(2, StopAt(7), Checkpoint(tmp_path)), made(5)
    tt.manual_seed(3)
    stopped.fit(data(count=42), epochs=3)
    resumed.fit(data(count=42), epochs=3, resume=tmp_path)
    assert values(resumed.model) == values(through.model)


def test_schedules_by_step_and_early_stopping_go_on(tmp_path: Path) -> None:
    def made(*callbacks: Callback) -> Trainer:
        model = network()
        optimizer = AdamW(model.parameters())
        return Trainer(
            model,
            optimizer,
            CrossEntropyLoss(),
            scheduler=OneCycleLR(optimizer, 0.3, total_steps=100),
            scheduler_every="step",
            callbacks=[EarlyStopping(2, restore_best=True), *callbacks],
        )

    through = made()
    through.fit(data(), data(), 20)
    assert through.stop_reason is not None
    assert through.epoch < 20
    for step in (6, 5 * (through.epoch - 1) + 2, 5 * through.epoch):
        folder = tmp_path / str(step)
        made(StopAt(step), Checkpoint(folder)).fit(data(), data(), 20)
        resumed = made()
        resumed.fit(data(), data(), 20, resume=folder)
        assert values(resumed.model) == values(through.model), step
        assert rows(resumed) == rows(through), step
        assert resumed.stop_reason == through.stop_reason


def test_best_and_last_files(tmp_path: Path) -> None:
    class Script(Callback):
        order = -1

        def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
            row["validation_loss"] = [3.0, 1.0, 2.0, 4.0][trainer.epoch - 1]
            kept.append(values(trainer.model))

    kept: list[Any] = []
    trainer = trainer_of(
        network(), Script(), Checkpoint(tmp_path, keep_best="validation_loss", keep_last=2)
    )
    trainer.fit(data(), epochs=4)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "best.safetensors", "step-00000015.safetensors", "step-00000020.safetensors"
    ]  # fmt: skip
    model = network(7)
    load_model(tmp_path / "best.safetensors", model)
    assert values(model) == kept[1]
    load_model(tmp_path, model)
    assert values(model) == kept[3]


def test_every_few_epochs_and_at_the_end(tmp_path: Path) -> None:
    trainer_of(network(), Checkpoint(tmp_path, every=2, keep_last=9)).fit(data(), epochs=5)
    steps = sorted(int(path.stem[5:]) for path in tmp_path.iterdir())
    assert steps == [10, 20, 25]


def test_pieces_are_cleared_away_and_strangers_left_alone(tmp_path: Path) -> None:
    (tmp_path / "step-00000003.safetensors.part").write_bytes(b"a piece")
    (tmp_path / "step-final.safetensors").write_bytes(b"mine")
    (tmp_path / "notes.txt").write_bytes(b"mine")
    trainer_of(network(), Checkpoint(tmp_path, keep_last=1)).fit(data())
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "notes.txt", "step-00000005.safetensors", "step-final.safetensors"
    ]  # fmt: skip


def test_a_folder_of_another_training_is_refused(tmp_path: Path) -> None:
    trainer_of(network(), Checkpoint(tmp_path)).fit(data(), epochs=2)
    before = {path.name for path in tmp_path.iterdir()}
    model = network()
    kept = values(model)
    with pytest.raises(FileExistsError, match="resume"):
        trainer_of(model, Checkpoint(tmp_path)).fit(data())
    assert values(model) == kept
    assert {path.name for path in tmp_path.iterdir()} == before


def test_nothing_to_resume(tmp_path: Path) -> None:
    assert latest_checkpoint(tmp_path) is None
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        trainer_of(network()).fit(data(), resume=tmp_path)
    with pytest.raises(FileNotFoundError, match="gone"):
        trainer_of(network()).fit(data(), resume=tmp_path / "gone")


def test_a_checkpoint_of_another_model_changes_nothing(tmp_path: Path) -> None:
    trainer_of(network()).save(tmp_path / "file")
    other = MLP(4, [9], 2)
    before = values(other)
    trainer = trainer_of(other)
    with pytest.raises(ValueError, match=r"\(8, 4\).*\n.*\(8,\)") as caught:
        trainer.fit(data(), resume=tmp_path / "file")
    assert str(caught.value).count("in the model") == 3
    assert values(other) == before
    assert trainer.step == 0


def test_other_settings_are_told(tmp_path: Path) -> None:
    trainer_of(network(), shards=2, clip_norm=1.0).save(tmp_path / "file")
    saved = load_state(tmp_path / "file")
    assert saved["settings"]["shards"] == 2
    assert set(saved["versions"]) == {"tinytorch-training", "numpy"}
    with pytest.warns(UserWarning, match="shards 2, now 1; clip_norm 1.0, now None"):
        trainer_of(network()).load(tmp_path / "file")


def test_another_format_is_refused(tmp_path: Path) -> None:
    trainer = trainer_of(network())
    with pytest.raises(ValueError, match="format 99"):
        trainer.load_state_dict(trainer.state_dict() | {"format": 99})


def test_a_loader_that_has_become_shorter(tmp_path: Path) -> None:
    trainer_of(network(), StopAt(4), Checkpoint(tmp_path)).fit(data())
    with pytest.raises(ValueError, match=r"4 batches of epoch 1 are done, but the loader has 2"):
        trainer_of(network()).fit(data(count=16), resume=tmp_path)


def test_epochs_are_counted_in_all() -> None:
    trainer = trainer_of(network())
    trainer.fit(data(), epochs=2)
    assert len(trainer.fit(data(), epochs=5)) == 5
    with pytest.warns(UserWarning, match="5 epochs are done already"):
        trainer.fit(data(), epochs=5)
    assert trainer.step == 25


def test_a_time_budget_stops_behind_a_step(tmp_path: Path) -> None:
    trainer = trainer_of(network(), Checkpoint(tmp_path))
    trainer.fit(data(), epochs=3, time_budget=0)
    assert (trainer.step, trainer.stop_reason) == (1, "the time budget is spent")
    assert latest_checkpoint(tmp_path) is not None
    trainer.fit(data(), epochs=3, time_budget=1e9)
    assert (trainer.epoch, trainer.stop_reason) == (3, None)


def test_plateaus_see_the_validation_loss() -> None:
    model = Linear(4, 2)
    optimizer = SGD(model.parameters(), lr=0.0)
    scheduler = ReduceLROnPlateau(optimizer, factor=0.5, patience=0, eps=0.0)
    optimizer.param_groups[0]["lr"] = 1e-12
    trainer = Trainer(model, optimizer, CrossEntropyLoss(), scheduler=scheduler)
    trainer.fit(data(), data(), epochs=3)
    assert scheduler.best == trainer.history["validation_loss"][0]
    with pytest.raises(KeyError, match="validation_loader"):
        trainer.fit(data(), epochs=4)


def test_a_scheduler_steps_as_often_as_it_should() -> None:
    for every, expected in (("epoch", 3), ("step", 15)):
        model = network()
        optimizer = SGD(model.parameters(), lr=0.1)
        scheduler = LinearLR(optimizer, total_iters=99)
        options: Any = {"scheduler": scheduler, "scheduler_every": every}
        Trainer(model, optimizer, CrossEntropyLoss(), **options).fit(data(), epochs=3)
        assert scheduler.last_epoch == expected


def test_callbacks_hear_of_everything_in_order() -> None:
    heard: list[str] = []

    class Listening(Callback):
        def __init__(self, name: str, order: int) -> None:
            self.name = name
            self.order = order

        def __getattribute__(self, event: str) -> Any:
            if not event.startswith("on_"):
                return super().__getattribute__(event)
            return lambda *_: heard.append(f"{self.name} {event[3:]}")

    trainer_of(network(), Listening("b", 1), Listening("a", 0)).fit(data(16), epochs=2)
    epoch = ["epoch_begin", "batch_end", "batch_end", "epoch_end"]
    events = ["fit_begin", *epoch, *epoch, "fit_end", "close"]
    assert heard == [f"{name} {event}" for event in events for name in "ab"]


def test_callbacks_are_closed_when_something_goes_wrong() -> None:
    closed = []

    class Closing(Callback):
        def on_close(self, trainer: Trainer) -> None:
            closed.append(True)

    def batches() -> Any:
        yield from data(16)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        trainer_of(network(), Closing()).fit(batches())
    assert closed == [True]


def test_what_goes_wrong_in_a_step_says_where() -> None:
    batches = [*data(16), (Tensor(np.zeros((2, 5), np.float32)), Tensor(np.zeros(2, np.int64)))]
    with pytest.raises(ValueError, match="linear") as caught:
        trainer_of(network()).fit(batches)
    assert "epoch 1, batch 3" in caught.value.__notes__[0]


def test_metrics_that_are_tables_go_into_the_history(tmp_path: Path) -> None:
    metrics = {"accuracy": Accuracy(), "table": ConfusionMatrix(2)}
    trainer = trainer_of(network(), Checkpoint(tmp_path), metrics=metrics)
    trainer.fit(data(), data(), 1)
    table = trainer.history["validation_table"][0]
    assert np.sum(table) == 40
    assert load_state(latest_checkpoint(tmp_path) or "")["history"] == trainer.history.rows


def test_batches_in_which_nothing_counts_are_no_step() -> None:
    model = network()
    before = values(model)
    x, y = Tensor(np.ones((4, 4), np.float32)), Tensor(np.full(4, -100))
    history = trainer_of(model).fit([(x, y)])
    assert values(model) == before
    assert np.isnan(history["loss"][0])


def test_outside_of_the_main_thread_it_trains_as_well() -> None:
    trainer = trainer_of(network())
    thread = threading.Thread(target=trainer.fit, args=(data(),))
    thread.start()
    thread.join()
    assert trainer.epoch == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"accumulate": 0}, "accumulate"),
        ({"shards": 0}, "shards"),
        ({"clip_norm": 0.0}, "clip_norm"),
        ({"scheduler_every": "day"}, "'day'"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        trainer_of(network(), **options)


def test_a_loss_that_is_a_sum_is_refused() -> None:
    model = network()
    optimizer = SGD(model.parameters(), lr=0.1)
    for loss_fn in (CrossEntropyLoss(reduction="sum"), CrossEntropyLoss(reduction="none")):
        with pytest.raises(ValueError, match="mean over a batch"):
            Trainer(model, optimizer, loss_fn).fit(data())


def test_a_history_is_a_table() -> None:
    trainer = trainer_of(network())
    trainer.fit(data(), epochs=2)
    trainer.fit(data(), data(), epochs=3)
    assert trainer.history.columns == ["epoch", "loss", "seconds", "validation_loss"]
    assert trainer.history["validation_loss"][:2] == [None, None]
    with pytest.raises(KeyError, match="validation_loss"):
        trainer.history["accuracy"]
    assert repr(trainer.history).startswith("History(3 epochs: epoch, loss")


def test_regression_with_a_plain_function() -> None:
    draws = np.random.default_rng(0)
    x = Tensor(draws.standard_normal((8, 4)).astype(np.float32))
    model = Linear(4, 1)
    trainer = Trainer(model, SGD(model.parameters(), lr=0.1), mse_loss)
    losses = trainer.fit([(x, x.sum(1, keepdim=True))], epochs=30)["loss"]
    assert losses[-1] < losses[0] / 10
