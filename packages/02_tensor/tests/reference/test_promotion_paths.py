"""Operations find most dtypes by a short cut: it says what the rule says, for all pairs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import tinytorch.tensor as tt
from tinytorch.tensor.dtypes import DTYPES, promote, result_type

KINDS = sorted(map(str, DTYPES))
NUMBERS = [True, 2, 2.5, np.float64(2.5), np.float32(2.5), np.int8(2), np.bool_(True)]


def every_operand() -> list[object]:
    lines = [np.ones(2, kind) for kind in KINDS]
    singles = [np.ones((), kind) for kind in KINDS]
    return [*lines, *singles, *NUMBERS]


@tt.operation(promote="common")
def seen_in_common(a, b):
    return np.array([1.0]), a, b


@tt.operation(promote="floating")
def seen_as_floating(a, b):
    return np.array([1.0]), a, b


@pytest.mark.parametrize("floating", [False, True])
def test_the_short_cut_and_the_rule_agree(floating):
    operation = seen_as_floating if floating else seen_in_common
    for a, b in itertools.product(every_operand(), repeat=2):
        if not (isinstance(a, np.ndarray) or isinstance(b, np.ndarray)):
            continue
        seen = operation._promoted([a, b])
        wanted = promote([a, b], floating=floating)
        expected = result_type(a, b)
        if floating and expected.kind != "f":
            expected = tt.float32
        for found, told in zip(seen, wanted, strict=True):
            assert isinstance(found, np.ndarray) == isinstance(told, np.ndarray)
            if isinstance(found, np.ndarray):
                assert found.dtype == told.dtype == expected, (a, b)
            else:
                assert type(found) in (bool, int, float), (a, b)
        assert (seen[0] + seen[1]).dtype == expected, (a, b)


def test_a_common_type_does_not_depend_on_the_order():
    for a, b in itertools.product(every_operand(), repeat=2):
        assert result_type(a, b) == result_type(b, a)
