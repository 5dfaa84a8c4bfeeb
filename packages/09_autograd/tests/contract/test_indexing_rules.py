"""Task 9.5, third part: the rules of reading by position."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

MASK = np.array([[True, False, True, False], [False, False, True, True], [False] * 4])
INDICES = [
    0, -1, (1, 2), (0, -1), slice(None), slice(1, None), slice(None, None, 2),
    (slice(None), 1), (slice(1, 3), slice(0, 3, 2)), (..., 0), (0, ...), ..., None, (None, 0),
    (slice(None), None, 2), (), slice(0, 0), (slice(None), slice(4, None)),
    np.array([0, 2, 1]), np.array([0, 0, 2, 0]), np.array([-1, 2, 0]), np.array([[0, 1], [2, 2]]),
    np.array([], dtype=int), (np.array([0, 0, 1]), np.array([1, 1, 3])),
    (slice(None), np.array([3, 0, 3])), (np.array([[0], [2]]), np.array([1, 1])),
    (np.array([0, 0]), slice(1, 3)), (..., np.array([1, 1])), (np.array([1, 1]), None),
    MASK, MASK[:, 0], (slice(None), MASK[0]), (MASK[:, 2], slice(0, 2)),
]  # fmt: skip


@pytest.mark.parametrize("which", range(len(INDICES)))
def test_indexing(which: int, drawn: Any, check_rule_of: Any) -> None:
    index = INDICES[which]
    check_rule_of("getitem", lambda x: x[index], drawn(3, 4), index=index)


def test_a_place_read_three_times_gets_the_sum(check_rule_of: Any) -> None:
    index, g = np.array([1, 0, 1, 1]), np.array([2.0, 3.0, 5.0, 7.0])
    check_rule_of(
        "getitem", lambda x: x[index], np.zeros(3), index=index, g=g, expected={0: [3.0, 14.0, 0]}
    )
    twice = (np.array([0, 0, 1]), np.array([1, 1, 0]))
    check_rule_of(
        "getitem", lambda x: x[twice], np.zeros((2, 2)), index=twice, g=g[:3],
        expected={0: [[0.0, 5.0], [5.0, 0.0]]},
    )  # fmt: skip


def test_a_number_of_a_line_and_of_three_dimensions(drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("getitem", lambda x: x[2], drawn(4), index=2)
    check_rule_of("getitem", lambda x: x[()], drawn(), index=())
    index = (slice(None), np.array([2, 0, 2]), slice(None, None, 3))
    check_rule_of("getitem", lambda x: x[index], drawn(2, 3, 4), index=index)


def test_taking(drawn: Any, check_rule_of: Any) -> None:
    for index in (np.array([0, 5, 5, -1]), np.array([[1, 1], [4, 0]]), np.array(3)):
        check_rule_of("take", lambda x, i=index: np.take(x, i), drawn(2, 3), index=index)


@pytest.mark.parametrize(
    ("shape", "dim", "index"),
    [
        ((3, 4), 1, [[0, 3], [1, 1], [2, 0]]),
        ((3, 4), -1, [[3, 3, 3, 3, 3]]),
        ((3, 4), 0, [[0, 2, 2, 1], [0, 2, 0, 1]]),
        ((3, 4), -2, [[2, 2]]),
        ((4,), 0, [1, 1, 0, 1, 3]),
        ((2, 2, 3), 1, [[[0, 1, 1], [0, 0, 1]], [[1, 1, 1], [0, 1, 0]]]),
        ((2, 3), 1, [[], []]),
    ],
    ids=str,
)
def test_gathering(shape: Any, dim: int, index: Any, drawn: Any, check_rule_of: Any) -> None:
    picks = np.array(index, dtype=np.int64)

    def by_numpy(x: Any) -> Any:
        others = tuple(slice(0, n) for n in picks.shape)
        axis = dim % x.ndim
        part = x[(*others[:axis], slice(None), *others[axis + 1 :])]
        return np.take_along_axis(part, picks, axis)

    check_rule_of("gather", by_numpy, drawn(*shape), dim=dim, index=picks)


def test_masks(drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("masked_select", lambda x: x[MASK], drawn(3, 4), mask=MASK)
    row = MASK[1]
    broadcast = np.broadcast_to(row, (3, 4))
    check_rule_of("masked_select", lambda x: x[broadcast], drawn(3, 4), mask=row)
    check_rule_of("masked_select", lambda x: np.broadcast_to(x, (3, 4))[MASK], drawn(4), mask=MASK)
