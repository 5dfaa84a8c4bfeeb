"""Mistakes that learners make, and what they are told: operation, shapes or values, a fix."""

from __future__ import annotations

import pytest

import tinytorch.tensor as tt

MISTAKES = {
    "shapes that do not broadcast": (
        lambda: tt.zeros(2, 3) + tt.zeros(2, 4),
        ValueError,
        ["add", "(2, 3)", "(2, 4)", "dimension -1", "3 and 4"],
    ),
    "a column that should be a row": (
        lambda: tt.zeros(2, 3) * tt.zeros(2),
        ValueError,
        ["mul", "(2, 3)", "(2,)", "unsqueeze"],
    ),
    "a matrix product the wrong way round": (
        lambda: tt.zeros(2, 3) @ tt.zeros(2, 3),
        ValueError,
        ["matmul", "(2, 3)", "Transpose"],
    ),
    "a product with a number": (lambda: tt.zeros(2, 2) @ 3, TypeError, ["matmul", "3"]),
    "a list for a tensor": (lambda: tt.zeros(2) - [1, 2], TypeError, ["sub", "list", "tensor("]),
    "a text for a tensor": (lambda: tt.exp("1"), TypeError, ["exp", "str"]),
    "nothing for a tensor": (lambda: tt.zeros(2) * None, TypeError, ["mul", "None"]),
    "the mean of integers": (
        lambda: tt.tensor([1, 2]).mean(),
        TypeError,
        ["mean", "int64", "float()"],
    ),
    "a dimension too far": (
        lambda: tt.zeros(2, 3).sum(dim=2),
        IndexError,
        ["sum", "dimension 2", "2 dimensions", "-2 to -1"],
    ),
    "a dimension of a number": (lambda: tt.tensor(1.0).sum(dim=1), IndexError, ["sum", "0-d"]),
    "a reshape to other elements": (
        lambda: tt.zeros(2, 3).reshape(4),
        ValueError,
        ["reshape", "6", "(4,)"],
    ),
    "a view of a transposed tensor": (
        lambda: tt.zeros(2, 3).mT.view(6),
        ValueError,
        ["view", "contiguous()"],
    ),
    "minus of booleans": (
        lambda: tt.tensor([True]) - tt.tensor([False]),
        TypeError,
        ["sub", "bool"],
    ),
    "bits of floats": (lambda: tt.tensor([1.0]) & tt.tensor([2.0]), TypeError, ["bitwise_and"]),
    "a float as a position": (
        lambda: tt.zeros(3)[tt.tensor([0.0])],
        IndexError,
        ["float32", "long()"],
    ),
    "backwards by a slice": (lambda: tt.zeros(3)[::-1], ValueError, ["flip"]),
    "the truth of many": (lambda: bool(tt.zeros(3)), ValueError, ["(3,)", "any()"]),
    "one number of many": (lambda: tt.zeros(3).item(), ValueError, ["item", "(3,)"]),
    "nothing to clip to": (lambda: tt.zeros(3).clip(), ValueError, ["clip", "min", "max"]),
    "an integer with a gradient": (
        lambda: tt.tensor([1], requires_grad=True),
        RuntimeError,
        ["int64", "floating"],
    ),
    "an attribute twice": (
        lambda: tt.sum(tt.zeros(3), 0, dim=0),
        TypeError,
        ["sum", "dim", "twice"],
    ),
    "an attribute that is not there": (
        lambda: tt.sum(tt.zeros(3), axis=0),
        TypeError,
        ["sum", "axis"],
    ),
    "an input too few": (lambda: tt.add(tt.zeros(3)), TypeError, ["add", "b"]),
    "the extreme of nothing": (lambda: tt.zeros(0).amax(), ValueError, ["amax", "(0,)"]),
    "a dtype that tensors do not have": (
        lambda: tt.zeros(2, dtype="complex64"),
        TypeError,
        ["complex64", "float32"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_explained(name, refused):
    mistake, error, words = MISTAKES[name]
    with refused(error, *words):
        mistake()


def test_the_error_of_numpy_stays_behind_it():
    with pytest.raises(ValueError, match="add") as caught:
        tt.zeros(2) + tt.zeros(3)
    assert isinstance(caught.value.__cause__, ValueError)
