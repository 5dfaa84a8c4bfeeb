"""The same work in PyTorch."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tinytorch.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    GroupNorm,
    LayerNorm,
    RMSNorm,
    batch_norm,
    group_norm,
    layer_norm,
    rms_norm,
)
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import gradients_of

SHAPES = [(4, 3), (2, 3, 5), (2, 3, 4, 5), (2, 3, 2, 2, 2), (0, 3), (2, 3, 0)]
DTYPES = ["float16", "float32", "float64"]
TOLERANCE = {"float16": 2e-3, "float32": 2e-5, "float64": 1e-11}


def drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> np.ndarray:
    draws = np.random.default_rng(seed).standard_normal(shape)
    return (1 + 3 * draws).astype(dtype)


def assert_same(ours: Any, theirs: torch.Tensor, what: str = "") -> None:
    found, expected = ours.detach().numpy(), theirs.detach().numpy()
    assert found.dtype == expected.dtype, what
    assert found.shape == expected.shape, what
    bound = TOLERANCE[str(expected.dtype)]
    np.testing.assert_allclose(found, expected, rtol=bound, atol=bound, err_msg=what)


def optional(values: np.ndarray, is_there: bool, as_tensor: Callable[..., Any]) -> Any:
    return as_tensor(values) if is_there else None


# The operations


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm(shape: tuple[int, ...], dtype: str, training: bool, affine: bool) -> None:
    x, weight, bias = (drawn(*s, seed=i, dtype=dtype) for i, s in enumerate([shape, (3,), (3,)]))
    mean, var = drawn(3, seed=3, dtype=dtype), np.abs(drawn(3, seed=4, dtype=dtype))
    ours = Tensor(mean.copy()), Tensor(var.copy())
    theirs = torch.from_numpy(mean.copy()), torch.from_numpy(var.copy())
    found = batch_norm(
        Tensor(x),
        optional(weight, affine, Tensor),
        optional(bias, affine, Tensor),
        running_mean=ours[0],
        running_var=ours[1],
        training=training,
        momentum=0.3,
        eps=1e-3,
    )
    expected = F.batch_norm(
        torch.from_numpy(x),
        *theirs,
        optional(weight, affine, torch.from_numpy),
        optional(bias, affine, torch.from_numpy),
        training=training,
        momentum=0.3,
        eps=1e-3,
    )
    assert_same(found, expected, "the result")
    assert_same(ours[0], theirs[0], "running_mean")
    assert_same(ours[1], theirs[1], "running_var")


LAST = [((3, 4), (4,)), ((2, 3, 4), (3, 4)), ((4,), (4,)), ((0, 4), (4,)), ((3, 0), (0,))]


@pytest.mark.parametrize(("shape", "normalized"), LAST)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("has_weight", "has_bias"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_layer_norm(
    shape: tuple[int, ...],
    normalized: tuple[int, ...],
    dtype: str,
    has_weight: bool,
    has_bias: bool,
) -> None:
    x, weight, bias = (
        drawn(*s, seed=i, dtype=dtype) for i, s in enumerate([shape, normalized, normalized])
    )
    found = layer_norm(
        Tensor(x),
        optional(weight, has_weight, Tensor),
        optional(bias, has_bias, Tensor),
        normalized_shape=normalized,
        eps=1e-3,
    )
    expected = F.layer_norm(
        torch.from_numpy(x),
        normalized,
        optional(weight, has_weight, torch.from_numpy),
        optional(bias, has_bias, torch.from_numpy),
        eps=1e-3,
    )
    assert_same(found, expected)


@pytest.mark.parametrize(("shape", "normalized"), LAST)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("has_weight", [True, False])
@pytest.mark.parametrize("eps", [None, 1e-3])
@pytest.mark.parametrize("size", [1.0, 1e-4])
def test_rms_norm(
    shape: tuple[int, ...],
    normalized: tuple[int, ...],
    dtype: str,
    has_weight: bool,
    eps: float | None,
    size: float,
) -> None:
    x, weight = drawn(*shape) * size, drawn(*normalized, seed=1, dtype=dtype)
    x = x.astype(dtype)
    found = rms_norm(
        Tensor(x), optional(weight, has_weight, Tensor), normalized_shape=normalized, eps=eps
    )
    there = optional(weight, has_weight, torch.from_numpy)
    assert_same(found, F.rms_norm(torch.from_numpy(x), normalized, there, eps=eps))


@pytest.mark.parametrize("shape", [(2, 6), (2, 6, 5), (2, 6, 3, 4), (0, 6), (2, 6, 0)])
@pytest.mark.parametrize("num_groups", [1, 2, 3])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("has_weight", "has_bias"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_group_norm(
    shape: tuple[int, ...], num_groups: int, dtype: str, has_weight: bool, has_bias: bool
) -> None:
    x, weight, bias = (drawn(*s, seed=i, dtype=dtype) for i, s in enumerate([shape, (6,), (6,)]))
    found = group_norm(
        Tensor(x),
        optional(weight, has_weight, Tensor),
        optional(bias, has_bias, Tensor),
        num_groups=num_groups,
        eps=1e-3,
    )
    expected = F.group_norm(
        torch.from_numpy(x),
        num_groups,
        optional(weight, has_weight, torch.from_numpy),
        optional(bias, has_bias, torch.from_numpy),
        eps=1e-3,
    )
    assert_same(found, expected)


@pytest.mark.parametrize("name", ["batch", "layer", "group"])
def test_digits_at_a_large_mean(name: str) -> None:
    """Both compute in float32; both must lie near what float64 gives."""
    x = drawn(32, 4, 8, 8, seed=1) / 3 + 1e4
    low, high = x.astype(np.float32), x.astype(np.float32).astype(np.float64)
    ours = {
        "batch": lambda t: batch_norm(t, training=True),
        "layer": lambda t: layer_norm(t, normalized_shape=(8, 8)),
        "group": lambda t: group_norm(t, num_groups=2),
    }[name]
    theirs = {
        "batch": lambda t: F.batch_norm(t, None, None, training=True),
        "layer": lambda t: F.layer_norm(t, (8, 8)),
        "group": lambda t: F.group_norm(t, 2),
    }[name]
    exact = theirs(torch.from_numpy(high)).numpy()
    off = np.abs(ours(Tensor(low)).numpy() - exact).max()
    assert off < 3e-3, (
        f"ours {off}, PyTorch's {np.abs(theirs(torch.from_numpy(low)) - exact).max()}"
    )


# Gradients


def same_gradients(
    operation: Any, theirs: Callable[..., torch.Tensor], inputs: list[Any], **attributes: Any
) -> None:
    """The rule's gradients of Σ g·f(x), beside those of torch.autograd."""
    needs = tuple(values is not None for values in inputs)
    run = operation.forward(*inputs, **attributes)
    g = drawn(*run[0].shape, seed=9)
    found = gradients_of(operation, needs, inputs, attributes, [run[0]], run[1:], g)
    there = [None if v is None else torch.from_numpy(v).requires_grad_() for v in inputs]
    theirs(*there).backward(torch.from_numpy(g))
    for name, ours, other in zip(operation.inputs, found, there, strict=True):
        if other is not None:
            assert other.grad is not None
            np.testing.assert_allclose(ours, other.grad.numpy(), atol=1e-10, err_msg=name)


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 5), (2, 3, 4, 5)])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("affine", [True, False])
def test_gradients_of_batch_norm(shape: tuple[int, ...], training: bool, affine: bool) -> None:
    mean, var = drawn(3, seed=3), np.abs(drawn(3, seed=4))
    weight, bias = (drawn(3, seed=1), drawn(3, seed=2)) if affine else (None, None)
    statistics = {} if training else {"running_mean": mean, "running_var": var}

    def theirs(x: Any, weight: Any, bias: Any) -> torch.Tensor:
        given = (None, None) if training else (torch.from_numpy(mean), torch.from_numpy(var))
        return F.batch_norm(x, *given, weight, bias, training=training)

    inputs = [drawn(*shape), weight, bias]
    same_gradients(batch_norm, theirs, inputs, training=training, **statistics)


@pytest.mark.parametrize(("shape", "normalized"), LAST[:3])
@pytest.mark.parametrize("affine", [True, False])
def test_gradients_over_last_dimensions(
    shape: tuple[int, ...], normalized: tuple[int, ...], affine: bool
) -> None:
    x = drawn(*shape)
    weight, bias = (drawn(*normalized, seed=i) if affine else None for i in (1, 2))
    same_gradients(
        layer_norm,
        lambda x, weight, bias: F.layer_norm(x, normalized, weight, bias),
        [x, weight, bias],
        normalized_shape=normalized,
    )
    same_gradients(
        rms_norm,
        lambda x, weight: F.rms_norm(x, normalized, weight, eps=0.1),
        [x, weight],
        normalized_shape=normalized,
        eps=0.1,
    )


@pytest.mark.parametrize("shape", [(2, 6), (2, 6, 5), (2, 6, 3, 4)])
@pytest.mark.parametrize("num_groups", [1, 3])
@pytest.mark.parametrize("affine", [True, False])
def test_gradients_of_group_norm(shape: tuple[int, ...], num_groups: int, affine: bool) -> None:
    weight, bias = (drawn(6, seed=i) if affine else None for i in (1, 2))
    same_gradients(
        group_norm,
        lambda x, weight, bias: F.group_norm(x, num_groups, weight, bias),
        [drawn(*shape), weight, bias],
        num_groups=num_groups,
    )


# The layers

LAYERS: dict[str, tuple[Any, Any, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = {
    "rows": (BatchNorm1d, torch.nn.BatchNorm1d, (3,), {}, (4, 3)),
    "sequences": (BatchNorm1d, torch.nn.BatchNorm1d, (3,), {}, (4, 3, 5)),
    "images": (BatchNorm2d, torch.nn.BatchNorm2d, (3,), {}, (4, 3, 5, 2)),
    "eps": (BatchNorm2d, torch.nn.BatchNorm2d, (3,), {"eps": 0.1}, (4, 3, 5, 2)),
    "momentum": (BatchNorm1d, torch.nn.BatchNorm1d, (3,), {"momentum": 0.4}, (4, 3)),
    "cumulative": (BatchNorm1d, torch.nn.BatchNorm1d, (3,), {"momentum": None}, (4, 3)),
    "plain": (BatchNorm1d, torch.nn.BatchNorm1d, (3,), {"affine": False}, (4, 3)),
    "no bias": (BatchNorm1d, torch.nn.BatchNorm1d, (3,), {"bias": False}, (4, 3)),
    "untracked": (
        BatchNorm1d,
        torch.nn.BatchNorm1d,
        (3,),
        {"track_running_stats": False},
        (4, 3),
    ),
    "layer": (LayerNorm, torch.nn.LayerNorm, ((3, 5),), {}, (4, 3, 5)),
    "layer, no bias": (LayerNorm, torch.nn.LayerNorm, (5,), {"bias": False}, (4, 3, 5)),
    "layer, plain": (LayerNorm, torch.nn.LayerNorm, (5, 1e-3, False), {}, (4, 3, 5)),
    "rms": (RMSNorm, torch.nn.RMSNorm, (5,), {}, (4, 3, 5)),
    "rms, plain": (RMSNorm, torch.nn.RMSNorm, ((3, 5), 1e-3, False), {}, (4, 3, 5)),
    "groups": (GroupNorm, torch.nn.GroupNorm, (2, 6), {}, (4, 6, 5)),
    "groups, no bias": (GroupNorm, torch.nn.GroupNorm, (2, 6), {"bias": False}, (4, 6, 5)),
    "groups, plain": (GroupNorm, torch.nn.GroupNorm, (3, 6, 1e-3, False), {}, (4, 6)),
}


def same_state(ours: Any, theirs: torch.nn.Module, when: str) -> None:
    state = ours.state_dict()
    assert list(state) == list(theirs.state_dict()), when
    for name, values in theirs.state_dict().items():
        assert state[name].dtype == values.numpy().dtype, f"{name} {when}"
        assert state[name].shape == tuple(values.shape), f"{name} {when}"
        np.testing.assert_allclose(
            state[name].numpy(), values.numpy(), rtol=1e-5, atol=1e-6, err_msg=f"{name} {when}"
        )


@pytest.mark.parametrize("name", LAYERS)
def test_layers_over_several_steps(name: str) -> None:
    kind, their_kind, arguments, options, shape = LAYERS[name]
    ours, theirs = kind(*arguments, **options), their_kind(*arguments, **options)
    same_state(ours, theirs, "at first")
    assert repr(ours) == repr(theirs)
    for i, values in enumerate(theirs.parameters()):
        values.data.copy_(torch.from_numpy(drawn(*values.shape, seed=i)))
    ours.load_state_dict({key: values.numpy() for key, values in theirs.state_dict().items()})
    for step in range(6):
        training = step not in (2, 5)
        x = drawn(*shape, seed=step, dtype="float32") + step
        found = ours.train(training)(Tensor(x))
        expected = theirs.train(training)(torch.from_numpy(x))
        assert_same(found, expected, f"step {step}, training={training}")
        same_state(ours, theirs, f"after step {step}")


def test_tracking_switched_off_later() -> None:
    ours, theirs = BatchNorm1d(3), torch.nn.BatchNorm1d(3)
    for step, (tracking, training) in enumerate([(1, 1), (0, 1), (0, 0), (1, 1), (1, 0)]):
        x = drawn(5, 3, seed=step, dtype="float32")
        for layer in (ours, theirs):
            layer.track_running_stats = bool(tracking)
            layer.train(bool(training))
        assert_same(ours(Tensor(x)), theirs(torch.from_numpy(x)), f"step {step}")
        same_state(ours, theirs, f"after step {step}")


def test_reset() -> None:
    ours, theirs = BatchNorm2d(3), torch.nn.BatchNorm2d(3)
    x = drawn(2, 3, 4, 4, dtype="float32")
    for method in ("reset_running_stats", "reset_parameters"):
        ours(Tensor(x)), theirs(torch.from_numpy(x))
        getattr(ours, method)(), getattr(theirs, method)()
        same_state(ours, theirs, f"after {method}")


# Errors. Where sizes do not fit, PyTorch often raises RuntimeError; TinyTorch says ValueError.


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1)])
def test_a_single_value_is_refused_by_both(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError):
        F.batch_norm(torch.zeros(shape), None, None, training=True)
    with pytest.raises(ValueError):
        batch_norm(Tensor(np.zeros(shape)), training=True)


@pytest.mark.parametrize(
    ("kind", "their_kind", "shape"),
    [
        (BatchNorm1d, torch.nn.BatchNorm1d, (3,)),
        (BatchNorm1d, torch.nn.BatchNorm1d, (2, 3, 4, 5)),
        (BatchNorm2d, torch.nn.BatchNorm2d, (2, 3, 4)),
    ],
)
def test_other_dimensions_are_refused_by_both(
    kind: Any, their_kind: Any, shape: tuple[int, ...]
) -> None:
    for layer, x in ((kind(3), Tensor(np.zeros(shape))), (their_kind(3), torch.zeros(shape))):
        with pytest.raises(ValueError):
            layer(x)


def test_groups_that_do_not_divide_are_refused_by_both() -> None:
    for kind in (GroupNorm, torch.nn.GroupNorm):
        with pytest.raises(ValueError):
            kind(3, 4)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (
            lambda: batch_norm(Tensor(np.zeros((2, 3)))),
            lambda: F.batch_norm(torch.zeros(2, 3), None, None),
        ),
        (
            lambda: BatchNorm1d(3)(Tensor(np.zeros((2, 4)))),
            lambda: torch.nn.BatchNorm1d(3)(torch.zeros(2, 4)),
        ),
        (
            lambda: layer_norm(Tensor(np.zeros((2, 4))), normalized_shape=3),
            lambda: F.layer_norm(torch.zeros(2, 4), (3,)),
        ),
        (
            lambda: layer_norm(Tensor(np.zeros((2, 4))), normalized_shape=()),
            lambda: F.layer_norm(torch.zeros(2, 4), ()),
        ),
        (
            lambda: rms_norm(Tensor(np.zeros((2, 4))), normalized_shape=3),
            lambda: F.rms_norm(torch.zeros(2, 4), (3,)),
        ),
        (
            lambda: group_norm(Tensor(np.zeros((2, 4))), num_groups=3),
            lambda: F.group_norm(torch.zeros(2, 4), 3),
        ),
        (
            lambda: group_norm(Tensor(np.zeros(4)), num_groups=2),
            lambda: F.group_norm(torch.zeros(4), 2),
        ),
    ],
    ids=["statistics", "channels", "last", "nothing", "rms", "groups", "dimensions"],
)
def test_what_does_not_fit_is_refused_by_both(
    ours: Callable[[], Any], theirs: Callable[[], Any]
) -> None:
    with pytest.raises(ValueError):
        ours()
    with pytest.raises((RuntimeError, ValueError)):
        theirs()
