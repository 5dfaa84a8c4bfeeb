"""Windows, columns, and the way back."""

import numpy as np
import pytest

from tinytorch.spatial.kernels import col2im, im2col, windows
from tinytorch.spatial.window import Window

WINDOWS = {
    "plain": Window((3, 2)),
    "stride": Window((2, 3), stride=(2, 3)),
    "dilation": Window((2, 3), dilation=(3, 1)),
    "all": Window((3, 2), stride=(2, 1), dilation=(1, 3)),
}


@pytest.mark.parametrize("name", list(WINDOWS))
def test_windows_are_a_view_that_cannot_be_written_to(name: str) -> None:
    x, window = np.arange(2 * 3 * 8 * 7.0).reshape(2, 3, 8, 7), WINDOWS[name]
    seen = windows(x, window)
    (sh, sw), (dh, dw) = window.stride, window.dilation
    for n, c, i, j, u, v in np.ndindex(*seen.shape):
        assert seen[n, c, i, j, u, v] == x[n, c, sh * i + dh * u, sw * j + dw * v]
    assert np.shares_memory(seen, x)
    assert not seen.flags.writeable


@pytest.mark.parametrize("name", list(WINDOWS))
def test_columns_are_copies_in_the_order_of_a_weight(name: str) -> None:
    x, window = np.arange(2 * 3 * 8 * 7.0).reshape(2, 3, 8, 7), WINDOWS[name]
    seen, columns = windows(x, window), im2col(x, window)
    assert not np.shares_memory(columns, x)
    rows, across = seen.shape[2:4]
    for k in range(rows * across):
        expected = seen[1, :, k // across, k % across].ravel()
        np.testing.assert_array_equal(columns[1, :, k], expected)


@pytest.mark.parametrize("name", list(WINDOWS))
def test_the_way_back_is_the_transpose(name: str) -> None:
    """⟨im2col(x), c⟩ = ⟨x, col2im(c)⟩ for all x and c."""
    rng, window = np.random.default_rng(0), WINDOWS[name]
    x = rng.standard_normal((2, 3, 8, 7))
    columns = im2col(x, window)
    c = rng.standard_normal(columns.shape)
    assert np.vdot(columns, c) == pytest.approx(np.vdot(x, col2im(c, x.shape, window)))
