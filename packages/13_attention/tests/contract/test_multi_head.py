"""Task 13.6: the layer."""

from typing import Any

import numpy as np
import pytest

from tinytorch.attention import KVCache, MultiHeadAttention, padding_mask
from tinytorch.layers import Module
from tinytorch.tensor import Tensor, zeros


def arrays(layer: Any) -> dict[str, Any]:
    return {name: values.numpy().astype(np.float64) for name, values in layer.state_dict().items()}


def project(x: Any, state: dict[str, Any], name: str, rows: slice = slice(None)) -> Any:
    bias = state.get(f"{name}.bias")
    y = x @ state[f"{name}.weight"][rows].T
    return y if bias is None else y + bias[rows]


def apart(x: Any, heads: int) -> Any:
    size = x.shape[-1] // heads
    return np.stack([x[..., h * size : (h + 1) * size] for h in range(heads)], axis=-3)


@pytest.fixture(scope="session")
def expected(attended: Any) -> Any:
    """expected(layer, query, key, value, allowed, bias): the layer by NumPy."""

    def compute(
        layer: Any,
        query: Any,
        key: Any = None,
        value: Any = None,
        allowed: Any = None,
        bias: Any = None,
    ) -> Any:
        state, heads, kv_heads = arrays(layer), layer.num_heads, layer.num_kv_heads
        key = query if key is None else key
        value = key if value is None else value
        if "in_proj.weight" in state:
            width, shared = layer.embed_dim, kv_heads * layer.head_dim
            q = project(query, state, "in_proj", slice(0, width))
            k = project(key, state, "in_proj", slice(width, width + shared))
            v = project(value, state, "in_proj", slice(width + shared, None))
        else:
            q, k, v = (
                project(x, state, f"{name}_proj")
                for x, name in zip((query, key, value), "qkv", strict=True)
            )
        found = attended(
            apart(q, heads), apart(k, kv_heads), apart(v, kv_heads), allowed, bias, grouped=True
        )
        return project(np.concatenate(list(np.moveaxis(found, -3, 0)), axis=-1), state, "out_proj")

    return compute


def layer_of(*args: Any, seed: int = 0, **options: Any) -> Any:
    """A layer in float64, its biases not 0."""
    layer = MultiHeadAttention(*args, **options, dtype="float64")
    draws = np.random.default_rng(seed)
    for values in layer.state_dict().values():
        values.copy_(draws.standard_normal(values.shape))
    return layer


HEADS = [(12, 4, None), (12, 1, None), (12, 4, 2), (12, 6, 1), (4, 4, 4)]


@pytest.mark.parametrize("sizes", HEADS, ids=str)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("causal", [False, True])
def test_self_attention(
    sizes: Any, bias: bool, causal: bool, drawn: Any, expected: Any, behind: Any, assert_close: Any
) -> None:
    layer = layer_of(*sizes, bias=bias)
    for shape in ((2, 5), (5,), (1, 1), (0, 3)):
        x = drawn(*shape, sizes[0])
        allowed = behind(shape[-1], shape[-1]) if causal else None
        found = layer(Tensor(x), is_causal=causal)
        tried = f"MultiHeadAttention{sizes}, bias={bias}, of {x.shape}, is_causal={causal}"
        assert_close(found, expected(layer, x, allowed=allowed), tried)


@pytest.mark.parametrize("sizes", HEADS, ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_cross_attention(
    sizes: Any, bias: bool, drawn: Any, expected: Any, assert_close: Any
) -> None:
    layer, width = layer_of(*sizes, bias=bias), sizes[0]
    for batch in ((2,), ()):
        query, key, value = (
            drawn(*batch, 3, width),
            drawn(*batch, 5, width, seed=1),
            drawn(*batch, 5, width, seed=2),
        )
        tensors = [Tensor(x) for x in (query, key, value)]
        found = layer(*tensors)
        assert_close(found, expected(layer, query, key, value), f"{sizes}: query, key and value")
        found = layer(*tensors[:2])
        assert_close(found, expected(layer, query, key), f"{sizes}: query and key")
        found = layer(tensors[0], tensors[0], tensors[0])
        assert_close(found, expected(layer, query), f"{sizes}: the query three times")
        found = layer(tensors[0], tensors[0], Tensor(query + 1))
        tried = f"{sizes}: the query is the key, the value is another"
        assert_close(found, expected(layer, query, query, query + 1), tried)


@pytest.mark.parametrize("kv_heads", [None, 2])
@pytest.mark.parametrize("bias", [True, False])
def test_keys_and_values_of_other_sizes(
    kv_heads: int | None, bias: bool, drawn: Any, expected: Any, assert_close: Any
) -> None:
    layer = layer_of(12, 4, kv_heads, kdim=7, vdim=5, bias=bias)
    query, key, value = drawn(2, 3, 12), drawn(2, 6, 7, seed=1), drawn(2, 6, 5, seed=2)
    found = layer(Tensor(query), Tensor(key), Tensor(value))
    assert_close(found, expected(layer, query, key, value), "kdim=7, vdim=5")


ALLOWED: list[tuple[int, ...]] = [(5, 5), (2, 1, 1, 5), (2, 4, 5, 5), (5,)]


@pytest.mark.parametrize("shape", ALLOWED, ids=str)
@pytest.mark.parametrize("kv_heads", [None, 2])
def test_masks(
    shape: tuple[int, ...], kv_heads: int | None, drawn: Any, expected: Any, assert_close: Any
) -> None:
    layer, x = layer_of(12, 4, kv_heads), drawn(2, 5, 12)
    allowed = np.random.default_rng(1).random(shape) < 0.7
    found = layer(Tensor(x), attn_mask=Tensor(allowed))
    assert_close(found, expected(layer, x, allowed=allowed), f"attn_mask {shape}, True: may look")
    bias = drawn(*shape, seed=2)
    found = layer(Tensor(x), attn_mask=Tensor(bias))
    assert_close(found, expected(layer, x, bias=bias), f"attn_mask {shape}, added")


def test_padding(drawn: Any, expected: Any, behind: Any, assert_close: Any) -> None:
    layer, x = layer_of(12, 4), drawn(3, 5, 12)
    lengths = [5, 2, 0]
    real = np.arange(5) < np.array(lengths)[:, None]
    allowed = real[:, None, None, :]
    given = padding_mask(lengths, 5)
    found = layer(Tensor(x), key_padding_mask=given)
    tried = f"key_padding_mask of lengths {lengths}, True: ignored"
    assert_close(found, expected(layer, x, allowed=allowed), tried)
    found = layer(Tensor(x), key_padding_mask=given, is_causal=True)
    both = allowed & behind(5, 5)
    assert_close(found, expected(layer, x, allowed=both), f"{tried}; is_causal")
    other = np.random.default_rng(1).random((5, 5)) < 0.7
    found = layer(Tensor(x), key_padding_mask=given, attn_mask=Tensor(other))
    assert_close(found, expected(layer, x, allowed=allowed & other), f"{tried}; attn_mask")
    bias = drawn(4, 5, 5, seed=2)
    found = layer(Tensor(x), key_padding_mask=given, attn_mask=Tensor(bias))
    assert_close(found, expected(layer, x, allowed=allowed, bias=bias), f"{tried}; added")
    added = drawn(3, 5, seed=3)
    found = layer(Tensor(x), key_padding_mask=Tensor(added), attn_mask=Tensor(other))
    wide = added[:, None, None, :]
    tried = "key_padding_mask as numbers; attn_mask"
    assert_close(found, expected(layer, x, allowed=other, bias=wide), tried)
    found = layer(Tensor(x), key_padding_mask=Tensor(added))
    assert_close(found, expected(layer, x, bias=wide), "key_padding_mask as numbers")
    found = layer(Tensor(x[1]), key_padding_mask=Tensor(~real[1]))
    assert_close(found, expected(layer, x[1], allowed=real[1]), "one sequence, without a batch")


def test_padding_of_other_keys(drawn: Any, expected: Any, assert_close: Any) -> None:
    layer, x, key = layer_of(12, 4, 2), drawn(2, 3, 12), drawn(2, 5, 12, seed=1)
    found = layer(Tensor(x), Tensor(key), key_padding_mask=padding_mask([4, 1], 5))
    allowed = (np.arange(5) < np.array([[4], [1]]))[:, None, None, :]
    assert_close(found, expected(layer, x, key, allowed=allowed), "padding of the keys")


# With a cache


@pytest.mark.parametrize("kv_heads", [None, 2, 1])
@pytest.mark.parametrize("steps", [[1] * 6, [6], [4, 1, 1], [2, 3, 1]], ids=str)
def test_a_cache_changes_nothing(
    kv_heads: int | None,
    steps: list[int],
    drawn: Any,
    expected: Any,
    behind: Any,
    assert_close: Any,
) -> None:
    layer, x = layer_of(12, 4, kv_heads).requires_grad_(False), drawn(2, 6, 12)
    whole = expected(layer, x, allowed=behind(6, 6))
    cache = KVCache(2, layer.num_kv_heads, 8, 3, dtype="float64")
    start = 0
    for step in steps:
        found = layer(Tensor(x[:, start : start + step]), is_causal=True, cache=cache)
        tried = f"positions {start} to {start + step} with a cache, in steps {steps}"
        assert_close(found, whole[:, start : start + step], tried)
        start += step
    assert cache.length == 6


def test_a_cache_without_is_causal(drawn: Any, expected: Any, assert_close: Any) -> None:
    layer, x = layer_of(12, 4).requires_grad_(False), drawn(2, 5, 12)
    cache = KVCache(2, 4, 8, 3, dtype="float64")
    layer(Tensor(x[:, :2]), cache=cache)
    found = layer(Tensor(x[:, 2:]), cache=cache)
    assert_close(found, expected(layer, x[:, 2:], x), "all look at all that is kept")


def test_a_cache_and_masks(drawn: Any, expected: Any, behind: Any, assert_close: Any) -> None:
    layer, x = layer_of(12, 4, 2).requires_grad_(False), drawn(2, 5, 12)
    cache = KVCache(2, 2, 8, 3, dtype="float64")
    padding = np.array([[True, False, False, False, False], [False] * 5])
    layer(Tensor(x[:, :3]), cache=cache, key_padding_mask=Tensor(padding[:, :3]), is_causal=True)
    found = layer(Tensor(x[:, 3:]), cache=cache, key_padding_mask=Tensor(padding), is_causal=True)
    allowed = ~padding[:, None, None, :] & behind(2, 5)
    assert_close(found, expected(layer, x[:, 3:], x, allowed=allowed), "padding, with a cache")
    cache.truncate(3)
    mask = np.random.default_rng(1).random((2, 5)) < 0.7
    found = layer(Tensor(x[:, 3:]), cache=cache, attn_mask=Tensor(mask))
    assert_close(found, expected(layer, x[:, 3:], x, allowed=mask), "attn_mask, with a cache")


def test_a_cache_of_one_sequence_without_a_batch(
    drawn: Any, expected: Any, behind: Any, assert_close: Any
) -> None:
    layer, x = layer_of(12, 4).requires_grad_(False), drawn(4, 12)
    whole = expected(layer, x, allowed=behind(4, 4))
    cache = KVCache(1, 4, 8, 3, dtype="float64")
    for start, stop in ((0, 2), (2, 3), (3, 4)):
        found = layer(Tensor(x[start:stop]), is_causal=True, cache=cache)
        assert_close(found, whole[start:stop], f"(T, embed_dim), positions {start} to {stop}")
    cache.truncate(2)
    padding = Tensor(np.array([True, False, False, False]))
    found = layer(Tensor(x[2:]), key_padding_mask=padding, is_causal=True, cache=cache)
    allowed = ~padding.numpy() & behind(2, 4)
    assert_close(found, expected(layer, x[2:], x, allowed=allowed), "padding, without a batch")
    cache.truncate(2)
    mask = np.array([[True, False, True, False], [False, True, True, True]])
    found = layer(Tensor(x[2:]), attn_mask=Tensor(mask), cache=cache)
    assert_close(found, expected(layer, x[2:], x, allowed=mask), "attn_mask, without a batch")


def test_a_full_cache(refused: Any) -> None:
    layer = MultiHeadAttention(12, 4).requires_grad_(False)
    cache = KVCache(1, 4, 2, 3)
    layer(zeros(1, 2, 12), cache=cache)
    with refused(ValueError, "KVCache", "2", "max_length"):
        layer(zeros(1, 1, 12), cache=cache)


# What is turned, and what is dropped


def turned(x: Tensor, positions: Any) -> Tensor:
    """As rotary positions would, in a way that is easy to compute here."""
    return x * (1 + Tensor(np.asarray(positions.numpy(), np.float64))[:, None])


def test_rotary_turns_queries_and_keys(
    drawn: Any, attended: Any, behind: Any, assert_close: Any
) -> None:
    layer = layer_of(12, 4, 2, rotary=turned).requires_grad_(False)
    x, state = drawn(2, 5, 12), arrays(layer)
    q, k, v = np.split(project(x, state, "in_proj"), [12, 18], axis=-1)

    def expected_at(places: Any) -> Any:
        factor = 1 + np.asarray(places, np.float64)[:, None]
        heads = apart(q, 4) * factor, apart(k, 2) * factor, apart(v, 2)
        found = attended(*heads, behind(5, 5), grouped=True)
        return project(np.concatenate(list(np.moveaxis(found, -3, 0)), axis=-1), state, "out_proj")

    found = layer(Tensor(x), is_causal=True)
    assert_close(found, expected_at(range(5)), "rotary, positions from 0 on")
    found = layer(Tensor(x[0]), is_causal=True)
    assert_close(found, expected_at(range(5))[0], "rotary, without a batch")
    places = np.array([3, 1, 4, 1, 5])
    found = layer(Tensor(x), is_causal=True, positions=Tensor(places))
    assert_close(found, expected_at(places), f"rotary, positions {places.tolist()}")
    cache = KVCache(2, 2, 8, 3, dtype="float64")
    parts = [
        layer(Tensor(x[:, a:b]), is_causal=True, cache=cache) for a, b in ((0, 3), (3, 4), (4, 5))
    ]
    joined = np.concatenate([part.numpy() for part in parts], axis=1)
    assert_close(joined, expected_at(range(5)), "rotary and a cache: positions go on")
    alone = KVCache(1, 2, 8, 3, dtype="float64")
    found = layer(Tensor(x[1]), is_causal=True, cache=alone, positions=Tensor(places))
    tried = f"rotary and a cache, without a batch, positions {places.tolist()}"
    assert_close(found, expected_at(places)[1], tried)


class Nothing(Module):
    """A dropout of everything, while it trains."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 0 if self.training else x


def test_dropout_in_training_only(drawn: Any, expected: Any, assert_close: Any) -> None:
    x = drawn(2, 5, 12)
    for dropout in (Nothing(), lambda weights: weights * 0):
        layer = layer_of(12, 4, 2, dropout=dropout)
        bias = np.broadcast_to(arrays(layer)["out_proj.bias"], x.shape)
        name = type(dropout).__name__
        assert_close(layer(Tensor(x)), bias, f"all weights dropped, by a {name}")
        assert_close(layer.eval()(Tensor(x)), expected(layer, x), f"in evaluation, a {name}")
        assert_close(layer.train()(Tensor(x)), bias, f"in training again, by a {name}")


def test_a_dropout_may_be_left_on(drawn: Any, assert_close: Any) -> None:
    layer, x = layer_of(12, 4, dropout=Nothing()).eval(), drawn(2, 5, 12)
    layer.dropout.train()
    bias = np.broadcast_to(arrays(layer)["out_proj.bias"], x.shape)
    assert_close(layer(Tensor(x)), bias, "the layer evaluates, its dropout trains")


# The parameters


@pytest.mark.parametrize("bias", [True, False])
def test_names_and_shapes(bias: bool) -> None:
    def shapes(layer: Any) -> dict[str, tuple[int, ...]]:
        return {name: p.shape for name, p in layer.named_parameters()}

    packed = {"in_proj.weight": (24, 12), "in_proj.bias": (24,)}
    apart = {"q_proj.weight": (12, 12), "q_proj.bias": (12,), "k_proj.weight": (6, 7),
             "k_proj.bias": (6,), "v_proj.weight": (6, 12), "v_proj.bias": (6,)}  # fmt: skip
    out = {"out_proj.weight": (12, 12), "out_proj.bias": (12,)}
    for wanted, options in ((packed, {}), (apart, {"kdim": 7})):
        layer = MultiHeadAttention(12, 4, 2, bias=bias, **options)
        expected = {n: s for n, s in {**wanted, **out}.items() if bias or "weight" in n}
        assert shapes(layer) == expected
        assert all(p.dtype == np.float32 for p in layer.parameters())


def test_where_they_start() -> None:
    layer = MultiHeadAttention(64, 4, generator=np.random.default_rng(0))
    weight = layer.in_proj.weight.detach().numpy()
    bound = (6 / (64 + 192)) ** 0.5
    # 12,288 draws: that none of them comes within 1 % of the bound happens less than e^-120 times.
    assert 0.99 * bound < np.abs(weight).max() <= bound * (1 + 1e-6), "Glorot's bound, packed"
    assert np.abs(layer.out_proj.weight.detach().numpy()).max() <= 1 / 8 + 1e-6
    assert not layer.in_proj.bias.detach().numpy().any()
    assert not layer.out_proj.bias.detach().numpy().any()
    again = MultiHeadAttention(64, 4, generator=np.random.default_rng(0))
    assert (again.in_proj.weight.detach().numpy() == weight).all(), "one seed, other values"
    again.reset_parameters(np.random.default_rng(1))
    assert (again.in_proj.weight.detach().numpy() != weight).mean() > 0.99


def test_repr() -> None:
    assert "embed_dim=12, num_heads=4\n" in repr(MultiHeadAttention(12, 4))
    assert "embed_dim=12, num_heads=4, num_kv_heads=2\n" in repr(MultiHeadAttention(12, 4, 2))


# What is refused


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ((12, 5), ("12", "5")),
        ((12, 0), ("12", "0")),
        ((12, 4, 3), ("num_heads=4", "num_kv_heads=3")),
        ((12, 4, 0), ("num_heads=4", "num_kv_heads=0")),
    ],
    ids=str,
)
def test_heads_that_do_not_fit(sizes: Any, words: tuple[str, ...], refused: Any) -> None:
    with refused(ValueError, "MultiHeadAttention", *words):
        MultiHeadAttention(*sizes)


def test_what_forward_refuses(refused: Any) -> None:
    layer = MultiHeadAttention(12, 4)
    x = zeros(2, 3, 12)
    with refused(ValueError, "MultiHeadAttention", "(2, 3, 8)", "12"):
        layer(zeros(2, 3, 8))
    with refused(ValueError, "MultiHeadAttention", "(1, 2, 3, 12)"):
        layer(zeros(1, 2, 3, 12))
    with refused(ValueError, "MultiHeadAttention", "key", "(2, 3, 8)"):
        layer(x, zeros(2, 3, 8))
    with refused(ValueError, "MultiHeadAttention", "value", "(3, 12)"):
        layer(x, x, zeros(3, 12))
    with refused(ValueError, "MultiHeadAttention", "key"):
        layer(x, value=x)
    with refused(ValueError, "MultiHeadAttention", "cache"):
        layer(x, x, cache=KVCache(2, 4, 8, 3))
    with refused(ValueError, "MultiHeadAttention", "key", "7"):
        MultiHeadAttention(12, 4, kdim=7)(x)
