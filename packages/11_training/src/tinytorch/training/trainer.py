"""The trainer: epochs of steps, watched by callbacks, that can be stopped and resumed.

What a step, an evaluation and a checkpoint are is said in the files beside this one, and can be
used without it. Here is their order.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from itertools import islice
from math import inf
from os import PathLike
from typing import Any, Literal

import numpy as np

from tinytorch.layers import Module
from tinytorch.optimizers import LRScheduler, Optimizer, ReduceLROnPlateau
from tinytorch.tensor import Tensor

from .accumulation import accumulate_gradients
from .batches import Batch, in_groups
from .callback import Callback
from .checkpoint import checkpoint_at
from .counted_targets import counted_targets
from .evaluation import NO_METRICS, evaluate, predict
from .history import History, measured
from .interruption import Interruption
from .metric import Metric
from .progress import Progress
from .shards import Shards
from .state_files import load_state, save_state
from .training_state import restore_training_state, training_state, with_default
from .training_step import Backward, LossFunction, LossNotFinite, backward, train_step

FORMAT = 1


class Trainer:
    """Trains a model: `fit`, then `evaluate` and `predict`.

    loss_fn: a loss of output and target whose reduction is the mean. metrics: what `evaluate`, and
    `fit` after each epoch, measure on the validation data, by name.
    scheduler: stepped after each step of the optimizer or after each epoch (`scheduler_every`); a
    `ReduceLROnPlateau` after each epoch, with the column `scheduler_monitor` of the history.
    callbacks: see `Callback`.
    clip_norm: see `train_step`. accumulate: how many batches are one step; their gradients are
    those of one large batch. shards: how many threads share each batch; see `Shards`.
    generators: by name, those that the training draws from, beside the default one of
    tinytorch.tensor and those of the loaders; they are saved with it.

    progress: where training stands. history: its epochs. loss: of the last step. learning_rates:
    of the last step, for each group. epochs: how many the running `fit` goes to. stop_reason: why
    the last `fit` ended before them, or None.

    Raises ValueError for options out of range.
    """

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        loss_fn: LossFunction,
        *,
        metrics: Mapping[str, Metric] = NO_METRICS,
        scheduler: LRScheduler | None = None,
        scheduler_every: Literal["step", "epoch"] = "epoch",
        scheduler_monitor: str = "validation_loss",
        callbacks: Iterable[Callback] = (),
        clip_norm: float | None = None,
        accumulate: int = 1,
        shards: int = 1,
        generators: Mapping[str, np.random.Generator] | None = None,
    ) -> None:
        check_options(scheduler, scheduler_every, accumulate, shards, clip_norm)
        self.model = model
        self.optimizer = optimizer
        self.loss_fn = loss_fn
        self.metrics = metrics
        self.scheduler = scheduler
        self.scheduler_every = scheduler_every
        self.scheduler_monitor = scheduler_monitor
        self.callbacks = sorted(callbacks, key=lambda callback: callback.order)
        self.clip_norm = clip_norm
        self.accumulate = accumulate
        self.shards = shards
        self.generators = dict(generators or {})
        self.progress = Progress()
        self.history = History()
        self.loss = float("nan")
        self.learning_rates: list[float] = [group["lr"] for group in optimizer.param_groups]
        self.epochs = 0
        self.steps_per_epoch: int | None = None
        self.stop_reason: str | None = None
        self._loaders: dict[str, Any] = {}
        self._backward: Backward = partial(backward, model, loss_fn)
        if shards > 1:
            self._backward = Shards(model, loss_fn, shards).backward

    @property
    def epoch(self) -> int:
        """How many epochs are over."""
        return self.progress.epoch

    @property
    def step(self) -> int:
        """How many steps are done, in all epochs."""
        return self.progress.step

    # What is done with it

    def fit(
        self,
        train_loader: Iterable[Any],
        validation_loader: Iterable[Any] | None = None,
        epochs: int = 1,
        *,
        time_budget: float | None = None,
        resume: str | PathLike[str] | None = None,
    ) -> History:
        """Train until `epochs` epochs are done in all, those before this call counted.

        The loaders give batches: lists of the model's inputs and a target. A row of the history
        is an epoch: its "epoch", from 1 on, its mean "loss", the "seconds" it took, and with a
        validation_loader "validation_loss" and "validation_…" for each metric.

        time_budget: seconds after which training stops behind a step. resume: a checkpoint, or a
        folder of them, of which the latest is taken: the training goes on as if it had not
        been stopped, to the bit, if it is set up as it was. A training that stopped within an epoch
        makes that epoch's first batches again, without computing with them.

        Ctrl-C stops behind the step at hand, like a callback's `stop`, and fit returns; a second
        one raises KeyboardInterrupt at once. Where training went to, a `Checkpoint` among the
        callbacks has saved. Raises LossNotFinite, with the epoch and the batch, as soon as a loss
        is infinite or not a number; FileNotFoundError and ValueError where there is nothing to
        resume, or something else.
        """
        self._loaders = {"train": train_loader, "validation": validation_loader}
        if resume is not None:
            self.load(checkpoint_at(resume))
        if self.progress.epoch >= epochs:
            warnings.warn(
                f"fit: {self.progress.epoch} epochs are done already, and epochs={epochs} counts "
                "those too",
                stacklevel=2,
            )
        self.epochs = epochs
        self.steps_per_epoch = steps_in(train_loader, self.accumulate)
        self.stop_reason = None
        deadline = inf if time_budget is None else time.monotonic() + time_budget
        with Interruption() as interruption:
            try:
                self._tell("on_fit_begin")
                while self.progress.epoch < epochs and self.stop_reason is None:
                    self._run_epoch(deadline, interruption)
                self._tell("on_fit_end")
            finally:
                self._tell("on_close")
        if interruption.requested:
            print(self._farewell(), file=sys.stderr, flush=True)
        return self.history

    def stop(self, reason: str) -> None:
        """Let `fit` end behind the step or epoch at hand. For callbacks."""
        self.stop_reason = reason

    def evaluate(self, loader: Iterable[Any]) -> dict[str, Any]:
        """The loss and the metrics on the batches of a loader. See the function `evaluate`."""
        return evaluate(self.model, loader, self.loss_fn, self.metrics)

    def predict(self, inputs: Tensor | Iterable[Any]) -> Tensor:
        """What the model gives for a tensor or for batches. See the function `predict`."""
        return predict(self.model, inputs)

    def save(self, path: str | PathLike[str]) -> None:
        """Write all that `load` needs to a file, aside and renamed."""
        save_state(path, self.state_dict())

    def load(self, path: str | PathLike[str]) -> None:
        """Go on from a file that `save` wrote. Raises ValueError, with all that differs, if it is
        of another model, before that is changed."""
        self.load_state_dict(load_state(path))

    # An epoch

    def _run_epoch(self, deadline: float, interruption: Interruption) -> None:
        since = time.monotonic() - self.progress.seconds
        batches = self._batches_left()
        self.model.train()
        self._tell("on_epoch_begin")
        for group in in_groups(batches, self.accumulate):
            self._step(group)
            self.progress.seconds = time.monotonic() - since
            self._tell("on_batch_end")
            self._stop_if_due(deadline, interruption)
            if self.stop_reason is not None:
                self._tell("on_stop")
                return
        row = self._end_epoch(since)
        self._stop_if_due(deadline, interruption)
        for callback in self.callbacks:
            callback.on_epoch_end(self, row)

    def _stop_if_due(self, deadline: float, interruption: Interruption) -> None:
        if interruption.requested:
            self.stop("interrupted")
        elif time.monotonic() >= deadline:
            self.stop("the time budget is spent")

    def _batches_left(self) -> Iterator[Any]:
        """The batches of the epoch that begins, or those that are left of one that was stopped.

        For these the epoch is begun again as it began then; behind the batches that are done, the
        random numbers go on where they were.
        """
        loader, progress = self._loaders["train"], self.progress
        if progress.began is None:
            progress.began = {"loader": state_of(loader), "generators": self._generator_states()}
            return iter(loader)
        now = self._generator_states()
        set_state_of(loader, progress.began["loader"])
        self._set_generators(progress.began["generators"])
        batches = iter(loader)
        skipped = sum(1 for _ in islice(batches, progress.batch))
        if skipped < progress.batch:
            raise ValueError(
                f"fit: {progress.batch} batches of epoch {progress.epoch + 1} are done, but the "
                f"loader has {skipped}: it is not the one that training was begun with"
            )
        self._set_generators(now)
        return batches

    def _step(self, batches: Sequence[Batch]) -> None:
        counts = [counted_targets(self.loss_fn, batch[-1]) for batch in batches]
        if sum(counts):
            self.learning_rates = [group["lr"] for group in self.optimizer.param_groups]
            try:
                self.loss = train_step(
                    self.optimizer,
                    lambda: accumulate_gradients(self._backward, batches, counts),
                    clip_norm=self.clip_norm,
                )
            except LossNotFinite as error:
                raise LossNotFinite(f"{self._place(len(batches))}: {error}") from error
            except Exception as error:
                error.add_note(f"This was in {self._place(len(batches))} of a training.")
                raise
            self.progress.loss.update(self.loss, sum(counts))
            if self.scheduler is not None and self.scheduler_every == "step":
                self.scheduler.step()
        self.progress.step += 1
        self.progress.batch += len(batches)

    def _place(self, count: int) -> str:
        """Where the `count` batches at hand are, counted from 1."""
        first = self.progress.batch + 1
        which = f"batch {first}" if count == 1 else f"batches {first} to {first + count - 1}"
        return f"epoch {self.progress.epoch + 1}, {which}"

    def _end_epoch(self, since: float) -> dict[str, Any]:
        """Validate, let the scheduler step, and write the row of the epoch."""
        row: dict[str, Any] = {
            "epoch": self.progress.epoch + 1,
            "loss": self.progress.loss.compute(),
        }
        if self._loaders["validation"] is not None:
            results = self.evaluate(self._loaders["validation"])
            row |= {f"validation_{name}": plain(value) for name, value in results.items()}
        row["seconds"] = time.monotonic() - since
        self._step_scheduler(row)
        self.progress.end_epoch()
        self.history.rows.append(row)
        return row

    def _step_scheduler(self, row: dict[str, Any]) -> None:
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(measured(row, self.scheduler_monitor))
        elif self.scheduler is not None and self.scheduler_every == "epoch":
            self.scheduler.step()

    def _tell(self, event: str) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(self)

    def _farewell(self) -> str:
        return (
            f"Stopped after step {self.progress.step}, with {self.progress.epoch} epochs done. "
            "With a Checkpoint among the callbacks, fit(..., resume=folder) goes on from here."
        )

    # State

    def state_dict(self) -> dict[str, Any]:
        """All that another trainer of the same model needs to go on as this one: `save_state` can
        write it."""
        named = named_callbacks(self.callbacks)
        return {
            "format": FORMAT,
            "versions": {name: version(name) for name in ("tinytorch-training", "numpy")},
            "settings": self._settings(),
            **training_state(self.model, self.optimizer, self.scheduler, self.generators),
            "loaders": {name: state_of(loader) for name, loader in self._loaders.items()},
            "progress": self.progress.state_dict(),
            "learning_rates": self.learning_rates,
            "history": self.history.rows,
            "callbacks": {name: callback.state_dict() for name, callback in named.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on as the trainer did whose state this is.

        Raises ValueError, before the model is changed, for a state that does not fit; warns where
        other settings make other numbers.
        """
        if state.get("format") != FORMAT:
            raise ValueError(
                f"the checkpoint has format {state.get('format')}, but this version of "
                f"tinytorch-training reads format {FORMAT}"
            )
        differing = [
            f"{name} {state['settings'].get(name)}, now {value}"
            for name, value in self._settings().items()
            if state["settings"].get(name) != value
        ]
        if differing:
            warnings.warn(
                f"the training was saved with {'; '.join(differing)}: it will go on in another way",
                stacklevel=2,
            )
        restore_training_state(state, self.model, self.optimizer, self.scheduler, self.generators)
        for name, loader in self._loaders.items():
            set_state_of(loader, state["loaders"].get(name))
        # A loader without a generator of its own has set the default one.
        self._set_generators(state["generators"])
        self.progress.load_state_dict(state["progress"])
        self.learning_rates = list(state["learning_rates"])
        self.history.rows = [dict(row) for row in state["history"]]
        for name, callback in named_callbacks(self.callbacks).items():
            if name in state["callbacks"]:
                callback.load_state_dict(state["callbacks"][name])

    def _settings(self) -> dict[str, Any]:
        return {
            "shards": self.shards,
            "accumulate": self.accumulate,
            "clip_norm": self.clip_norm,
            "scheduler_every": self.scheduler_every,
        }

    def _generator_states(self) -> dict[str, Any]:
        generators = with_default(self.generators)
        return {name: each.bit_generator.state for name, each in generators.items()}

    def _set_generators(self, states: Mapping[str, Any]) -> None:
        for name, generator in with_default(self.generators).items():
            generator.bit_generator.state = states[name]


def check_options(
    scheduler: LRScheduler | None, every: str, accumulate: int, shards: int, clip_norm: float | None
) -> None:
    if every not in ("step", "epoch"):
        raise ValueError(f"Trainer: scheduler_every must be 'step' or 'epoch', not {every!r}")
    if isinstance(scheduler, ReduceLROnPlateau) and every == "step":
        raise ValueError("Trainer: ReduceLROnPlateau goes by epochs: scheduler_every='epoch'")
    if accumulate < 1 or shards < 1:
        raise ValueError(
            f"Trainer: accumulate and shards must be 1 or more, not {accumulate} and {shards}"
        )
    if clip_norm is not None and not clip_norm > 0:
        raise ValueError(f"Trainer: clip_norm must be above 0, or None, not {clip_norm}")


def steps_in(loader: Any, accumulate: int) -> int | None:
    """The steps of an epoch; None where the loader does not know its length."""
    try:
        return -(-len(loader) // accumulate)
    except TypeError:
        return None


def state_of(loader: Any) -> Any:
    """What a loader's next epoch depends on; None where it does not say."""
    return loader.state_dict() if hasattr(loader, "state_dict") else None


def set_state_of(loader: Any, state: Any) -> None:
    if state is not None and hasattr(loader, "load_state_dict"):
        loader.load_state_dict(state)


def named_callbacks(callbacks: Iterable[Callback]) -> dict[str, Callback]:
    """Each by the name of its class, with a number behind it from the second of a class on."""
    named: dict[str, Callback] = {}
    for callback in callbacks:
        name, number = type(callback).__name__, 2
        while name in named:
            name, number = f"{type(callback).__name__} {number}", number + 1
        named[name] = callback
    return named


def plain(value: Any) -> Any:
    """A metric's result as JSON can hold it."""
    if isinstance(value, Tensor | np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value
