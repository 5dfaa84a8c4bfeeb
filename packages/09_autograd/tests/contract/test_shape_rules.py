"""Task 9.5, second part: the rules of permutation and concatenation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest


@pytest.mark.parametrize(
    "dims", [(0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0), (-1, 0, 1), (1, -1, -3)], ids=str
)
def test_permutations(dims: Any, drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("permute", lambda x: np.transpose(x, dims), drawn(2, 3, 4), dims=dims)


def test_permutations_of_four_and_of_none(drawn: Any, check_rule_of: Any) -> None:
    for dims in ((3, 1, 0, 2), (-2, 0, -1, 1), (1, 3, 0, 2)):
        check_rule_of(
            "permute", lambda x, dims=dims: np.transpose(x, dims), drawn(2, 1, 3, 2), dims=dims
        )
    check_rule_of("permute", lambda x: x, drawn(), dims=())
    check_rule_of("permute", lambda x: x.T, drawn(0, 2), dims=(1, 0))


@pytest.mark.parametrize(
    ("shapes", "dim"),
    [
        ([(2, 3), (2, 3)], 0), ([(2, 3), (4, 3), (1, 3)], 0), ([(2, 3), (2, 1)], 1),
        ([(2, 3), (2, 1), (2, 2)], -1), ([(2, 3, 4), (2, 1, 4)], 1), ([(2, 3, 4), (2, 1, 4)], -2),
        ([(3,)], 0), ([(0, 3), (2, 3)], 0), ([(2, 0), (2, 3), (2, 0)], 1), ([(2,), (3,), (1,)], -1),
    ],
    ids=str,
)  # fmt: skip
def test_concatenation(shapes: Any, dim: int, drawn: Any, check_rule_of: Any) -> None:
    inputs = [drawn(*shape, seed=k) for k, shape in enumerate(shapes)]
    check_rule_of("cat", lambda *x: np.concatenate(x, dim), inputs, dim=dim)
