"""The history for TensorBoard."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from .callback import Callback

if TYPE_CHECKING:
    from .trainer import Trainer


class TensorBoardLogger(Callback):
    """Writes curves that `tensorboard --logdir FOLDER` shows: "step/loss" of each step of the
    optimizer, and the columns of the history as "epoch/…".

    Needs tensorboardX: `pip install tinytorch-training[tensorboard]`. When a training is resumed,
    TensorBoard drops what had been written of later steps.
    """

    def __init__(self, folder: str | PathLike[str]) -> None:
        try:
            from tensorboardX import SummaryWriter
        except ImportError as error:
            raise ImportError(
                "TensorBoardLogger needs tensorboardX: pip install tinytorch-training[tensorboard]"
            ) from error
        self.folder = folder
        self._new_writer = SummaryWriter
        self._writer: Any = None

    def on_fit_begin(self, trainer: Trainer) -> None:
        # The name of a file has the second in it: two within one would be the same file.
        self._writer = self._new_writer(
            str(self.folder),
            purge_step=trainer.step + 1,
            filename_suffix=f".step-{trainer.step:08d}",
        )

    def on_batch_end(self, trainer: Trainer) -> None:
        self._writer.add_scalar("step/loss", trainer.loss, trainer.step)

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        for name, value in row.items():
            if name != "epoch" and isinstance(value, int | float):
                self._writer.add_scalar(f"epoch/{name}", value, trainer.step)
        self._writer.flush()

    def on_close(self, trainer: Trainer) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
