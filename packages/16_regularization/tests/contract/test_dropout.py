"""Task 16.1: dropout, its rule, and its layer."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.autograd import grad
from tinytorch.layers import Module
from tinytorch.regularization import Dropout, dropout, masked_scale
from tinytorch.tensor import Tensor, default_generator, manual_seed
from tinytorch.tensor.testing import check_rule

SHAPES: list[tuple[int, ...]] = [(100,), (20, 30), (2, 3, 4, 5), (1,), (1, 1, 1), (), (0, 3)]


def kept_of(found: Any) -> Any:
    """Which numbers were kept, of an input without zeros."""
    return found.detach().numpy() != 0


# What comes out


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_what_is_kept_is_divided_by_1_minus_p(
    shape: tuple[int, ...], dtype: str, p: float, drawn: Any, assert_close: Any
) -> None:
    x = drawn(*shape, dtype=dtype)
    found = dropout(Tensor(x), p)
    kept = kept_of(found)
    expected = np.where(kept, x.astype(np.float64) / (1 - p), 0)
    assert_close(found, expected, f"dropout of {shape}, p={p}: kept numbers", dtype=dtype)


@pytest.mark.parametrize("p", [0.05, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_each_number_is_dropped_with_probability_p(p: float, dtype: str, assert_share: Any) -> None:
    found = dropout(Tensor(np.ones((200, 300), dtype)), p)
    assert_share(
        ~kept_of(found), p, f"a number of 60,000 that dropout with p={p} drops, in {dtype}"
    )


@pytest.mark.parametrize("shape", [(200,), ()])
def test_a_p_of_numpys_makes_no_other_type(shape: tuple[int, ...], assert_close: Any) -> None:
    found = dropout(Tensor(np.ones(shape, np.float32)), np.float64(0.25))
    expected = kept_of(found) / np.float32(0.75)
    assert_close(found, expected, f"dropout of {shape} in float32, p a float64", dtype="float32")


def test_each_number_by_itself(assert_share: Any) -> None:
    """Neighbours, in both directions, have nothing to do with each other. Half of the pairs are
    counted, so that no number is in two."""
    kept = kept_of(dropout(Tensor(np.ones((200, 300))), 0.5))
    assert_share(kept[:, ::2] & kept[:, 1::2], 0.25, "a number and the next in its row both kept")
    assert_share(kept[::2] & kept[1::2], 0.25, "a number and the one below it both kept")


def test_the_default_is_one_half_and_training(assert_share: Any) -> None:
    found = dropout(Tensor(np.ones(10_000)))
    assert_share(kept_of(found), 0.5, "a number that dropout(x) keeps")
    assert set(np.unique(found.numpy())) == {0.0, 2.0}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_outside_of_training_and_for_p_0_nothing_happens(
    shape: tuple[int, ...], dtype: str, drawn: Any
) -> None:
    x = Tensor(drawn(*shape, dtype=dtype))
    state = default_generator().bit_generator.state
    for found in (dropout(x, 0.5, False), dropout(x, 0.0), dropout(x, 1.0, training=False)):
        assert found.dtype == np.dtype(dtype)
        assert found.tolist() == x.tolist()
        assert found.data_ptr() == x.data_ptr(), "x itself should come back, not a copy"
    assert default_generator().bit_generator.state == state, "and nothing should be drawn"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_for_p_1_there_are_zeros(
    shape: tuple[int, ...], dtype: str, drawn: Any, assert_close: Any
) -> None:
    x = Tensor(drawn(*shape, dtype=dtype), requires_grad=True)
    found = dropout(x, 1.0)
    assert_close(found, np.zeros(shape, dtype), "dropout with p=1")
    found.backward(Tensor(np.ones(shape, dtype)))
    assert_close(x.grad, np.zeros(shape, dtype), "its gradient")


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 6), max_size=4), st.floats(0, 1), st.booleans(), st.integers(0, 10**6)
)
def test_any_shape_and_any_p(shape: list[int], p: float, training: bool, seed: int) -> None:
    generator = np.random.default_rng(seed)
    x = generator.uniform(1, 2, shape)
    found = dropout(Tensor(x), p, training, generator=generator).numpy()
    tried = f"dropout of {shape} with p={p}, training={training}"
    assert found.shape == x.shape, tried
    kept = found != 0
    if training and p < 1:
        np.testing.assert_allclose(found[kept], x[kept] / (1 - p), 1e-12, err_msg=tried)
    elif training:
        assert not kept.any(), tried
    else:
        np.testing.assert_array_equal(found, x, err_msg=tried)


@pytest.mark.parametrize("how", ["channels last", "Fortran order", "backwards", "every second"])
def test_however_it_lies_in_memory(how: str, drawn: Any, laid_out: Any, assert_close: Any) -> None:
    x = drawn(4, 3, 6, 5)
    expected = dropout(Tensor(x), 0.4, generator=np.random.default_rng(1)).numpy()
    found = dropout(Tensor(laid_out(x, how)), 0.4, generator=np.random.default_rng(1))
    assert_close(found, expected, f"x lying {how}, from the same seed")


def test_the_input_is_left_alone_and_the_result_is_new(drawn: Any) -> None:
    x = drawn(20, 30)
    given_x = Tensor(x.copy())
    for p in (0.5, 1.0):
        dropout(given_x, p).fill_(9)
        np.testing.assert_array_equal(given_x.numpy(), x, err_msg="the input was written to")


# What it draws from


def test_the_same_seed_gives_the_same_mask() -> None:
    x = Tensor(np.ones((10, 20)))
    first, second, other = (
        dropout(x, 0.5, generator=np.random.default_rng(seed)).tolist() for seed in (3, 3, 4)
    )
    assert first == second
    assert first != other
    generator = np.random.default_rng(3)
    assert dropout(x, 0.5, generator=generator).tolist() == first
    assert dropout(x, 0.5, generator=generator).tolist() != first, "every call draws anew"


def test_without_a_generator_the_default_one_is_drawn_from() -> None:
    x = Tensor(np.ones((10, 20)))
    manual_seed(5)
    first, second = dropout(x, 0.5).tolist(), dropout(x, 0.5).tolist()
    assert first != second
    manual_seed(5)
    assert dropout(x, 0.5).tolist() == first
    assert dropout(x, 0.5).tolist() == second
    state = default_generator().bit_generator.state
    dropout(x, 0.5, generator=np.random.default_rng(3))
    assert default_generator().bit_generator.state == state, "with a generator, it is left alone"


# The gradient


@pytest.mark.parametrize(
    ("shape", "mask_shape"),
    [
        ((3, 4), (3, 4)),
        ((), ()),
        ((1,), (1,)),
        ((0, 3), (0, 3)),
        ((2, 3, 4, 5), (2, 3, 1, 1)),
        ((2, 3, 4), (2, 1, 1)),
        ((3, 4), (4,)),
    ],
)
def test_masked_scale_and_its_rule(
    shape: tuple[int, ...], mask_shape: tuple[int, ...], drawn: Any, assert_close: Any
) -> None:
    x = drawn(*shape)
    mask = np.asarray(np.random.default_rng(1).random(mask_shape) < 0.5)
    found = masked_scale(Tensor(x), mask=mask, scale=2.5)
    assert_close(found, x * mask * 2.5, f"masked_scale of {shape}, mask {mask_shape}, scale 2.5")
    check_rule(masked_scale, x, mask=mask, scale=2.5)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_masked_scale_keeps_the_type(dtype: str, drawn: Any, assert_close: Any) -> None:
    for shape in ((3, 4), ()):
        x = drawn(*shape, dtype=dtype)
        found = masked_scale(Tensor(x), mask=np.ones(shape, bool), scale=1.5)
        assert_close(found, x.astype(np.float64) * 1.5, f"masked_scale in {dtype}", dtype=dtype)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("p", [0.3, 0.5])
def test_the_gradient_goes_where_the_signal_went(
    p: float, dtype: str, drawn: Any, assert_close: Any
) -> None:
    x, g = (
        Tensor(drawn(20, 30, dtype=dtype), requires_grad=True),
        drawn(20, 30, seed=1, dtype=dtype),
    )
    y = dropout(x, p)
    y.backward(Tensor(g))
    expected = np.where(kept_of(y), g.astype(np.float64) / (1 - p), 0)
    assert_close(x.grad, expected, f"the gradient of dropout, p={p}", dtype=dtype)


def test_gradients_of_gradients(drawn: Any, assert_close: Any) -> None:
    x = Tensor(drawn(20, 30), requires_grad=True)
    y = dropout(x, 0.5)
    kept = kept_of(y)
    (first,) = grad((y * y).sum(), x, create_graph=True)
    assert_close(first, 8.0 * kept * x.detach().numpy(), "the gradient of Σ dropout(x)²")
    (second,) = grad(first.sum(), x)
    assert_close(second, 8.0 * kept, "its own gradient")


# What does not fit


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_what_is_no_probability(p: float, refused: Any) -> None:
    for training in (True, False):
        with refused(ValueError, "dropout", str(p)):
            dropout(Tensor(np.ones(3)), p, training)
    with refused(ValueError, "Dropout", str(p)):
        Dropout(p)


def test_integers_are_refused(refused: Any) -> None:
    with refused(TypeError, "dropout", "int64"):
        dropout(Tensor(np.ones(3, np.int64)), 0.5)


# The layer


def test_the_layer_drops_in_training_alone(assert_share: Any) -> None:
    layer, x = Dropout(0.25), Tensor(np.ones((100, 100)))
    assert_share(~kept_of(layer(x)), 0.25, "a number that Dropout(0.25) drops, in training")
    assert layer.eval()(x).tolist() == x.tolist()
    assert_share(~kept_of(layer.train()(x)), 0.25, "in training again")
    layer.p = 0.75
    assert_share(~kept_of(layer(x)), 0.75, "after p was set to 0.75")
    assert_share(~kept_of(Dropout()(x)), 0.5, "a number that Dropout() drops")


def test_the_layer_follows_the_network_around_it() -> None:
    class Network(Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Dropout(0.5)

        def forward(self, x: Any) -> Any:
            return self.inner(x)

    network, x = Network(), Tensor(np.ones(200))
    assert network(x).tolist() != x.tolist()
    network.eval()
    assert network(x).tolist() == x.tolist()


def test_the_layers_generator() -> None:
    x = Tensor(np.ones(200))
    first, second = (Dropout(0.5, generator=np.random.default_rng(3))(x).tolist() for _ in range(2))
    assert first == second == dropout(x, 0.5, generator=np.random.default_rng(3)).tolist()
    manual_seed(5)
    without = Dropout(0.5)(x).tolist()
    manual_seed(5)
    assert dropout(x, 0.5).tolist() == without


def test_the_layer_has_no_state() -> None:
    layer = Dropout(0.25)
    assert list(layer.parameters()) == []
    assert list(layer.state_dict()) == []
    assert layer.p == 0.25
    assert repr(layer) == "Dropout(p=0.25)"
