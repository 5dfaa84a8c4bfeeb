"""What the contract tests share: how a batch is compared, and how a refusal is read.

Every check names what was tried, what came, and what was expected.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor

# Where gradients can be had, the checks run as they do in training: watched.
if importlib.util.find_spec("tinytorch.autograd") is not None:
    importlib.import_module("tinytorch.autograd")


@pytest.fixture(scope="session")
def assert_same() -> Callable[..., None]:
    """assert_same(found, expected, tried): the same structure, with tensors for arrays."""
    return _assert_same


def _assert_same(found: Any, expected: Any, tried: str) -> None:
    """expected: an array stands for a tensor of its shape, dtype and values; lists, tuples and
    dicts for themselves, with more of these in them; anything else for itself.
    """
    if isinstance(expected, np.ndarray):
        _assert_tensor(found, expected, tried)
    elif isinstance(expected, list | tuple):
        assert type(found) is type(expected), (
            f"{tried}\n  gave a {type(found).__name__}, expected a {type(expected).__name__}"
        )
        assert len(found) == len(expected), (
            f"{tried}\n  gave {len(found)} entries, expected {len(expected)}"
        )
        for place, (each, wanted) in enumerate(zip(found, expected, strict=True)):
            _assert_same(each, wanted, f"{tried}, entry {place}")
    elif isinstance(expected, dict):
        assert isinstance(found, dict), f"{tried}\n  gave a {type(found).__name__}, expected a dict"
        assert list(found) == list(expected), (
            f"{tried}\n  gave the keys {list(found)}, expected {list(expected)}"
        )
        for key, wanted in expected.items():
            _assert_same(found[key], wanted, f"{tried}, key {key!r}")
    else:
        assert type(found) is type(expected), (
            f"{tried}\n  gave {found!r}, expected {expected!r}, a {type(expected).__name__}"
        )
        assert found == expected, f"{tried}\n  gave {found!r}, expected {expected!r}"


def _assert_tensor(found: Any, expected: Any, tried: str) -> None:
    assert isinstance(found, Tensor), f"{tried}\n  gave a {type(found).__name__}, expected a tensor"
    values = found.detach().numpy()
    told = (
        f"{tried}\n  gave      {values.dtype} {values.shape} {_told(values)}"
        f"\n  expected  {expected.dtype} {expected.shape} {_told(expected)}"
    )
    assert values.shape == expected.shape, told
    assert values.dtype == expected.dtype, told
    assert np.array_equal(values, expected), told


def _told(array: Any) -> str:
    return np.array2string(array, threshold=40, precision=6, separator=", ")


@pytest.fixture(scope="session")
def refused() -> Callable[..., AbstractContextManager[None]]:
    """with refused(ValueError, "DataLoader", "0"): raises this, and its message has these."""
    return _refused


@contextmanager
def _refused(error: type[Exception], *words: str) -> Iterator[None]:
    with pytest.raises(error) as caught:
        yield
    assert not isinstance(caught.value, NotImplementedError), "the task is not written yet"
    told = str(caught.value)
    missing = [repr(word) for word in words if word not in told]
    assert not missing, (
        f"the text of the {type(caught.value).__name__} should name {' and '.join(missing)}, so "
        f"that a reader finds the mistake; it says: {told}"
    )


@pytest.fixture(scope="session")
def numbers_of() -> Callable[[Any], list[list[int]]]:
    """numbers_of(loader): an epoch over a dataset of numbers, each batch as a list."""
    return lambda loader: [batch.tolist() for batch in loader]
