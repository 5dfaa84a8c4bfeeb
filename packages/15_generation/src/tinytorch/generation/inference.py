"""A model at work: in evaluation mode, and with nothing recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from tinytorch.layers import Module
from tinytorch.tensor import get_recorder


@contextmanager
def at_work(parts: Sequence[Module]) -> Iterator[None]:
    """Inside, all parts are in evaluation mode and this thread records nothing.

    Behind it each part is in the mode in which it was. parts: `list(model.modules())`, looked up
    once, since this is entered for every token: whoever takes tokens one by one finds model and
    recording between two of them as they were left. Entered inside itself it has little to do.
    """
    training = [part for part in parts if part.training]
    try:
        for part in training:
            part.training = False
        with unrecorded():
            yield
    finally:
        for part in training:
            part.training = True


def unrecorded() -> AbstractContextManager[None]:
    """A context in which this thread records nothing. Where autograd is not there, nothing does."""
    recorder = get_recorder()
    return nullcontext() if recorder is None else recorder.pause()
