"""Where random numbers come from: a generator for each batch, and its state as plain numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tinytorch.tensor import default_generator, drawing_from


def current_generator() -> np.random.Generator:
    """The generator to draw from: that of the batch which is being made, or else the default one.

    A dataset, a collate function or a transform that draws from it gives the same items whichever
    thread it runs in, since every batch has a generator of its own. While a batch is made it is the
    default generator of tinytorch.tensor, too: `randn` and the like draw from it.
    """
    return default_generator()


def batch_generator(epoch_seed: int, number: int) -> np.random.Generator:
    """The generator of batch `number` in the epoch with that seed: the same whenever it is made."""
    return np.random.default_rng((epoch_seed, number))


@contextmanager
def drawing_for_batch(epoch_seed: int, number: int) -> Iterator[None]:
    """Inside, `current_generator()` is that of batch `number` of the epoch with that seed."""
    with drawing_from(batch_generator(epoch_seed, number)):
        yield


def as_generator(generator: np.random.Generator | None) -> np.random.Generator | None:
    """`generator` itself. Raises TypeError for what is neither a NumPy Generator nor None."""
    if generator is None or isinstance(generator, np.random.Generator):
        return generator
    raise TypeError(
        f"generator: expected a NumPy Generator, but got {generator!r}: "
        "np.random.default_rng(seed) makes one"
    )


def state_of(generator: np.random.Generator) -> dict[str, Any]:
    """Where a generator stands, in numbers, texts, lists and dicts: `json` can write it."""
    state: dict[str, Any] = _as_lists(generator.bit_generator.state)
    return state


def set_state(generator: np.random.Generator, state: dict[str, Any]) -> None:
    """Put a generator where another of its kind stood.

    Raises ValueError if the state is that of another kind.
    """
    kind = type(generator.bit_generator).__name__
    if state["bit_generator"] != kind:
        raise ValueError(
            f"the state is that of a {state['bit_generator']}, but the generator is a {kind}: "
            "make the loader with a generator of the same kind"
        )
    generator.bit_generator.state = _as_arrays(state)


def _as_lists(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: _as_lists(value) for name, value in state.items()}
    return state.tolist() if isinstance(state, np.ndarray | np.generic) else state


def _as_arrays(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: _as_arrays(value) for name, value in state.items()}
    return np.asarray(state, np.uint64) if isinstance(state, list) else state
