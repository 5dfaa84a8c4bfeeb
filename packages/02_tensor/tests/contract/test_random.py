"""Random tensors: the same seed gives the same numbers, and they are distributed as they say."""

from __future__ import annotations

import numpy as np
import pytest

import tinytorch.tensor as tt

DRAWS = {
    "rand": lambda **how: tt.rand(3, 4, **how),
    "randn": lambda **how: tt.randn(3, 4, **how),
    "randint": lambda **how: tt.randint(0, 1000, (3, 4), **how),
    "randperm": lambda **how: tt.randperm(12, **how),
    "rand_like": lambda **how: tt.rand_like(tt.zeros(3, 4), **how),
    "randn_like": lambda **how: tt.randn_like(tt.zeros(3, 4), **how),
    "multinomial": lambda **how: tt.multinomial(tt.ones(12), 6, **how),
    "multinomial with replacement": lambda **how: tt.multinomial(tt.ones(99), 9, True, **how),
    "uniform_": lambda **how: tt.zeros(3, 4).uniform_(-1, 1, **how),
    "normal_": lambda **how: tt.zeros(3, 4).normal_(1, 2, **how),
}


@pytest.fixture(autouse=True)
def seeded():
    """Every test begins from one seed and leaves the default generator as it found it."""
    tt.manual_seed(20)
    yield
    tt.manual_seed(0)


def chi_squared(counts: np.ndarray, expected: np.ndarray) -> float:
    """How far counts lie from what is expected; about as many as there are counts, if by chance."""
    return float(((counts - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("name", DRAWS)
def test_the_same_seed_gives_the_same_numbers(name):
    draw = DRAWS[name]
    tt.manual_seed(7)
    first, second = draw().tolist(), draw().tolist()
    assert first != second, "each call draws anew"
    tt.manual_seed(7)
    assert draw().tolist() == first
    assert draw().tolist() == second
    tt.manual_seed(8)
    assert draw().tolist() != first


@pytest.mark.parametrize("name", DRAWS)
def test_a_generator_of_ones_own(name):
    draw = DRAWS[name]
    first = draw(generator=np.random.default_rng(3)).tolist()
    state = tt.default_generator().bit_generator.state
    assert draw(generator=np.random.default_rng(3)).tolist() == first
    assert tt.default_generator().bit_generator.state == state, "the default one was not touched"


def test_manual_seed_returns_the_default_generator():
    assert tt.manual_seed(5) is tt.default_generator()


@pytest.mark.parametrize("name", DRAWS)
def test_another_default_generator_for_a_while(name):
    draw = DRAWS[name]
    first = draw(generator=np.random.default_rng(3)).tolist()
    state = tt.default_generator().bit_generator.state
    with tt.drawing_from(np.random.default_rng(3)):
        assert draw().tolist() == first
    assert tt.default_generator().bit_generator.state == state, "the default one was not touched"


def test_generators_for_a_while_inside_each_other():
    def number():
        return float(tt.default_generator().random())

    outer, inner = (np.random.default_rng(seed).random(3).tolist() for seed in (3, 4))
    with tt.drawing_from(np.random.default_rng(3)):
        assert number() == outer[0]
        with tt.drawing_from(np.random.default_rng(4)):
            assert number() == inner[0]
        assert number() == outer[1], "the one around goes on where it was"
        with pytest.raises(ZeroDivisionError), tt.drawing_from(np.random.default_rng(4)):
            raise ZeroDivisionError
        assert number() == outer[2], "also after an error"


def test_manual_seed_inside_holds_until_the_end():
    tt.manual_seed(8)
    expected = tt.rand(3).tolist()
    state = tt.default_generator().bit_generator.state
    with tt.drawing_from(np.random.default_rng(3)):
        tt.manual_seed(8)
        assert tt.rand(3).tolist() == expected
    assert tt.default_generator().bit_generator.state == state


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_rand_is_even_on_0_to_1(kind):
    drawn = tt.rand(40_000, dtype=kind)
    assert drawn.dtype == np.dtype(kind)
    values = drawn.numpy().astype(np.float64)
    assert values.min() >= 0
    assert values.max() < 1, "1 itself is not drawn"
    counts = np.histogram(values, bins=20, range=(0, 1))[0]
    assert chi_squared(counts, np.full(20, 2000)) < 45


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_randn_is_normal(kind):
    values = tt.randn(40_000, dtype=kind).numpy().astype(np.float64)
    assert abs(values.mean()) < 0.02
    assert abs(values.std() - 1) < 0.02
    assert abs((values**3).mean()) < 0.08
    assert abs((values**4).mean() - 3) < 0.2


def test_randint(refused):
    drawn = tt.randint(-2, 3, (5000,)).numpy()
    values, counts = np.unique(drawn, return_counts=True)
    assert values.tolist() == [-2, -1, 0, 1, 2]
    assert drawn.dtype == np.int64
    assert chi_squared(counts, np.full(5, 1000)) < 20
    with refused(ValueError, "randint", "3"):
        tt.randint(3, 3, (1,))


def test_the_ways_to_call_randint():
    for drawn in (
        tt.randint(4, (2, 3)),
        tt.randint(4, size=(2, 3)),
        tt.randint(0, 4, (2, 3)),
        tt.randint(0, 4, size=[2, 3]),
        tt.randint(low=0, high=4, size=(2, 3)),
    ):
        assert drawn.shape == (2, 3)
        assert drawn.numpy().min() >= 0
        assert drawn.numpy().max() < 4
    assert tt.randint(4, (2,), dtype=tt.int8).dtype == tt.int8


def test_randperm():
    assert sorted(tt.randperm(50).tolist()) == list(range(50))
    assert tt.randperm(50).dtype == tt.int64
    assert tt.randperm(0).tolist() == []
    orders = {tuple(tt.randperm(3).tolist()) for _ in range(60)}
    assert len(orders) == 6, "every order is drawn"


def test_only_floats_are_drawn_evenly(refused):
    with refused(TypeError, "int64", "randint"):
        tt.rand(3, dtype="int64")
    with refused(TypeError, "bool"):
        tt.randn(3, dtype="bool")


@pytest.mark.parametrize("weights", [[1, 2, 3, 4], [0, 1, 0, 3], [0.1, 0.2, 0.3, 0.4]])
def test_multinomial_with_replacement(weights):
    drawn = tt.multinomial(tt.tensor(weights, dtype="float32"), 10_000, replacement=True)
    assert drawn.shape == (10_000,)
    assert drawn.dtype == tt.int64
    counts = np.bincount(drawn.numpy(), minlength=4)
    expected = 10_000 * np.array(weights) / sum(weights)
    assert (counts[expected == 0] == 0).all(), "what has no weight is never drawn"
    assert chi_squared(counts[expected > 0], expected[expected > 0]) < 16


def test_multinomial_without_replacement():
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    rows = np.tile(weights, (6000, 1))
    drawn = tt.multinomial(tt.tensor(rows), 2).numpy()
    assert drawn.shape == (6000, 2)
    assert (drawn[:, 0] != drawn[:, 1]).all(), "an index occurs once at most"
    first = np.bincount(drawn[:, 0], minlength=4)
    assert chi_squared(first, 600 * weights) < 16
    pair = weights[:, None] / 10 * weights / (10 - weights[:, None])
    np.fill_diagonal(pair, 0)
    counts = np.bincount(drawn[:, 0] * 4 + drawn[:, 1], minlength=16)
    seen = pair.ravel() > 0
    assert chi_squared(counts[seen], 6000 * pair.ravel()[seen]) < 30


def test_multinomial_row_by_row():
    weights = tt.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    assert tt.multinomial(weights, 3, replacement=True).tolist() == [[1, 1, 1], [0, 0, 0]]
    assert tt.multinomial(weights, 1).tolist() == [[1], [0]]
    everything = tt.multinomial(tt.tensor([1.0, 5.0, 2.0]), 3).tolist()
    assert sorted(everything) == [0, 1, 2]


@pytest.mark.parametrize(
    ("weights", "count"),
    [
        ([1.0, -1.0], 1),
        ([0.0, 0.0], 1),
        ([np.nan, 1.0], 1),
        ([np.inf, 1.0], 1),
        ([1.0, 1.0], 3),
        ([1.0, 0.0], 2),
        ([[[1.0]]], 1),
    ],
)
def test_weights_that_cannot_be_drawn_from(weights, count, refused):
    with refused(ValueError, "multinomial"):
        tt.multinomial(tt.tensor(weights), count)


def test_in_place():
    x = tt.zeros(20_000)
    x.uniform_(2, 4)
    values = x.numpy()
    assert 2 <= values.min() < 2.01
    assert 3.99 < values.max() <= 4
    x.normal_(10, 0.5)
    assert abs(x.numpy().mean() - 10) < 0.02
    assert abs(x.numpy().std() - 0.5) < 0.02
    assert x.version[0] == 2
