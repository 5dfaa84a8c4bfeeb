"""Task 13.5: keys and values of earlier positions, kept."""

from typing import Any

import numpy as np
import pytest

from tinytorch.attention import KVCache
from tinytorch.tensor import Tensor


def filled(drawn: Any, length: int = 4, batch: int = 3) -> tuple[KVCache, Any, Any]:
    keys, values = drawn(batch, 2, length, 5), drawn(batch, 2, length, 5, seed=1)
    cache = KVCache(batch, 2, 6, 5, dtype="float64")
    cache.append(Tensor(keys), Tensor(values))
    return cache, keys, values


def everything(cache: KVCache, batch: int, dtype: str = "float64") -> tuple[Any, Any]:
    """What a cache holds: what comes when nothing is appended."""
    nothing = Tensor(np.zeros((batch, 2, 0, 5), dtype))
    keys, values = cache.append(nothing, nothing)
    return keys.numpy(), values.numpy()


def test_an_empty_one() -> None:
    cache = KVCache(2, 3, 8, 5)
    assert (cache.length, cache.max_length) == (0, 8)
    keys, values = cache.append(
        Tensor(np.zeros((2, 3, 0, 5), "f4")), Tensor(np.zeros((2, 3, 0, 5), "f4"))
    )
    assert keys.shape == values.shape == (2, 3, 0, 5)
    assert cache.length == 0


@pytest.mark.parametrize("steps", [[1, 1, 1, 1], [4], [2, 1, 1], [3, 0, 1]], ids=str)
@pytest.mark.parametrize("dtype", [None, "float16", "float64"])
def test_all_that_was_appended(
    steps: list[int], dtype: str | None, drawn: Any, assert_close: Any
) -> None:
    wanted = dtype or "float32"
    keys, values = drawn(2, 3, 4, 5, dtype=wanted), drawn(2, 3, 4, 7, seed=1, dtype=wanted)[..., :5]
    cache, end = KVCache(2, 3, 6, 5, dtype=dtype), 0
    for step in steps:
        start, end = end, end + step
        found = cache.append(Tensor(keys[:, :, start:end]), Tensor(values[:, :, start:end]))
        tried = f"positions {start} to {end} of steps {steps}"
        assert cache.length == end, f"{tried}: length {cache.length}"
        assert_close(found[0], keys[:, :, :end], f"{tried}: the keys")
        assert_close(found[1], values[:, :, :end], f"{tried}: the values")


def test_what_comes_back_is_not_a_copy(drawn: Any) -> None:
    keys = drawn(2, 3, 1, 5, dtype="float32")
    cache = KVCache(2, 3, 6, 5)
    first = cache.append(Tensor(keys), Tensor(keys))
    second = cache.append(Tensor(keys), Tensor(keys))
    for a, b, name in zip(first, second, ("keys", "values"), strict=True):
        assert a.data_ptr() == b.data_ptr(), f"the {name} were copied to make room for one more"
    assert second[0].data_ptr() != second[1].data_ptr(), "keys and values share their memory"


def test_it_keeps_values_of_its_own(drawn: Any) -> None:
    keys = Tensor(drawn(2, 3, 1, 5, dtype="float32"))
    cache = KVCache(2, 3, 6, 5)
    found, _ = cache.append(keys, keys)
    before = found.numpy().copy()
    keys.fill_(9)
    np.testing.assert_array_equal(found.numpy(), before, err_msg="the cache changed with the input")


def test_full(refused: Any, drawn: Any) -> None:
    cache, keys, _ = filled(drawn)
    more = Tensor(drawn(3, 2, 3, 5))
    with refused(ValueError, "KVCache", "4", "3", "6", "max_length"):
        cache.append(more, more)
    assert cache.length == 4, "a refused append must leave the cache as it was"
    two = Tensor(drawn(3, 2, 2, 5, seed=2))
    found, _ = cache.append(two, two)
    assert found.shape == (3, 2, 6, 5), "it is exactly full"
    np.testing.assert_array_equal(found.numpy()[:, :, :4], keys)
    with refused(ValueError, "KVCache", "6"):
        cache.append(Tensor(drawn(3, 2, 1, 5)), Tensor(drawn(3, 2, 1, 5)))


@pytest.mark.parametrize(
    "shape", [(2, 2, 1, 5), (3, 1, 1, 5), (3, 2, 1, 4), (2, 1, 5), (3, 2, 1, 5, 1)], ids=str
)
def test_sizes_that_do_not_fit(shape: tuple[int, ...], refused: Any) -> None:
    cache = KVCache(3, 2, 6, 5, dtype="float64")
    wrong, right = Tensor(np.zeros(shape)), Tensor(np.zeros((3, 2, 1, 5)))
    with refused(ValueError, "KVCache", f"key {shape}", "3", "2", "5"):
        cache.append(wrong, right)
    with refused(ValueError, "KVCache", f"value {shape}", "3", "2", "5"):
        cache.append(right, wrong)
    with refused(ValueError, "KVCache"):
        cache.append(right, Tensor(np.zeros((3, 2, 2, 5))))
    assert cache.length == 0


def test_another_type(refused: Any) -> None:
    cache, wide = KVCache(1, 2, 6, 5), Tensor(np.zeros((1, 2, 1, 5)))
    with refused(TypeError, "KVCache", "float64", "float32"):
        cache.append(wide, wide)


def test_sizes_below_0(refused: Any) -> None:
    with refused(ValueError, "KVCache", "-1"):
        KVCache(1, 2, -1, 5)


def test_reset(drawn: Any, assert_close: Any) -> None:
    cache, *_ = filled(drawn)
    cache.reset()
    assert (cache.length, cache.max_length) == (0, 6)
    keys, values = drawn(3, 2, 6, 5, seed=3), drawn(3, 2, 6, 5, seed=4)
    found = cache.append(Tensor(keys), Tensor(values))
    assert_close(found[0], keys, "keys after reset()")
    assert_close(found[1], values, "values after reset()")


@pytest.mark.parametrize("length", [0, 1, 3, 4])
def test_truncate(length: int, drawn: Any, assert_close: Any) -> None:
    cache, keys, values = filled(drawn)
    cache.truncate(length)
    assert cache.length == length
    more = drawn(3, 2, 2, 5, seed=3)
    found = cache.append(Tensor(more), Tensor(-more))
    tried = f"truncate({length}), and two more"
    assert_close(found[0], np.concatenate([keys[:, :, :length], more], axis=2), tried)
    assert_close(found[1], np.concatenate([values[:, :, :length], -more], axis=2), tried)


@pytest.mark.parametrize("length", [5, -1])
def test_truncate_to_what_is_not_there(length: int, drawn: Any, refused: Any) -> None:
    cache, *_ = filled(drawn)
    with refused(ValueError, "truncate", str(length), "4"):
        cache.truncate(length)
    assert cache.length == 4


@pytest.mark.parametrize(
    "rows", [[0, 1, 2], [2, 0, 1], [1, 1, 1], [2, 0], [1], [0, 0, 1, 1, 2, 2], []], ids=str
)
def test_keep(rows: list[int], drawn: Any, assert_close: Any) -> None:
    cache, keys, values = filled(drawn)
    cache.keep(rows)
    assert (cache.length, cache.max_length) == (4, 6)
    found = everything(cache, len(rows))
    assert_close(found[0], keys[rows], f"keys after keep({rows})")
    assert_close(found[1], values[rows], f"values after keep({rows})")
    more = drawn(len(rows), 2, 2, 5, seed=3)
    longer = cache.append(Tensor(more), Tensor(-more))
    expected = np.concatenate([keys[rows], more], axis=2)
    assert_close(longer[0], expected, f"keep({rows}), and two more")
    assert_close(longer[1], np.concatenate([values[rows], -more], axis=2), f"keep({rows}), and 2")


def test_keep_twice(drawn: Any, assert_close: Any) -> None:
    cache, keys, values = filled(drawn)
    cache.keep([2, 1, 2, 0])
    cache.keep([3, 0])
    found = everything(cache, 2)
    assert_close(found[0], keys[[0, 2]], "keep([2, 1, 2, 0]), then keep([3, 0])")
    assert_close(found[1], values[[0, 2]], "the values")


@pytest.mark.parametrize("row", [3, -1])
def test_keep_a_row_that_is_not_there(
    row: int, drawn: Any, refused: Any, assert_close: Any
) -> None:
    cache, keys, _ = filled(drawn)
    with refused(IndexError, "keep", str(row), "3"):
        cache.keep([0, row])
    assert_close(everything(cache, 3)[0], keys, "after a refused keep()")


@pytest.mark.parametrize("seed", range(12))
def test_any_order(seed: int) -> None:
    """Beside plain arrays that are joined and cut."""
    draws = np.random.default_rng(seed)
    cache, kept, batch, steps = KVCache(2, 2, 30, 5, dtype="float64"), np.zeros((2, 2, 0, 5)), 2, []
    for _ in range(10):
        choice, number = draws.integers(0, 3), int(draws.integers(0, 4))
        if choice == 0:
            steps.append(f"append {number}")
            new = draws.standard_normal((batch, 2, number, 5))
            cache.append(Tensor(new), Tensor(-new))
            kept = np.concatenate([kept, new], axis=2)
        elif choice == 1:
            length = max(0, kept.shape[2] - number)
            steps.append(f"truncate({length})")
            cache.truncate(length)
            kept = kept[:, :, :length]
        else:
            rows = draws.integers(0, batch, max(1, number)).tolist()
            steps.append(f"keep({rows})")
            cache.keep(rows)
            kept, batch = kept[rows], len(rows)
        keys, values = everything(cache, batch)
        np.testing.assert_array_equal(keys, kept, err_msg=f"the keys after {steps}")
        np.testing.assert_array_equal(values, -kept, err_msg=f"the values after {steps}")
