"""What a training says on the screen while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .callback import Callback

if TYPE_CHECKING:
    from .trainer import Trainer


class ProgressBar(Callback):
    """A line for each epoch; on a terminal also a bar for the one that runs.

    console: where to, a `rich.console.Console`; standard output without it. What is written is
    plain text where that is no terminal, and ASCII where it is not in Unicode.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._task: Any = None

    def on_epoch_begin(self, trainer: Trainer) -> None:
        if self.console.is_jupyter or not self.console.is_terminal:
            return
        self._end_bar()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[loss]}"),
            console=self.console,
            transient=True,
        )
        self._task = self._bar.add_task(
            f"epoch {trainer.epoch + 1}/{trainer.epochs}",
            total=trainer.steps_per_epoch,
            completed=trainer.progress.batch // trainer.accumulate,
            loss="",
        )
        self._bar.start()

    def on_batch_end(self, trainer: Trainer) -> None:
        if self._bar is not None:
            self._bar.update(self._task, advance=1, loss=f"loss {trainer.loss:.4f}")

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        self._end_bar()
        self._say(line_of(row, trainer.epochs))

    def on_fit_end(self, trainer: Trainer) -> None:
        self._end_bar()
        if trainer.stop_reason is not None:
            self._say(f"stopped: {trainer.stop_reason}")

    def on_close(self, trainer: Trainer) -> None:
        self._end_bar()

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _say(self, text: str) -> None:
        encoding = self.console.encoding
        self.console.print(escape(text.encode(encoding, "replace").decode(encoding)))


def line_of(row: dict[str, Any], epochs: int) -> str:
    """ "epoch 3/10  loss 0.4121  validation_loss 0.5012  2.3 s": the numbers of a row."""
    parts = [f"epoch {row['epoch']}/{epochs}"]
    for name, value in row.items():
        if name not in ("epoch", "seconds") and isinstance(value, int | float):
            parts.append(f"{name} {value:.4g}")
    return "  ".join([*parts, f"{row['seconds']:.1f} s"])
