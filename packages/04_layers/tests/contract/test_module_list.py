"""ModuleList: a list whose modules are registered."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytorch.layers import Identity, Linear, Module, ModuleList


def layers(count: int) -> list[Module]:
    return [Linear(1, 1, bias=False) for _ in range(count)]


def assert_holds(found: ModuleList, expected: list[Module]) -> None:
    """The list holds exactly these, as a list and as a tree of modules."""
    assert len(found) == len(expected)
    assert [a is b for a, b in zip(found, expected, strict=True)] == [True] * len(expected)
    assert [m for _, m in found.named_children()] == list(dict.fromkeys(expected))
    numbers = [str(i) for i in range(len(expected)) if expected.index(expected[i]) == i]
    assert [name for name, _ in found.named_children()] == numbers


def test_it_is_a_list() -> None:
    parts = layers(3)
    modules = ModuleList(parts)
    assert_holds(modules, parts)
    assert modules[0] is parts[0]
    assert modules[-1] is parts[2]
    assert parts[1] in modules
    assert Identity() not in modules
    assert list(reversed(modules)) == parts[::-1]
    assert_holds(ModuleList(), [])
    assert_holds(ModuleList(part for part in parts), parts)


def test_its_modules_are_parts_of_whatever_holds_it() -> None:
    net = Module()
    net.blocks = ModuleList(layers(2))
    assert [name for name, _ in net.named_parameters()] == ["blocks.0.weight", "blocks.1.weight"]
    net.blocks.append(Identity())
    assert [name for name, _ in net.named_modules()] == [
        "",
        "blocks",
        "blocks.0",
        "blocks.1",
        "blocks.2",
    ]
    net.eval()
    assert not net.blocks[2].training


def test_slices_are_lists_of_the_same_modules() -> None:
    parts = layers(4)
    modules = ModuleList(parts)
    part = modules[1:3]
    assert isinstance(part, ModuleList)
    assert_holds(part, parts[1:3])
    assert_holds(modules[::-1], parts[::-1])
    assert_holds(modules, parts)


def test_setting() -> None:
    parts, newer = layers(3), Identity()
    modules = ModuleList(parts)
    modules[1] = newer
    assert_holds(modules, [parts[0], newer, parts[2]])
    modules[-1] = newer
    assert_holds(modules, [parts[0], newer, newer])


def test_deleting_moves_the_rest_up() -> None:
    parts = layers(5)
    modules = ModuleList(parts)
    del modules[1]
    assert_holds(modules, [parts[0], parts[2], parts[3], parts[4]])
    del modules[-1]
    assert_holds(modules, [parts[0], parts[2], parts[3]])
    del modules[1:]
    assert_holds(modules, [parts[0]])


def test_growing_returns_the_list() -> None:
    parts = layers(6)
    modules = ModuleList()
    assert modules.append(parts[0]) is modules
    assert modules.extend(parts[1:3]) is modules
    modules += parts[3:4]
    modules.insert(0, parts[4])
    modules.insert(-1, parts[5])
    assert_holds(modules, [parts[4], *parts[:3], parts[5], parts[3]])


def test_extending_with_itself_doubles() -> None:
    parts = layers(2)
    modules = ModuleList(parts)
    modules.extend(modules)
    assert_holds(modules, parts + parts)


def test_pop() -> None:
    parts = layers(3)
    modules = ModuleList(parts)
    assert modules.pop(0) is parts[0]
    assert modules.pop() is parts[2]
    assert_holds(modules, [parts[1]])


@pytest.mark.parametrize("index", [3, -4])
def test_a_position_outside(index: int) -> None:
    parts = layers(3)
    modules = ModuleList(parts)
    with pytest.raises(IndexError):
        _ = modules[index]
    with pytest.raises(IndexError):
        modules[index] = Identity()
    with pytest.raises(IndexError):
        del modules[index]
    with pytest.raises(IndexError):
        modules.pop(index)
    assert_holds(modules, parts)


@pytest.mark.parametrize("wrong", ["text", 3, Linear], ids=["text", "number", "class"])
def test_only_modules(wrong: Any) -> None:
    parts = layers(2)
    modules = ModuleList(parts)
    with pytest.raises(TypeError):
        modules.append(wrong)
    with pytest.raises(TypeError):
        modules.insert(0, wrong)
    with pytest.raises(TypeError):
        modules[0] = wrong
    assert_holds(modules, parts)


def test_positions_are_whole_numbers() -> None:
    modules = ModuleList(layers(2))
    with pytest.raises(TypeError):
        modules[0:1] = Identity()
    with pytest.raises(TypeError):
        modules["0"] = Identity()


def test_it_computes_nothing() -> None:
    with pytest.raises(NotImplementedError, match="ModuleList"):
        ModuleList(layers(1))(3)


OPERATIONS = st.tuples(
    st.sampled_from(["append", "insert", "pop", "set", "delete", "slice", "extend"]),
    st.integers(-4, 4),
)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(OPERATIONS, max_size=12))
def test_it_does_what_a_list_does(operations: list[tuple[str, int]]) -> None:
    modules, plain = ModuleList(), []
    for name, index in operations:
        part = Identity()
        outside = not -len(plain) <= index < len(plain)
        if name == "append":
            modules.append(part)
            plain.append(part)
        elif name == "insert":
            modules.insert(index, part)
            plain.insert(index, part)
        elif name == "extend":
            modules.extend([part, part])
            plain.extend([part, part])
        elif name == "slice":
            del modules[index:]
            del plain[index:]
        elif outside:
            continue
        elif name == "pop":
            assert modules.pop(index) is plain.pop(index)
        elif name == "set":
            modules[index] = part
            plain[index] = part
        else:
            del modules[index]
            del plain[index]
        assert_holds(modules, plain)
