"""Number types, and which one meets which: PyTorch's rule, by categories."""

from __future__ import annotations

import numpy as np
import pytest

import tinytorch.tensor as tt

KINDS = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


def line(kind: str) -> tt.Tensor:
    return tt.ones(2, dtype=kind)


def single(kind: str) -> tt.Tensor:
    return tt.tensor(1, dtype=kind)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        # Among tensors with dimensions, the higher category wins, and in it the wider type.
        (line("float32"), line("float64"), "float64"),
        (line("float16"), line("float32"), "float32"),
        (line("float16"), line("int64"), "float16"),
        (line("int64"), line("float32"), "float32"),
        (line("int8"), line("int32"), "int32"),
        (line("uint8"), line("int8"), "int16"),
        (line("uint8"), line("int64"), "int64"),
        (line("bool"), line("uint8"), "uint8"),
        (line("bool"), line("bool"), "bool"),
        (line("bool"), line("float16"), "float16"),
        # A 0-d tensor decides only if nothing with dimensions is of its category.
        (line("float32"), single("float64"), "float32"),
        (line("float16"), single("float64"), "float16"),
        (line("int8"), single("int64"), "int8"),
        (line("int64"), single("float64"), "float64"),
        (line("int64"), single("float16"), "float16"),
        (line("bool"), single("int8"), "int8"),
        (single("float32"), single("float64"), "float64"),
        (single("int64"), line("uint8"), "uint8"),
        # A number decides only if no tensor is of its category.
        (line("float32"), 2.0, "float32"),
        (line("float64"), 2.0, "float64"),
        (line("float16"), 2, "float16"),
        (line("int64"), 2.0, "float32"),
        (line("int8"), 2, "int8"),
        (line("bool"), 2, "int64"),
        (line("bool"), 2.0, "float32"),
        (line("bool"), True, "bool"),
        (line("int8"), True, "int8"),
        (single("float16"), 2.0, "float16"),
        (single("int8"), 2, "int8"),
        (single("int64"), 2.0, "float32"),
        # NumPy's scalars are numbers too.
        (line("float32"), np.float64(2), "float32"),
        (line("int64"), np.float64(2), "float32"),
        (line("int8"), np.int64(2), "int8"),
        (line("bool"), np.bool_(True), "bool"),
    ],
)
def test_the_type_in_which_two_meet(a, b, expected):
    assert tt.result_type(a, b) == np.dtype(expected)
    assert tt.result_type(b, a) == np.dtype(expected)
    assert tt.eq(a, b).dtype == tt.bool
    assert tt.where(tt.tensor(True), a, b).dtype == np.dtype(expected)
    assert (a * b).dtype == np.dtype(expected), f"{a!r} * {b!r}"
    assert (b * a).dtype == np.dtype(expected), f"{b!r} * {a!r}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_type_meets_itself(kind):
    assert tt.result_type(line(kind), line(kind)) == np.dtype(kind)
    assert tt.result_type(line(kind)) == np.dtype(kind)


def test_three_meet():
    assert tt.result_type(line("bool"), single("int8"), 2.0) == tt.float32
    assert tt.result_type(line("float16"), line("int64"), single("float64")) == tt.float16
    assert tt.cat([line("int8"), line("float16"), line("bool")]).dtype == tt.float16


def test_numbers_alone():
    assert tt.result_type(1, 2.0) == tt.float32
    assert tt.result_type(1) == tt.int64
    assert tt.result_type(True) == tt.bool


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_has_its_name(kind):
    assert getattr(tt, kind) == np.dtype(kind)
    assert tt.zeros(2, dtype=getattr(tt, kind)).dtype == np.dtype(kind)
    assert tt.zeros(2, dtype=kind).dtype == np.dtype(kind)


def test_pythons_types_mean_the_defaults():
    assert tt.zeros(2, dtype=float).dtype == tt.float32
    assert tt.zeros(2, dtype=int).dtype == tt.int64
    assert tt.zeros(2, dtype=bool).dtype == tt.bool


@pytest.mark.parametrize("kind", ["complex64", "uint32", "U3", "O", ">f4"])
def test_types_that_tensors_do_not_have(kind, refused):
    with refused(TypeError, "float32"):
        tt.zeros(2, dtype=kind)
    with refused(TypeError):
        tt.tensor(np.zeros(2).astype(kind))


def test_an_array_of_another_type_is_refused(refused):
    with refused(TypeError, "complex64"):
        line("float32") + np.zeros(2, np.complex64)
