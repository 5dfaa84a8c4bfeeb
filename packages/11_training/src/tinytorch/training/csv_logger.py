"""The history as a table that other programs read."""

from __future__ import annotations

import csv
import io
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .callback import Callback
from .writing_aside import write_aside

if TYPE_CHECKING:
    from .trainer import Trainer


class CSVLogger(Callback):
    """Writes the history to a file, a line for each epoch below one with the names of the columns.

    The file is written whole after each epoch, aside and renamed: it never holds half a line, nor,
    after resuming, an epoch twice. The folder is made if there is none.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        text = io.StringIO(newline="")
        table = csv.DictWriter(text, trainer.history.columns)
        table.writeheader()
        table.writerows(trainer.history.rows)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_aside(self.path, text.getvalue().encode("utf-8"))
