"""While a model works: modes, recording, and what threads see of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from threading import Thread
from typing import Any

import numpy as np
import pytest

from tinytorch.generation import generate, stream
from tinytorch.generation.inference import at_work
from tinytorch.layers import Linear, Module, ModuleList
from tinytorch.tensor import Operation, Tensor, get_recorder, set_recorder
from tinytorch.transformers import GPT, GPTConfig


class Watcher:
    """A recorder that counts calls, and how often it was asked for a pause."""

    def __init__(self) -> None:
        self.calls = 0
        self.pauses = 0
        self.paused = False

    def record(
        self,
        operation: Operation[Any],
        needs: int,
        inputs: Sequence[Any],
        arrays: Sequence[Any],
        attributes: Mapping[str, Any],
        results: Sequence[Tensor],
        saved: tuple[Any, ...],
    ) -> None:
        self.calls += not self.paused

    def backward(
        self, tensor: Tensor, gradient: Tensor | None, *, retain_graph: bool, create_graph: bool
    ) -> None:
        raise AssertionError("nothing here goes backward")

    def is_recording(self) -> bool:
        return not self.paused

    def pause(self) -> AbstractContextManager[None]:
        return self._pause()

    @contextmanager
    def _pause(self) -> Iterator[None]:
        self.pauses += 1
        before, self.paused = self.paused, True
        yield
        self.paused = before


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    before = get_recorder()
    watching = Watcher()
    set_recorder(watching)
    yield watching
    set_recorder(before)


def gpt() -> GPT:
    return GPT(GPTConfig(vocab_size=5, block_size=8, n_layer=1, n_head=1, n_embd=4))


def test_no_call_is_recorded(watcher: Watcher) -> None:
    model = gpt()
    generate(model, [1, 2], 12)
    assert watcher.calls == 0
    assert watcher.pauses > 0
    model(Tensor(np.array([[1, 2]])))
    assert watcher.calls > 0, "the watcher sees nothing at all"


def test_between_two_tokens_calls_are_recorded(watcher: Watcher) -> None:
    model = gpt()
    for _ in stream(model, [1, 2], 3):
        before = watcher.calls
        model(Tensor(np.array([[1, 2]])))
        assert watcher.calls > before


def test_without_a_recorder() -> None:
    before = get_recorder()
    set_recorder(None)
    try:
        assert len(generate(gpt(), [1, 2], 12)) == 14
    finally:
        set_recorder(before)


def test_each_part_is_left_in_its_mode() -> None:
    model = ModuleList([Linear(2, 2), Linear(2, 2)])
    model[1].eval()
    parts: list[Module] = list(model.modules())
    before = [part.training for part in parts]
    assert before == [True, True, False]
    with at_work(parts):
        assert [part.training for part in parts] == [False] * 3
        with at_work(parts):
            pass
        assert [part.training for part in parts] == [False] * 3
    assert [part.training for part in parts] == before
    with pytest.raises(KeyError), at_work(parts):
        raise KeyError
    assert [part.training for part in parts] == before


def test_threads_generate_side_by_side() -> None:
    model = gpt().eval()
    expected = [generate(model, [i], 30, greedy=True).tolist() for i in range(4)]
    found: list[Any] = [None] * 4

    def work(i: int) -> None:
        found[i] = generate(model, [i], 30, greedy=True).tolist()

    threads = [Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected
