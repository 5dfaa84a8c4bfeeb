"""Task 14.5: the GPT."""

from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tinytorch.transformers import GPT, GPTConfig

CONFIG = GPTConfig(vocab_size=11, block_size=6, n_layer=2, n_head=2, n_embd=8)


def tokens(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(11, size=shape)


@pytest.fixture
def model(stirred: Any) -> Any:
    return stirred(GPT(CONFIG, dtype="float64"))


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (3, 6), (2, 1)])
def test_scores_of_every_place(
    shape: tuple[int, int], model: Any, by_numpy: Any, assert_close: Any
) -> None:
    idx = tokens(*shape)
    assert_close(model(Tensor(idx)), by_numpy.gpt(idx, model), f"GPT of tokens {shape}")


def test_without_biases(stirred: Any, by_numpy: Any, assert_close: Any) -> None:
    config = GPTConfig(vocab_size=11, block_size=6, n_layer=1, n_head=4, n_embd=8, bias=False)
    model, idx = stirred(GPT(config, dtype="float64")), tokens(2, 5)
    assert_close(model(Tensor(idx)), by_numpy.gpt(idx, model), "a GPT with bias=False")


def test_the_parameters() -> None:
    """The last layer has none of its own."""
    shapes = {name: p.shape for name, p in GPT(CONFIG).named_parameters()}
    outside = {name: shape for name, shape in shapes.items() if not name.startswith("blocks.")}
    assert outside == {
        "wte.weight": (11, 8),
        "wpe.weight": (6, 8),
        "ln_f.weight": (8,),
        "ln_f.bias": (8,),
    }
    assert len(shapes) == 4 + 2 * 12


def test_it_counts_its_parameters() -> None:
    """A block of width C has 12 C² + 13 C, as is said of GPT-2."""
    model = GPT(CONFIG)
    blocks = 2 * (12 * 8 * 8 + 13 * 8)
    assert model.num_parameters() == 11 * 8 + blocks + 2 * 8
    assert model.num_parameters(non_embedding=False) == 11 * 8 + 6 * 8 + blocks + 2 * 8


def test_nobody_sees_what_is_to_come(model: Any, assert_close: Any) -> None:
    idx = tokens(2, 6)
    expected = model(Tensor(idx)).detach().numpy()
    for length in range(1, 6):
        changed = idx.copy()
        changed[:, length:] = (changed[:, length:] + 1) % 11
        found = model(Tensor(changed)).detach().numpy()
        tried = f"the first {length} places, with other tokens behind them"
        assert_close(found[:, :length], expected[:, :length], tried)


def test_the_last_place_alone(model: Any, assert_close: Any) -> None:
    idx = tokens(3, 5)
    expected = model(Tensor(idx)).detach().numpy()[:, -1:]
    assert_close(model(Tensor(idx), last_only=True), expected, "last_only=True")


def test_padding_on_the_left(model: Any, by_numpy: Any, assert_close: Any) -> None:
    """A sequence of three among longer ones: its own three places say what they say alone."""
    idx = tokens(2, 5)
    ignored = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 0, 0]], bool)
    positions = np.array([[0, 0, 0, 1, 2], [0, 1, 2, 3, 4]])
    found = model(
        Tensor(idx), positions=Tensor(positions), key_padding_mask=Tensor(ignored)
    ).detach()
    alone = by_numpy.gpt(idx[:1, 2:], model)
    tried = "a sequence of three, padded on the left to five, with positions and key_padding_mask"
    assert_close(found.numpy()[:1, 2:], alone, tried)
    assert_close(found.numpy()[1:], by_numpy.gpt(idx[1:], model), "the one beside it, not padded")


def test_places_matter(model: Any) -> None:
    """Positions that are given are looked up, and not added to a count."""
    idx = np.full((1, 3), 4)
    plain = model(Tensor(idx)).detach().numpy()
    moved = model(Tensor(idx), positions=Tensor(np.array([[3, 4, 5]]))).detach().numpy()
    same = model(Tensor(idx), positions=Tensor(np.array([[0, 1, 2]]))).detach().numpy()
    assert np.allclose(plain, same)
    assert not np.allclose(plain, moved), "positions 3, 4, 5 give what 0, 1, 2 give"


def test_dropout_is_called_on_the_sum_of_the_embeddings(stirred: Any) -> None:
    asked: list[tuple[int, ...]] = []

    def dropout(x: Any) -> Any:
        asked.append(x.shape)
        return x

    model = stirred(GPT(CONFIG, dropout=dropout, dtype="float64"))
    model(Tensor(tokens(2, 3)))
    assert asked.count((2, 3, 8)) == 1 + 2 * CONFIG.n_layer, (
        "dropout: once on the embeddings, and once on what each of two branches gives in each block"
    )


def test_what_dropout_leaves_of_the_embeddings_is_used(stirred: Any) -> None:
    model = stirred(GPT(CONFIG, dropout=lambda x: x * 0.0, dtype="float64"))
    one, other = (model(Tensor(tokens(1, 4, seed=seed))).detach().numpy() for seed in (0, 1))
    assert np.array_equal(one, other), "with dropout=lambda x: 0 · x no token leaves a trace"


def test_refusals(model: Any, refused: Any) -> None:
    with refused(ValueError, "GPT", "7", "block_size", "6"):
        model(Tensor(tokens(1, 7)))
    with refused(ValueError, "GPT", "(B, T)", "(3,)"):
        model(Tensor(tokens(3)))
    with refused(IndexError, "11"):
        model(Tensor(np.array([[0, 11]])))


def test_sizes_that_do_not_fit(refused: Any) -> None:
    with refused(ValueError, "GPTConfig", "n_embd", "3 heads", "8"):
        GPTConfig(n_head=3, n_embd=8)
    with refused(ValueError, "GPTConfig", "n_layer", "0"):
        GPTConfig(n_layer=0)
