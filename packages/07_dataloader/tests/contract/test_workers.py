"""Task 7.5: workers that make batches ahead, and leave no trace."""

import gc
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tinytorch.dataloader import DataLoader, Dataset, RandomErasing, TensorDataset
from tinytorch.tensor import Tensor, manual_seed

IN_PROCESS = "a dataset of the check's is read by worker threads, which cannot ask another process"
PATIENCE = 20.0
"""Seconds after which what should have happened long ago counts as not happening."""


def comes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


@pytest.fixture
def no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    gc.collect()
    assert comes_true(lambda: set(threading.enumerate()) <= before), (
        f"threads that did not end: {set(threading.enumerate()) - before}"
    )


# The same batches as without workers


def of_images(count: int) -> Any:
    x = np.random.default_rng(count).random((count, 1, 6, 6)).astype(np.float32)
    return TensorDataset(Tensor(x), Tensor(np.arange(count)))


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("prefetch_factor", [1, 3])
def test_the_same_batches_with_any_number_of_workers(workers: int, prefetch_factor: int) -> None:
    def epochs(num_workers: int) -> list[Any]:
        loader = DataLoader(
            of_images(41),
            4,
            shuffle=True,
            num_workers=num_workers,
            prefetch_factor=prefetch_factor,
            generator=np.random.default_rng(1),
            transform=RandomErasing(),
        )
        return [[(x.tolist(), y.tolist()) for x, y in loader] for _ in range(2)]

    expected, found = epochs(0), epochs(workers)
    assert [len(epoch) for epoch in found] == [11, 11]
    assert found == expected, f"{workers} workers should make the batches that none makes"


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("total", [0, 1, 2, 5, 12, 13])
def test_few_batches(total: int, workers: int) -> None:
    loader = DataLoader(range(total), 2, num_workers=workers)
    expected = [list(range(k, min(k + 2, total))) for k in range(0, total, 2)]
    for _ in range(2):
        assert [batch.tolist() for batch in loader] == expected


def test_two_epochs_at_once(numbers_of: Any) -> None:
    loader = DataLoader(range(20), 3, shuffle=True, num_workers=2)
    manual_seed(1)
    first, second = numbers_of(loader), numbers_of(loader)
    manual_seed(1)
    pairs = [(a.tolist(), b.tolist()) for a, b in zip(loader, loader, strict=True)]
    assert pairs == list(zip(first, second, strict=True))


def test_an_exception_is_raised_when_its_batch_is_due() -> None:
    dataset = TensorDataset(Tensor(np.arange(10)))
    for place in range(6):
        order = list(range(6))
        order[place] = 99
        came: list[Any] = []
        with pytest.raises(IndexError):
            came.extend(item for (item,) in DataLoader(dataset, sampler=order, num_workers=2))
        assert [item.item() for item in came] == list(range(place)), (
            f"batch {place} of 6 cannot be read"
        )


# Threads


class Remembering(Dataset):
    """0, 1, 2, …; remembers what was read by which thread."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.read: list[int] = []
        self.threads: set[int] = set()

    def __getitem__(self, index: int) -> int:
        self.threads.add(threading.get_ident())
        self.read.append(index)
        return index

    def __len__(self) -> int:
        return self.count


@pytest.mark.in_process(IN_PROCESS)
@pytest.mark.parametrize("workers", [1, 3])
def test_workers_are_so_many_threads(workers: int, no_thread_stays: None) -> None:
    class Slow(Remembering):
        def __getitem__(self, index: int) -> int:
            time.sleep(0.002)
            return super().__getitem__(index)

    dataset = Slow(40)
    assert len(list(DataLoader(dataset, 2, num_workers=workers))) == 20
    assert threading.get_ident() not in dataset.threads, "the reader should make no batch itself"
    assert 1 <= len(dataset.threads) <= workers
    without = Remembering(4)
    list(DataLoader(without, 2))
    assert without.threads == {threading.get_ident()}, "without workers there is no other thread"


@pytest.mark.in_process(IN_PROCESS)
def test_batches_are_made_at_the_same_time_and_come_in_order(no_thread_stays: None) -> None:
    """Each batch waits until one that comes later has been made."""

    class Waiting(Dataset):
        def __init__(self) -> None:
            self.made = [threading.Event() for _ in range(6)]

        def __getitem__(self, index: int) -> int:
            if index % 2 == 0 and not self.made[index + 1].wait(PATIENCE):
                raise TimeoutError(f"item {index + 1} should be made by another worker by now")
            self.made[index].set()
            return index

        def __len__(self) -> int:
            return 6

    found = [batch.item() for batch in DataLoader(Waiting(), num_workers=2)]
    assert found == [0, 1, 2, 3, 4, 5]


@pytest.mark.in_process(IN_PROCESS)
@pytest.mark.parametrize(("workers", "factor"), [(1, 1), (1, 3), (2, 1), (2, 2), (3, 2)])
def test_so_many_batches_are_made_ahead_and_no_more(
    workers: int, factor: int, no_thread_stays: None
) -> None:
    dataset = Remembering(30)
    loader = DataLoader(dataset, num_workers=workers, prefetch_factor=factor)
    for k, _ in enumerate(loader):
        expected = min(k + 1 + workers * factor, 30)
        assert comes_true(lambda wanted=expected: len(dataset.read) >= wanted), (
            f"while the reader has batch {k}, {workers * factor} more should be made; "
            f"but only {len(dataset.read)} were read in all"
        )
        time.sleep(0.002)
        assert len(dataset.read) == expected, (
            f"while the reader has batch {k}, at most {workers * factor} more should be made; "
            f"but {len(dataset.read)} were read in all"
        )


@pytest.mark.in_process(IN_PROCESS)
def test_a_sampler_without_end_is_read_as_far_as_needed(no_thread_stays: None) -> None:
    asked = []

    def forever() -> Iterator[int]:
        while True:
            asked.append(len(asked) % 5)
            yield asked[-1]

    epoch = iter(DataLoader(range(5), 2, sampler=forever(), num_workers=2, prefetch_factor=2))
    assert [next(epoch).tolist() for _ in range(4)] == [[0, 1], [2, 3], [4, 0], [1, 2]]
    assert len(asked) <= 2 * (4 + 4)
    del epoch


# The end


@pytest.mark.in_process(IN_PROCESS)
@pytest.mark.parametrize("after", [0, 1, 7])
def test_leaving_the_loop_ends_the_workers(after: int, no_thread_stays: None) -> None:
    class Slow(Remembering):
        def __getitem__(self, index: int) -> int:
            time.sleep(0.005)
            return super().__getitem__(index)

    dataset = Slow(1000)
    for k, _ in enumerate(DataLoader(dataset, num_workers=3)):
        if k == after:
            break
    gc.collect()
    assert len(dataset.read) <= after + 1 + 3 * 2
    assert comes_true(lambda: not loaders_threads(dataset))
    read = len(dataset.read)
    time.sleep(0.02)
    assert len(dataset.read) == read, "the dataset is still being read after the loop was left"


def loaders_threads(dataset: Remembering) -> set[int]:
    return dataset.threads & {thread.ident for thread in threading.enumerate() if thread.ident}


@pytest.mark.in_process(IN_PROCESS)
def test_an_iterator_that_is_forgotten_ends_its_workers(no_thread_stays: None) -> None:
    before = threading.active_count()
    dataset = Remembering(100)
    epoch = iter(DataLoader(dataset, num_workers=2))
    next(epoch)
    assert threading.active_count() > before
    del epoch
    gc.collect()
    assert comes_true(lambda: threading.active_count() == before)
    begun = iter(DataLoader(dataset, num_workers=2))
    del begun


@pytest.mark.in_process(IN_PROCESS)
def test_an_iterator_in_a_cycle_ends_its_workers(no_thread_stays: None) -> None:
    cycle: list[Any] = [iter(DataLoader(Remembering(100), num_workers=2))]
    cycle.append(cycle)
    next(cycle[0])
    del cycle


@pytest.mark.in_process(IN_PROCESS)
def test_a_whole_epoch_ends_its_workers(no_thread_stays: None) -> None:
    before = threading.active_count()
    epoch = iter(DataLoader(range(10), num_workers=2))
    assert len(list(epoch)) == 10
    assert comes_true(lambda: threading.active_count() == before), "though the iterator is kept"
    with pytest.raises(StopIteration):
        next(epoch)


# Exceptions


class NoSuchItem(Exception):
    pass


class Broken(Dataset):
    def __init__(self, at: int) -> None:
        self.at = at

    def __getitem__(self, index: int) -> int:
        if index == self.at:
            self.fail_to_open(index)
        return index

    def fail_to_open(self, index: int) -> None:
        raise NoSuchItem(f"file {index} is not there")

    def __len__(self) -> int:
        return 12


@pytest.mark.in_process(IN_PROCESS)
@pytest.mark.parametrize("workers", [0, 1, 3])
@pytest.mark.parametrize("at", [0, 1, 5, 10, 11])
def test_an_exception_brings_its_traceback_and_the_item(
    at: int, workers: int, no_thread_stays: None
) -> None:
    came: list[Any] = []
    with pytest.raises(NoSuchItem, match=f"file {at} is not there") as caught:
        came.extend(DataLoader(Broken(at), 2, num_workers=workers))
    assert [batch.tolist() for batch in came] == [[2 * k, 2 * k + 1] for k in range(at // 2)]
    told = "".join(traceback.format_exception(caught.value))
    assert "fail_to_open" in told, "the traceback should lead to where it was raised"
    assert f"item {at} " in told, "a note should say which item it was"
    assert f"batch {at // 2}" in told


@pytest.mark.in_process(IN_PROCESS)
@pytest.mark.parametrize("where", ["collate_fn", "transform", "sampler"])
@pytest.mark.parametrize("workers", [0, 2])
def test_exceptions_of_other_places(where: str, workers: int, no_thread_stays: None) -> None:
    def fail(*_: Any) -> Any:
        raise NoSuchItem(where)

    def indices() -> Iterator[int]:
        yield 0
        fail()

    options: dict[str, dict[str, Any]] = {
        "collate_fn": {"collate_fn": fail},
        "transform": {"transform": fail},
        "sampler": {"sampler": indices()},
    }
    with pytest.raises(NoSuchItem, match=where):
        list(DataLoader(range(9), num_workers=workers, **options[where]))


@pytest.mark.in_process(IN_PROCESS)
def test_what_fails_later_is_not_raised_before_its_time(no_thread_stays: None) -> None:
    """The reader leaves before it comes to the batch that failed."""
    epoch = iter(DataLoader(Broken(3), num_workers=2, prefetch_factor=4))
    assert [next(epoch).item() for _ in range(3)] == [0, 1, 2]
    time.sleep(0.02)
    del epoch


# Loaders in loaders


@pytest.mark.in_process(IN_PROCESS)
@pytest.mark.parametrize("inner", [0, 2])
@pytest.mark.parametrize("outer", [0, 2])
def test_a_dataset_that_has_a_loader_of_its_own(
    outer: int, inner: int, no_thread_stays: None
) -> None:
    class OfLoaders(Dataset):
        def __getitem__(self, index: int) -> Any:
            loader = DataLoader(range(6), 2, shuffle=True, num_workers=inner)
            return np.concatenate([batch.numpy() for batch in loader]) + 10 * index

        def __len__(self) -> int:
            return 5

    def found(workers: int) -> list[Any]:
        manual_seed(4)
        return [batch.tolist() for batch in DataLoader(OfLoaders(), 2, num_workers=workers)]

    batches = found(outer)
    rows = [row for batch in batches for row in batch]
    assert [sorted(row) for row in rows] == [[10 * i + n for n in range(6)] for i in range(5)]
    assert batches == found(0), "inner loaders should draw from the batch's generator"
