"""What the reference allocates, and that it never writes to what it was given."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

import tinytorch.activations as ta
import tinytorch.tensor as tt
from tinytorch.tensor import Tensor

CALLS: dict[str, Any] = {
    "relu": ta.relu,
    "leaky_relu": ta.leaky_relu,
    "elu": ta.elu,
    "sigmoid": ta.sigmoid,
    "tanh": ta.tanh,
    "softplus": ta.softplus,
    "silu": ta.silu,
    "gelu": ta.gelu,
    "gelu tanh": lambda x: ta.gelu(x, approximate="tanh"),
    "softmax": lambda x: ta.softmax(x, dim=-1),
    "softmax 0": lambda x: ta.softmax(x, dim=0),
    "log_softmax": lambda x: ta.log_softmax(x, dim=-1),
}
EACH = pytest.mark.parametrize("name", CALLS)

# The result, and beside it at most so many arrays of its size at a time.
BESIDE = {
    "relu": 0,
    "leaky_relu": 1,
    "elu": 1,
    "sigmoid": 1,
    "tanh": 0,
    "softplus": 2,
    "silu": 1,
    "gelu tanh": 0,
    "softmax": 0,
    "softmax 0": 0,
    "log_softmax": 1,
}


def peak_bytes(function: Any, *args: Any) -> int:
    tracemalloc.start()
    try:
        result = function(*args)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result is not None
    return peak


@pytest.mark.parametrize("name", BESIDE)
def test_allocates_no_more_than_it_needs(name: str) -> None:
    x = Tensor(np.random.default_rng(0).standard_normal((512, 512)).astype(np.float32))
    needed = (1 + BESIDE[name]) * x.nbytes
    small = 5 * x.nbytes // 100  # one number a row, NumPy's buffers, the tensor itself
    assert peak_bytes(CALLS[name], x) <= needed + small


def test_gelu_allocates_little_beside_what_erf_does() -> None:
    x = Tensor(np.random.default_rng(0).standard_normal((512, 512)).astype(np.float32))
    assert peak_bytes(ta.gelu, x) <= peak_bytes(tt.erf, x) + 1.1 * x.nbytes


@EACH
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64"])
def test_never_writes_to_its_input(name: str, dtype: str) -> None:
    array = (np.arange(12).reshape(3, 4) - 6).astype(dtype)
    array.flags.writeable = False  # whoever writes raises
    result = CALLS[name](Tensor(array)).array
    assert not np.shares_memory(result, array)
    assert result.flags.writeable


@EACH
def test_the_result_lies_in_memory_as_the_input_does(name: str) -> None:
    """Convolutions keep (N, C, H, W) while channels lie last: activations must not undo that."""
    image = np.random.default_rng(0).standard_normal((2, 5, 4, 3)).astype(np.float32)
    channels_last = image.transpose(0, 3, 1, 2)
    result = CALLS[name](Tensor(channels_last)).array
    assert result.shape == (2, 3, 5, 4)
    assert result.strides == channels_last.strides
