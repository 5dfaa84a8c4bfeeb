"""What a recorded dropout holds until the way back, and what it leaves to others."""

import copy
import gc
import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest

import tinytorch.regularization
from tinytorch.autograd import gradgradcheck
from tinytorch.layers import Module
from tinytorch.networks import Sequential
from tinytorch.regularization import Dropout, Dropout2d, DropPath, dropout, masked_scale
from tinytorch.tensor import Tensor, drawing_from


def bytes_held_by(make: Any) -> int:
    """What is still there of the memory that make() took, once it has returned; and its result."""
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = make()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept is not None
    return after - before


def test_a_byte_a_number_beside_the_result() -> None:
    x = Tensor(np.ones((1000, 1000), np.float32), requires_grad=True)
    held = bytes_held_by(lambda: dropout(x, 0.5))
    assert 5_000_000 <= held < 5_100_000, "4 bytes of the result, 1 of the mask"


def test_whole_channels_take_a_byte_each() -> None:
    x = Tensor(np.ones((10, 100, 30, 30), np.float32), requires_grad=True)
    held = bytes_held_by(lambda: Dropout2d(0.5)(x))
    assert 3_600_000 <= held < 3_650_000


def test_gradients_of_gradients() -> None:
    draws = np.random.default_rng(0)
    x = Tensor(draws.standard_normal((3, 4)), requires_grad=True)
    mask = draws.random((3, 4)) < 0.5
    assert gradgradcheck(lambda x: masked_scale(x * x, mask=mask, scale=1.5), [x])


def test_a_rule_that_is_an_operation_itself() -> None:
    rule = masked_scale.rule
    assert rule is not None
    assert not rule.first_order


def test_a_copied_layer_draws_from_a_generator_of_its_own() -> None:
    """As of everything else, a copy has a copy of the generator, as it stands."""
    layer = Dropout(0.5, generator=np.random.default_rng(3))
    twin = copy.deepcopy(layer)
    x = Tensor(np.ones(200))
    assert layer(x).tolist() == twin(x).tolist()
    assert layer.generator is not twin.generator


@pytest.mark.parametrize("kind", [Dropout, Dropout2d, DropPath], ids=lambda kind: kind.__name__)
def test_threads_with_a_default_generator_each(kind: Any) -> None:
    x = Tensor(np.ones((20, 10, 5, 5)))
    found: dict[int, Any] = {}

    def work(seed: int) -> None:
        with drawing_from(np.random.default_rng(seed)):
            found[seed] = [kind(0.5)(x).tolist() for _ in range(20)]

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    parallel = dict(found)
    for seed in range(3):
        work(seed)
    assert parallel == found


def test_layers_in_a_network_are_told_apart() -> None:
    network = Sequential(Dropout(0.1), Dropout2d(0.2), DropPath(0.3))
    assert repr(network).split("\n")[1:-1] == [
        "  (0): Dropout(p=0.1)",
        "  (1): Dropout2d(p=0.2)",
        "  (2): DropPath(p=0.3)",
    ]
    assert not isinstance(network[1], Dropout), "as in PyTorch, one is not the other"


def test_all_that_is_offered_is_there() -> None:
    names = tinytorch.regularization.__all__
    assert sorted(names) == names
    for name in names:
        each = getattr(tinytorch.regularization, name)
        assert each.__doc__, name
        assert name in ("Dropout", "Dropout2d", "DropPath") or not (
            isinstance(each, type) and issubclass(each, Module)
        )
