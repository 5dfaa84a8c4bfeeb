"""Gradient rules: one operation's share of the chain rule, and what it must remember for it.

For y = f(a, b) and a number L that depends on y, a rule turns g = ∂L/∂y into ∂L/∂a and ∂L/∂b. This
file holds the form that rules have, no rule: they come with `tinytorch.autograd`, or with the
operations of later packages.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from .dtypes import Array, float16

if TYPE_CHECKING:
    from ._operation import Operation

Row = tuple[Any, ...]
Lookup = Callable[[Sequence[Any], Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Pull:
    """One function of a rule: which inputs it gives the gradients of, and which kept values it
    takes.

    Run it as function(g, *pick(kept)).
    """

    function: Callable[..., Any]
    inputs: tuple[int, ...]
    pick: Callable[[Row], Row]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one call must keep, and what is computed from it, when certain inputs need gradients.

    needs: for each input, whether it needs a gradient.
    inputs: the inputs that are kept. A later write to one of them would falsify the gradient.
    keeps_result: whether the result is kept; the same holds for it.
    pulls: the functions to run on the way back.
    pick, lookups: see `collect`.
    """

    needs: tuple[bool, ...]
    inputs: tuple[int, ...]
    keeps_result: bool
    pulls: tuple[Pull, ...]
    pick: Callable[[Row], Row]
    lookups: tuple[Lookup, ...]

    def collect(
        self, arrays: Sequence[Any], saved: Row, out: Any, attributes: Mapping[str, Any]
    ) -> Row:
        """The values to keep of one call: of its row, then of its shapes and attributes."""
        kept = self.pick((*arrays, *saved, out))
        if not self.lookups:
            return kept
        return (*kept, *[look(arrays, attributes) for look in self.lookups])


def picker(places: Sequence[int]) -> Callable[[Row], Row]:
    """A function that takes these places out of a row, fast: it runs at every call."""
    start = places[0] if places else 0
    stretch = range(start, start + len(places))
    if list(places) == list(stretch):  # none, one, or side by side
        return itemgetter(slice(start, stretch.stop))
    return itemgetter(*places)


class Rule:
    """The gradient rule of one operation: made by `Operation.define_rule` or `define_fused_rule`.

    first_order: whether it works on arrays alone, so that its own result has no gradient.
    """

    def __init__(self, operation: Operation[Any], first_order: bool) -> None:
        self.operation = operation
        self.first_order = first_order
        self._functions: dict[str, Callable[..., Any]] = {}
        self._plans: dict[int, Plan] = {}

    @classmethod
    def per_input(
        cls, operation: Operation[Any], functions: Mapping[str, Callable[..., Any]]
    ) -> Rule:
        rule = cls(operation, first_order=False)
        unknown = functions.keys() - set(operation.inputs)
        if unknown:
            raise TypeError(
                f"{operation.name} has no input {', '.join(sorted(unknown))}; "
                f"its inputs are {', '.join(operation.inputs)}"
            )
        for function in functions.values():
            rule._check_names(function, extra=set())
        rule._functions = dict(functions)
        return rule

    @classmethod
    def fused(cls, operation: Operation[Any], function: Callable[..., Any]) -> Rule:
        rule = cls(operation, first_order=True)
        rule._check_names(function, extra={"needs"})
        rule._functions = {"": function}
        return rule

    def plan(self, needs: int, count: int) -> Plan:
        """What to keep and to run if bit i of `needs` says that input i of `count` needs it."""
        plan = self._plans.get(needs)
        if plan is None:
            plan = self._make_plan(needs, count)
            if not self.operation.variadic:
                self._plans[needs] = plan
        return plan

    def _make_plan(self, needs: int, count: int) -> Plan:
        flags = tuple(bool(needs >> i & 1) for i in range(count))
        wanted = list(self._wanted(flags))
        places: dict[str, int] = {}
        lookups: dict[str, Lookup] = {}
        for name in dict.fromkeys(name for _, _, names in wanted for name in names):
            found = self._whereabouts(name, flags)
            if isinstance(found, int):
                places[name] = found
            else:
                lookups[name] = found
        order = [*places, *lookups]
        pulls = tuple(
            Pull(function, inputs, picker([order.index(name) for name in names]))
            for function, inputs, names in wanted
        )
        inputs = tuple(place for place in places.values() if place < count)
        if self.operation.variadic and self.operation.inputs[0] in order:
            inputs = tuple(range(count))
        pick = picker(list(places.values()))
        return Plan(flags, inputs, "out" in places, pulls, pick, tuple(lookups.values()))

    def _wanted(
        self, needs: tuple[bool, ...]
    ) -> Iterator[tuple[Callable[..., Any], tuple[int, ...], list[str]]]:
        """Each function to run, the inputs that it is for, and the names it asks for behind g."""
        every = tuple(range(len(needs)))
        for name, function in self._functions.items():
            asked = list(inspect.signature(function).parameters)[1:]
            if self.first_order or self.operation.variadic:
                yield function, every, asked
            elif needs[self.operation.inputs.index(name)]:
                yield function, (self.operation.inputs.index(name),), asked

    def _whereabouts(self, name: str, needs: tuple[bool, ...]) -> int | Lookup:
        """Where the value called `name` is found when a call is recorded.

        Its place in the row (input arrays, saved values, result), or how to look it up.
        """
        operation = self.operation
        count = len(needs)
        if name == "out":
            return count + len(operation.saves)
        if name == "needs":
            return lambda arrays, attributes: needs
        if name in operation.saves:
            return count + operation.saves.index(name)
        if name in operation.attributes:
            default = operation.signature.parameters[name].default
            return lambda arrays, attributes: attributes.get(name, default)
        if operation.variadic:
            if name.endswith("_shape"):
                return lambda arrays, attributes: [x.shape for x in arrays]
            return lambda arrays, attributes: list(arrays)
        if name in operation.inputs:
            return operation.inputs.index(name)
        i = operation.inputs.index(name.removesuffix("_shape"))
        return lambda arrays, attributes: getattr(arrays[i], "shape", ())

    def _check_names(self, function: Callable[..., Any], extra: set[str]) -> None:
        operation = self.operation
        known = extra | {"out", *operation.inputs, *operation.attributes, *operation.saves}
        known |= {f"{name}_shape" for name in operation.inputs}
        names = list(inspect.signature(function).parameters)
        if names[:1] != ["g"]:
            raise TypeError(f"{operation.name}: the first parameter of a gradient rule is g")
        unknown = [name for name in names[1:] if name not in known]
        if unknown:
            raise TypeError(
                f"{operation.name}: a gradient rule asks for {', '.join(unknown)}; "
                f"it can have {', '.join(sorted(known))}"
            )


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """`g`, array or tensor, summed over what was broadcast from `shape`, or spread over what was
    reduced to 1.

    The gradient of a value that was used many times is the sum over its uses.
    """
    if g.shape == shape:
        return g
    extra = len(g.shape) - len(shape)
    if extra > 0 and g.shape[extra:] == shape and type(g) is np.ndarray and g.dtype != float16:
        return _sum_of_rows(g, shape)
    if extra > 0:
        g = _sum(g, tuple(range(extra)), keepdim=False)
    squeezed = tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1)
    if squeezed:
        g = _sum(g, squeezed, keepdim=True)
    if g.shape == shape:
        return g
    from .broadcasting import broadcast_to

    return broadcast_to(g, shape)


def _sum_of_rows(g: Array, shape: tuple[int, ...]) -> Array:
    """g summed over its leading dimensions: as 1ᵀ G by BLAS, where that is worth it."""
    if g.size < 4096:
        return np.add.reduce(g, tuple(range(g.ndim - len(shape))))
    size = prod(shape)
    rows = g.reshape(g.size // size if size else 0, size)
    return (np.ones(len(rows), g.dtype) @ rows).reshape(shape)


def _sum(g: Any, dim: tuple[int, ...], keepdim: bool) -> Any:
    from .reductions import sum

    return sum(g, dim, keepdim)
