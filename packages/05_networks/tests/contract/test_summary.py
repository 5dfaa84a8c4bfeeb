"""What `summary` reports: every layer's shapes, parameters, FLOPs and bytes, counted by hand."""

import dataclasses
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.activations import ReLU, Tanh, relu
from tinytorch.layers import Identity, Linear, Module, Parameter
from tinytorch.networks import (
    MLP,
    Function,
    LayerReport,
    Sequential,
    Summary,
    activation_flops,
    linear_flops,
    summary,
)
from tinytorch.tensor import Tensor, ones, tensor, zeros


class Line(NamedTuple):
    """What a line of the report should say."""

    name: str
    kind: str
    output_shape: Any
    parameters: int
    flops: int | None
    parameter_bytes: int
    activation_bytes: int


def said(layer: LayerReport) -> Line:
    return Line(*(getattr(layer, field) for field in Line._fields))


def expect(report: Summary, *expected: Line) -> None:
    names = [layer.name for layer in report.layers]
    assert len(names) == len(expected), f"lines for {names}, expected {[e.name for e in expected]}"
    for layer, wanted in zip(report.layers, expected, strict=True):
        found = said(layer)
        assert found == wanted, f"reported {found}\nexpected {wanted}"


class Scale(Module):
    """A module that nobody knows how to count."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.factor = Parameter(ones(size))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


class CountedScale(Scale):
    """The same, but it tells."""

    def flops(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        assert input_shape == output_shape
        return activation_flops(output_shape)


class Residual(Module):
    """x + inner(x): a module with a layer below it and work of its own."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x)

    def flops(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
        return activation_flops(output_shape)


class Add(Module):
    """Takes two inputs."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a + b


# Networks counted by hand


def test_xornet() -> None:
    report = summary(MLP(2, [8], 1), (4, 2))
    expect(
        report,
        # 2 * 8 + 8 parameters; 4 * 8 results of 2 multiplications and 2 additions
        Line("0", "Linear", (4, 8), 24, 128, 96, 128),
        Line("1", "ReLU()", (4, 8), 0, 32, 0, 128),
        # 8 + 1 parameters; 4 results of 8 multiplications and 8 additions
        Line("2", "Linear", (4, 1), 9, 64, 36, 16),
    )
    assert report.parameters == 33
    assert report.trainable_parameters == 33
    assert report.flops == 128 + 32 + 64
    assert report.parameter_bytes == 132
    assert report.activation_bytes == 128 + 128 + 16
    assert report.uncounted == ()


def test_a_digit_classifier() -> None:
    report = summary(MLP(784, [128, 64], 10, bias=False), (32, 784))
    flops = [32 * 128 * 1567, 32 * 128, 32 * 64 * 255, 32 * 64, 32 * 10 * 127]
    assert [layer.flops for layer in report.layers] == flops
    assert report.parameters == 784 * 128 + 128 * 64 + 64 * 10 == 109_184
    assert report.parameter_bytes == 4 * 109_184
    assert report.activation_bytes == 4 * 32 * (128 + 128 + 64 + 64 + 10)
    assert report.flops == sum(flops)


@pytest.mark.parametrize(
    ("shape", "rows"), [((2,), 1), ((1, 2), 1), ((0, 2), 0), ((3, 5, 2), 15), ((2, 1, 3, 2), 6)]
)
def test_leading_dimensions_are_rows(shape: tuple[int, ...], rows: int) -> None:
    expect(
        summary(Sequential(Linear(2, 3), Tanh()), shape),
        Line("0", "Linear", (*shape[:-1], 3), 9, rows * 12, 36, rows * 12),
        Line("1", "Tanh()", (*shape[:-1], 3), 0, rows * 3, 0, rows * 12),
    )


@pytest.mark.parametrize(("dtype", "size"), [("float16", 2), ("float32", 4), ("float64", 8)])
def test_a_shape_is_run_in_the_dtype_of_the_parameters(dtype: str, size: int) -> None:
    expect(
        summary(Sequential(Linear(3, 5), ReLU()).to(dtype), (2, 3)),
        Line("0", "Linear", (2, 5), 20, 60, 20 * size, 10 * size),
        Line("1", "ReLU()", (2, 5), 0, 10, 0, 10 * size),
    )


def test_a_tensor_is_run_as_it_is() -> None:
    expect(
        summary(Sequential(relu), tensor([[1, -2, 3]])),
        Line("0", "relu", (1, 3), 0, 3, 0, 24),
    )


def test_without_parameters_a_shape_is_float32() -> None:
    assert summary(Sequential(Tanh()), (2, 3)).activation_bytes == 24


# Trees


def test_names_are_dotted() -> None:
    network = Sequential({"body": Sequential(Linear(2, 2), ReLU()), "head": Linear(2, 1)})
    report = summary(network, (1, 2))
    assert [layer.name for layer in report.layers] == ["body.0", "body.1", "head"]


def test_a_network_that_is_a_single_layer() -> None:
    expect(summary(Linear(3, 5), (2, 3)), Line("", "Linear", (2, 5), 20, 60, 80, 40))


def test_an_empty_network_does_nothing() -> None:
    report = summary(Sequential(Sequential()), (2, 3))
    assert report.layers == ()
    assert (report.parameters, report.flops, report.activation_bytes) == (0, 0, 0)
    assert report.uncounted == ()


def test_a_function_as_a_network() -> None:
    expect(summary(Function(relu), (2, 3)), Line("", "relu", (2, 3), 0, 6, 0, 24))


def test_a_layer_that_runs_twice_has_two_lines_and_counts_its_parameters_once() -> None:
    shared = Linear(3, 3)
    report = summary(Sequential(shared, Tanh(), shared), (2, 3))
    expect(
        report,
        Line("0", "Linear", (2, 3), 12, 36, 48, 24),
        Line("1", "Tanh()", (2, 3), 0, 6, 0, 24),
        Line("0", "Linear", (2, 3), 0, 36, 0, 24),
    )
    assert report.parameters == 12
    assert report.parameter_bytes == 48


def test_a_parameter_that_two_layers_share_counts_in_the_first() -> None:
    a, b = Linear(3, 3), Linear(3, 3)
    b.weight = a.weight
    report = summary(Sequential(a, b), (1, 3))
    assert [layer.parameters for layer in report.layers] == [12, 3]
    assert [layer.parameter_bytes for layer in report.layers] == [48, 12]
    assert report.parameters == 15


def test_a_layer_that_does_not_run_counts_in_the_totals_only() -> None:
    class Half(Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused = Linear(2, 2), Linear(2, 5)

        def forward(self, x: Tensor) -> Tensor:
            return self.used(x)

    report = summary(Half(), (1, 2))
    assert [layer.name for layer in report.layers] == ["used", ""]
    assert report.parameters == 6 + 15


def test_frozen_parameters() -> None:
    network = MLP(2, [8], 1)
    network[0].requires_grad_(False)
    report = summary(network, (4, 2))
    assert report.parameters == 33
    assert report.trainable_parameters == 9
    assert report.layers[0].parameters == 24


# Who tells the FLOPs


def test_a_module_tells_its_own() -> None:
    report = summary(Sequential(CountedScale(3)), (2, 3))
    expect(report, Line("0", "CountedScale", (2, 3), 3, 6, 12, 24))
    assert report.uncounted == ()


def test_an_unknown_module_is_not_guessed() -> None:
    report = summary(Sequential(Linear(2, 3), Scale(3)), (4, 2))
    expect(
        report,
        Line("0", "Linear", (4, 3), 9, 48, 36, 48),
        Line("1", "Scale", (4, 3), 3, None, 12, 48),
    )
    assert report.uncounted == ("1",)
    assert report.flops == 48, "what could be counted is"
    assert "at least 48" in str(report)
    assert "?" in str(report)


def test_a_counted_network_does_not_say_at_least() -> None:
    text = str(summary(MLP(2, [8], 1), (4, 2)))
    assert "at least" not in text
    assert "?" not in text


def test_an_unknown_module_that_runs_twice_is_named_once() -> None:
    scale = Scale(2)
    assert summary(Sequential(scale, scale), (1, 2)).uncounted == ("0",)


def test_a_module_above_others_has_a_line_for_what_it_does_itself() -> None:
    expect(
        summary(Residual(Linear(3, 3)), (2, 3)),
        Line("inner", "Linear", (2, 3), 12, 36, 48, 24),
        Line("", "Residual", (2, 3), 0, 6, 0, 24),
    )


def test_a_module_above_others_counts_its_own_parameters_only() -> None:
    class Scaled(Residual):
        def __init__(self) -> None:
            super().__init__(Linear(3, 3))
            self.factor = Parameter(ones(3))

    report = summary(Sequential(Scaled()), (2, 3))
    assert [layer.parameters for layer in report.layers] == [12, 3]
    assert report.parameters == 15


def test_a_forward_of_ones_own_may_hide_work() -> None:
    class Net(Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = Linear(2, 8), Linear(8, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.b(relu(self.a(x)))

    report = summary(Net(), (4, 2))
    assert report.uncounted == ("",), "nobody saw the relu in forward: the sum is a lower bound"
    assert report.flops == 128 + 64
    assert report.activation_bytes == 128 + 16, "what the last layer gave is not counted again"


def test_a_subclass_with_another_forward_is_not_what_its_parent_is() -> None:
    class Doubled(Linear):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * 2

    class Told(Doubled):
        def flops(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
            rows = input_shape[0]
            return linear_flops(rows, 2, 3) + activation_flops(output_shape)

    assert summary(Doubled(2, 3), (4, 2)).layers[0].flops is None
    assert summary(Told(2, 3), (4, 2)).flops == 48 + 12


def test_a_plain_callable_may_tell_too() -> None:
    class Power:
        def __call__(self, x: Tensor) -> Tensor:
            return x * x * x

        def flops(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
            return 2 * activation_flops(output_shape)

    assert summary(Sequential(Power()), (2, 3)).flops == 12


# Results that are not one new tensor


def test_the_identity_costs_nothing() -> None:
    expect(
        summary(Sequential(Linear(2, 3), Identity()), (1, 2)),
        Line("0", "Linear", (1, 3), 9, 12, 36, 12),
        Line("1", "Identity", (1, 3), 0, 0, 0, 0),
    )


def test_a_view_occupies_no_new_memory() -> None:
    report = summary(Sequential(Linear(2, 6), lambda x: x.reshape(-1, 2, 3)), (4, 2))
    assert report.layers[1].output_shape == (4, 2, 3)
    assert report.layers[1].activation_bytes == 0
    assert report.activation_bytes == 96


def test_a_copy_does() -> None:
    report = summary(Sequential(Linear(2, 6), lambda x: x.clone()), (4, 2))
    assert [layer.activation_bytes for layer in report.layers] == [96, 96]


def test_a_result_of_several_tensors() -> None:
    def both(x: Tensor) -> Any:
        return x * 2, x[:, :1] * 3

    expect(
        summary(Sequential(both), (4, 2)),
        Line("0", "both", ((4, 2), (4, 1)), 0, 8 + 4, 0, 32 + 16),
    )


def test_a_result_that_is_a_dictionary_with_something_else_in_it() -> None:
    report = summary(Sequential(lambda x: {"y": [x + 1], "note": "no tensor"}), (4, 2))
    assert report.layers[0].output_shape == ((4, 2),)
    assert report.activation_bytes == 32


def test_a_layer_that_takes_what_another_split() -> None:
    network = Sequential(
        Linear(2, 4), lambda x: x.split(2, dim=1), lambda parts: parts[0] * parts[1]
    )
    report = summary(network, (3, 2))
    assert [layer.output_shape for layer in report.layers] == [(3, 4), ((3, 2), (3, 2)), (3, 2)]
    assert [layer.activation_bytes for layer in report.layers] == [48, 0, 24]


def test_several_inputs() -> None:
    class Told(Add):
        def flops(self, input_shape: Any, output_shape: tuple[int, ...]) -> int:
            assert input_shape == ((4, 2), (1, 2)), f"told the input shapes {input_shape}"
            return activation_flops(output_shape)

    expect(
        summary(Told(), (zeros(4, 2), zeros(1, 2))),
        Line("", "Told", (4, 2), 0, 8, 0, 32),
    )
    assert summary(Add(), [zeros(4, 2), zeros(1, 2)]).layers[0].output_shape == (4, 2)


def test_layers_that_are_called_by_keyword() -> None:
    class Outer(Module):
        def __init__(self) -> None:
            super().__init__()
            self.add, self.linear = Add(), Linear(2, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(x=self.add(a=x, b=x))

    report = summary(Outer(), (4, 2))
    assert said(report.layers[1]) == Line("linear", "Linear", (4, 3), 9, 48, 36, 48)


# What a summary leaves as it was


class Counting(Module):
    """Counts its calls while it trains, and may fail."""

    def __init__(self, fails: bool = False) -> None:
        super().__init__()
        self.calls, self.fails, self.modes = 0, fails, []

    def forward(self, x: Tensor) -> Tensor:
        self.modes = [*self.modes, self.training]
        self.calls += self.training
        if self.fails:
            raise ArithmeticError("forward failed")
        return x


def test_it_runs_once_in_evaluation_mode_and_puts_each_mode_back() -> None:
    inner = Counting()
    network = Sequential(Counting(), Sequential(inner), Linear(2, 2))
    network.train()
    network[1].eval()
    before = [module.training for module in network.modules()]
    summary(network, (1, 2))
    assert inner.modes == [False], f"forward ran in the training modes {inner.modes}"
    assert network[0].calls == 0, "something that is kept in training mode was changed"
    after = [module.training for module in network.modules()]
    assert after == before, f"the modes were {before}, and are {after} now"


def test_a_forward_that_raises_leaves_modes_and_hooks_as_they_were() -> None:
    network = Sequential(Linear(2, 2), Counting(fails=True), Linear(2, 2))
    network[2].eval()
    before = [module.training for module in network.modules()]
    with pytest.raises(ArithmeticError, match="forward failed"):
        summary(network, (1, 2))
    assert [module.training for module in network.modules()] == before
    network[1].fails = False
    network(zeros(1, 2))
    report = summary(network, (1, 2))
    assert len(report.layers) == 3, f"a hook was left: {len(report.layers)} lines for 3 layers"


def test_a_wrong_shape_is_told_in_the_words_of_the_layer() -> None:
    with pytest.raises(ValueError, match=r"\(4, 3\)"):
        summary(Sequential(Linear(2, 2)), (4, 3))


def test_hooks_that_are_there_already_stay() -> None:
    network = Sequential(Linear(2, 2))
    seen: list[Any] = []
    with network[0].forward_hook(lambda *call: seen.append(call)):
        summary(network, (1, 2))
        network(zeros(1, 2))
    assert len(seen) == 2, f"a hook of one's own ran {len(seen)} times in two calls"


def test_a_report_does_not_grow_when_the_network_runs_again() -> None:
    network = MLP(2, [3], 1)
    report = summary(network, (1, 2))
    network(zeros(1, 2))
    assert len(report.layers) == 3


def test_weights_are_left_alone() -> None:
    network = MLP(2, [3], 1)
    before = {name: value.numpy().copy() for name, value in network.state_dict().items()}
    summary(network, (5, 2))
    assert all(np.array_equal(before[k], v.numpy()) for k, v in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


def test_reports_are_values() -> None:
    report = summary(MLP(2, [3], 1), (1, 2))
    assert report == summary(MLP(2, [3], 1), (1, 2))
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.parameters = 0  # type: ignore[misc]


# What it does not take


@pytest.mark.parametrize(
    "thing", [None, 784, "4, 2", (), np.zeros((4, 2)), (4, 2.0), (zeros(1), 3)], ids=repr
)
def test_what_is_no_input_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError, match="summary"):
        summary(MLP(2, [3], 1), thing)


def test_what_is_no_module_is_refused_with_the_fix() -> None:
    with pytest.raises(TypeError, match="Sequential"):
        summary(relu, (1, 2))  # type: ignore[arg-type]


def test_sizes_may_be_numpys() -> None:
    assert summary(Linear(2, 3), tuple(np.array([4, 2]))).layers[0].output_shape == (4, 3)


# The table


def test_the_table() -> None:
    expected = """\
layer  kind    output  parameters  FLOPs  param bytes  output bytes
-----  ------  ------  ----------  -----  -----------  ------------
0      Linear  (4, 8)          24    128           96           128
1      ReLU()  (4, 8)           0     32            0           128
2      Linear  (4, 1)           9     64           36            16
-----  ------  ------  ----------  -----  -----------  ------------
total                          33    224          132           272"""
    found = str(summary(MLP(2, [8], 1), (4, 2)))
    assert found == expected, f"shown as\n{found}\nexpected\n{expected}"


def test_large_numbers_are_grouped() -> None:
    text = str(summary(MLP(784, [128], 10), (32, 784)))
    assert "100,480" in text
    assert "101,770" in text
    assert "(network)" in str(summary(Linear(2, 2), (1, 2)))


NETWORKS: dict[str, tuple[Callable[[], Module], tuple[int, ...]]] = {
    "mlp": (lambda: MLP(2, [8], 1), (4, 2)),
    "empty": (lambda: Sequential(), (3,)),
    "names": (
        lambda: Sequential({"a-long-name-for-a-layer": Scale(2), "b": lambda x: (x, x)}),
        (1, 2),
    ),
    "residual": (lambda: Residual(MLP(20, [300, 4000], 20)), (1, 20)),
}


@pytest.mark.parametrize("case", NETWORKS)
def test_columns_are_aligned_and_plain(case: str) -> None:
    build, shape = NETWORKS[case]
    network = build()
    text = str(summary(network, shape))
    assert text.isascii(), f"a console of another encoding cannot show {text}"
    head, rule, *rows, rule_again, total = text.splitlines()
    assert rule == rule_again
    assert set(rule) == {"-", " "}
    assert total.startswith("total")
    edges = [i for i in range(len(rule)) if rule[i : i + 1] == "-" and rule[i + 1 : i + 2] != "-"]
    for row in [head, *rows, total]:
        assert len(row) == len(rule), f"{row!r} does not end where {rule!r} does"
        assert row == row.rstrip()
        for edge in edges[:-1]:
            gap = row[edge + 1 : edge + 3]
            assert gap == "  ", f"no gap after column {edge} in {row!r}"


def test_a_callable_with_a_long_name_stays_on_one_line() -> None:
    class Wordy:
        def __call__(self, x: Tensor) -> Tensor:
            return x

        def __repr__(self) -> str:
            return "many words\n" * 50

    text = str(summary(Sequential(Wordy()), (1, 2)))
    assert len(text.splitlines()) == 5, f"a table of one layer has five lines, but this\n{text}"
    assert max(map(len, text.splitlines())) < 130


# Properties


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.integers(1, 9),
    st.lists(st.integers(1, 9), max_size=4),
    st.integers(1, 9),
    st.lists(st.integers(0, 4), max_size=2).map(tuple),
    st.booleans(),
)
def test_the_sums_are_those_of_the_lines(
    n: int, hidden: list[int], m: int, lead: tuple[int, ...], bias: bool
) -> None:
    report = summary(MLP(n, hidden, m, bias=bias), (*lead, n))
    sizes = [n, *hidden, m]
    rows = int(np.prod(lead, dtype=np.int64))
    pairs = list(pairwise(sizes))
    assert report.parameters == sum(a * b + bias * b for a, b in pairs)
    assert report.parameters == sum(layer.parameters for layer in report.layers)
    assert report.parameter_bytes == sum(layer.parameter_bytes for layer in report.layers)
    assert report.flops == rows * (sum(b * (2 * a - 1 + bias) for a, b in pairs) + sum(hidden))
    assert report.activation_bytes == 4 * rows * (2 * sum(hidden) + m)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(1, 20), st.integers(1, 20))
def test_rows_multiply_work_and_results_but_not_parameters(rows: int, times: int) -> None:
    network = MLP(3, [5, 4], 2)
    one, many = summary(network, (rows, 3)), summary(network, (rows * times, 3))
    assert many.flops == times * one.flops
    assert many.activation_bytes == times * one.activation_bytes
    assert many.parameter_bytes == one.parameter_bytes
