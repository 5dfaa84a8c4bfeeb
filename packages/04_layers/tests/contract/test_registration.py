"""Task 4.2: a module knows its parts.

Whether something is registered, and as what, shows in what the `register_…` methods allow: each
replaces what is registered as its kind, and refuses the name of anything else.
"""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.layers import Module, Parameter
from tinytorch.tensor import Tensor, ones, zeros


def kind_of(module: Module, name: str) -> str:
    """What `name` is for the module: "parameter", "buffer", "module" or "plain attribute"."""
    value = getattr(module, name)
    registers = {
        "parameter": module.register_parameter,
        "buffer": module.register_buffer,
        "module": module.add_module,
    }
    for kind, register in registers.items():
        try:
            register(name, value)
        except (KeyError, TypeError):
            continue
        return kind
    return "plain attribute"


def expect_kind(module: Module, name: str, kind: str, done: str) -> None:
    found = kind_of(module, name)
    assert found == kind, f"after {done}, {name} should be a {kind}, but it is a {found}"


def expect_value(module: Module, name: str, value: Any, done: str) -> None:
    found = getattr(module, name)
    assert found is value, f"after {done}, .{name} should give {value!r}, but it gives {found!r}"


def parameter() -> Parameter:
    return Parameter(zeros(2))


# One assignment


def test_a_parameter_is_registered_by_assigning_it() -> None:
    module, weight = Module(), parameter()
    module.weight = weight
    expect_value(module, "weight", weight, "module.weight = weight")
    expect_kind(module, "weight", "parameter", "module.weight = Parameter(...)")


def test_a_module_is_registered_by_assigning_it() -> None:
    module, inner = Module(), Module()
    module.inner = inner
    expect_value(module, "inner", inner, "module.inner = inner")
    expect_kind(module, "inner", "module", "module.inner = Module()")
    assert dict(module.named_children()) == {"inner": inner}


@pytest.mark.parametrize("value", [3, "text", None, [1, 2], {"a": 1}, len, ones(3)])
def test_anything_else_is_a_plain_attribute(value: Any) -> None:
    module = Module()
    module.thing = value
    expect_value(module, "thing", value, f"module.thing = {value!r}")
    expect_kind(module, "thing", "plain attribute", f"module.thing = {value!r}")
    module.thing = "other"
    expect_value(module, "thing", "other", "assigning it anew")


def test_modules_in_a_list_are_not_registered() -> None:
    module = Module()
    module.layers = [Module(), Module()]
    assert list(module.children()) == [], "a plain list is a plain attribute; see ModuleList"


def test_registering_by_method_makes_attributes() -> None:
    module, weight, inner, mean = Module(), parameter(), Module(), zeros(2)
    module.register_parameter("weight", weight)
    module.add_module("inner", inner)
    module.register_buffer("mean", mean)
    module.register_buffer("step", mean, persistent=False)
    expect_value(module, "weight", weight, "register_parameter")
    expect_value(module, "inner", inner, "add_module")
    expect_value(module, "mean", mean, "register_buffer")
    expect_value(module, "step", mean, "register_buffer(persistent=False)")


def test_what_is_registered_shows_in_dir() -> None:
    module = Module()
    module.weight, module.inner, module.plain = parameter(), Module(), 3
    module.register_buffer("mean", zeros(2))
    missing = {"weight", "inner", "mean", "plain", "training"} - set(dir(module))
    assert not missing, f"dir(module) should list {missing}"


def test_children_come_in_the_order_of_assignment() -> None:
    module = Module()
    module.third = Module()
    module.weight = parameter()
    module.first = Module()
    module.second = Module()
    names = [name for name, _ in module.named_children()]
    assert names == ["third", "first", "second"], f"expected the order of assignment, got {names}"


# None


def test_a_name_can_be_reserved_with_none() -> None:
    module = Module()
    module.register_parameter("bias", None)
    module.register_buffer("mean", None)
    module.add_module("inner", None)
    for name, kind in [("bias", "parameter"), ("mean", "buffer"), ("inner", "module")]:
        expect_value(module, name, None, "registering None")
        expect_kind(module, name, kind, "registering None")
    bias, mean, inner = parameter(), zeros(2), Module()
    module.bias, module.mean, module.inner = bias, mean, inner
    expect_value(module, "bias", bias, "filling the reserved name")
    expect_kind(module, "bias", "parameter", "filling the reserved name")
    expect_value(module, "mean", mean, "filling the reserved name")
    expect_kind(module, "mean", "buffer", "filling the reserved name")
    expect_kind(module, "inner", "module", "filling the reserved name")


def test_none_takes_a_value_away_and_keeps_the_name() -> None:
    module = Module()
    module.weight, module.inner = parameter(), Module()
    module.register_buffer("mean", zeros(2))
    module.weight = module.inner = module.mean = None
    for name, kind in [("weight", "parameter"), ("mean", "buffer"), ("inner", "module")]:
        expect_value(module, name, None, f"module.{name} = None")
        expect_kind(module, name, kind, f"module.{name} = None")
    assert list(module.children()) == []


def test_none_under_a_new_name_is_a_plain_attribute_until_something_is_assigned() -> None:
    module, late = Module(), parameter()
    module.late = None
    expect_kind(module, "late", "plain attribute", "module.late = None")
    module.late = late
    expect_value(module, "late", late, "module.late = late")
    expect_kind(module, "late", "parameter", "module.late = Parameter(...)")


# Replacing


def test_a_buffer_is_replaced_by_a_tensor() -> None:
    module, newer = Module(), ones(5)
    module.register_buffer("mean", zeros(2))
    module.mean = newer
    expect_value(module, "mean", newer, "module.mean = newer")
    expect_kind(module, "mean", "buffer", "module.mean = Tensor(...)")


@pytest.mark.parametrize(
    "wrong",
    [3.0, "text", ones(2), [parameter()], Module],
    ids=["number", "text", "tensor", "list", "class"],
)
def test_a_parameter_is_not_replaced_by_something_else(wrong: Any) -> None:
    module, weight = Module(), parameter()
    module.weight = weight
    with pytest.raises(TypeError, match="weight"):
        module.weight = wrong
    expect_value(module, "weight", weight, "a refused assignment")
    expect_kind(module, "weight", "parameter", "a refused assignment")


def test_a_parameter_is_not_replaced_by_a_module() -> None:
    # PyTorch refuses it too. The other way round, a parameter may take a module's place.
    module, weight = Module(), parameter()
    module.weight = weight
    with pytest.raises(TypeError, match="weight"):
        module.weight = Module()
    expect_value(module, "weight", weight, "a refused assignment")
    assert list(module.children()) == [], "the refused module was registered"


@pytest.mark.parametrize(
    "wrong", [3.0, "text", ones(2), Module], ids=["number", "text", "tensor", "class"]
)
def test_a_module_is_not_replaced_by_something_else(wrong: Any) -> None:
    module, inner = Module(), Module()
    module.inner = inner
    with pytest.raises(TypeError, match="inner"):
        module.inner = wrong
    expect_value(module, "inner", inner, "a refused assignment")
    expect_kind(module, "inner", "module", "a refused assignment")


@pytest.mark.parametrize("wrong", [3.0, [1.0], "text"])
def test_a_buffer_is_not_replaced_by_something_else(wrong: Any) -> None:
    module, mean = Module(), zeros(2)
    module.register_buffer("mean", mean)
    with pytest.raises(TypeError, match="mean"):
        module.mean = wrong
    expect_value(module, "mean", mean, "a refused assignment")


def put(module: Module, name: str, kind: str) -> Any:
    """Make `name` a thing of this kind in the module; return the thing."""
    value: Any
    if kind == "buffer":
        value = zeros(2)
        module.register_buffer(name, value)
        return value
    value = {"parameter": parameter, "module": Module, "plain attribute": object}[kind]()
    setattr(module, name, value)
    return value


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("parameter", "parameter"),
        ("buffer", "parameter"),
        ("module", "parameter"),
        ("plain attribute", "parameter"),
        ("buffer", "module"),
        ("module", "module"),
        ("plain attribute", "module"),
    ],
)
def test_parameters_and_modules_take_the_place_of_other_kinds(earlier: str, later: str) -> None:
    module = Module()
    put(module, "part", earlier)
    value = put(module, "part", later)
    done = f"a {later} was assigned in the place of a {earlier}"
    expect_value(module, "part", value, done)
    expect_kind(module, "part", later, done)
    assert list(module.children()) == ([value] if later == "module" else []), (
        f"after {done}, the children should be what is a module now"
    )
    del module.part
    assert not hasattr(module, "part"), f"after {done} and deleting it, something was left behind"


def test_a_replaced_module_keeps_its_place() -> None:
    module = Module()
    module.a, module.b, module.c = Module(), Module(), Module()
    newer = Module()
    module.a = newer
    names = [name for name, _ in module.named_children()]
    assert names == ["a", "b", "c"], f"replacing a should keep the order a, b, c, not {names}"
    expect_value(module, "a", newer, "module.a = newer")


# Deleting


@pytest.mark.parametrize("kind", ["parameter", "buffer", "module", "plain attribute"])
def test_deleting(kind: str) -> None:
    module = Module()
    put(module, "part", kind)
    put(module, "other", kind)
    del module.part
    assert not hasattr(module, "part"), f"a deleted {kind} is still there"
    assert hasattr(module, "other"), f"deleting one {kind} deleted another"
    for later in ("parameter", "buffer", "module", "plain attribute"):
        value = put(module, "part", later)
        expect_value(module, "part", value, f"deleting a {kind}, assigning a {later}")
        expect_kind(module, "part", later, f"deleting a {kind}, assigning a {later}")
        del module.part


def test_a_reserved_name_can_be_deleted() -> None:
    module = Module()
    module.register_parameter("bias", None)
    del module.bias
    assert not hasattr(module, "bias"), "the reserved name is still there"


def test_deleting_what_is_not_there() -> None:
    module = Module()
    module.weight = parameter()
    with pytest.raises(AttributeError, match="wieght"):
        del module.wieght
    assert kind_of(module, "weight") == "parameter"


# Looking up


def test_a_missing_attribute_is_named_with_the_class() -> None:
    class Net(Module):
        pass

    net = Net()
    net.weight = parameter()
    with pytest.raises(AttributeError, match=r"Net.*wieght"):
        _ = net.wieght
    assert getattr(net, "wieght", "default") == "default"
    assert hasattr(net, "weight")
    assert not hasattr(net, "wieght")


# Before super().__init__()


@pytest.mark.parametrize("make", [parameter, Module], ids=["parameter", "module"])
def test_assigning_before_init_says_what_to_do(make: Callable[[], Any]) -> None:
    class Early(Module):
        def __init__(self) -> None:
            self.part = make()
            super().__init__()

    with pytest.raises((RuntimeError, AttributeError), match=r"__init__\(\)"):
        Early()


def test_plain_attributes_may_come_before_init() -> None:
    class Early(Module):
        def __init__(self) -> None:
            self.width = 4
            super().__init__()
            self.weight = Parameter(zeros(self.width))

    early = Early()
    assert early.width == 4
    expect_kind(early, "weight", "parameter", "a plain attribute came before super().__init__()")


# Names


@pytest.mark.parametrize("name", ["a.b", ""])
@pytest.mark.parametrize("kind", ["parameter", "buffer", "module"])
def test_names_that_would_break_dotted_names_are_refused(kind: str, name: str) -> None:
    module = Module()
    with pytest.raises(KeyError, match="dot"):
        put(module, name, kind)
    assert not hasattr(module, name)


def test_register_refuses_the_name_of_another_kind() -> None:
    for earlier in ("parameter", "buffer", "module", "plain attribute"):
        for later, register, value in (
            ("parameter", Module.register_parameter, parameter()),
            ("buffer", Module.register_buffer, zeros(2)),
            ("module", Module.add_module, Module()),
        ):
            module = Module()
            before = put(module, "part", earlier)
            if earlier == later:
                register(module, "part", value)
                expect_value(module, "part", value, f"registering a {later} anew")
                continue
            with pytest.raises(KeyError, match="part"):
                register(module, "part", value)
            expect_value(module, "part", before, f"registering a {later} over a {earlier}")


def test_register_refuses_the_wrong_type() -> None:
    module = Module()
    module.inner = Module()
    for register, wrong in (
        (module.register_parameter, zeros(2)),
        (module.register_buffer, 3.0),
        (module.add_module, parameter()),
    ):
        with pytest.raises(TypeError, match="part"):
            register("part", wrong)
    assert not hasattr(module, "part")


# What the class defines


def test_annotations_and_properties_do_not_disturb() -> None:
    class Net(Module):
        weight: Parameter
        limit = 3

        @property
        def doubled(self) -> Tensor:
            return self.weight.detach() * 2

        @property
        def scale(self) -> float:
            return self._scale

        @scale.setter
        def scale(self, value: float) -> None:
            self._scale = 10 * value

    net = Net()
    net.weight = Parameter(ones(2))
    expect_kind(net, "weight", "parameter", "an annotated name was assigned")
    assert net.doubled.tolist() == [2.0, 2.0], "a property should read what is registered"
    net.scale = 4
    assert net.scale == 40, f"assigning to a property should call its setter; got {net.scale}"
    net.limit = 5
    assert (net.limit, Net.limit) == (5, 3), "an instance's attribute hides its class's"


def test_a_name_that_the_class_defines_is_refused() -> None:
    # Python would find the class's attribute first, and the parameter would be out of reach.
    class Net(Module):
        bias = None

        @property
        def gain(self) -> float:
            return 1.0

    net = Net()
    for name in ("bias", "gain", "forward"):
        for value in (parameter(), Module()):
            with pytest.raises(KeyError, match=name):
                setattr(net, name, value)
    assert net.bias is None
    assert net.gain == 1.0
    assert list(net.children()) == []


# Copies


def test_a_deep_copy_has_parts_of_its_own() -> None:
    class Net(Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = Parameter(ones(2))
            self.inner = Module()
            self.inner.weight = Parameter(ones(3))
            self.register_buffer("mean", zeros(2))
            self.sizes = [2, 3]

    net = Net()
    twin = copy.deepcopy(net)
    assert type(twin) is Net
    for name, kind in [("weight", "parameter"), ("inner", "module"), ("mean", "buffer")]:
        assert getattr(twin, name) is not getattr(net, name), f"the copy shares {name}"
        expect_kind(twin, name, kind, "copy.deepcopy")
    twin.weight.detach().fill_(5)
    twin.inner.weight.detach().fill_(5)
    twin.mean.fill_(5)
    twin.sizes.append(4)
    twin.extra = parameter()
    assert net.weight.tolist() == [1, 1], "writing to the copy's parameter changed the original"
    assert net.inner.weight.tolist() == [1, 1, 1], "the copy's inner module shares its parameter"
    assert net.mean.tolist() == [0, 0], "writing to the copy's buffer changed the original"
    assert net.sizes == [2, 3]
    assert not hasattr(net, "extra"), "registering in the copy registered in the original"


def test_a_deep_copy_keeps_what_is_shared() -> None:
    net = Module()
    net.encoder, net.decoder, net.again = Module(), Module(), None
    net.encoder.weight = parameter()
    net.decoder.weight = net.encoder.weight
    net.again = net.encoder
    net.again_as_module = net.encoder
    twin = copy.deepcopy(net)
    assert twin.encoder.weight is twin.decoder.weight, "the tied parameter came apart"
    assert twin.encoder is twin.again_as_module, "the shared module came apart"
    assert twin.encoder.weight is not net.encoder.weight


# Any sequence of the above


KINDS = ["parameter", "buffer", "module", "plain attribute", "none", "delete"]


REFUSED = {
    ("parameter", "buffer"),
    ("parameter", "module"),
    ("parameter", "plain attribute"),
    ("buffer", "plain attribute"),
    ("module", "buffer"),
    ("module", "plain attribute"),
    ("plain attribute", "buffer"),
}


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(KINDS)), max_size=8))
def test_any_history(history: list[tuple[str, str]]) -> None:
    """What a name is depends on the last thing done to it, by the rules above."""
    module = Module()
    expected: dict[str, tuple[str, Any]] = {}
    done = []
    for name, action in history:
        done.append(f"{name}: {action}")
        kind, _ = expected.get(name, ("", None))
        if action == "delete":
            if name in expected:
                delattr(module, name)
                del expected[name]
        elif action == "none":
            setattr(module, name, None)
            expected[name] = (kind or "plain attribute", None)
        elif (kind, action) in REFUSED:
            with pytest.raises((KeyError, TypeError)):
                put(module, name, action)
        else:
            expected[name] = (action, put(module, name, action))
    for name in "ab":
        assert hasattr(module, name) == (name in expected), f"after {done}: is {name} there?"
    for name, (kind, value) in expected.items():
        expect_value(module, name, value, str(done))
        expect_kind(module, name, kind, str(done))
