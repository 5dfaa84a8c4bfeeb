"""Task 8.5: groups."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.normalization import GroupNorm, group_norm
from tinytorch.normalization.group_norm import grouped
from tinytorch.tensor import Tensor
from tinytorch.tensor.testing import check_rule

CASES: list[tuple[tuple[int, ...], int]] = [
    ((2, 6), 1),
    ((3, 4, 5), 2),
    ((3, 4, 5), 4),
    ((2, 6, 3, 2), 1),
    ((2, 6, 3, 2), 3),
    ((2, 6, 3, 2), 6),
    ((2, 4, 2, 2, 2), 2),
    ((2, 6), 2),
    ((2, 6), 3),
    ((1, 4, 1, 1), 2),
]
LARGE = CASES[:7]


def on_channels(values: Any, x: Any) -> Any:
    return np.asarray(values, dtype=np.float64).reshape(1, -1, *(1,) * (x.ndim - 2))


def by_loops(x: Any, num_groups: int, eps: float = 1e-5) -> Any:
    """Each example and each group by itself, in float64."""
    found = np.empty(x.shape, np.float64)
    size = x.shape[1] // num_groups
    for i in range(len(x)):
        for start in range(0, x.shape[1], size):
            part = x[i, start : start + size].astype(np.float64)
            if part.size:
                part = part - part.mean()
                found[i, start : start + size] = part / np.sqrt((part**2).mean() + eps)
    return found


@pytest.mark.parametrize(
    ("shape", "num_groups", "dtype"),
    [(*case, "float64") for case in CASES] + [(*case, "float32") for case in LARGE],
)
def test_each_group_by_its_own_mean_and_variance(
    shape: tuple[int, ...], num_groups: int, dtype: str, drawn: Any, assert_close: Any
) -> None:
    x = drawn(*shape, dtype=dtype)
    weight, bias = drawn(shape[1], seed=1, dtype=dtype), drawn(shape[1], seed=2, dtype=dtype)
    expected = by_loops(x, num_groups)
    for given_weight in (weight, None):
        for given_bias in (bias, None):
            found = group_norm(
                Tensor(x),
                None if given_weight is None else Tensor(given_weight),
                None if given_bias is None else Tensor(given_bias),
                num_groups=num_groups,
            )
            here = expected if given_weight is None else expected * on_channels(weight, x)
            here = here if given_bias is None else here + on_channels(bias, x)
            tried = f"group_norm of x {shape} in {num_groups} groups"
            tried += f", weight {given_weight is not None}, bias {given_bias is not None}"
            assert_close(found, here, tried, dtype=dtype)


@pytest.mark.parametrize(("shape", "num_groups"), [*CASES[:6], *CASES[7:]])
def test_its_gradient(shape: tuple[int, ...], num_groups: int, drawn: Any) -> None:
    x, weight, bias = drawn(*shape), drawn(shape[1], seed=1), drawn(shape[1], seed=2)
    check_rule(group_norm, x, weight, bias, num_groups=num_groups)
    check_rule(group_norm, x, num_groups=num_groups)
    check_rule(group_norm, x, None, bias, num_groups=num_groups)
    check_rule(group_norm, x, weight, num_groups=num_groups)


def test_groups_are_of_neighbours() -> None:
    x = np.arange(2 * 4 * 3).reshape(2, 4, 3)
    found = grouped(x, 2)
    assert found.shape == (2, 2, 6), f"(2, 4, 3) in 2 groups: {found.shape}"
    assert found.tolist() == [
        [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]],
        [[12, 13, 14, 15, 16, 17], [18, 19, 20, 21, 22, 23]],
    ]


@pytest.mark.parametrize(
    ("shape", "num_groups", "expected"),
    [((0, 4), 2, (0, 2)), ((0, 4, 3), 2, (0, 2)), ((3, 4, 0), 2, (3, 2)), ((2, 6), 6, (2, 6))],
)
def test_groups_of_nothing(
    shape: tuple[int, ...], num_groups: int, expected: tuple[int, int]
) -> None:
    found = grouped(np.zeros(shape), num_groups)
    assert found.ndim == 3
    assert found.shape[:2] == expected, f"{shape} in {num_groups} groups: {found.shape}"


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(1, 3),
    st.lists(st.integers(1, 3), max_size=3),
    st.floats(1e-5, 1.0),
    st.integers(0, 99),
)
def test_any_shape(
    n: int, groups: int, size: int, places: list[int], eps: float, seed: int
) -> None:
    x = np.random.default_rng(seed).standard_normal((n, groups * size, *places)) * 3 + 1
    found = group_norm(Tensor(x), num_groups=groups, eps=eps).numpy()
    tried = f"group_norm of {x.shape} in {groups} groups, eps={eps}"
    expected = by_loops(x, groups, eps)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9, err_msg=tried)


@pytest.mark.parametrize("shape", [(0, 4), (2, 4, 0), (0, 4, 2, 2), (2, 4, 3, 0)])
def test_where_there_is_nothing(shape: tuple[int, ...]) -> None:
    weight, bias = Tensor(np.ones(4)), Tensor(np.ones(4))
    assert group_norm(Tensor(np.zeros(shape)), weight, bias, num_groups=2).shape == shape


def test_no_example_moves_another(drawn: Any, assert_close: Any) -> None:
    x = drawn(5, 4, 2)
    together = group_norm(Tensor(x), num_groups=2)
    alone = group_norm(Tensor(x[:1]), num_groups=2)
    assert_close(alone, together.numpy()[:1], "one example, and the same one among five")


@pytest.mark.parametrize("offset", [1e4, -1e4])
def test_a_large_mean_costs_no_digits(offset: float, assert_close: Any) -> None:
    """float32 near 10,000 goes in steps of 0.001, and the mean may be off by a few of them."""
    x = (np.random.default_rng(3).standard_normal((4, 6, 8, 8)) + offset).astype(np.float32)
    found = group_norm(Tensor(x), num_groups=2)
    tried = f"group_norm of float32 numbers around {offset:g}"
    assert_close(found, by_loops(x, 2), tried, dtype="float32", tolerance=2e-2)


def test_a_constant_group_becomes_its_bias(assert_close: Any) -> None:
    bias = np.array([1.0, 2.0, 3.0, 4.0])
    x = np.repeat([[5.0, 5.0, -1.0, -1.0]], 2, axis=0)
    found = group_norm(Tensor(x), None, Tensor(bias), num_groups=2)
    assert_close(found, np.broadcast_to(bias, (2, 4)), "groups 5, 5 and −1, −1")


@pytest.mark.parametrize("how", ["channels last", "Fortran order", "backwards", "every second"])
@pytest.mark.parametrize("shape", [(4, 6), (3, 6, 4, 5)])
def test_however_it_lies_in_memory(
    how: str, shape: tuple[int, ...], drawn: Any, laid_out: Any, assert_close: Any
) -> None:
    x, weight = drawn(*shape), drawn(6, seed=1)
    found = group_norm(Tensor(laid_out(x, how)), Tensor(weight), num_groups=3)
    assert_close(found, by_loops(x, 3) * on_channels(weight, x), f"x {shape} lying {how}")


def test_inputs_are_left_alone_and_the_result_is_new(drawn: Any) -> None:
    tensors = [Tensor(drawn(2, 4, 3)), Tensor(drawn(4, seed=1)), Tensor(drawn(4, seed=2))]
    before = [t.numpy().copy() for t in tensors]
    group_norm(*tensors, num_groups=2).fill_(9)
    for t, values in zip(tensors, before, strict=True):
        np.testing.assert_array_equal(t.numpy(), values, err_msg="an input was written to")


def test_float16_is_worked_on_in_float32(assert_close: Any) -> None:
    x = np.random.default_rng(3).uniform(-400, 600, (2, 4, 1000)).astype(np.float16)
    found = group_norm(Tensor(x), num_groups=2)
    assert_close(found, by_loops(x, 2), "float16 numbers of some hundreds", dtype="float16")


@pytest.mark.parametrize("num_groups", [3, 0, -1, 8])
def test_groups_that_do_not_divide_the_channels(num_groups: int, refused: Any) -> None:
    with refused(ValueError, "group_norm", str(num_groups), "(2, 4, 5)"):
        group_norm(Tensor(np.zeros((2, 4, 5))), num_groups=num_groups)


@pytest.mark.parametrize("shape", [(), (4,)])
def test_an_input_without_channels(shape: tuple[int, ...], refused: Any) -> None:
    with refused(ValueError, "group_norm", str(shape)):
        group_norm(Tensor(np.zeros(shape)), num_groups=2)


@pytest.mark.parametrize("shape", [(2,), (1,), (4, 1), ()])
def test_a_weight_or_bias_of_another_shape(shape: tuple[int, ...], refused: Any) -> None:
    x, other = Tensor(np.zeros((3, 4, 5))), Tensor(np.ones(shape))
    with refused(ValueError, "group_norm", "weight", str(shape), "(3, 4, 5)"):
        group_norm(x, other, num_groups=2)
    with refused(ValueError, "group_norm", "bias", str(shape), "(3, 4, 5)"):
        group_norm(x, None, other, num_groups=2)


def test_integers_are_refused(refused: Any) -> None:
    with refused(TypeError, "group_norm", "int64"):
        group_norm(Tensor(np.ones((2, 4), dtype=np.int64)), num_groups=2)


# The layer


@pytest.mark.parametrize(("shape", "num_groups"), CASES)
def test_the_layer_computes_it(
    shape: tuple[int, ...], num_groups: int, drawn: Any, assert_close: Any
) -> None:
    layer = GroupNorm(num_groups, shape[1], eps=0.01, dtype="float64")
    x, weight, bias = drawn(*shape), drawn(shape[1], seed=1), drawn(shape[1], seed=2)
    layer.weight.detach().copy_(weight)
    layer.bias.detach().copy_(bias)
    expected = by_loops(x, num_groups, 0.01) * on_channels(weight, x) + on_channels(bias, x)
    assert_close(layer(Tensor(x)), expected, f"GroupNorm({num_groups}, {shape[1]}) of {shape}")
    assert_close(layer.eval()(Tensor(x)), expected, "in evaluation, which should be the same")


@pytest.mark.parametrize(
    ("options", "names"),
    [({}, ["weight", "bias"]), ({"bias": False}, ["weight"]), ({"affine": False}, [])],
)
def test_parameters_and_state(options: dict[str, bool], names: list[str], drawn: Any) -> None:
    layer = GroupNorm(2, 4, **options)
    assert [name for name, _ in layer.named_parameters()] == names == list(layer.state_dict())
    for name, values in layer.state_dict().items():
        assert values.tolist() == [float(name == "weight")] * 4
        values.fill_(4)
    x = Tensor(drawn(5, 4, 3, dtype="float32"))
    other = GroupNorm(2, 4, **options)
    other.load_state_dict({name: values.numpy() for name, values in layer.state_dict().items()})
    assert other(x).tolist() == layer(x).tolist()
    layer.reset_parameters()
    for name, values in layer.state_dict().items():
        assert values.tolist() == [float(name == "weight")] * 4, "after a reset"


def test_repr() -> None:
    assert repr(GroupNorm(2, 4)) == "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)"
    assert repr(GroupNorm(1, 4, 0.1, False)) == (
        "GroupNorm(1, 4, eps=0.1, affine=False, bias=False)"
    )


@pytest.mark.parametrize(("num_groups", "num_channels"), [(3, 4), (0, 4), (-2, 4), (1, 0), (8, 4)])
def test_a_layer_that_cannot_be(num_groups: int, num_channels: int, refused: Any) -> None:
    with refused(ValueError, "GroupNorm", str(num_groups), str(num_channels)):
        GroupNorm(num_groups, num_channels)


def test_an_input_that_does_not_fit_the_layer(refused: Any) -> None:
    with refused(ValueError, "group_norm", "(3, 6)"):
        GroupNorm(2, 4)(Tensor(np.zeros((3, 6))))
