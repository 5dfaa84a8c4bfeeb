"""What all optimizers share: groups of parameters, steps, and a state that can be saved.

A rule says how a parameter moves, given its gradient. It is a function on arrays, in a file of its
own; a subclass of `Optimizer` hands it to what is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tinytorch.autograd import enable_grad
from tinytorch.tensor import Array, Tensor

from .flat_parameters import FlatParameters, arrange, that_share_memory
from .parameter_groups import Group, Params, as_groups, check_against_others, completed, plain
from .saved_state import checked_options, checked_state


class Optimizer:
    """Moves parameters by their gradients.

    params: leaf tensors, or pairs of a name and a tensor, as `named_parameters` gives them; or
    groups, dicts with such `params` and options that differ from the others'. A parameter that is
    given twice in a group is one. defaults: the options of groups that do not say otherwise.

    param_groups: a dict for each group, whose options may be changed between steps (schedulers
    change `lr`); params is a tuple, to which `add_param_group` is the way to add.

    The parameters of a group are moved into one stretch of memory, of which their arrays become
    views (see `FlatParameters`); this changes no value. An array or a detached tensor that was
    taken of a parameter before looks at the memory that it had. A parameter that is given new
    memory later, as by `p.data = …`, is moved back at the next step, with its values.
    Two parameters that share memory go on sharing it, if they are given to one optimizer
    together, and each is stepped, as in PyTorch.

    Raises ValueError for no parameters, for one in two groups, and for options out of range;
    TypeError for what is no floating tensor. A subclass defines `initial_state` and `update`.
    """

    counts_steps = True
    """Whether a parameter's state has a count of its updates."""

    def __init__(self, params: Params, defaults: Mapping[str, Any]) -> None:
        self.defaults = dict(defaults)
        self.param_groups: list[Group] = []
        self.has_stepped = False
        self._flats: list[list[FlatParameters]] = []
        self._arranged: list[tuple[Tensor, ...]] = []
        for group in as_groups(params, type(self).__name__):
            self._register(group)
        self._arrange()

    # What a rule defines

    def initial_state(self, group: Group) -> dict[str, float]:
        """The names of the arrays that the rule keeps of each parameter, and what they begin with.

        May differ with the group's options.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define initial_state")

    def update(
        self,
        parameter: Array,
        gradient: Array,
        state: Mapping[str, Array],
        step: int,
        group: Group,
    ) -> None:
        """Change `parameter` and the arrays of `state` in place; `gradient` is only read.

        All are (n,), and hold numbers of one parameter or of several: a rule treats every number
        alike. step: 1 at a parameter's first update. group: the options.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define update")

    def check_options(self, group: Group) -> None:
        """Raise ValueError for options that make no sense."""

    # Groups

    def add_param_group(self, param_group: Group) -> None:
        """Add a group of parameters, with options of its own where it has any.

        Raises as the constructor does, and leaves the optimizer as it was then.
        """
        if not isinstance(param_group, dict):
            raise TypeError(
                f"add_param_group: expected a dict, but got a {type(param_group).__name__}"
            )
        self._register(param_group)
        self._arrange()

    def _register(self, given: Group) -> None:
        group = completed(given, self.defaults, type(self).__name__)
        self.check_options(group)
        check_against_others(group, self.param_groups, type(self).__name__)
        self.param_groups.append(group)

    # Memory

    def _arrange(self) -> None:
        """Give every parameter its place; what was remembered of it goes with it."""
        kept = {id(parameter): (flat, i) for _, flat, i, parameter in self._placed()}
        for flat, i in kept.values():
            self._check_shape(flat, i)
        groups = [group["params"] for group in self.param_groups]
        sharing = that_share_memory([p for params in groups for p in params])
        self._flats = [arrange(params, sharing) for params in groups]
        self._arranged = groups
        for group, flat, i, parameter in self._placed():
            if id(parameter) in kept:
                before, j = kept[id(parameter)]
                flat.steps[i] = before.steps[j]
                state = {name: before.shaped(x, j) for name, x in before.state.items()}
                self._restore(group, flat, i, state)

    def _check_shape(self, flat: FlatParameters, i: int) -> None:
        shape = flat.parameters[i].shape
        if flat.steps[i] and shape != flat.shapes[i]:
            raise RuntimeError(
                f"{type(self).__name__}: a parameter has the shape {shape} now, but had "
                f"{flat.shapes[i]} when it was stepped; make a new optimizer"
            )

    def _placed(self) -> Iterator[tuple[Group, FlatParameters, int, Tensor]]:
        """Every parameter: its group, and where it is."""
        for group, flats in zip(self.param_groups, self._flats, strict=False):
            for flat in flats:
                for i, parameter in enumerate(flat.parameters):
                    yield group, flat, i, parameter

    def _restore(
        self, group: Group, flat: FlatParameters, i: int, state: Mapping[str, Array]
    ) -> None:
        initial = self.initial_state(group)
        flat.remember({name: initial.get(name, 0.0) for name in state})
        for name, values in state.items():
            flat.shaped(flat.state[name], i)[...] = values

    # Steps

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        If not `set_to_none`, those that are there become zeros, in their own memory; and a step
        with zeros is not the same as none, for what remembers earlier gradients.
        """
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none or parameter.grad is None:
                    parameter.grad = None
                else:
                    parameter.grad = parameter.grad.detach().zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient. Those without stay, and so does their state.

        closure: called first, to compute the loss and the gradients, and recorded also within
        `no_grad`; its result is returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        self._settle()
        for group, flats in zip(self.param_groups, self._flats, strict=True):
            initial = self.initial_state(group)
            for flat in flats:
                flat.step(self.update, initial, group)
        self.has_stepped = True
        return loss

    def _settle(self) -> None:
        """See that every parameter is in its place."""
        for group, arranged in zip(self.param_groups, self._arranged, strict=True):
            if group["params"] is not arranged:
                return self._arrange()
        for flats in self._flats:
            for flat in flats:
                if flat.displaced():
                    return self._settle_displaced()
        return None

    def _settle_displaced(self) -> None:
        """Move back those whose array was replaced.

        All are arranged anew if one has another dtype now, or meets another one's memory.
        """
        parameters = [p for _, _, _, p in self._placed()]
        sharing = that_share_memory(parameters)
        for flats in self._flats:
            for flat in flats:
                for i in flat.displaced():
                    if not flat.fits(i) or id(flat.parameters[i]) in sharing:
                        return self._arrange()
                    flat.take_back(i)
        return None

    # State

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:
        """What is remembered of each parameter that has been stepped: numbers and tensors by name.

        The tensors share the optimizer's memory.
        """
        return {
            parameter: self._state_of(flat, i)
            for _, flat, i, parameter in self._placed()
            if flat.steps[i]
        }

    def _state_of(self, flat: FlatParameters, i: int) -> dict[str, Any]:
        counted: dict[str, Any] = {"step": flat.steps[i]} if self.counts_steps else {}
        arrays = {name: Tensor(flat.shaped(values, i)) for name, values in flat.state.items()}
        return counted | arrays

    def state_dict(self) -> dict[str, Any]:
        """All that another optimizer of the same parameters needs to go on as this one.

        In PyTorch's layout: {"state": {0: {"step": 5, "exp_avg": …}}, "param_groups": [{"lr": …,
        "params": [0]}]}, the parameters numbered in the order of the groups. Tensors, numbers and
        lists, which safetensors and JSON can hold. As in PyTorch the tensors share the optimizer's
        memory: save or copy them before the next step.
        """
        state, groups, count = {}, [], 0
        known = {id(parameter): found for parameter, found in self.state.items()}
        for group in self.param_groups:
            numbers = list(range(count, count + len(group["params"])))
            count += len(numbers)
            options = {name: value for name, value in group.items() if name != "params"}
            groups.append({**plain(options), "params": numbers})
            for number, parameter in zip(numbers, group["params"], strict=True):
                if id(parameter) in known:
                    state[number] = known[id(parameter)]
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on as the optimizer did whose `state_dict` this is. Its values are copied.

        Tensors or arrays; the numbers of the parameters may be strings, and tuples lists, as JSON
        makes them. Raises ValueError, before anything is changed, for other groups, another rule's
        options, or shapes that do not fit.
        """
        name = type(self).__name__
        options = checked_options(state_dict, self.param_groups, self.defaults, name)
        for group in options:
            self.check_options(group)
        loaded = checked_state(state_dict, self.param_groups, name)
        for group, loaded_options in zip(self.param_groups, options, strict=True):
            group.update(loaded_options)
        self._settle()
        for flats in self._flats:
            for flat in flats:
                flat.forget()
        for group, flat, i, parameter in self._placed():
            if id(parameter) in loaded:
                flat.steps[i], arrays = loaded[id(parameter)]
                self._restore(group, flat, i, arrays)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def require(optimizer: Optimizer, group: Group, *names: str) -> None:
    """Raise ValueError unless these options of the group are numbers of at least 0."""
    for name in names:
        if not group[name] >= 0:
            raise ValueError(
                f"{type(optimizer).__name__}: {name} must be at least 0, not {group[name]}"
            )
