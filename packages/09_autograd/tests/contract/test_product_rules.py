"""Task 9.3, second half: the rules of the matrix product and of the linear layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest


@pytest.mark.parametrize(
    "shapes",
    [
        [(2, 3), (3, 4)], [(1, 3), (3, 1)], [(2, 1), (1, 4)], [(3,), (3,)], [(2, 3), (3,)],
        [(3,), (3, 4)], [(5, 2, 3), (5, 3, 4)], [(5, 2, 3), (3, 4)], [(2, 3), (5, 3, 4)],
        [(5, 1, 2, 3), (4, 3, 2)], [(1, 2, 3), (5, 3, 4)], [(4, 5, 2, 3), (3, 2)],
        [(5, 2, 3), (3,)], [(4, 5, 2, 3), (3,)], [(3,), (5, 3, 4)], [(3,), (4, 5, 3, 2)],
        [(1,), (1,)], [(1, 2, 3), (3,)], [(3,), (1, 3, 2)],
    ],
    ids=str,
)  # fmt: skip
def test_matrix_products(shapes: Any, drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("matmul", np.matmul, drawn(*shapes[0]), drawn(*shapes[1], seed=1))


@pytest.mark.parametrize(
    "shapes",
    [[(0, 3), (3, 4)], [(2, 0), (0, 4)], [(2, 3), (3, 0)], [(0, 2, 3), (3, 4)], [(0,), (0,)]],
    ids=str,
)
def test_products_of_nothing(shapes: Any, drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("matmul", np.matmul, drawn(*shapes[0]), drawn(*shapes[1], seed=1))


def test_transposed_and_strided_matrices(drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("matmul", np.matmul, drawn(3, 2).T, drawn(4, 3, seed=1).T)
    check_rule_of("matmul", np.matmul, drawn(2, 4, 3).transpose(1, 0, 2), drawn(6, 4, seed=1)[::2])


def test_only_one_of_the_two(drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("matmul", np.matmul, drawn(5, 2, 3), drawn(3, 4), wanted=[0])
    check_rule_of("matmul", np.matmul, drawn(5, 2, 3), drawn(3, 4), wanted=[1])


def affine(x: Any, weight: Any, bias: Any = None) -> Any:
    return x @ weight.T if bias is None else x @ weight.T + bias


@pytest.mark.parametrize("shape", [(2, 3), (3,), (1, 3), (4, 2, 3), (2, 1, 4, 3), (0, 3)], ids=str)
def test_the_linear_layer(shape: Any, drawn: Any, check_rule_of: Any) -> None:
    x, weight, bias = drawn(*shape), drawn(4, 3, seed=1), drawn(4, seed=2)
    check_rule_of("linear", affine, x, weight, bias)
    check_rule_of("linear", affine, x, weight, None)
    check_rule_of("linear", affine, x, weight, bias, wanted=[1])


@pytest.mark.parametrize("sizes", [(1, 1), (1, 3), (3, 1), (0, 3), (3, 0)], ids=str)
def test_small_layers(sizes: Any, drawn: Any, check_rule_of: Any) -> None:
    out_features, in_features = sizes
    check_rule_of("linear", affine, drawn(2, in_features), drawn(out_features, in_features, seed=1))


def test_transposed_inputs_of_the_layer(drawn: Any, check_rule_of: Any) -> None:
    check_rule_of("linear", affine, drawn(3, 5).T, drawn(3, 4, seed=1).T, drawn(4))
    check_rule_of("linear", affine, drawn(3, 2, 5).transpose(2, 1, 0), drawn(4, 3, seed=1))
