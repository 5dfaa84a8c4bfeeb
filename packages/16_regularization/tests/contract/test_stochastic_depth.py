"""Task 16.2: blocks that are left out for some examples, and how often."""

from typing import Any

import numpy as np
import pytest

from tinytorch.regularization import DropPath, depth_rates, drop_path
from tinytorch.tensor import Tensor, manual_seed

SHAPES: list[tuple[int, ...]] = [(30,), (30, 4), (30, 3, 2), (30, 3, 4, 2), (1, 3), (0, 3), (3, 0)]


def kept_of(found: Any) -> Any:
    """Which examples were kept, of an input without zeros, (N, 1, …); each must be whole."""
    kept = found.detach().numpy() != 0
    examples = kept.any(axis=tuple(range(1, kept.ndim)), keepdims=True)
    assert (kept == examples).all(), "an example should be dropped or kept as a whole"
    return examples


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_whole_examples(shape: tuple[int, ...], dtype: str, drawn: Any, assert_close: Any) -> None:
    x = drawn(*shape, dtype=dtype)
    found = drop_path(Tensor(x), 0.2)
    expected = np.where(kept_of(found), x.astype(np.float64) / 0.8, 0)
    assert_close(found, expected, f"drop_path of {shape} with p=0.2", dtype=dtype)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.7])
def test_each_example_by_itself(p: float, assert_share: Any) -> None:
    kept = kept_of(drop_path(Tensor(np.ones((20_000, 2))), p))
    assert_share(~kept, p, f"an example that drop_path with p={p} drops")
    assert_share(kept[::2] & kept[1::2], (1 - p) ** 2, "an example and the next one both kept")


def test_the_gradient_goes_where_the_signal_went(drawn: Any, assert_close: Any) -> None:
    x, g = Tensor(drawn(40, 3, 2), requires_grad=True), drawn(40, 3, 2, seed=1)
    y = drop_path(x, 0.2)
    y.backward(Tensor(g))
    expected = g * kept_of(y) / 0.8
    assert_close(x.grad, expected, "the gradient of drop_path, p=0.2")


def test_outside_of_training_and_at_the_ends(drawn: Any) -> None:
    x = Tensor(drawn(20, 3))
    for found in (drop_path(x, 0.5, False), drop_path(x, 0.0)):
        assert found.tolist() == x.tolist()
        assert found.data_ptr() == x.data_ptr(), "x itself should come back, not a copy"
    assert drop_path(x, 1.0).tolist() == np.zeros((20, 3)).tolist()


def test_the_same_seed_gives_the_same_mask() -> None:
    x = Tensor(np.ones((200, 2)))
    first, second, other = (
        drop_path(x, 0.5, generator=np.random.default_rng(seed)).tolist() for seed in (3, 3, 4)
    )
    assert first == second != other
    manual_seed(5)
    first = drop_path(x, 0.5).tolist()
    assert drop_path(x, 0.5).tolist() != first
    manual_seed(5)
    assert drop_path(x, 0.5).tolist() == first


def test_what_does_not_fit(refused: Any) -> None:
    with refused(ValueError, "drop_path", "(N, …)"):
        drop_path(Tensor(np.array(1.0)), 0.5)
    with refused(ValueError, "drop_path", "1.5"):
        drop_path(Tensor(np.ones((2, 3))), 1.5)
    with refused(TypeError, "drop_path", "int64"):
        drop_path(Tensor(np.ones((2, 3), np.int64)), 0.5)
    with refused(ValueError, "DropPath", "-0.5"):
        DropPath(-0.5)


def test_the_layer(assert_share: Any) -> None:
    layer, x = DropPath(0.25), Tensor(np.ones((4000, 2)))
    assert_share(~kept_of(layer(x)), 0.25, "an example that DropPath(0.25) drops, in training")
    assert layer.eval()(x).tolist() == x.tolist()
    seeded = DropPath(0.5, generator=np.random.default_rng(3))(x).tolist()
    assert seeded == drop_path(x, 0.5, generator=np.random.default_rng(3)).tolist()
    assert list(layer.state_dict()) == []
    assert repr(layer) == "DropPath(p=0.25)"


# How often


@pytest.mark.parametrize(
    ("p", "depth", "expected"),
    [
        (0.5, 5, [0.1, 0.2, 0.3, 0.4, 0.5]),
        (0.3, 1, [0.3]),
        (0.0, 3, [0.0, 0.0, 0.0]),
        (1.0, 4, [0.25, 0.5, 0.75, 1.0]),
    ],
)
def test_later_blocks_are_dropped_more_often(p: float, depth: int, expected: list[float]) -> None:
    found = depth_rates(p, depth)
    assert found == pytest.approx(expected), f"depth_rates({p}, {depth}) should be {expected}"


def test_depths_that_make_no_sense(refused: Any) -> None:
    with refused(ValueError, "depth_rates", "0"):
        depth_rates(0.5, 0)
    with refused(ValueError, "depth_rates", "1.5"):
        depth_rates(1.5, 3)
