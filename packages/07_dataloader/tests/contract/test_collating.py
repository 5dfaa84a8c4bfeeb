"""Task 7.3: out of a list of items, one batch."""

from collections import OrderedDict, UserDict, namedtuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.dataloader import default_collate, default_convert
from tinytorch.tensor import Tensor

Point = namedtuple("Point", ["x", "y"])


def drawn(*shape: int, dtype: str = "float32") -> Any:
    return (100 * np.random.default_rng(1).random(shape)).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "uint8", "bool"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (3, 4, 5)])
@pytest.mark.parametrize("kind", [np.asarray, Tensor], ids=["arrays", "tensors"])
def test_arrays_and_tensors_are_stacked(
    dtype: str, shape: tuple[int, ...], kind: Any, assert_same: Any
) -> None:
    rows = drawn(4, *shape, dtype=dtype)
    found = default_collate([kind(row) for row in rows])
    assert_same(found, rows, f"four items of {dtype} {shape}")


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        ([3, 1, 2], np.array([3, 1, 2])),
        ([1.5, 2.0], np.array([1.5, 2.0])),
        ([1.5, 2], np.array([1.5, 2.0])),
        ([True, False], np.array([True, False])),
        ([2**40, -1], np.array([2**40, -1])),
    ],
    ids=["int", "float", "float-and-int", "bool", "large"],
)
def test_python_numbers(batch: Any, expected: Any, assert_same: Any) -> None:
    """Floats are float64, as in PyTorch."""
    assert_same(default_collate(batch), expected, f"default_collate({batch})")


def test_numpy_scalars_keep_their_type(assert_same: Any) -> None:
    for kind in (np.float32, np.float64, np.int32, np.uint8, np.bool_):
        expected = np.array([1, 0, 1], kind)
        assert_same(default_collate([kind(1), kind(0), kind(1)]), expected, f"of {kind.__name__}")


def test_texts_stay_as_they_are() -> None:
    assert default_collate(["cat", "dog"]) == ["cat", "dog"]
    assert default_collate(["c", "d"]) == ["c", "d"]
    assert default_collate([b"cat", b"dog"]) == [b"cat", b"dog"]


def test_tuples_and_lists_are_collated_place_by_place(assert_same: Any) -> None:
    """A tuple's batches come in a list, as in PyTorch."""
    x = drawn(3, 2, 2)
    expected = [x, np.array([7, 8, 9]), ("a", "b", "c")]
    batch = [(x[0], 7, "a"), (x[1], 8, "b"), (x[2], 9, "c")]
    for kind in (tuple, list):
        found = default_collate([kind(item) for item in batch])
        assert type(found) is list
        found[2] = tuple(found[2])
        assert_same(found, expected, f"three items, each a {kind.__name__}")
    assert default_collate([(), ()]) == []


def test_dicts_are_collated_key_by_key(assert_same: Any) -> None:
    x = drawn(2, 3)
    batch = [{"image": x[0], "label": 4}, {"label": 5, "image": x[1]}]
    expected = {"image": x, "label": np.array([4, 5])}
    assert_same(default_collate(batch), expected, "two dicts")


def test_other_dicts_stay_what_they_are(assert_same: Any) -> None:
    found = default_collate([OrderedDict(b=1, a=2), OrderedDict(b=3, a=4)])
    assert isinstance(found, OrderedDict)
    assert_same(dict(found), {"b": np.array([1, 3]), "a": np.array([2, 4])}, "ordered dicts")


@pytest.mark.in_process("these classes cannot cross to another process")
def test_named_tuples_and_other_mappings(assert_same: Any) -> None:
    found = default_collate([Point(1, 2.5), Point(3, 4.5)])
    assert type(found) is Point
    assert_same(found.x, np.array([1, 3]), "x of named tuples")
    assert_same(found.y, np.array([2.5, 4.5]), "y of named tuples")
    other = default_collate([UserDict(a=1), UserDict(a=2)])
    assert type(other) is UserDict
    assert_same(other["a"], np.array([1, 2]), "a UserDict")


def test_ranges_are_sequences_too(assert_same: Any) -> None:
    assert_same(default_collate([range(2), range(2)]), [np.array([0, 0]), np.array([1, 1])], "")


def test_what_lies_in_what(assert_same: Any) -> None:
    x = drawn(2, 3)
    batch = [
        ({"pair": (x[0], [1, 2.0])}, [("a", True)]),
        ({"pair": (x[1], [3, 4.0])}, [("b", False)]),
    ]
    found = default_collate(batch)
    assert tuple(found[1][0][0]) == ("a", "b")
    assert_same(found[1][0][1], np.array([True, False]), "a number in a tuple in a list in a tuple")
    expected = {"pair": [x, [np.array([1, 3]), np.array([2.0, 4.0])]]}
    assert_same(found[0], expected, "numbers in a list in a tuple in a dict in a tuple")


@given(st.integers(1, 6), st.integers(0, 4), st.booleans())
@settings(max_examples=30, deadline=None)
def test_any_number_of_items_and_columns(items: int, columns: int, as_dict: bool) -> None:
    table = np.arange(items * columns).reshape(items, columns)
    rows = [[int(n) for n in row] for row in table]
    batch = [{f"c{k}": n for k, n in enumerate(row)} for row in rows] if as_dict else rows
    found = default_collate(batch)
    values = [found[f"c{k}"] for k in range(columns)] if as_dict else list(found)
    assert [column.tolist() for column in values] == table.T.tolist()


def test_the_items_stay_as_they_were(assert_same: Any) -> None:
    first, second = {"a": [1, 2]}, {"a": [3, 4]}
    default_collate([first, second])
    assert first == {"a": [1, 2]}
    assert second == {"a": [3, 4]}
    listed = [[1, 2], [3, 4]]
    default_collate(listed)
    assert listed == [[1, 2], [3, 4]]


def test_a_batch_has_memory_of_its_own() -> None:
    x = Tensor(drawn(2, 3))
    found = default_collate([x[0], x[1]])
    assert found.data_ptr() != x.data_ptr()


# What does not fit


def test_items_of_different_shapes(refused: Any) -> None:
    for kind in (np.asarray, Tensor):
        batch = [kind(np.zeros(shape)) for shape in ((2, 3), (2, 3), (3, 2))]
        with refused(ValueError, "default_collate", "(2, 3)", "(3, 2)"):
            default_collate(batch)


def test_items_of_different_lengths_or_keys(refused: Any) -> None:
    with refused(ValueError, "default_collate", "2", "3"):
        default_collate([[1, 2], [1, 2, 3]])
    with refused(ValueError, "default_collate", "label"):
        default_collate([{"image": 1, "label": 2}, {"image": 1}])
    with refused(ValueError, "default_collate", "label"):
        default_collate([{"image": 1}, {"image": 1, "label": 2}])


def test_no_items(refused: Any) -> None:
    with refused(ValueError, "default_collate"):
        default_collate([])


@pytest.mark.parametrize(
    ("item", "word"),
    [(None, "NoneType"), ({1, 2}, "set"), (1j, "complex"), (np.array(["a"]), "U")],
    ids=["none", "set", "complex", "texts"],
)
def test_what_has_no_place_in_a_tensor(item: Any, word: str, refused: Any) -> None:
    with refused(TypeError, "default_collate", word):
        default_collate([item, item])
    with refused(TypeError, "default_collate", word):
        default_collate([(1, item), (2, item)])


# Of a single item


def test_a_single_item_is_converted_but_not_stacked(assert_same: Any) -> None:
    x = drawn(2, 3)
    item = (x, {"y": x[0], "n": 3, "name": "cat"}, np.float32(1.5), 2.5)
    expected = [x, {"y": x[0], "n": 3, "name": "cat"}, np.asarray(1.5, np.float32), 2.5]
    assert_same(default_convert(item), expected, "default_convert")
