"""What the contract tests share: how results are compared, how refusals are read, and networks in
which every weight matters.

Expected values are computed here, by NumPy in float64.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import pytest

from tinytorch.tensor import Tensor

# Where gradients can be had, the checks run as they do in training: watched.
if importlib.util.find_spec("tinytorch.autograd") is not None:
    importlib.import_module("tinytorch.autograd")


@pytest.fixture(scope="session")
def assert_close() -> Callable[..., None]:
    """assert_close(found, expected, tried): a tensor's shape and values are the expected."""
    return _assert_close


def _assert_close(found: Any, expected: Any, tried: str, *, tolerance: float = 1e-9) -> None:
    """found: a tensor or an array. expected: an array. tried: what was called."""
    expected = np.asarray(expected)
    values = found if isinstance(found, np.ndarray) else found.detach().numpy()
    told = f"{tried}\n  gave      {_told(values)}\n  expected  {_told(expected)}"
    assert values.shape == expected.shape, told
    close = np.isclose(values.astype(np.float64), expected, tolerance, tolerance, equal_nan=True)
    assert close.all(), f"{told}\n  first difference at index {tuple(np.argwhere(~close)[0])}"


def _told(array: Any) -> str:
    text = np.array2string(array, threshold=30, precision=6, separator=", ", prefix=" " * 12)
    return f"shape {array.shape}, {array.dtype}\n            {text}"


@pytest.fixture(scope="session")
def refused() -> Callable[..., AbstractContextManager[None]]:
    """with refused(ValueError, "GPT", "(2,)"): raises this, and its message has these."""
    return _refused


@contextmanager
def _refused(error: type[Exception], *words: str) -> Iterator[None]:
    with pytest.raises(error) as caught:
        yield
    assert not isinstance(caught.value, NotImplementedError), "the task is not written yet"
    told = str(caught.value)
    missing = [repr(word) for word in words if word not in told]
    assert not missing, (
        f"the text of the {type(caught.value).__name__} should name {' and '.join(missing)}, so "
        f"that a reader finds the mistake; it says: {told}"
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Any]:
    """drawn(2, 3, seed=1): normal numbers, float64."""
    return _drawn


def _drawn(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.fixture(scope="session")
def stirred() -> Callable[..., Any]:
    """stirred(module, seed=0): the module with every parameter drawn, so that each shows."""
    return _stirred


def _stirred(module: Any, seed: int = 0) -> Any:
    draws = np.random.default_rng(seed)
    for _, parameter in module.named_parameters():
        values = draws.standard_normal(parameter.shape) * (0.3 if parameter.ndim > 1 else 0.5)
        parameter.detach().copy_(Tensor(values))
    return module


@pytest.fixture(scope="session")
def by_numpy() -> ByNumpy:
    """The same networks by NumPy, from a module's parameters by name."""
    return ByNumpy()


class ByNumpy:
    """Functions of arrays, as the papers write them."""

    def parameters(self, module: Any) -> dict[str, Any]:
        return {
            name: p.detach().numpy().astype(np.float64) for name, p in module.named_parameters()
        }

    def norm(self, x: Any, p: dict[str, Any], name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        found = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * p[f"{name}.weight"]
        return found + p.get(f"{name}.bias", 0.0)

    def linear(self, x: Any, p: dict[str, Any], name: str) -> Any:
        return x @ p[f"{name}.weight"].T + p.get(f"{name}.bias", 0.0)

    def gelu(self, x: Any) -> Any:
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))

    def feed_forward(self, x: Any, p: dict[str, Any], name: str = "") -> Any:
        return self.linear(
            self.gelu(self.linear(x, p, f"{name}c_fc")),
            p,
            f"{name}c_proj",
        )

    def attention(
        self, x: Any, memory: Any, p: dict[str, Any], name: str, heads: int, allowed: Any = None
    ) -> Any:
        """allowed: (…, T, S), True where a place may look."""
        width = x.shape[-1]
        weight, bias = (
            p[f"{name}.in_proj.weight"],
            p.get(f"{name}.in_proj.bias", np.zeros(3 * width)),
        )
        parts = [
            each @ weight[i * width : (i + 1) * width].T + bias[i * width : (i + 1) * width]
            for i, each in enumerate((x, memory, memory))
        ]
        query, key, value = (
            each.reshape(*each.shape[:-1], heads, -1).swapaxes(-3, -2) for each in parts
        )
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
        if allowed is not None:
            scores = np.where(allowed, scores, -np.inf)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        seen = (weights @ value).swapaxes(-3, -2)
        return self.linear(seen.reshape(*seen.shape[:-2], width), p, f"{name}.out_proj")

    def block(
        self,
        x: Any,
        p: dict[str, Any],
        heads: int,
        allowed: Any = None,
        name: str = "",
        memory: Any = None,
        memory_allowed: Any = None,
    ) -> Any:
        normed = self.norm(x, p, f"{name}ln_1")
        x = x + self.attention(normed, normed, p, f"{name}attn", heads, allowed)
        if memory is not None:
            normed = self.norm(x, p, f"{name}ln_cross")
            x = x + self.attention(normed, memory, p, f"{name}cross_attn", heads, memory_allowed)
        return x + self.feed_forward(self.norm(x, p, f"{name}ln_2"), p, f"{name}mlp.")

    def gpt(self, idx: Any, model: Any, positions: Any = None, ignored: Any = None) -> Any:
        """ignored: (B, T), True where a token is not to be looked at."""
        p, config = self.parameters(model), model.config
        places = np.arange(idx.shape[1]) if positions is None else positions
        x = p["wte.weight"][idx] + p["wpe.weight"][places]
        allowed = np.tril(np.ones((idx.shape[1],) * 2, bool))
        if ignored is not None:
            allowed = allowed & ~ignored[:, None, None, :]
        for i in range(config.n_layer):
            x = self.block(x, p, config.n_head, allowed, f"blocks.{i}.")
        return self.norm(x, p, "ln_f") @ p["wte.weight"].T
