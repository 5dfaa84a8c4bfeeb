"""Task 4.4: walking the tree."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.layers import Linear, Module, Parameter
from tinytorch.tensor import zeros


def named(pairs: Iterator[tuple[str, Any]]) -> list[str]:
    return [name for name, _ in pairs]


def expect_names(found: list[str], expected: list[str], what: str) -> None:
    assert found == expected, f"{what}: expected {expected}, got {found}"


class Block(Module):
    """A layer, a scale, and a counter that is not saved."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Linear(2, 2)
        self.scale = Parameter(zeros(2))
        self.register_buffer("mean", zeros(2))
        self.register_buffer("step", zeros(1), persistent=False)
        self.second = Linear(2, 2, bias=False)


class Net(Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        self.head = Linear(2, 1)
        self.temperature = Parameter(zeros(1))
        self.register_buffer("seen", zeros(1))


NET_PARAMETERS = [
    "temperature",
    "block.scale",
    "block.first.weight",
    "block.first.bias",
    "block.second.weight",
    "head.weight",
    "head.bias",
]
NET_MODULES = ["", "block", "block.first", "block.second", "head"]
NET_BUFFERS = ["seen", "block.mean", "block.step"]


# Names and order


def test_a_module_alone() -> None:
    module = Module()
    assert list(module.named_modules()) == [("", module)]
    assert list(module.named_parameters()) == []
    assert list(module.named_buffers()) == []


def test_names_of_modules() -> None:
    expect_names(named(Net().named_modules()), NET_MODULES, "named_modules, parents first")


def test_names_of_parameters() -> None:
    expect_names(
        named(Net().named_parameters()), NET_PARAMETERS, "named_parameters, a module's own first"
    )


def test_names_of_buffers_saved_or_not() -> None:
    expect_names(named(Net().named_buffers()), NET_BUFFERS, "named_buffers")


def test_what_the_names_stand_for() -> None:
    net = Net()
    for name, module in net.named_modules():
        assert module is net.get_submodule(name), f"{name!r} is another module"
    for walk in (net.named_parameters, net.named_buffers):
        for name, tensor in walk():
            owner, _, last = name.rpartition(".")
            assert tensor is getattr(net.get_submodule(owner), last), f"{name!r} is another tensor"


def test_without_names() -> None:
    net = Net()
    for plain, pairs in (
        (net.parameters(), net.named_parameters()),
        (net.buffers(), net.named_buffers()),
        (net.modules(), net.named_modules()),
        (net.parameters(recurse=False), net.named_parameters(recurse=False)),
        (net.buffers(recurse=False), net.named_buffers(recurse=False)),
    ):
        expected = [thing for _, thing in pairs]
        found = list(plain)
        assert len(found) == len(expected) > 0
        assert all(a is b for a, b in zip(found, expected, strict=True))


def test_prefix() -> None:
    net = Net()
    expect_names(
        named(net.named_parameters(prefix="net")),
        [f"net.{name}" for name in NET_PARAMETERS],
        "named_parameters(prefix='net')",
    )
    expect_names(
        named(net.named_buffers(prefix="net")),
        [f"net.{name}" for name in NET_BUFFERS],
        "named_buffers(prefix='net')",
    )
    expect_names(
        named(net.named_modules(prefix="net")),
        ["net", *(f"net.{name}" for name in NET_MODULES[1:])],
        "named_modules(prefix='net')",
    )


def test_only_its_own() -> None:
    net = Net()
    own = named(net.named_parameters(recurse=False))
    expect_names(own, ["temperature"], "named_parameters(recurse=False)")
    expect_names(named(net.named_buffers(recurse=False)), ["seen"], "named_buffers(recurse=False)")
    expect_names(
        named(net.block.named_buffers("block", recurse=False)),
        ["block.mean", "block.step"],
        "named_buffers('block', recurse=False)",
    )


def test_they_can_be_looped_over_lazily_or_at_once() -> None:
    net = Net()
    for walk in (net.named_modules, net.named_parameters, net.named_buffers):
        first, second = walk(), walk()
        next(iter(first))
        assert len(list(second)) == len(list(walk())), "two walks at the same time disturb another"


# None, replaced, deleted, later


def test_reserved_names_are_left_out() -> None:
    module = Module()
    module.register_parameter("bias", None)
    module.register_buffer("mean", None)
    module.add_module("inner", None)
    assert named(module.named_modules()) == [""]
    assert named(module.named_parameters()) == []
    assert named(module.named_buffers()) == []
    module.bias = Parameter(zeros(1))
    module.weight = Parameter(zeros(1))
    expect_names(
        named(module.named_parameters()), ["bias", "weight"], "the reserved name comes first"
    )


def test_a_replaced_part_keeps_its_place() -> None:
    net = Net()
    net.block = Block()
    net.block.first.weight = Parameter(zeros(2, 2))
    expect_names(named(net.named_parameters()), NET_PARAMETERS, "after replacing weight and block")
    net.block.mean = zeros(2)
    expect_names(named(net.named_buffers()), NET_BUFFERS, "after replacing a buffer")


def test_what_was_deleted_is_gone_and_comes_back_last() -> None:
    net = Net()
    block = net.block
    del net.block
    expect_names(named(net.named_modules()), ["", "head"], "after del net.block")
    expect_names(
        named(net.named_parameters()),
        ["temperature", "head.weight", "head.bias"],
        "after del net.block",
    )
    net.block = block
    expect_names(
        named(net.named_modules()),
        ["", "head", "block", "block.first", "block.second"],
        "after assigning the block again",
    )


def test_what_changed_its_kind_is_listed_once() -> None:
    module = Module()
    module.register_buffer("part", zeros(1))
    module.part = Parameter(zeros(1))
    assert named(module.named_parameters()) == ["part"]
    assert named(module.named_buffers()) == []
    del module.part
    module.part = Linear(1, 1, bias=False)
    assert named(module.named_parameters()) == ["part.weight"]
    module.part = Parameter(zeros(1))
    assert named(module.named_parameters()) == ["part"]
    assert named(module.named_modules()) == [""]


def test_parts_added_later_are_found() -> None:
    net = Net()
    net.block.second.extra = Linear(2, 2)
    expected = [*NET_MODULES]
    expected.insert(4, "block.second.extra")
    expect_names(named(net.named_modules()), expected, "after net.block.second.extra = ...")


# Shared parts


class Tied(Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = Linear(3, 3)
        self.decoder = Linear(3, 3)
        self.decoder.weight = self.encoder.weight
        self.again = self.encoder
        self.encoder.register_buffer("mean", zeros(3))
        self.decoder.register_buffer("mean", self.encoder.mean)


def test_a_shared_module_comes_once_under_its_first_name() -> None:
    expect_names(named(Tied().named_modules()), ["", "encoder", "decoder"], "a shared module")


def test_a_tied_parameter_comes_once_under_its_first_name() -> None:
    tied = Tied()
    expect_names(
        named(tied.named_parameters()),
        ["encoder.weight", "encoder.bias", "decoder.bias"],
        "decoder.weight is encoder.weight",
    )
    assert len(list(tied.parameters())) == 3
    expect_names(named(tied.named_buffers()), ["encoder.mean"], "decoder.mean is encoder.mean")


def test_equal_values_are_not_shared_parts() -> None:
    module = Module()
    module.a, module.b = Parameter(zeros(2)), Parameter(zeros(2))
    module.c = Parameter(module.a.detach())
    expect_names(
        named(module.named_parameters()), ["a", "b", "c"], "three parameters with equal values"
    )


def test_one_parameter_under_two_names_of_one_module() -> None:
    module = Module()
    module.a = module.b = Parameter(zeros(2))
    expect_names(named(module.named_parameters()), ["a"], "one parameter, two names")
    expect_names(
        named(module.named_parameters(recurse=False)), ["a"], "one parameter, two names, its own"
    )
    expect_names(
        named(module.named_parameters(remove_duplicate=False)), ["a", "b"], "all names wanted"
    )


def test_all_names_of_shared_parts() -> None:
    tied = Tied()
    expect_names(
        named(tied.named_modules(remove_duplicate=False)),
        ["", "encoder", "decoder", "again"],
        "named_modules(remove_duplicate=False)",
    )
    expect_names(
        named(tied.named_parameters(remove_duplicate=False)),
        [
            "encoder.weight",
            "encoder.bias",
            "decoder.weight",
            "decoder.bias",
            "again.weight",
            "again.bias",
        ],
        "named_parameters(remove_duplicate=False)",
    )
    expect_names(
        named(tied.named_buffers(remove_duplicate=False)),
        ["encoder.mean", "decoder.mean", "again.mean"],
        "named_buffers(remove_duplicate=False)",
    )


def test_sharing_deep_in_the_tree() -> None:
    shared = Linear(1, 1, bias=False)
    net = Module()
    net.left, net.right = Module(), Module()
    net.left.inner, net.right.inner = Module(), Module()
    net.left.inner.part = shared
    net.right.inner.part = shared
    net.right.direct = shared
    expect_names(
        named(net.named_modules()),
        ["", "left", "left.inner", "left.inner.part", "right", "right.inner"],
        "one module in three places",
    )
    expect_names(
        named(net.named_parameters()), ["left.inner.part.weight"], "one module in three places"
    )


# Finding one


def test_get_submodule() -> None:
    net = Net()
    assert net.get_submodule("") is net
    assert net.get_submodule("block.first") is net.block.first
    assert dict(net.named_modules())["block.first"] is net.get_submodule("block.first")
    with pytest.raises(AttributeError, match=r"third.*block\.third"):
        net.get_submodule("block.third")
    with pytest.raises(AttributeError):
        net.get_submodule("block.scale")


def test_children_are_one_level() -> None:
    tied = Tied()
    children = dict(tied.named_children())
    assert list(children) == ["encoder", "decoder"], f"each child once, got {list(children)}"
    assert [m for _, m in tied.named_modules()][1:] == list(children.values())


# Any tree

TREES = st.recursive(
    st.just({}),
    lambda below: st.dictionaries(
        st.sampled_from("abcde"),
        st.sampled_from(["parameter", "buffer", "none"]) | below,
        max_size=4,
    ),
    max_leaves=12,
)


def build(plan: dict[str, Any]) -> Module:
    module = Module()
    for name, what in plan.items():
        if isinstance(what, dict):
            setattr(module, name, build(what))
        elif what == "buffer":
            module.register_buffer(name, zeros(1))
        else:
            module.register_parameter(name, None)
            if what == "parameter":
                setattr(module, name, Parameter(zeros(1)))
    return module


def expected_names(plan: dict[str, Any], kind: str, path: tuple[str, ...] = ()) -> list[str]:
    names = [".".join(path)] if kind == "module" else []
    names += [".".join((*path, name)) for name, what in plan.items() if what == kind]
    for name, what in plan.items():
        if isinstance(what, dict):
            names += expected_names(what, kind, (*path, name))
    return names


@settings(derandomize=True, max_examples=50, deadline=None)
@given(TREES)
def test_any_tree(plan: dict[str, Any]) -> None:
    module = build(plan)
    for kind, walk in (
        ("module", module.named_modules),
        ("parameter", module.named_parameters),
        ("buffer", module.named_buffers),
    ):
        expect_names(named(walk()), expected_names(plan, kind), f"the {kind}s of {plan}")
