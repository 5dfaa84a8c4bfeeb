"""Task 7.4: the same seed, the same batches; and going on where one was."""

import json
from typing import Any

import numpy as np
import pytest

from tinytorch.dataloader import (
    BatchSampler,
    DataLoader,
    Dataset,
    RandomErasing,
    RandomSampler,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
    current_generator,
)
from tinytorch.tensor import Tensor, default_generator, manual_seed, rand


class Noisy(Dataset):
    """Items that draw."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __getitem__(self, index: int) -> tuple[int, float]:
        return index, float(current_generator().random())

    def __len__(self) -> int:
        return self.count


def noise(loader: Any) -> list[list[float]]:
    """What an epoch over `Noisy` drew, batch by batch."""
    return [drawn.tolist() for _, drawn in loader]


def erased(seed: int, **options: Any) -> Any:
    """Two epochs over images of ones, with a rectangle erased in each."""
    dataset = TensorDataset(Tensor(np.ones((24, 1, 8, 8))))
    erase = RandomErasing(p=1)
    generator = np.random.default_rng(seed)
    loader = DataLoader(dataset, 6, transform=erase, generator=generator, **options)
    return [[batch[0].tolist() for batch in loader] for _ in range(2)]


# The order


def test_shuffling_gives_each_item_once_in_a_new_order_each_epoch(numbers_of: Any) -> None:
    loader = DataLoader(range(50), 8, shuffle=True, generator=np.random.default_rng(0))
    assert len(loader) == 7
    epochs = [numbers_of(loader) for _ in range(3)]
    for epoch in epochs:
        assert [len(batch) for batch in epoch] == [8] * 6 + [2]
        assert sorted(n for batch in epoch for n in batch) == list(range(50))
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]


def test_same_seed_same_order(numbers_of: Any) -> None:
    def epochs(seed: int) -> list[list[list[int]]]:
        draws = np.random.default_rng(seed)
        loader = DataLoader(range(50), 8, shuffle=True, generator=draws)
        return [numbers_of(loader) for _ in range(2)]

    assert epochs(1) == epochs(1)
    assert epochs(1) != epochs(2)


def test_without_a_generator_the_default_one_decides(numbers_of: Any) -> None:
    loader = DataLoader(range(50), 8, shuffle=True)
    manual_seed(3)
    first, second = numbers_of(loader), numbers_of(loader)
    manual_seed(3)
    assert [numbers_of(loader), numbers_of(loader)] == [first, second]
    assert first != second
    manual_seed(4)
    assert numbers_of(loader) != first


def test_all_is_drawn_as_the_epoch_begins() -> None:
    """What others draw from the same generator during the epoch changes nothing in it."""
    loader = DataLoader(Noisy(20), 4, shuffle=True)
    manual_seed(5)
    expected = [(indices.tolist(), drawn.tolist()) for indices, drawn in loader]
    manual_seed(5)
    epoch = iter(loader)
    found = []
    for _ in range(5):
        default_generator().random(3)
        indices, drawn = next(epoch)
        found.append((indices.tolist(), drawn.tolist()))
    assert found == expected


# What is drawn for the batches


def test_every_batch_and_every_epoch_draws_other_numbers() -> None:
    loader = DataLoader(Noisy(12), 3, generator=np.random.default_rng(0))
    drawn = [n for _ in range(3) for batch in noise(loader) for n in batch]
    assert len(set(drawn)) == 36, "no number should be drawn twice"
    single = DataLoader(Noisy(1), generator=np.random.default_rng(1))
    many = [noise(single)[0][0] for _ in range(400)]
    assert len(set(many)) == 400, "of 400 epochs, no two should have the same seed"


def test_same_seed_same_numbers() -> None:
    def drawn(seed: int) -> list[list[float]]:
        loader = DataLoader(Noisy(12), 3, generator=np.random.default_rng(seed))
        return noise(loader) + noise(loader)

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_a_batch_draws_the_same_whatever_was_read_before() -> None:
    """Batch k depends on the epoch's seed and on k alone."""
    manual_seed(6)
    everything = noise(DataLoader(Noisy(12), 3))
    manual_seed(6)
    other = DataLoader(Noisy(12), batch_sampler=[[0], [0, 0, 0, 0, 0], [6, 7, 8], [9, 10, 11]])
    found = noise(other)
    assert found[2:] == everything[2:], "batches 2 and 3 should not depend on 0 and 1"


def test_transforms_draw_from_the_generator_of_the_batch() -> None:
    first = erased(1)
    assert erased(1) == first
    assert erased(2) != first
    assert first[0] != first[1], "each epoch should erase other rectangles"
    assert len({str(batch) for batch in first[0]}) == 4, "so should each batch"


@pytest.mark.in_process("several threads cannot call from another process at a time")
@pytest.mark.parametrize("workers", [0, 3])
def test_what_draws_from_the_default_generator_draws_from_that_of_the_batch(workers: int) -> None:
    class FromTheDefaultOne(Noisy):
        def __getitem__(self, index: int) -> tuple[int, float]:
            return index, rand(()).item()

    def drawn(dataset: Any, workers: int) -> list[list[float]]:
        generator = np.random.default_rng(9)
        return noise(DataLoader(dataset, 3, num_workers=workers, generator=generator))

    first = drawn(FromTheDefaultOne(24), 0)
    state = default_generator().bit_generator.state
    assert drawn(FromTheDefaultOne(24), workers) == first
    assert default_generator().bit_generator.state == state, "the default one was not touched"
    assert len({n for batch in first for n in batch}) == 24


def test_outside_of_a_loader_the_default_generator_is_the_current_one() -> None:
    for _ in DataLoader(Noisy(4), 2):
        manual_seed(7)
        expected = default_generator().random()
        manual_seed(7)
        assert current_generator().random() == expected
    manual_seed(8)
    expected = default_generator().random()
    manual_seed(8)
    assert current_generator().random() == expected


def test_an_error_leaves_no_generator_behind() -> None:
    with pytest.raises(IndexError):
        list(DataLoader(TensorDataset(Tensor(np.zeros(3))), sampler=[5]))
    manual_seed(8)
    expected = default_generator().random()
    manual_seed(8)
    assert current_generator().random() == expected


def test_two_epochs_at_once_do_not_disturb_each_other() -> None:
    loader = DataLoader(Noisy(12), 3, shuffle=True, generator=np.random.default_rng(9))
    pairs = list(zip(loader, loader, strict=True))
    again = DataLoader(Noisy(12), 3, shuffle=True, generator=np.random.default_rng(9))
    first, second = list(again), list(again)
    for k in range(4):
        for found, expected in zip(pairs[k], (first[k], second[k]), strict=True):
            assert [each.tolist() for each in found] == [each.tolist() for each in expected]


# Going on


def read(loader: Any, epochs: int) -> list[Any]:
    return [[[each.tolist() for each in batch] for batch in loader] for _ in range(epochs)]


@pytest.mark.parametrize("kind", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_a_state_goes_through_json_and_the_epochs_go_on(kind: str) -> None:
    def made(seed: int) -> Any:
        draws = np.random.Generator(getattr(np.random, kind)(seed))
        return DataLoader(Noisy(20), 6, shuffle=True, generator=draws)

    loader = made(1)
    read(loader, 2)
    written = json.dumps(loader.state_dict())
    expected = read(loader, 2)
    other = made(2)
    other.load_state_dict(json.loads(written))
    assert read(other, 2) == expected
    loader.load_state_dict(json.loads(written))
    assert read(loader, 2) == expected, "the loader itself should go back, too"


def test_a_state_of_the_default_generator() -> None:
    loader = DataLoader(Noisy(20), 6, shuffle=True)
    manual_seed(1)
    read(loader, 1)
    state = loader.state_dict()
    expected = read(loader, 2)
    manual_seed(2)
    loader.load_state_dict(state)
    assert read(loader, 2) == expected


@pytest.mark.parametrize("kind", ["sampler", "batches", "weights"])
def test_a_sampler_with_a_generator_of_its_own_is_part_of_the_state(kind: str) -> None:
    def made(seed: int) -> Any:
        draws = np.random.default_rng(seed + 10)
        order = RandomSampler(range(20), generator=draws)
        options = {
            "sampler": {"batch_size": 6, "sampler": order},
            "batches": {"batch_sampler": BatchSampler(order, 6)},
            "weights": {"sampler": WeightedRandomSampler([1.0] * 20, 8, generator=draws)},
        }[kind]
        return DataLoader(Noisy(20), generator=np.random.default_rng(seed), **options)

    loader = made(1)
    read(loader, 2)
    written = json.dumps(loader.state_dict())
    expected = read(loader, 2)
    other = made(2)
    other.load_state_dict(json.loads(written))
    assert read(other, 2) == expected


def test_samplers_that_are_lists_have_no_state() -> None:
    loader = DataLoader(Noisy(20), 2, sampler=[3, 4], generator=np.random.default_rng(1))
    state = json.loads(json.dumps(loader.state_dict()))
    expected = read(loader, 2)
    loader.load_state_dict(state)
    assert read(loader, 2) == expected
    single = DataLoader(Subset(range(9), [3, 4]), None, shuffle=True)
    manual_seed(1)
    state = single.state_dict()
    expected = [list(single) for _ in range(5)]
    single.load_state_dict(state)
    assert [list(single) for _ in range(5)] == expected


def test_a_state_of_another_kind_of_generator(refused: Any) -> None:
    state = DataLoader(range(5), generator=np.random.default_rng(0)).state_dict()
    other = DataLoader(range(5), generator=np.random.Generator(np.random.MT19937(0)))
    with refused(ValueError, "PCG64", "MT19937"):
        other.load_state_dict(state)
