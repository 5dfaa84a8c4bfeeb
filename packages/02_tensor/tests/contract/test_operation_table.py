"""The table of operations: what a gradient rule, or a tool, may rely on.

A function of the tasks may also be composed of other operations; then its name is not in the table.
What is there has these inputs and attributes.
"""

from __future__ import annotations

import pytest

import tinytorch.tensor as tt

# name: tensor inputs, attributes; * for a list of tensors
GIVEN = {
    "floor_divide": ("a b", ""),
    "remainder": ("a b", ""),
    "eq": ("a b", ""),
    "ne": ("a b", ""),
    "lt": ("a b", ""),
    "le": ("a b", ""),
    "gt": ("a b", ""),
    "ge": ("a b", ""),
    "bitwise_and": ("a b", ""),
    "bitwise_or": ("a b", ""),
    "bitwise_xor": ("a b", ""),
    "bitwise_not": ("x", ""),
    "logical_not": ("x", ""),
    "broadcast_to": ("x", "shape"),
    "exp": ("x", ""),
    "log": ("x", ""),
    "log1p": ("x", ""),
    "sqrt": ("x", ""),
    "rsqrt": ("x", ""),
    "reciprocal": ("x", ""),
    "abs": ("x", ""),
    "square": ("x", ""),
    "sin": ("x", ""),
    "cos": ("x", ""),
    "erf": ("x", ""),
    "where": ("condition a b", ""),
    "sign": ("x", ""),
    "floor": ("x", ""),
    "ceil": ("x", ""),
    "round": ("x", ""),
    "isfinite": ("x", ""),
    "isnan": ("x", ""),
    "isinf": ("x", ""),
    "sum": ("x", "dim keepdim dtype"),
    "prod": ("x", "dim keepdim"),
    "amax": ("x", "dim keepdim"),
    "amin": ("x", "dim keepdim"),
    "max_along": ("x", "dim keepdim"),
    "min_along": ("x", "dim keepdim"),
    "argmax": ("x", "dim keepdim"),
    "argmin": ("x", "dim keepdim"),
    "cumsum": ("x", "dim"),
    "any": ("x", "dim keepdim"),
    "all": ("x", "dim keepdim"),
    "norm": ("x", "p dim keepdim"),
    "getitem": ("x", "index"),
    "masked_select": ("x", "mask"),
    "sort_along": ("x", "dim descending"),
    "topk_along": ("x", "k dim largest"),
    "matmul": ("a b", ""),
    "contract": ("*operands", "equation"),
    "reshape": ("x", "shape"),
    "view": ("x", "shape"),
    "squeeze": ("x", "dim"),
    "cat": ("*tensors", "dim"),
    "stack": ("*tensors", "dim"),
    "split": ("x", "split_size dim"),
    "pad": ("x", "pad value"),
    "flip": ("x", "dims"),
    "roll": ("x", "shifts dims"),
    "tril": ("x", "diagonal"),
    "triu": ("x", "diagonal"),
    "contiguous": ("x", ""),
    "clone": ("x", ""),
    "cast": ("x", "dtype"),
}
TASKS = {
    "add": ("a b", ""),
    "sub": ("a b", ""),
    "mul": ("a b", ""),
    "div": ("a b", ""),
    "neg": ("x", ""),
    "pow": ("a b", ""),
    "maximum": ("a b", ""),
    "minimum": ("a b", ""),
    "clip": ("x", "min max"),
    "permute": ("x", "dims"),
    "transpose": ("x", "dim0 dim1"),
    "unsqueeze": ("x", "dim"),
    "mean": ("x", "dim keepdim"),
    "var": ("x", "dim correction keepdim"),
    "logsumexp": ("x", "dim keepdim"),
    "take": ("x", "index"),
    "gather": ("x", "dim index"),
    "scatter_add": ("x src", "dim index"),
}
VIEWS = frozenset({
    "broadcast_to", "getitem", "reshape", "view", "permute", "transpose", "squeeze", "unsqueeze",
    "split", "contiguous",
})  # fmt: skip
NOT_DIFFERENTIABLE = frozenset({
    "floor_divide", "eq", "ne", "lt", "le", "gt", "ge", "bitwise_and", "bitwise_or", "bitwise_xor",
    "bitwise_not", "logical_not", "sign", "floor", "ceil", "round", "isfinite", "isnan", "isinf",
    "argmax", "argmin", "any", "all",
})  # fmt: skip


def assert_described(name: str, inputs: str, attributes: str) -> None:
    operation = tt.operations()[name]
    assert operation.name == name
    assert operation.inputs == tuple(inputs.replace("*", "").split()), f"inputs of {name}"
    assert operation.attributes == tuple(attributes.split()), f"attributes of {name}"
    assert operation.variadic == inputs.startswith("*"), f"whether {name} takes a list"
    assert operation.views == (name in VIEWS), f"whether {name} returns views"
    assert operation.differentiable == (name not in NOT_DIFFERENTIABLE), (
        f"whether gradients flow through {name}"
    )


@pytest.mark.parametrize("name", GIVEN)
def test_a_given_operation(name):
    assert name in tt.operations(), f"{name} is an operation, but not in the table"
    assert_described(name, *GIVEN[name])


@pytest.mark.parametrize("name", TASKS)
def test_an_operation_of_the_tasks(name):
    assert callable(getattr(tt, name))
    if name in tt.operations():
        assert_described(name, *TASKS[name])


def test_the_table_is_complete():
    own = {
        name
        for name, operation in tt.operations().items()
        if operation.__module__.startswith("tinytorch.tensor.")
    }
    assert own - GIVEN.keys() - TASKS.keys() == set(), "operations that the table does not know"


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        tt.operations()["add"] = None


def test_matmul_has_three_kernels():
    assert {"blas", "loops", "rows"} <= tt.matmul.kernels.keys()
    assert tt.matmul.kernel == "blas"


def test_every_public_name_is_there():
    for name in tt.__all__:
        assert hasattr(tt, name), f"{name} is in __all__, but not in the module"
