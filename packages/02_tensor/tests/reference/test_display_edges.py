"""Showing tensors of every shape: never an error, never too wide, and readable back."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

import tinytorch.tensor as tt
from tinytorch.tensor.dtypes import DTYPES

bounded = settings(max_examples=50, deadline=None, derandomize=True)


@bounded
@given(
    array=hnp.arrays(
        hnp.floating_dtypes(sizes=(16, 32, 64), endianness="=")
        | hnp.integer_dtypes(endianness="=")
        | hnp.boolean_dtypes(),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)
def test_the_values_can_be_read_back(array):
    text = repr(tt.tensor(array))
    inner = text.removeprefix("tensor(").removesuffix(")")
    words = re.findall(r"[-+\w.]+", re.sub(r"(size|dtype)=(\([^)]*\)|\w+)", "", inner))
    values = [{"True": 1.0, "False": 0.0}.get(word) for word in words]
    numbers = [float(w) if v is None else v for w, v in zip(words, values, strict=True)]
    assert len(numbers) == array.size
    exact = array.astype(np.float64).ravel()
    # The largest floats, rounded up to five digits, are beyond what a float can be.
    top = np.abs(exact) > 1.7976e308
    exact[top] = np.copysign(np.inf, exact[top])
    assert np.allclose(numbers, exact, rtol=1e-4, atol=5.1e-5, equal_nan=True)


def test_lines_keep_within_their_width():
    for n in (3, 17, 80, 999):
        for scale in (1, 1e-7, 12345.678, 1e12):
            text = repr(tt.arange(n, dtype="float64") * scale)
            assert max(map(len, text.splitlines())) <= 80 + len(", dtype=float64)")


def test_every_dtype_and_rank_is_shown():
    for kind in DTYPES:
        for shape in [(), (1,), (0,), (3, 0, 2), (1, 1, 1, 1), (2000,), (40, 40), (1, 1200, 1)]:
            text = repr(tt.ones(shape, dtype=kind))
            assert text.startswith("tensor(")
            assert text.endswith(")")
            assert len(text) < 2000


def test_numbers_that_lie_far_apart_are_shown_without_a_warning():
    assert "e-201" in repr(tt.tensor(np.array([3e-201, 5e107])))
