"""Task 8.3: batch normalisation as a layer: training and evaluation."""

from typing import Any

import numpy as np
import pytest

from tinytorch.layers import Parameter
from tinytorch.normalization import BatchNorm1d, BatchNorm2d
from tinytorch.tensor import Tensor

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


def batches(drawn: Any, count: int, *shape: int, dtype: str = "float32") -> list[Any]:
    return [drawn(*shape, seed=i, dtype=dtype) + i for i in range(count)]


def over(x: Any) -> tuple[int, ...]:
    return tuple(i for i in range(x.ndim) if i != 1)


def state(layer: Any) -> dict[str, Any]:
    return {name: values.tolist() for name, values in layer.state_dict().items()}


def by_running(layer: Any, x: Any) -> Any:
    """What evaluation should give, from the layer's own state."""
    names = ("running_mean", "running_var", "weight", "bias")
    mean, var, weight, bias = (
        layer.state_dict()[name].numpy().astype(np.float64).reshape(1, -1, *(1,) * (x.ndim - 2))
        for name in names
    )
    return (x - mean) / np.sqrt(var + layer.eps) * weight + bias


# In training


@pytest.mark.parametrize(
    ("kind", "shape"),
    [(BatchNorm1d, (6, 3)), (BatchNorm1d, (4, 3, 5)), (BatchNorm2d, (4, 3, 2, 5))],
    ids=["1d-rows", "1d-sequences", "2d"],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_and_then_evaluation(
    kind: Any, shape: tuple[int, ...], dtype: str, drawn: Any, normal: Any, assert_close: Any
) -> None:
    layer = kind(3, dtype=dtype)
    layer.weight.detach().copy_(drawn(3, seed=1))
    layer.bias.detach().copy_(drawn(3, seed=2))
    mean, var = np.zeros(3), np.ones(3)
    weight = layer.weight.detach().numpy().reshape(1, 3, *(1,) * (len(shape) - 2))
    bias = layer.bias.detach().numpy().reshape(weight.shape)
    for i, x in enumerate(batches(drawn, 4, *shape, dtype=dtype)):
        found = layer(Tensor(x))
        tried = f"batch {i + 1} of {shape}, in training"
        assert_close(found, normal(x, over(x)) * weight + bias, tried, dtype=dtype, tolerance=1e-4)
        wide = x.astype(np.float64)
        mean = 0.9 * mean + 0.1 * wide.mean(axis=over(x))
        var = 0.9 * var + 0.1 * wide.var(axis=over(x), ddof=1)
        assert_close(layer.running_mean, mean, f"running_mean after {tried}", dtype=dtype)
        assert_close(layer.running_var, var, f"running_var after {tried}", dtype=dtype)
        assert layer.num_batches_tracked.item() == i + 1, f"{i + 1} batches have come"
    layer.eval()
    before, x = state(layer), drawn(*shape, seed=9, dtype=dtype)
    assert_close(layer(Tensor(x)), by_running(layer, x), "in evaluation", dtype=dtype)
    assert_close(layer(Tensor(x[:1])), by_running(layer, x[:1]), "one example", dtype=dtype)
    assert state(layer) == before, "evaluation should leave the statistics and the count alone"
    layer.train()(Tensor(x))
    assert layer.num_batches_tracked.item() == 5, "after train() batches are counted again"


@pytest.mark.parametrize("momentum", [0.25, 1.0, 0.0])
def test_other_momenta(momentum: float, drawn: Any, assert_close: Any) -> None:
    layer = BatchNorm1d(3, momentum=momentum, dtype="float64")
    mean, var = np.zeros(3), np.ones(3)
    for x in batches(drawn, 3, 5, 3, dtype="float64"):
        layer(Tensor(x))
        mean = (1 - momentum) * mean + momentum * x.mean(axis=0)
        var = (1 - momentum) * var + momentum * x.var(axis=0, ddof=1)
    assert_close(layer.running_mean, mean, f"running_mean with momentum={momentum}")
    assert_close(layer.running_var, var, f"running_var with momentum={momentum}")
    assert layer.num_batches_tracked.item() == 3


def test_without_momentum_it_is_the_mean_of_all_batches(drawn: Any, assert_close: Any) -> None:
    layer = BatchNorm1d(3, momentum=None, dtype="float64")
    came = []
    for x in batches(drawn, 5, 4, 3, dtype="float64"):
        layer(Tensor(x))
        came.append(x)
        tried = f"with momentum=None, after {len(came)} batches"
        mean = np.mean([x.mean(axis=0) for x in came], axis=0)
        var = np.mean([x.var(axis=0, ddof=1) for x in came], axis=0)
        assert_close(layer.running_mean, mean, f"running_mean {tried}")
        assert_close(layer.running_var, var, f"running_var {tried}")
    layer.reset_running_stats()
    layer(Tensor(came[1]))
    assert_close(layer.running_mean, came[1].mean(axis=0), "the first batch after a reset")


@pytest.mark.parametrize("momentum", [0.1, None])
def test_without_tracking_evaluation_takes_the_batchs(
    momentum: float | None, drawn: Any, normal: Any, assert_close: Any
) -> None:
    layer = BatchNorm1d(3, momentum=momentum, track_running_stats=False, dtype="float64")
    assert all(getattr(layer, name) is None for name in BUFFERS)
    assert [name for name, _ in layer.named_buffers()] == []
    for mode in (True, False):
        layer.train(mode)
        x = drawn(5, 3, seed=int(mode))
        assert_close(layer(Tensor(x)), normal(x, (0,)), f"untracked, training={mode}")
    assert list(layer.state_dict()) == ["weight", "bias"]


def test_tracking_that_is_switched_off_later(drawn: Any, normal: Any, assert_close: Any) -> None:
    """As in PyTorch: in training nothing moves any more; evaluation takes what there is."""
    layer = BatchNorm1d(3, dtype="float64")
    x = drawn(5, 3)
    layer(Tensor(x))
    layer.track_running_stats = False
    before = state(layer)
    assert_close(layer(Tensor(x + 1)), normal(x, (0,)), "in training, no longer tracking")
    assert state(layer) == before, "what is not tracked should not move"
    assert_close(layer.eval()(Tensor(x)), by_running(layer, x), "evaluation, no longer tracking")


def test_tracking_that_is_switched_on_later(drawn: Any, normal: Any, assert_close: Any) -> None:
    """There is nothing to track with, and the layer goes on as it was."""
    layer, x = BatchNorm1d(3, track_running_stats=False, dtype="float64"), drawn(5, 3)
    layer.track_running_stats = True
    for mode in (True, False):
        assert_close(layer.train(mode)(Tensor(x)), normal(x, (0,)), f"training={mode}")


def test_buffers_stay_where_they_are(drawn: Any) -> None:
    layer = BatchNorm2d(3)
    places = [getattr(layer, name).data_ptr() for name in BUFFERS]
    layer(Tensor(drawn(2, 3, 4, 4, dtype="float32")))
    assert [getattr(layer, name).data_ptr() for name in BUFFERS] == places, (
        "the running statistics and the count should be written in place"
    )
    assert list(layer.state_dict())[2:] == list(BUFFERS)
    layer.reset_running_stats()
    assert [getattr(layer, name).data_ptr() for name in BUFFERS] == places


def test_a_batch_that_is_refused_in_shape_is_not_counted(drawn: Any) -> None:
    layer = BatchNorm1d(3)
    with pytest.raises(ValueError):
        layer(Tensor(drawn(5, 4)))
    assert layer.num_batches_tracked.item() == 0


def test_epsilon_is_handed_on(drawn: Any, normal: Any, assert_close: Any) -> None:
    layer, x = BatchNorm1d(3, eps=2.0, dtype="float64"), drawn(5, 3)
    assert_close(layer(Tensor(x)), normal(x, (0,), 2.0), "eps=2, in training")
    assert_close(layer.eval()(Tensor(x)), by_running(layer, x), "eps=2, in evaluation")


def test_the_layer_uses_the_weights_that_it_has_now(
    drawn: Any, normal: Any, assert_close: Any
) -> None:
    layer, x = BatchNorm1d(3, dtype="float64"), drawn(5, 3)
    layer.weight = Parameter(Tensor(np.array([1.0, 2.0, 3.0])))
    layer.bias = None
    expected = normal(x, (0,)) * np.array([1.0, 2.0, 3.0])
    assert_close(layer(Tensor(x)), expected, "after replacing the weight and removing the bias")


# What the layer is made of


def test_parameters_and_buffers() -> None:
    layer = BatchNorm2d(3)
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    assert [name for name, _ in layer.named_buffers()] == list(BUFFERS)
    assert layer.weight.tolist() == [1.0] * 3
    assert layer.bias.tolist() == [0.0] * 3
    assert layer.running_mean.tolist() == [0.0] * 3
    assert layer.running_var.tolist() == [1.0] * 3
    assert layer.num_batches_tracked.item() == 0
    assert layer.num_batches_tracked.shape == ()
    assert layer.num_batches_tracked.dtype == np.int64
    assert layer.weight.dtype == layer.running_var.dtype == np.float32
    assert layer.weight.requires_grad
    assert not layer.running_mean.requires_grad


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"affine": False}, []),
        ({"bias": False}, ["weight"]),
        ({"affine": False, "bias": True}, []),
    ],
)
def test_without_weight_or_bias(
    options: dict[str, bool], names: list[str], drawn: Any, normal: Any, assert_close: Any
) -> None:
    layer, x = BatchNorm1d(3, dtype="float64", **options), drawn(5, 3)
    assert [name for name, _ in layer.named_parameters()] == names
    assert_close(layer(Tensor(x)), normal(x, (0,)), f"BatchNorm1d with {options}")
    layer.reset_parameters()


def test_a_state_goes_round(drawn: Any) -> None:
    layer, other = BatchNorm2d(3), BatchNorm2d(3)
    for x in batches(drawn, 3, 4, 3, 2, 2):
        layer(Tensor(x))
    names = ["weight", "bias", *BUFFERS]
    assert list(layer.state_dict()) == names
    other.load_state_dict({name: values.numpy() for name, values in layer.state_dict().items()})
    assert state(other) == state(layer)
    x = Tensor(drawn(4, 3, 2, 2, seed=7, dtype="float32"))
    assert other.eval()(x).tolist() == layer.eval()(x).tolist()


def test_forgetting(drawn: Any) -> None:
    layer = BatchNorm1d(3)
    fresh = state(layer)
    layer(Tensor(drawn(5, 3, dtype="float32")))
    layer.weight.detach().fill_(5)
    layer.bias.detach().fill_(5)
    layer.reset_running_stats()
    assert {name: state(layer)[name] for name in BUFFERS} == {name: fresh[name] for name in BUFFERS}
    assert layer.weight.tolist() == [5.0] * 3, "reset_running_stats should leave the weight alone"
    layer.reset_parameters()
    assert state(layer) == fresh


def test_repr() -> None:
    assert repr(BatchNorm2d(16)) == (
        "BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)"
    )
    assert repr(BatchNorm1d(4, 1e-3, None, False, False)) == (
        "BatchNorm1d(4, eps=0.001, momentum=None, affine=False, bias=False, "
        "track_running_stats=False)"
    )


# What does not fit


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (BatchNorm1d, (3,)),
        (BatchNorm1d, (2, 3, 4, 5)),
        (BatchNorm2d, (2, 3)),
        (BatchNorm2d, (2, 3, 4)),
        (BatchNorm2d, (2, 3, 4, 5, 6)),
    ],
    ids=["1d-1", "1d-4", "2d-2", "2d-3", "2d-5"],
)
def test_inputs_of_other_dimensions(kind: Any, shape: tuple[int, ...], refused: Any) -> None:
    with refused(ValueError, "BatchNorm", str(shape)):
        kind(3)(Tensor(np.zeros(shape)))


def test_inputs_of_other_channels(refused: Any) -> None:
    for mode in (True, False):
        with refused(ValueError, "BatchNorm2d", "(2, 4, 5, 5)", "3"):
            BatchNorm2d(3).train(mode)(Tensor(np.zeros((2, 4, 5, 5))))


def test_a_single_value_in_training(refused: Any) -> None:
    layer = BatchNorm1d(3)
    with refused(ValueError, "(1, 3)"):
        layer(Tensor(np.zeros((1, 3))))
    assert layer.eval()(Tensor(np.zeros((1, 3)))).shape == (1, 3)


def test_no_channels(refused: Any) -> None:
    for number in (0, -2):
        with refused(ValueError, "BatchNorm1d", str(number)):
            BatchNorm1d(number)
