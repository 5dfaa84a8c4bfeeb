"""The same work done by PyTorch: equal results, equal names, equal words."""

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch import layers
from tinytorch.layers import Linear, Module, ModuleList, Parameter, init
from tinytorch.tensor import Tensor, ones, zeros

OURS = SimpleNamespace(
    Module=Module,
    Linear=Linear,
    Identity=layers.Identity,
    ModuleList=ModuleList,
    Parameter=Parameter,
    zeros=zeros,
)
THEIRS = SimpleNamespace(
    Module=torch.nn.Module,
    Linear=torch.nn.Linear,
    Identity=torch.nn.Identity,
    ModuleList=torch.nn.ModuleList,
    Parameter=torch.nn.Parameter,
    zeros=torch.zeros,
)


# Linear


@pytest.mark.parametrize("shape", [(4,), (1, 4), (3, 4), (2, 3, 4), (0, 4), (2, 0, 4)])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_linear(shape: tuple[int, ...], bias: bool, dtype: str) -> None:
    theirs = torch.nn.Linear(4, 5, bias=bias, dtype=getattr(torch, dtype))
    ours = Linear(4, 5, bias=bias, dtype=dtype)
    ours.load_state_dict({name: t.numpy() for name, t in theirs.state_dict().items()})
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    expected = theirs(torch.from_numpy(x)).detach().numpy()
    found = ours(Tensor(x))
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.detach().array, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize(("into", "out"), [(0, 3), (3, 0)])
def test_linear_without_inputs_or_outputs(into: int, out: int) -> None:
    theirs, ours = torch.nn.Linear(into, out), Linear(into, out)
    assert ours(zeros(2, into)).shape == tuple(theirs(torch.zeros(2, into)).shape)


@pytest.mark.parametrize(("into", "out"), [(400, 4000), (25, 4000)])
def test_where_linear_starts(into: int, out: int) -> None:
    torch.manual_seed(0)
    theirs = torch.nn.Linear(into, out)
    ours = Linear(into, out, generator=np.random.default_rng(0))
    for name, tensor in theirs.state_dict().items():
        same_distribution(ours.state_dict()[name].array, tensor.numpy())


# Initialisers


def same_distribution(ours: np.ndarray, theirs: np.ndarray) -> None:
    spread = float(theirs.std())
    assert ours.std() == pytest.approx(spread, rel=0.04)
    assert ours.mean() == pytest.approx(float(theirs.mean()), abs=0.06 * spread)
    quantiles = np.linspace(0.02, 0.98, 25)
    np.testing.assert_allclose(
        np.quantile(ours, quantiles), np.quantile(theirs, quantiles), atol=0.12 * spread
    )


@pytest.mark.parametrize("shape", [(300, 200), (20, 1000), (64, 32, 3, 3), (50, 20, 10)])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("uniform_", {"a": -2, "b": 5}),
        ("normal_", {"mean": 3, "std": 0.2}),
        ("xavier_uniform_", {}),
        ("xavier_uniform_", {"gain": 5 / 3}),
        ("xavier_normal_", {"gain": 2.0}),
        ("kaiming_uniform_", {}),
        ("kaiming_uniform_", {"a": 5**0.5}),
        ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}),
        ("kaiming_uniform_", {"nonlinearity": "tanh"}),
        ("kaiming_normal_", {}),
        ("kaiming_normal_", {"a": 0.3, "mode": "fan_out"}),
        ("kaiming_normal_", {"nonlinearity": "selu"}),
    ],
)
def test_initialisers(name: str, options: dict[str, Any], shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    theirs = getattr(torch.nn.init, name)(torch.zeros(shape), **options).numpy()
    ours = getattr(init, name)(zeros(shape), generator=np.random.default_rng(1), **options).array
    same_distribution(ours, theirs)
    if "uniform" in name:
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.01)


@pytest.mark.parametrize("shape", [(2, 3), (4, 3, 5, 5), (6, 2, 7), (3, 0), (0, 3)])
def test_fans(shape: tuple[int, ...]) -> None:
    expected = torch.nn.init._calculate_fan_in_and_fan_out(torch.zeros(shape))
    assert init.fan_in_and_fan_out(zeros(shape)) == expected


@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gains(name: str) -> None:
    assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))
    for slope in (0, 0.2, 1, 5**0.5):
        expected = torch.nn.init.calculate_gain("leaky_relu", slope)
        assert init.calculate_gain("leaky_relu", slope) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "shape", "options"),
    [
        ("kaiming_uniform_", (2, 2), {"mode": "sideways"}),
        ("kaiming_uniform_", (2, 2), {"nonlinearity": "softmax"}),
        ("xavier_uniform_", (2,), {}),
    ],
)
def test_what_initialisers_refuse(
    name: str, shape: tuple[int, ...], options: dict[str, str]
) -> None:
    for module, new in ((init, zeros), (torch.nn.init, torch.zeros)):
        with pytest.raises(ValueError):
            getattr(module, name)(new(shape), **options)


# Models, built in both


def plain(nn: Any) -> Any:
    return nn.Linear(3, 2)


def empty(nn: Any) -> Any:
    return nn.Module()


def nested(nn: Any) -> Any:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(2, 2)
            self.scale = nn.Parameter(nn.zeros(2))
            self.register_buffer("mean", nn.zeros(2))
            self.register_buffer("step", nn.zeros(1), persistent=False)
            self.register_parameter("none", None)
            self.second = nn.Linear(2, 2, bias=False)

        def extra_repr(self) -> str:
            return "scale=2"

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.ModuleList([Block(), Block()])
            self.head = nn.Linear(2, 1)
            self.add_module("nothing", None)
            self.temperature = nn.Parameter(nn.zeros(1))
            self.register_buffer("seen", nn.zeros(1))

    return Net()


def tied(nn: Any) -> Any:
    net = nn.Module()
    net.encoder = nn.Linear(3, 3)
    net.decoder = nn.Linear(3, 3)
    net.decoder.weight = net.encoder.weight
    net.again = net.encoder
    net.encoder.register_buffer("mean", nn.zeros(3))
    net.decoder.register_buffer("mean", net.encoder.mean)
    net.inner = nn.Module()
    net.inner.deep = nn.ModuleList([net.decoder, nn.Identity(), net.decoder])
    return net


def changed(nn: Any) -> Any:
    """Replaced, deleted, reserved and filled later."""
    net = nested(nn)
    net.temperature = nn.Parameter(nn.zeros(1))
    net.blocks = nn.ModuleList([nn.Linear(1, 1)])
    del net.head
    net.head = nn.Linear(2, 1)
    net.nothing = nn.Linear(1, 1)
    net.seen = nn.Parameter(nn.zeros(1))
    net.blocks[0].bias = None
    net.register_buffer("last", None)
    return net


def lists(nn: Any) -> Any:
    alike = [nn.Linear(2, 2) for _ in range(3)]
    inner = nn.ModuleList([nn.Identity(), nn.Linear(2, 2)])
    return nn.ModuleList([*alike, inner, nn.ModuleList(), nn.Identity(), nn.Identity()])


def options(nn: Any) -> Any:
    class Options(nn.Module):
        def __init__(self, text: str, *parts: Any) -> None:
            super().__init__()
            self.text = text
            for number, part in enumerate(parts):
                self.add_module(str(number), part)

        def extra_repr(self) -> str:
            return self.text

    return Options("", Options("one"), Options("one\ntwo"), Options("three", Options("four\nfive")))


MODELS = [plain, empty, nested, tied, changed, lists, options]
Build = Callable[[Any], Any]


@pytest.mark.parametrize("build", MODELS)
def test_names(build: Build) -> None:
    ours, theirs = build(OURS), build(THEIRS)

    def names(module: Any, walk: str, **how: Any) -> list[str]:
        return [name for name, _ in getattr(module, walk)(**how)]

    for walk in ("named_parameters", "named_buffers"):
        for recurse in (True, False):
            for remove_duplicate in (True, False):
                how = {
                    "recurse": recurse,
                    "remove_duplicate": remove_duplicate,
                    "prefix": "p" * recurse,
                }
                assert names(ours, walk, **how) == names(theirs, walk, **how), (walk, how)
    for remove_duplicate in (True, False):
        how = {"remove_duplicate": remove_duplicate, "prefix": "p"}
        assert names(ours, "named_modules", **how) == names(theirs, "named_modules", **how)
    assert names(ours, "named_modules") == names(theirs, "named_modules")
    assert names(ours, "named_children") == names(theirs, "named_children")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert list(ours.state_dict(prefix="p.")) == list(theirs.state_dict(prefix="p."))
    assert len(list(ours.parameters())) == len(list(theirs.parameters()))


@pytest.mark.parametrize("build", MODELS)
def test_repr(build: Build) -> None:
    assert repr(build(OURS)) == repr(build(THEIRS))


@pytest.mark.parametrize("build", MODELS)
def test_a_deep_copy(build: Build) -> None:
    ours, theirs = copy.deepcopy(build(OURS)), copy.deepcopy(build(THEIRS))
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]
    assert list(ours.state_dict()) == list(theirs.state_dict())


@pytest.mark.parametrize("build", MODELS)
def test_apply_and_modes(build: Build) -> None:
    def order(module: Any) -> list[str]:
        names = {part: name for name, part in module.named_modules()}
        met: list[str] = []
        module.apply(lambda part: met.append(names[part]))
        return met

    ours, theirs = build(OURS), build(THEIRS)
    assert order(ours) == order(theirs)
    first = [next(iter(module.children()), module) for module in (ours, theirs)]
    for module, part in zip((ours, theirs), first, strict=True):
        module.eval()
        part.train()
    assert [m.training for m in ours.modules()] == [m.training for m in theirs.modules()]


# Loading


def altered(state: dict[str, Any], how: str, new: Callable[..., Any]) -> dict[str, Any]:
    state = dict(state)
    names = list(state)
    if "missing" in how:
        del state[names[0]], state[names[-1]]
    if "unexpected" in how:
        state["extra"] = state["blocks.0.step"] = new(1)
    if "shape" in how:
        state[names[1]] = new(7, 7)
    if "number" in how:
        state[names[1]] = 3.0
    return state


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "how",
    ["as it is", "missing", "unexpected", "missing unexpected", "shape", "number", "missing shape"],
)
@pytest.mark.parametrize("build", [nested, tied, changed])
def test_load_state_dict(build: Build, how: str, strict: bool) -> None:
    outcomes = []
    for nn in (OURS, THEIRS):
        module = build(nn)
        try:
            result = module.load_state_dict(
                altered(module.state_dict(), how, nn.zeros), strict=strict
            )
        except RuntimeError:
            outcomes.append("refused")
        else:
            matched = repr(result) == "<All keys matched successfully>"
            outcomes.append((result.missing_keys, result.unexpected_keys, matched))
    assert outcomes[0] == outcomes[1]


def test_loading_keeps_parameters_and_dtypes() -> None:
    for nn, dtype in ((OURS, np.float32), (THEIRS, torch.float32)):
        layer = nn.Linear(2, 2)
        weight = layer.weight
        other = nn.Linear(2, 2).double().state_dict()
        layer.load_state_dict(other)
        assert layer.weight is weight
        assert weight.dtype == dtype
        assert weight.requires_grad


# Registration


KINDS = ["parameter", "buffer", "unsaved buffer", "module", "tensor", "number", "none", "delete"]


def act(nn: Any, module: Any, name: str, action: str) -> str:
    """Do one thing; say which kind of error came, if one did."""
    try:
        if action == "parameter":
            setattr(module, name, nn.Parameter(nn.zeros(1)))
        elif action == "module":
            setattr(module, name, nn.Module())
        elif action == "tensor":
            setattr(module, name, nn.zeros(1))
        elif action == "number":
            setattr(module, name, 3)
        elif action == "none":
            setattr(module, name, None)
        elif action == "delete":
            delattr(module, name)
        else:
            module.register_buffer(name, nn.zeros(1), persistent=action == "buffer")
    except (AttributeError, KeyError, TypeError) as error:
        return type(error).__name__
    return "done"


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(KINDS)), max_size=12))
def test_any_history_of_assignments(history: list[tuple[str, str]]) -> None:
    ours, theirs = Module(), torch.nn.Module()
    for name, action in history:
        assert act(OURS, ours, name, action) == act(THEIRS, theirs, name, action), (name, action)
    for walk in ("named_parameters", "named_buffers", "named_children"):
        found, expected = ([n for n, _ in getattr(m, walk)()] for m in (ours, theirs))
        assert found == expected, walk
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name in "abc":
        assert hasattr(ours, name) == hasattr(theirs, name), name


@pytest.mark.parametrize("name", ["", "a.b", "forward"])
@pytest.mark.parametrize("method", ["register_parameter", "register_buffer", "add_module"])
def test_names_that_are_refused(method: str, name: str) -> None:
    for nn in (OURS, THEIRS):
        with pytest.raises(KeyError):
            getattr(nn.Module(), method)(name, None)


# Lists


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["append", "insert", "pop", "set", "delete", "extend", "get"]),
            st.integers(-3, 3),
        ),
        max_size=10,
    )
)
def test_module_lists(operations: list[tuple[str, int]]) -> None:
    ours, theirs = ModuleList(), torch.nn.ModuleList()
    for number, (name, index) in enumerate(operations):
        outcomes = []
        for nn, modules in ((OURS, ours), (THEIRS, theirs)):
            part = nn.Linear(number + 1, 1)
            try:
                if name == "append":
                    modules.append(part)
                elif name == "extend":
                    modules.extend([part])
                elif name == "insert":
                    # Outside, PyTorch's insert makes gaps in the numbers or fails.
                    modules.insert(max(0, min(index, len(modules))), part)
                elif name == "set":
                    modules[index] = part
                elif name == "pop":
                    modules.pop(index)
                elif name == "delete":
                    del modules[index]
                else:
                    modules[index]
                outcomes.append("done")
            except IndexError:
                outcomes.append("IndexError")
        assert outcomes[0] == outcomes[1], (name, index)
        assert repr(ours) == repr(theirs)


# Parameters


def test_parameters() -> None:
    assert repr(Parameter(ones(2, 2))) == repr(torch.nn.Parameter(torch.ones(2, 2)))
    assert repr(Parameter(ones(2), False)) == repr(torch.nn.Parameter(torch.ones(2), False))
    source, theirs = zeros(2), torch.zeros(2)
    parameter, their_parameter = Parameter(source), torch.nn.Parameter(theirs)
    source.fill_(3)
    theirs.fill_(3)
    assert parameter.tolist() == their_parameter.tolist()
    assert parameter.version[0] == their_parameter._version


def test_gradients() -> None:
    for nn in (OURS, THEIRS):
        layer = nn.Linear(2, 2)
        layer.weight.grad = nn.zeros(2, 2) + 1
        memory = layer.weight.grad
        layer.zero_grad(set_to_none=False)
        assert memory.tolist() == [[0, 0], [0, 0]]
        assert layer.weight.grad.tolist() == [[0, 0], [0, 0]]
        assert layer.bias.grad is None
        layer.weight.grad = nn.zeros(2, 2)
        assert str(layer.double().weight.grad.dtype).endswith("float64")
        layer.zero_grad()
        assert layer.weight.grad is None


def test_modes_and_dtypes_that_are_refused() -> None:
    for nn, integer in ((OURS, "int64"), (THEIRS, torch.int64)):
        with pytest.raises(ValueError):
            nn.Linear(1, 1).train(3)
        with pytest.raises(TypeError):
            nn.Linear(1, 1).to(integer)
        with pytest.raises(NotImplementedError):
            nn.Module()(1)
