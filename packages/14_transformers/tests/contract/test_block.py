"""Task 14.2: a block."""

from typing import Any

import numpy as np
import pytest

from tinytorch.attention import KVCache
from tinytorch.tensor import Tensor
from tinytorch.transformers import TransformerBlock


def causal(length: int) -> Any:
    return np.tril(np.ones((length, length), bool))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("shape", [(2, 3, 8), (1, 1, 8), (3, 5, 8)])
def test_a_block(
    shape: tuple[int, ...],
    is_causal: bool,
    bias: bool,
    drawn: Any,
    stirred: Any,
    by_numpy: Any,
    assert_close: Any,
) -> None:
    block = stirred(TransformerBlock(8, 2, bias=bias, dtype="float64"))
    x = drawn(*shape)
    allowed = causal(shape[1]) if is_causal else None
    expected = by_numpy.block(x, by_numpy.parameters(block), 2, allowed)
    found = block(Tensor(x), is_causal=is_causal)
    assert_close(found, expected, f"a block of 8 with 2 heads, is_causal={is_causal}, of x {shape}")


def test_x_stays_as_it_is(drawn: Any, stirred: Any) -> None:
    block, x = stirred(TransformerBlock(8, 2, dtype="float64")), drawn(2, 3, 8)
    given = Tensor(x.copy())
    block(given)
    assert np.array_equal(given.numpy(), x), "the block has written to its input"


def test_branches_that_give_nothing_leave_x(drawn: Any, assert_close: Any) -> None:
    block = TransformerBlock(8, 2, dtype="float64")
    for name, parameter in block.named_parameters():
        if "out_proj" in name or "c_proj" in name:
            parameter.detach().fill_(0)
    x = drawn(2, 3, 8)
    assert_close(block(Tensor(x)), x, "a block whose last matrices are 0")


def test_masks_are_handed_on(drawn: Any, stirred: Any, by_numpy: Any, assert_close: Any) -> None:
    block, x = stirred(TransformerBlock(8, 2, dtype="float64")), drawn(2, 4, 8)
    allowed = np.array([[1, 0, 0, 1], [1, 1, 0, 0], [0, 1, 1, 0], [1, 1, 1, 1]], bool)
    parameters = by_numpy.parameters(block)
    expected = by_numpy.block(x, parameters, 2, allowed)
    found = block(Tensor(x), attn_mask=Tensor(allowed))
    assert_close(found, expected, "a block with attn_mask, True where a place may look")
    ignored = np.array([[0, 0, 0, 1], [0, 1, 0, 0]], bool)
    expected = by_numpy.block(x, parameters, 2, ~ignored[:, None, None, :])
    found = block(Tensor(x), key_padding_mask=Tensor(ignored))
    assert_close(found, expected, "a block with key_padding_mask, True where nobody may look")
    expected = by_numpy.block(x, parameters, 2, causal(4) & ~ignored[:, None, None, :])
    found = block(Tensor(x), key_padding_mask=Tensor(ignored), is_causal=True)
    assert_close(found, expected, "a block with key_padding_mask and is_causal")


def test_dropout_is_called_on_each_branch(drawn: Any, stirred: Any, by_numpy: Any) -> None:
    """With a dropout that lets nothing through, x is left."""
    block = stirred(TransformerBlock(8, 2, dropout=lambda x: x * 0.0, dtype="float64"))
    x = drawn(2, 3, 8)
    found = block(Tensor(x)).detach().numpy()
    assert np.array_equal(found, x), "dropout=lambda x: 0 · x must silence both branches"


def test_what_dropout_leaves_is_used(
    drawn: Any, stirred: Any, by_numpy: Any, assert_close: Any
) -> None:
    """A dropout that does nothing changes nothing."""
    x = drawn(2, 3, 8)
    block = stirred(TransformerBlock(8, 2, dropout=lambda x: x, dtype="float64"))
    expected = by_numpy.block(x, by_numpy.parameters(block), 2)
    assert_close(block(Tensor(x)), expected, "a block with dropout=lambda x: x")


def test_rotary_gets_the_positions(drawn: Any, stirred: Any) -> None:
    asked: list[Any] = []

    def rotary(x: Any, positions: Any) -> Any:
        asked.append(None if positions is None else positions.numpy().tolist())
        return x

    block = stirred(TransformerBlock(8, 2, rotary=rotary, dtype="float64"))
    block(Tensor(drawn(1, 3, 8)), positions=Tensor(np.array([[4, 5, 9]])))
    assert asked == [[[4, 5, 9]]] * 2, "rotary is called on queries and keys, with the positions"


def test_with_a_cache_piece_by_piece(drawn: Any, stirred: Any, assert_close: Any) -> None:
    block = stirred(TransformerBlock(8, 2, dtype="float64")).requires_grad_(False)
    x = drawn(2, 5, 8)
    expected = block(Tensor(x), is_causal=True).detach().numpy()
    cache = KVCache(2, 2, 5, 4, "float64")
    for start, end in ((0, 2), (2, 3), (3, 5)):
        found = block(Tensor(x[:, start:end]), is_causal=True, cache=cache)
        tried = f"places {start} to {end - 1} with a cache of those before, and all at once"
        assert_close(found, expected[:, start:end], tried)
    assert cache.length == 5, "the cache has seen five places"
