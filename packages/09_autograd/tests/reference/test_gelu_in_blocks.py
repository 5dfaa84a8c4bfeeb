"""GELU's rule computes on arrays in place; with operations it gives the same."""

import numpy as np
import pytest

import tinytorch.tensor as tt
from tinytorch.activations import gelu
from tinytorch.autograd import grad
from tinytorch.autograd.rules.gelu import BLOCK


def by_operations(x: np.ndarray, g: np.ndarray) -> np.ndarray:
    leaf = tt.tensor(x, requires_grad=True)
    (found,) = grad(gelu(leaf, approximate="tanh"), leaf, tt.tensor(g), create_graph=True)
    return found.detach().numpy()


def by_arrays(x: np.ndarray, g: np.ndarray) -> np.ndarray:
    leaf = tt.tensor(x, requires_grad=True)
    return grad(gelu(leaf, approximate="tanh"), leaf, tt.tensor(g))[0].numpy()


@pytest.mark.parametrize("shape", [(), (0,), (3,), (BLOCK,), (BLOCK + 1,), (3, BLOCK // 2, 1)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_in_blocks_as_in_operations(shape: tuple[int, ...], dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, g = (3 * rng.standard_normal((2, *shape))).astype(dtype)
    found, expected = by_arrays(x, g), by_operations(x, g)
    assert found.shape == shape
    assert found.dtype == dtype
    tolerance = {"float16": 4e-3, "float32": 2e-6, "float64": 1e-14}[dtype]
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def test_numbers_that_do_not_lie_one_behind_another() -> None:
    rng = np.random.default_rng(0)
    x, g = rng.standard_normal((2, 6, 4))
    leaf = tt.tensor(x.T, requires_grad=True)
    y = gelu(leaf.T[:, ::2], approximate="tanh")
    found = grad(y, leaf, tt.tensor(g)[:, ::2])[0].numpy()
    assert (found[1::2] == 0).all()
    expected = by_operations(x[:, ::2].copy(), g[:, ::2].copy())
    np.testing.assert_allclose(found[::2], expected.T, rtol=1e-13)


def test_far_out_without_a_warning() -> None:
    x = np.array([-1e4, -80, -9, 0, 9, 80, 1e4], np.float32)
    found = by_arrays(x, np.ones_like(x))
    np.testing.assert_allclose(found, [0, 0, 0, 0.5, 1, 1, 1], atol=1e-6)
