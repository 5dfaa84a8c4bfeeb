"""Task 14.3: a block that looks at another sequence."""

from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor
from tinytorch.transformers import TransformerBlock


@pytest.mark.parametrize("length", [1, 3, 6])
@pytest.mark.parametrize("is_causal", [False, True])
def test_a_decoders_block(
    length: int, is_causal: bool, drawn: Any, stirred: Any, by_numpy: Any, assert_close: Any
) -> None:
    """is_causal is about x alone: all of memory may be looked at."""
    block = stirred(TransformerBlock(8, 2, cross_attention=True, dtype="float64"))
    x, memory = drawn(2, 4, 8), drawn(2, length, 8, seed=1)
    allowed = np.tril(np.ones((4, 4), bool)) if is_causal else None
    expected = by_numpy.block(x, by_numpy.parameters(block), 2, allowed, memory=memory)
    found = block(Tensor(x), Tensor(memory), is_causal=is_causal)
    assert_close(found, expected, f"four places that look at {length}, is_causal={is_causal}")


def test_padding_of_memory(drawn: Any, stirred: Any, by_numpy: Any, assert_close: Any) -> None:
    block = stirred(TransformerBlock(8, 2, cross_attention=True, dtype="float64"))
    x, memory = drawn(2, 3, 8), drawn(2, 4, 8, seed=1)
    ignored = np.array([[0, 0, 1, 1], [1, 0, 0, 0]], bool)
    expected = by_numpy.block(
        x,
        by_numpy.parameters(block),
        2,
        memory=memory,
        memory_allowed=~ignored[:, None, None, :],
    )
    found = block(Tensor(x), Tensor(memory), memory_key_padding_mask=Tensor(ignored))
    assert_close(found, expected, "memory_key_padding_mask, True where memory is to be ignored")


def test_dropout_is_called_on_what_was_seen(drawn: Any, stirred: Any) -> None:
    block = stirred(
        TransformerBlock(8, 2, cross_attention=True, dropout=lambda x: x * 0.0, dtype="float64")
    )
    x = drawn(2, 3, 8)
    found = block(Tensor(x), Tensor(drawn(2, 4, 8, seed=1))).detach().numpy()
    assert np.array_equal(found, x), "dropout=lambda x: 0 · x must silence all three branches"


def test_a_memory_without_cross_attention_and_the_reverse(drawn: Any, refused: Any) -> None:
    x = Tensor(drawn(2, 3, 8))
    with refused(ValueError, "TransformerBlock", "cross_attention=True"):
        TransformerBlock(8, 2, dtype="float64")(x, x)
    with refused(ValueError, "TransformerBlock", "memory"):
        TransformerBlock(8, 2, cross_attention=True, dtype="float64")(x)
