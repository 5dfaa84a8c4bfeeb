"""Checkpoints of a training: files from which it can go on, the latest ones and the best one."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .callback import Callback
from .early_stopping import Mode, check_mode, is_better
from .history import measured
from .state_files import load_state
from .training_state import check_fits
from .writing_aside import ASIDE

if TYPE_CHECKING:
    from tinytorch.layers import Module

    from .trainer import Trainer

SUFFIX = ".safetensors"
BEST = f"best{SUFFIX}"


class Checkpoint(Callback):
    """Saves the training in a folder: after every few epochs, and wherever it stops.

    folder: made if there is none. The files are called step-00000420.safetensors, by the steps that
    are done. every: after how many epochs. every_steps: within epochs also after so many steps.
    keep_last: how many of the latest files are kept. keep_best: a column of the history, such as
    "validation_loss": the state after its best epoch is kept as best.safetensors. mode: "min" if
    small is good, "max" if large is.

    Each file holds the model, the optimizer, the scheduler, the generators, the history: all. It is
    written aside and renamed, so that a training that is killed meanwhile has the file before.
    When training begins, a folder with files of later steps is refused with FileExistsError: they
    are those of another training.
    """

    order = 1

    def __init__(
        self,
        folder: str | PathLike[str],
        *,
        every: int = 1,
        every_steps: int | None = None,
        keep_last: int = 2,
        keep_best: str | None = None,
        mode: Mode = "min",
    ) -> None:
        check_mode(mode)
        if every < 1 or keep_last < 1 or (every_steps is not None and every_steps < 1):
            raise ValueError(
                "Checkpoint: every, every_steps and keep_last must be 1 or more, not "
                f"{every}, {every_steps} and {keep_last}"
            )
        self.folder = Path(folder)
        self.every = every
        self.every_steps = every_steps
        self.keep_last = keep_last
        self.keep_best = keep_best
        self.mode: Mode = mode
        self.best: float | None = None

    def on_fit_begin(self, trainer: Trainer) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        later = [path for path in checkpoints_in(self.folder) if step_of(path) > trainer.step]
        if later:
            raise FileExistsError(
                f"{str(self.folder)!r} holds {later[-1].name}, of another training than this one, "
                f"which is at step {trainer.step}: give fit(..., resume={str(self.folder)!r}) to "
                "go on with it, or another folder"
            )
        for piece in self.folder.glob(f"*{SUFFIX}{ASIDE}"):
            piece.unlink()

    def on_batch_end(self, trainer: Trainer) -> None:
        if self.every_steps is not None and trainer.step % self.every_steps == 0:
            self._save(trainer)

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        is_best = False
        if self.keep_best is not None:
            value = measured(row, self.keep_best)
            is_best = is_better(value, self.best, mode=self.mode)
            self.best = value if is_best else self.best
        if is_best:
            trainer.save(self.folder / BEST)
        last = trainer.stop_reason is not None or trainer.epoch >= trainer.epochs
        if last or trainer.epoch % self.every == 0:
            self._save(trainer)

    def on_stop(self, trainer: Trainer) -> None:
        self._save(trainer)

    def _save(self, trainer: Trainer) -> None:
        trainer.save(self.folder / f"step-{trainer.step:08d}{SUFFIX}")
        for path in checkpoints_in(self.folder)[: -self.keep_last]:
            path.unlink()

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.best = state["best"]


def latest_checkpoint(folder: str | PathLike[str]) -> Path | None:
    """The file of the most steps in a `Checkpoint`'s folder; None where there is none.

    `trainer.fit(…, resume=latest_checkpoint(folder))` goes on, or begins.
    """
    found = checkpoints_in(Path(folder))
    return found[-1] if found else None


def load_model(path: str | PathLike[str], model: Module) -> None:
    """Give a model the parameters and buffers in a checkpoint, or the latest one in a folder.

    Raises FileNotFoundError where there is none; ValueError, with all that differs, for one of
    another model.
    """
    saved = load_state(checkpoint_at(path))
    check_fits(model, saved["model"])
    model.load_state_dict(saved["model"])


def checkpoint_at(path: str | PathLike[str]) -> Path:
    """The file itself, or the latest one in a folder. Raises FileNotFoundError if it has none."""
    path = Path(path)
    if not path.is_dir():
        return path
    latest = latest_checkpoint(path)
    if latest is None:
        raise FileNotFoundError(f"there is no checkpoint in the folder {str(path)!r}")
    return latest


def checkpoints_in(folder: Path) -> list[Path]:
    """The files step-….safetensors, the latest last."""
    found = [path for path in folder.glob(f"step-*{SUFFIX}") if path.stem[5:].isdigit()]
    return sorted(found, key=step_of)


def step_of(path: Path) -> int:
    return int(path.stem[5:])
