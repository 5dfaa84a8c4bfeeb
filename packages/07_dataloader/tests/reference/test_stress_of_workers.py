"""Workers under stress, and what is ours alone: their context, and cycles collected in a worker."""

import gc
import random
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tinytorch.dataloader import DataLoader, TensorDataset, current_generator
from tinytorch.dataloader.prefetching import Workers, prefetched
from tinytorch.tensor import Tensor


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = threading.active_count()
    yield
    gc.collect()
    deadline = time.monotonic() + 20
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.001)
    assert threading.active_count() == before


class Uneven:
    """Items that take from no time to a few milliseconds, and draw."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __getitem__(self, index: int) -> tuple[int, float]:
        if index % 7 == 0:
            time.sleep(random.Random(index).random() / 300)
        return index, float(current_generator().random())

    def __len__(self) -> int:
        return self.count


def epoch(workers: int, factor: int = 2, seed: int = 0) -> list[Any]:
    draws = np.random.default_rng(seed)
    loader = DataLoader(Uneven(150), 4, True, num_workers=workers, prefetch_factor=factor,
                        generator=draws)  # fmt: skip
    return [[each.tolist() for each in batch] for batch in loader]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("workers", "factor"), [(1, 1), (2, 5), (4, 1), (8, 4), (40, 2)])
def test_uneven_items(workers: int, factor: int, seed: int) -> None:
    assert epoch(workers, factor, seed) == epoch(0, seed=seed)


def test_many_readers_at_once() -> None:
    expected, found = epoch(0), {}

    def read(name: int) -> None:
        found[name] = epoch(2)

    readers = [threading.Thread(target=read, args=(name,)) for name in range(6)]
    for each in readers:
        each.start()
    for each in readers:
        each.join()
    assert all(found[name] == expected for name in range(6))


def test_many_epochs_that_are_left() -> None:
    loader = DataLoader(Uneven(150), 4, num_workers=3)
    for k in range(40):
        for number, _ in enumerate(loader):
            if number == k % 5:
                break
    assert threading.active_count() < 10


def test_memory_does_not_grow_with_the_epoch() -> None:
    class Large:
        def __getitem__(self, index: int) -> Any:
            return np.zeros(100_000)

        def __len__(self) -> int:
            return 200

    tracemalloc.start()
    for _ in DataLoader(Large(), num_workers=2):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Four batches ahead, that of the reader, two that are being made, each item and batch: 800 kB.
    assert peak < 20 * 800_000


def test_workers_are_in_the_readers_context() -> None:
    class Infinite:
        def __getitem__(self, index: int) -> Any:
            return np.ones(1) / np.zeros(1)

        def __len__(self) -> int:
            return 3

    for workers in (0, 2):
        with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
            list(DataLoader(Infinite(), num_workers=workers))
        with np.errstate(divide="ignore"):
            assert len(list(DataLoader(Infinite(), num_workers=workers))) == 3


def test_an_iterator_that_is_collected_in_its_own_worker() -> None:
    """A worker cannot wait for itself; it must not try to."""
    unraisable: list[Any] = []
    collected = threading.Event()

    def work(job: int) -> int:
        if job == 2:
            gone.wait(20)
            gc.collect()
            collected.set()
        return job

    gone, hook = threading.Event(), sys.unraisablehook
    sys.unraisablehook = unraisable.append
    gc.disable()
    try:
        cycle: list[Any] = [prefetched(work, range(100), 1, 4)]
        cycle.append(cycle)
        assert next(cycle[0]) == 0
        del cycle
        gone.set()
        assert collected.wait(20)
    finally:
        gc.enable()
        sys.unraisablehook = hook
    assert not unraisable


def test_an_interrupted_reader_ends_the_workers() -> None:
    jobs = prefetched(lambda job: job, range(100), 3, 6)
    next(jobs)
    with pytest.raises(KeyboardInterrupt):
        jobs.throw(KeyboardInterrupt)  # type: ignore[attr-defined]


def test_what_a_worker_raises_may_be_more_than_an_exception() -> None:
    def stop(job: int) -> int:
        raise SystemExit(job)

    with pytest.raises(SystemExit):
        list(prefetched(stop, range(4), 2, 4))


def test_work_that_has_not_begun_is_dropped() -> None:
    """The second job is under way when nobody wants the results any more; 38 others wait."""
    done: list[int] = []
    under_way, may_end = threading.Event(), threading.Event()

    def work(job: int) -> int:
        if job == 1:
            under_way.set()
            may_end.wait(60)
        done.append(job)
        return job

    results = prefetched(work, range(50), 1, 40)
    assert next(results) == 0
    assert under_way.wait(60)
    threading.Timer(0.5, may_end.set).start()
    del results
    gc.collect()
    assert may_end.wait(60)
    time.sleep(0.05)
    assert done == [0, 1]


def test_leaving_workers_waits_for_what_they_do() -> None:
    done: list[int] = []
    with Workers(2) as workers:
        workers.begin(lambda job: time.sleep(0.05) or done.append(job), 1)
        time.sleep(0.01)
    assert done == [1]


def test_a_batch_of_images_costs_one_copy() -> None:
    """Not by the clock: by the memory that is taken on the way."""
    x = Tensor(np.zeros((1000, 3, 32, 32), np.float32))
    dataset = TensorDataset(x, Tensor(np.arange(1000)))
    batches = iter(DataLoader(dataset, 128, True))
    next(batches)
    tracemalloc.start()
    batch = next(batches)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.2 * batch[0].nbytes
