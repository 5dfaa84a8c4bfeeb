"""One flat buffer: what lies where, and what a step costs in memory."""

from __future__ import annotations

import copy
import tracemalloc
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tinytorch.layers import Linear, Parameter
from tinytorch.optimizers import SGD, Adam, AdamW, ExponentialLR, flat_parameters
from tinytorch.tensor import Tensor


def leaf(*shape: int, seed: int = 0, dtype: str = "float32") -> Any:
    draws = np.random.default_rng(seed)
    tensor = Tensor(draws.standard_normal(shape).astype(dtype))
    tensor.grad = Tensor(np.asarray(draws.standard_normal(shape).astype(dtype)))
    return tensor


def end_to_end(*tensors: Any) -> bool:
    """Whether each lies behind the one before it, without a gap."""
    return all(b.data_ptr() == a.data_ptr() + a.nbytes for a, b in pairwise(tensors))


def test_parameters_lie_side_by_side() -> None:
    parameters = [leaf(3, 4), leaf(), leaf(5), leaf(2, 2, 2)]
    values = [p.numpy().copy() for p in parameters]
    versions = [p.version[0] for p in parameters]
    SGD(parameters)
    assert end_to_end(*parameters)
    for p, before in zip(parameters, values, strict=True):
        np.testing.assert_array_equal(p.numpy(), before)
    assert [p.version[0] for p in parameters] == versions, "no value was changed"


def test_those_of_one_dtype_and_group() -> None:
    a, b, c, d = leaf(3), leaf(4, dtype="float64"), leaf(5), leaf(6)
    SGD([{"params": [a, b, c]}, {"params": [d]}])
    assert end_to_end(a, c)
    assert not np.may_share_memory(c.array.base, d.array)


def test_steps_do_not_move_them() -> None:
    parameters = [leaf(3, 4), leaf(5)]
    optimizer = Adam(parameters)
    places = [p.data_ptr() for p in parameters]
    for _ in range(3):
        optimizer.step()
    assert [p.data_ptr() for p in parameters] == places


def test_the_order_of_memory_is_kept() -> None:
    channels_last = np.moveaxis(np.zeros((4, 5, 2, 3), "float32"), -1, 1)
    p = Tensor(channels_last)
    p.grad = Tensor(np.moveaxis(np.ones((4, 5, 2, 3), "float32"), -1, 1))
    optimizer = SGD([leaf(2), p], lr=1.0)
    assert p.array.strides == channels_last.strides
    optimizer.step()
    assert (p.numpy() == -1).all()


def test_what_is_rebound_is_taken_back() -> None:
    a, b = leaf(3), leaf(4)
    optimizer = Adam([a, b])
    optimizer.step()
    place = a.data_ptr()
    a.data = Tensor(np.ones(3, "float32"))
    assert a.data_ptr() != place
    optimizer.step()
    assert a.data_ptr() == place
    np.testing.assert_allclose(a.numpy(), 1, atol=0.01)


def test_loading_a_module_goes_into_the_buffer() -> None:
    layer = Linear(3, 2)
    optimizer = SGD(layer.parameters(), lr=1.0)
    place = layer.weight.data_ptr()
    layer.load_state_dict(Linear(3, 2).state_dict())
    assert layer.weight.data_ptr() == place
    layer.to("float64")
    layer.weight.grad = Tensor(np.ones((2, 3)))
    before = layer.weight.detach().numpy().copy()
    optimizer.step()
    np.testing.assert_array_equal(layer.weight.detach().numpy(), before - 1)
    assert layer.weight.dtype == np.float64


def test_shared_memory_stays_where_it_is() -> None:
    table = Tensor(np.arange(6.0).reshape(3, 2))
    tied = [Parameter(table), Parameter(table), Parameter(table[1:])]
    beside = [leaf(4, dtype="float64"), leaf(2, dtype="float64")]
    SGD([beside[0], *tied, beside[1]])
    assert [p.data_ptr() for p in tied[:2]] == [table.data_ptr()] * 2
    assert np.shares_memory(tied[2].array, table.array)
    assert end_to_end(*beside)


def test_interleaved_columns_are_no_copy() -> None:
    table = np.zeros((3, 4))
    left, right = Tensor(table[:, ::2]), Tensor(table[:, 1::2])
    left.grad, right.grad = Tensor(np.full((3, 2), 1.0)), Tensor(np.full((3, 2), 2.0))
    optimizer = SGD([left, right], lr=1.0)
    optimizer.step()
    np.testing.assert_array_equal(table, np.tile([-1.0, -2.0], (3, 2)))


def test_a_tie_made_later_and_cut_again() -> None:
    a, b = leaf(3, seed=1), leaf(3, seed=2)
    optimizer = SGD([a, b], lr=1.0)
    b.data = a.detach()
    optimizer.step()
    assert a.data_ptr() == b.data_ptr()
    b.data = Tensor(np.zeros(3, "float32"))
    before = a.numpy().copy()
    optimizer.step()
    np.testing.assert_allclose(a.numpy(), before - a.grad.numpy(), rtol=1e-6)
    np.testing.assert_array_equal(b.numpy(), -b.grad.numpy())


@pytest.mark.parametrize("block", [1, 3, 7, 64, 10_000])
@pytest.mark.parametrize("missing", [set(), {0}, {2}, {4}, {1, 3}])
def test_blocks_of_any_size_give_the_same_bits(
    block: int, missing: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(size: int) -> list[Any]:
        monkeypatch.setattr(flat_parameters, "BLOCK", size)
        parameters = [
            leaf(*shape, seed=i) for i, shape in enumerate([(3,), (40, 5), (), (7,), (2,)])
        ]
        optimizer = AdamW(parameters, amsgrad=True)
        for step in range(6):
            gradients = [p.grad for p in parameters]
            for i in missing if step % 2 else ():
                parameters[i].grad = None
            optimizer.step()
            for p, gradient in zip(parameters, gradients, strict=True):
                p.grad = gradient
        return [p.numpy() for p in parameters]

    for here, there in zip(trained(block), trained(1_000_000), strict=True):
        np.testing.assert_array_equal(here, there)


def test_few_numbers_in_many_parameters_are_one_block() -> None:
    parameters = [leaf(8, 2), leaf(8), leaf(1, 8), leaf(1)]
    seen = []

    class Watched(SGD):
        def update(self, parameter: Any, *rest: Any) -> None:
            seen.append(parameter.shape)
            super().update(parameter, *rest)

    Watched(parameters).step()
    assert seen == [(33,)]


def test_a_gradient_is_not_copied_where_it_need_not_be() -> None:
    large = leaf(2 * flat_parameters.BLOCK + 5)
    seen = []

    class Watched(SGD):
        def update(self, parameter: Any, gradient: Any, *rest: Any) -> None:
            seen.append((parameter.size, np.shares_memory(gradient, large.grad.array)))
            super().update(parameter, gradient, *rest)

    Watched([leaf(3), large, leaf(4)]).step()
    block = flat_parameters.BLOCK
    assert seen == [(3, False), (block, True), (block, True), (5, True), (4, False)]


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW])
def test_a_step_needs_the_memory_of_a_few_blocks(kind: Any) -> None:
    parameters = [leaf(500, 1000), leaf(1000), leaf(300, 1000)]
    optimizer = kind(parameters)
    optimizer.step()
    tracemalloc.start()
    optimizer.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 4 * flat_parameters.BLOCK, f"{peak} bytes, of parameters of 3.2 MB"


def test_state_takes_no_more_than_it_must() -> None:
    parameters = [leaf(300, 100), leaf(100)]
    tracemalloc.start()
    optimizer = Adam(parameters)
    optimizer.step()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    numbers = 300 * 100 + 100
    # The parameters, m and v, and a block to gather gradients in.
    assert held < 4 * (3 * numbers + min(numbers, flat_parameters.BLOCK)) + 20_000


def test_float16_remembers_in_float32() -> None:
    p = leaf(3, dtype="float16")
    optimizer = Adam([p], lr=0.01)
    optimizer.step()
    assert p.dtype == np.float16
    assert optimizer.state[p]["exp_avg_sq"].dtype == np.float32
    assert np.isfinite(p.numpy()).all(), "1e-8 is 0 in float16, and so may be v"


def test_state_by_parameter() -> None:
    p, q = leaf(3), leaf(2)
    q.grad = None
    optimizer = Adam([p, q], betas=(0.5, 0.9))
    optimizer.step()
    assert list(map(id, optimizer.state)) == [id(p)]
    assert optimizer.state[p]["step"] == 1
    np.testing.assert_array_equal(optimizer.state[p]["exp_avg"].numpy(), p.grad.numpy() / 2)


def test_a_deep_copy_goes_its_own_way() -> None:
    layer = Linear(3, 2)
    layer.weight.grad = Tensor(np.ones((2, 3), "float32"))
    optimizer = Adam(layer.parameters(), lr=0.1)
    scheduler = ExponentialLR(optimizer, 0.5)
    optimizer.step()
    before = layer.weight.detach().numpy().copy()
    twin_layer, twin, twin_scheduler = copy.deepcopy((layer, optimizer, scheduler))
    for _ in range(3):
        twin.step()
        twin_scheduler.step()
    np.testing.assert_array_equal(layer.weight.detach().numpy(), before)
    assert optimizer.param_groups[0]["lr"] == 0.1
    for _ in range(3):
        optimizer.step()
        scheduler.step()
    np.testing.assert_array_equal(twin_layer.weight.detach().numpy(), layer.weight.detach().numpy())


def test_numpys_numbers_as_options() -> None:
    p = leaf(3)
    optimizer = Adam([p], lr=np.float64(0.1), betas=(np.float32(0.5), 0.9), weight_decay=0.1)
    optimizer.param_groups[0]["lr"] = np.float64(0.2)
    optimizer.step()
    state = optimizer.state_dict()
    assert type(state["param_groups"][0]["lr"]) is float
    assert all(type(beta) is float for beta in state["param_groups"][0]["betas"])
    assert p.dtype == np.float32
