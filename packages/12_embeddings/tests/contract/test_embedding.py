"""Task 12.4: the embedding, and the layer."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.embeddings import Embedding, embedding
from tinytorch.tensor import Tensor, tensor
from tinytorch.tensor.testing import check_rule, gradients_of

INDICES = [
    [[0, 3, 1], [1, 1, 4]],
    [2],
    2,
    [[[4]], [[0]]],
    [4, 4, 4, 4],
]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("indices", INDICES)
def test_rows_are_looked_up(dtype: str, indices: Any, drawn: Any, assert_close: Any) -> None:
    weight, places = drawn(5, 3, dtype=dtype), np.array(indices)
    found = embedding(Tensor(weight), indices=tensor(places))
    assert_close(found, weight[places], f"embedding at {indices}", dtype=dtype)


def test_by_hand() -> None:
    weight = Tensor(np.array([[0.0, 1.0], [10.0, 11.0], [20.0, 21.0]]))
    found = embedding(weight, indices=tensor([2, 0, 2])).tolist()
    assert found == [[20.0, 21.0], [0.0, 1.0], [20.0, 21.0]]


def test_indices_may_come_in_many_ways(drawn: Any, assert_close: Any) -> None:
    weight = drawn(5, 3)
    ways: dict[str, Any] = {
        "a list": [[1, 4], [0, 1]],
        "an array": np.array([[1, 4], [0, 1]]),
        "an array of int32": np.array([[1, 4], [0, 1]], dtype=np.int32),
        "an array of uint8": np.array([[1, 4], [0, 1]], dtype=np.uint8),
        "a tensor": tensor([[1, 4], [0, 1]]),
    }
    for way, indices in ways.items():
        expected = weight[np.array([[1, 4], [0, 1]])]
        assert_close(embedding(Tensor(weight), indices=indices), expected, f"indices as {way}")
        assert_close(embedding(Tensor(weight), indices), expected, f"by place, as {way}")


@pytest.mark.parametrize("indices", INDICES)
def test_its_gradient(indices: Any, drawn: Any) -> None:
    """The second weight has so many rows that its gradient may be found in another way."""
    check_rule(embedding, drawn(5, 3), np.array(indices))
    check_rule(embedding, drawn(200, 2), np.array(indices))


def gradient(weight: Any, indices: Any, padding_idx: int | None, g: Any) -> Any:
    options = {"indices": np.array(indices), "padding_idx": padding_idx}
    out = embedding.forward(weight, **options)
    return gradients_of(embedding, (True,), [weight], options, [out], (), g)[0]


@pytest.mark.parametrize("padding_idx", [1, -4])
@pytest.mark.parametrize("rows", [5, 300])
def test_padding_gets_no_gradient(
    padding_idx: int, rows: int, drawn: Any, assert_close: Any
) -> None:
    padding_idx = padding_idx if padding_idx >= 0 else 1 - rows
    g = drawn(2, 3, 2)
    g[0, 2] = np.nan
    indices = [[0, 4, 1], [1, 0, 3]]
    expected = np.zeros((rows, 2))
    expected[0], expected[4], expected[3] = g[0, 0] + g[1, 1], g[0, 1], g[1, 2]
    with np.errstate(all="ignore"):
        found = gradient(drawn(rows, 2), indices, padding_idx, g)
    assert_close(found, expected, f"the gradient for {indices}, padding_idx={padding_idx}")


def test_padding_makes_no_difference_to_the_result(drawn: Any, assert_close: Any) -> None:
    weight, indices = drawn(5, 3), np.array([1, 2, 1])
    found = embedding(Tensor(weight), indices=indices, padding_idx=1)
    assert_close(found, weight[indices], "padding_idx=1, of indices 1, 2, 1")


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 4), max_size=4),
    st.integers(1, 9),
    st.integers(0, 4),
    st.integers(0, 99),
)
def test_any_shape(shape: list[int], rows: int, dim: int, seed: int) -> None:
    draws = np.random.default_rng(seed)
    weight, indices = draws.standard_normal((rows, dim)), draws.integers(0, rows, shape)
    found = embedding(Tensor(weight), indices=np.asarray(indices)).numpy()
    np.testing.assert_array_equal(found, weight[indices])


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)])
def test_no_indices(shape: tuple[int, ...]) -> None:
    found = embedding(Tensor(np.ones((5, 3))), indices=np.zeros(shape, np.int64))
    assert found.shape == (*shape, 3)
    assert embedding(Tensor(np.ones((5, 3))), indices=[]).shape == (0, 3)
    assert embedding(Tensor(np.ones((0, 3))), indices=[]).shape == (0, 3)


@pytest.mark.parametrize("how", ["Fortran order", "backwards", "every second"])
def test_however_it_lies_in_memory(how: str, drawn: Any, laid_out: Any, assert_close: Any) -> None:
    weight, indices = drawn(6, 4), np.random.default_rng(1).integers(0, 6, (3, 2))
    found = embedding(Tensor(laid_out(weight, how)), indices=laid_out(indices, how))
    assert_close(found, weight[indices], f"weight and indices lying {how}")


@pytest.mark.parametrize("indices", INDICES)
def test_the_weight_is_left_alone_and_the_result_is_new(indices: Any, drawn: Any) -> None:
    values = drawn(5, 3)
    weight = Tensor(values.copy())
    embedding(weight, indices=np.array(indices)).fill_(9)
    np.testing.assert_array_equal(weight.numpy(), values, err_msg="the weight was written to")


@pytest.mark.parametrize("indices", [[5], [-1], [[0, 1], [2, 5]], [0, 70000], [-6]])
def test_an_index_without_a_row(indices: Any, refused: Any) -> None:
    wrong = min(min(np.ravel(indices)), 0) or max(np.ravel(indices))
    with refused(IndexError, "embedding", str(wrong), "5 rows"):
        embedding(Tensor(np.ones((5, 3))), indices=np.array(indices))


@pytest.mark.parametrize("indices", [[0.0, 1.0], [True, False]])
def test_indices_that_are_no_integers(indices: Any, refused: Any) -> None:
    with refused(TypeError, "embedding", "integers"):
        embedding(Tensor(np.ones((5, 3))), indices=np.array(indices))


@pytest.mark.parametrize("shape", [(5,), (2, 5, 3), ()])
def test_a_weight_that_is_no_table(shape: tuple[int, ...], refused: Any) -> None:
    with refused(ValueError, "embedding", str(shape)):
        embedding(Tensor(np.ones(shape)), indices=np.array([0]))


@pytest.mark.parametrize("padding_idx", [5, -6])
def test_a_padding_index_without_a_row(padding_idx: int, refused: Any) -> None:
    with refused(IndexError, "padding_idx", str(padding_idx), "5 rows"):
        embedding(Tensor(np.ones((5, 3))), indices=np.array([0]), padding_idx=padding_idx)
    with refused(IndexError, "padding_idx", str(padding_idx), "5 rows"):
        Embedding(5, 3, padding_idx)


# The layer


def test_the_layer_looks_up_its_weight(drawn: Any, assert_close: Any) -> None:
    layer = Embedding(5, 3, dtype="float64")
    weight = drawn(5, 3)
    layer.weight.detach().copy_(weight)
    indices = np.array([[0, 3], [4, 4]])
    assert_close(layer(tensor(indices)), weight[indices], "Embedding(5, 3)")
    assert_close(layer([1, 2]), weight[[1, 2]], "Embedding(5, 3) of a list")
    with pytest.raises(IndexError):
        layer(tensor([5]))


@pytest.mark.parametrize("padding_idx", [2, -3])
def test_the_vector_of_padding_starts_as_zeros(padding_idx: int) -> None:
    layer = Embedding(5, 3, padding_idx)
    assert layer.padding_idx == 2
    for _ in range(2):
        zero = (layer.weight.detach().numpy() == 0).all(axis=1)
        assert zero.tolist() == [False, False, True, False, False]
        layer.reset_parameters()


def test_first_values() -> None:
    """120,000 of them: their mean lies within 0.003 · 5, but for one of a million draws."""
    layer = Embedding(400, 300, generator=np.random.default_rng(5))
    values = layer.weight.detach().numpy()
    assert values.dtype == np.float32
    assert abs(values.mean()) < 0.015
    assert abs(values.std() - 1) < 0.015
    again = Embedding(400, 300, generator=np.random.default_rng(5)).weight.detach().numpy()
    np.testing.assert_array_equal(values, again, err_msg="the same generator, another start")


def test_parameters_and_state() -> None:
    layer = Embedding(4, 2, 1, dtype="float64")
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert list(layer.state_dict()) == ["weight"]
    assert layer.weight.requires_grad
    assert layer.weight.shape == (4, 2)
    assert layer.weight.dtype == np.float64
    assert (layer.num_embeddings, layer.embedding_dim, layer.padding_idx) == (4, 2, 1)


@pytest.mark.parametrize("freeze", [True, False])
def test_from_pretrained(freeze: bool, drawn: Any, assert_close: Any) -> None:
    values = drawn(5, 3, dtype="float32")
    weight = Tensor(values.copy())
    layer = Embedding.from_pretrained(weight, freeze=freeze, padding_idx=-1)
    assert layer.weight.requires_grad is not freeze
    assert (layer.num_embeddings, layer.embedding_dim, layer.padding_idx) == (5, 3, 4)
    assert_close(layer.weight, values, "the weight, padding included")
    assert layer.weight.data_ptr() == weight.data_ptr(), "a tensor's memory should be shared"
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert_close(layer(tensor([4, 0])), values[[4, 0]], "rows 4 and 0")


def test_from_pretrained_freezes_if_nothing_is_said(drawn: Any) -> None:
    layer = Embedding.from_pretrained(drawn(5, 3))
    assert not layer.weight.requires_grad
    assert layer.padding_idx is None


def test_what_is_no_table(refused: Any) -> None:
    with refused(ValueError, "from_pretrained", "(3,)"):
        Embedding.from_pretrained(Tensor(np.ones(3)))
    with refused(ValueError, "Embedding", "-1"):
        Embedding(-1, 3)
    with refused(ValueError, "Embedding", "-2"):
        Embedding(3, -2)


def test_repr() -> None:
    assert repr(Embedding(10, 3)) == "Embedding(10, 3)"
    assert repr(Embedding(10, 3, padding_idx=-1)) == "Embedding(10, 3, padding_idx=9)"
