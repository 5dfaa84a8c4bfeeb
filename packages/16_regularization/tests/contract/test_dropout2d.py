"""Task 16.2: whole channels that are dropped."""

from typing import Any

import numpy as np
import pytest

from tinytorch.regularization import Dropout2d, dropout2d
from tinytorch.tensor import Tensor, manual_seed


def kept_of(found: Any) -> Any:
    """Which channels were kept, of images without zeros, (N, C); each must be whole."""
    kept = found.detach().numpy() != 0
    channels = kept.any(axis=(2, 3))
    assert (kept == channels[:, :, None, None]).all(), (
        "a channel should be dropped or kept as a whole"
    )
    return channels


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("p", [0.2, 0.5])
def test_whole_channels(p: float, dtype: str, drawn: Any, assert_close: Any) -> None:
    x = drawn(5, 6, 4, 3, dtype=dtype)
    found = dropout2d(Tensor(x), p)
    expected = x.astype(np.float64) * kept_of(found)[:, :, None, None] / (1 - p)
    assert_close(found, expected, f"dropout2d with p={p}", dtype=dtype)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.7])
def test_each_channel_of_each_image_by_itself(p: float, assert_share: Any) -> None:
    kept = kept_of(dropout2d(Tensor(np.ones((100, 50, 2, 2))), p))
    assert_share(~kept, p, f"a channel that dropout2d with p={p} drops")
    both = (1 - p) ** 2
    assert_share(kept[:, ::2] & kept[:, 1::2], both, "a channel and the next one both kept")
    assert_share(kept[::2] & kept[1::2], both, "the same channel of two images kept")


def test_the_default_is_one_half_and_training(assert_share: Any) -> None:
    kept = kept_of(dropout2d(Tensor(np.ones((50, 50, 1, 1)))))
    assert_share(kept, 0.5, "a channel that dropout2d(x) keeps")


def test_the_gradient_goes_where_the_signal_went(drawn: Any, assert_close: Any) -> None:
    x, g = Tensor(drawn(5, 6, 4, 3), requires_grad=True), drawn(5, 6, 4, 3, seed=1)
    y = dropout2d(x, 0.2)
    y.backward(Tensor(g))
    expected = g * kept_of(y)[:, :, None, None] / 0.8
    assert_close(x.grad, expected, "the gradient of dropout2d, p=0.2")


def test_outside_of_training_and_at_the_ends(drawn: Any) -> None:
    x = Tensor(drawn(2, 3, 4, 5))
    for found in (dropout2d(x, 0.5, False), dropout2d(x, 0.0)):
        assert found.tolist() == x.tolist()
        assert found.data_ptr() == x.data_ptr(), "x itself should come back, not a copy"
    assert dropout2d(x, 1.0).tolist() == np.zeros((2, 3, 4, 5)).tolist()


def test_the_same_seed_gives_the_same_mask() -> None:
    x = Tensor(np.ones((10, 20, 2, 2)))
    first, second, other = (
        dropout2d(x, 0.5, generator=np.random.default_rng(seed)).tolist() for seed in (3, 3, 4)
    )
    assert first == second != other
    manual_seed(5)
    first = dropout2d(x, 0.5).tolist()
    assert dropout2d(x, 0.5).tolist() != first
    manual_seed(5)
    assert dropout2d(x, 0.5).tolist() == first


@pytest.mark.parametrize("shape", [(0, 3, 4, 4), (2, 0, 4, 4), (2, 3, 0, 4)])
def test_where_there_is_nothing(shape: tuple[int, ...]) -> None:
    assert dropout2d(Tensor(np.ones(shape))).shape == shape


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (2, 3, 4, 5, 6)])
def test_what_are_no_images(shape: tuple[int, ...], refused: Any) -> None:
    for layer in (dropout2d, Dropout2d(0.5), Dropout2d(0.5).eval()):
        with refused(ValueError, "dropout2d", str(shape)):
            layer(Tensor(np.ones(shape)))


def test_other_things_that_do_not_fit(refused: Any) -> None:
    with refused(ValueError, "dropout2d", "1.5"):
        dropout2d(Tensor(np.ones((2, 3, 4, 4))), 1.5)
    with refused(TypeError, "dropout2d", "int64"):
        dropout2d(Tensor(np.ones((2, 3, 4, 4), np.int64)))
    with refused(ValueError, "Dropout2d", "-0.5"):
        Dropout2d(-0.5)


def test_the_layer(assert_share: Any) -> None:
    layer, x = Dropout2d(0.25), Tensor(np.ones((50, 50, 2, 2)))
    assert_share(~kept_of(layer(x)), 0.25, "a channel that Dropout2d(0.25) drops, in training")
    assert layer.eval()(x).tolist() == x.tolist()
    seeded = Dropout2d(0.5, generator=np.random.default_rng(3))(x).tolist()
    assert seeded == dropout2d(x, 0.5, generator=np.random.default_rng(3)).tolist()
    assert list(layer.state_dict()) == []
    assert repr(layer) == "Dropout2d(p=0.25)"
