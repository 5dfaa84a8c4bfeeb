"""Ctrl-C as a request: the first one is noted, the second one ends everything at once."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from typing import Any

NOTED = b"\nStopping after this step. Ctrl-C again stops at once.\n"


class Interruption:
    """Inside `with Interruption() as interruption`, Ctrl-C sets `interruption.requested`.

    Another one raises KeyboardInterrupt, wherever the program is. Outside of the main thread, where
    Python does not hand out signals, and in a program that ignores Ctrl-C, nothing is changed.
    """

    def __init__(self) -> None:
        self.requested = False
        self._before: Any = None

    def __enter__(self) -> Interruption:
        handled_elsewhere = signal.getsignal(signal.SIGINT) in (None, signal.SIG_IGN)
        if threading.current_thread() is threading.main_thread() and not handled_elsewhere:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *raised: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: Any) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        # Not print: the signal may have come in the midst of one, which cannot be entered twice.
        with suppress(OSError):
            os.write(2, NOTED)
