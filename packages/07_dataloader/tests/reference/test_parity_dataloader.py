"""The same loading in PyTorch: lengths, structures, values, and what is drawn from which set."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils import data as torch_data

from tinytorch import dataloader
from tinytorch.tensor import Tensor


def plain(value: Any) -> Any:
    """A batch of either framework in Python's own values, with the types of the numbers."""
    if isinstance(value, torch.Tensor | Tensor):
        return str(value.dtype).removeprefix("torch."), tuple(value.shape), value.tolist()
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value).__name__, [plain(each) for each in value]
    return value


ROWS = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
COLLATED: dict[str, list[Any]] = {
    "arrays": list(ROWS),
    "numpy scalars": [np.float32(1), np.float32(2)],
    "ints": [1, 2],
    "bools": [True, False],
    "floats": [1.5, 2.0],
    "texts": ["a", "b"],
    "bytes": [b"a", b"b"],
    "tuples": [(ROWS[0], 1, "a"), (ROWS[1], 2, "b")],
    "lists": [[ROWS[0], 1], [ROWS[1], 2]],
    "dicts": [{"x": ROWS[0], "y": 1}, {"y": 2, "x": ROWS[1]}],
    "nested": [({"x": (1, [2.0])}, "a"), ({"x": (3, [4.0])}, "b")],
    "empty tuples": [(), ()],
}


@pytest.mark.parametrize("name", COLLATED)
def test_collated_batches(name: str) -> None:
    batch = COLLATED[name]
    found, expected = dataloader.default_collate(batch), torch_data.default_collate(batch)
    assert plain(found) == plain(expected)


@pytest.mark.parametrize("item", [ROWS[0], (ROWS[0], 1, "a"), {"x": ROWS[0], "n": [1, 2.5]}])
def test_converted_items(item: Any) -> None:
    assert plain(dataloader.default_convert(item)) == plain(torch_data.default_convert(item))


@pytest.mark.parametrize("batch", [[None, None], [{1}, {2}], [np.array(["a"])] * 2])
def test_what_has_no_place_in_a_tensor(batch: list[Any]) -> None:
    for collate in (dataloader.default_collate, torch_data.default_collate):
        with pytest.raises(TypeError):
            collate(batch)


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("size", [1, 3, 4, 10, 11])
@pytest.mark.parametrize("total", [1, 9, 10])
def test_loaders(total: int, size: int, drop_last: bool) -> None:
    x, y = np.arange(2.0 * total, dtype=np.float32).reshape(total, 2), np.arange(total)
    ours = dataloader.DataLoader(
        dataloader.TensorDataset(Tensor(x), Tensor(y)), size, drop_last=drop_last
    )
    theirs = torch_data.DataLoader(
        torch_data.TensorDataset(torch.tensor(x), torch.tensor(y)), size, drop_last=drop_last
    )
    assert len(ours) == len(theirs)
    assert [plain(batch) for batch in ours] == [plain(batch) for batch in theirs]


def test_loaders_without_batches_and_with_samplers() -> None:
    items = [(row, n) for n, row in enumerate(ROWS)]
    for options in (
        {"batch_size": None},
        {"sampler": [2, 0, 1], "batch_size": 2},
        {"batch_sampler": [[3], [1, 2]]},
        {"collate_fn": len, "batch_size": 3},
    ):
        ours = dataloader.DataLoader(items, **options)
        theirs = torch_data.DataLoader(items, **options)  # type: ignore[arg-type]
        assert len(ours) == len(theirs)
        assert [plain(batch) for batch in ours] == [plain(batch) for batch in theirs]
        assert ours.batch_size == theirs.batch_size


@pytest.mark.parametrize(
    ("total", "lengths"),
    [
        (10, [7, 3]),
        (10, [0.5, 0.25, 0.25]),
        (11, [0.25, 0.25, 0.5]),
        (3, [0.2] * 5),
        (100, [0.29, 0.71]),
        (1, [0.4, 0.6]),
        (10, [1.0, 0.0]),
        (10, [1, 0]),
    ],
)
@pytest.mark.filterwarnings("ignore:Length of split")
def test_sizes_of_splits(total: int, lengths: list[Any]) -> None:
    items = list(range(total))
    found = dataloader.random_split(items, lengths)
    assert [len(part) for part in found] == [
        len(part)
        for part in torch_data.random_split(items, lengths)  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize("lengths", [[7, 2], [0.5, 0.4]])
def test_splits_that_do_not_add_up(lengths: list[Any]) -> None:
    for module in (dataloader, torch_data):
        with pytest.raises((ValueError, RuntimeError)):
            module.random_split(list(range(10)), lengths)


@pytest.mark.parametrize(
    "options",
    [{}, {"num_samples": 3}, {"num_samples": 25}, {"replacement": True, "num_samples": 7}],
)
def test_random_samplers(options: dict[str, Any]) -> None:
    ours = dataloader.RandomSampler(range(10), **options)
    theirs = torch_data.RandomSampler(range(10), **options)
    assert len(ours) == len(theirs) == ours.num_samples == theirs.num_samples
    drawn, expected = list(ours), list(theirs)
    assert len(drawn) == len(expected)
    if not options.get("replacement"):
        for start in range(0, len(drawn), 10):
            for each in (drawn, expected):
                assert len(set(each[start : start + 10])) == len(each[start : start + 10])


def test_other_samplers() -> None:
    for name, arguments in (
        ("SequentialSampler", (range(5),)),
        ("SubsetRandomSampler", ([5, 2, 9],)),
        ("WeightedRandomSampler", ([0.0, 0.0, 2.0], 4)),
        ("WeightedRandomSampler", ([1.0, 0.0, 2.0], 2, False)),
        ("BatchSampler", (range(7), 3, False)),
        ("BatchSampler", (range(7), 3, True)),
    ):
        ours, theirs = (getattr(m, name)(*arguments) for m in (dataloader, torch_data))
        assert len(ours) == len(theirs)
        assert sorted(ours) == sorted(theirs)


def test_options_that_both_refuse() -> None:
    for options in (
        {"batch_sampler": [[0]], "batch_size": 2},
        {"batch_sampler": [[0]], "shuffle": True},
        {"sampler": [0], "shuffle": True},
        {"batch_size": None, "drop_last": True},
        {"batch_size": 0},
        {"num_workers": -1},
    ):
        for module in (dataloader, torch_data):
            with pytest.raises(ValueError):
                module.DataLoader(range(5), **options)
    for module in (dataloader, torch_data):
        with pytest.raises(ValueError):
            module.DataLoader([], shuffle=True)


def test_datasets_of_datasets() -> None:
    joined = dataloader.ConcatDataset([range(3), range(0), range(10, 12)])
    theirs = torch_data.ConcatDataset([range(3), range(0), range(10, 12)])  # type: ignore[list-item]
    assert len(joined) == len(theirs) == 5
    assert [joined[i] for i in range(-5, 5)] == [theirs[i] for i in range(-5, 5)]
