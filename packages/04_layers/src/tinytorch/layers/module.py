"""A module: a part of a network that knows its parameters and its parts.

Assigning is registering: `self.weight = Parameter(…)` and `self.inner = Linear(…)` in `__init__`
are all that it takes for `parameters()`, `state_dict()`, `train()` and the rest to find them,
however deep they lie.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import getattr_static
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

from tinytorch.tensor import Array, Tensor, empty

from .parameter import Parameter

M = TypeVar("M", bound="Module")
Hook: TypeAlias = Callable[["Module", tuple[Any, ...], Any], Any]


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` did not find in the state, and what it had no use for."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return (
            f"IncompatibleKeys(missing_keys={self.missing_keys}, "
            f"unexpected_keys={self.unexpected_keys})"
        )


class Module:
    """A part of a network. Subclasses call `super().__init__()` first, and define `forward`.

    training: whether it is in training mode (see `train`).
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]
    _not_saved: set[str]
    _forward_hooks: list[Hook]

    def __init__(self) -> None:
        set_plainly = super().__setattr__
        set_plainly("training", True)
        set_plainly("_parameters", {})
        set_plainly("_buffers", {})
        set_plainly("_modules", {})
        set_plainly("_not_saved", set())
        set_plainly("_forward_hooks", [])

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """What the module computes. Every subclass writes its own."""
        raise NotImplementedError(f"{type(self).__name__} does not define forward")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        result = self.forward(*inputs, **options)
        if not self._forward_hooks:
            return result
        for hook in tuple(self._forward_hooks):
            replaced = hook(self, inputs, result)
            result = result if replaced is None else replaced
        return result

    @contextmanager
    def forward_hook(self, hook: Hook) -> Iterator[None]:
        """Inside a with-block, call hook(module, inputs, result) after every `forward`.

        What it returns takes the result's place, unless it is None. It is PyTorch's forward hook,
        as a block, so that no hook is forgotten.
        """
        self._forward_hooks.append(hook)
        try:
            yield
        finally:
            self._forward_hooks.remove(hook)

    # Registration

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; register it if it is a parameter or a module, or was registered as one.

        A parameter or module takes the place of what was called `name` before, and keeps its place
        in the order where it replaces its like. Raises RuntimeError before `super().__init__()` was
        called; KeyError for names that `register_parameter` refuses too; TypeError where a
        parameter, module or buffer would become something else (None takes it away but keeps the
        name). As in PyTorch, a parameter may take a module's place, but not a module a parameter's.
        """
        if "_parameters" not in self.__dict__:
            if isinstance(value, Parameter | Module):
                raise RuntimeError(
                    f"{type(self).__name__}: call super().__init__() before assigning {name}"
                )
            object.__setattr__(self, name, value)
            return
        for registered, kind in self._registries():
            # A plain tensor is only an attribute: buffers are registered by register_buffer.
            belongs = kind is not Tensor and isinstance(value, kind)
            if belongs or name in registered:
                self._put(registered, kind, name, value)
                return
        object.__setattr__(self, name, value)

    def _registries(self) -> tuple[tuple[dict[str, Any], type], ...]:
        """Where parameters, modules and buffers are registered, and what each holds."""
        return (self._parameters, Parameter), (self._modules, Module), (self._buffers, Tensor)

    def _put(self, registered: dict[str, Any], kind: type, name: str, value: Any) -> None:
        """Register `value` in the place of whatever was called `name` before."""
        if value is not None and not isinstance(value, kind):
            raise TypeError(
                f"{type(self).__name__}.{name} is a {kind.__name__}; it cannot become a "
                f"{type(value).__name__}. Delete it first, or assign None"
            )
        for other in (self.__dict__, *(each for each, _ in self._registries())):
            if other is not registered:
                other.pop(name, None)
        self._check_name(name, registered)
        registered[name] = value

    def __getattr__(self, name: str) -> Any:
        """A registered parameter, buffer or module.

        Python asks here when it has found no attribute of that name in the usual places. Raises
        AttributeError if nothing is registered under it either.
        """
        own = self.__dict__
        if "_parameters" in own:
            for registered in (own["_parameters"], own["_buffers"], own["_modules"]):
                if name in registered:
                    return registered[name]
        advice = "" if "_parameters" in own else "; was super().__init__() called?"
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}{advice}")

    def __delattr__(self, name: str) -> None:
        """Delete an attribute, registered or not. Raises AttributeError if there is none."""
        for registered in (self._parameters, self._buffers, self._modules):
            if name in registered:
                del registered[name]
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._parameters, *self._buffers, *self._modules})

    def register_parameter(self, name: str, parameter: Parameter | None) -> None:
        """Register a parameter; None reserves the name, as for a layer without bias.

        Raises KeyError for a name that is empty, holds a dot, or is that of something else already:
        also of something that the class defines, which would hide the parameter.
        """
        self._check_name(name, self._parameters)
        if parameter is not None and not isinstance(parameter, Parameter):
            raise TypeError(f"{name}: expected a Parameter, but got a {type(parameter).__name__}")
        self._parameters[name] = parameter

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Register a tensor that belongs to the state but is not learnt, as running statistics are.

        persistent: whether `state_dict` holds it. Raises KeyError as `register_parameter`.
        """
        self._check_name(name, self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"{name}: expected a Tensor, but got a {type(tensor).__name__}")
        self._buffers[name] = tensor
        if persistent:
            self._not_saved.discard(name)
        else:
            self._not_saved.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Register a module under a name: for names made by a program, such as numbers.

        Raises KeyError as `register_parameter`.
        """
        self._check_name(name, self._modules)
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{name}: expected a Module, but got a {type(module).__name__}")
        self._modules[name] = module

    def _check_name(self, name: str, registered: Mapping[str, Any]) -> None:
        """Raise KeyError unless something may be registered under `name` in `registered`."""
        if not name or "." in name:
            raise KeyError(f"a name must not be empty or hold a dot, as {name!r} does")
        if name in registered:
            return
        free = object()
        taken = any(name in kind for kind in (self._parameters, self._buffers, self._modules))
        if taken or getattr_static(self, name, free) is not free:
            raise KeyError(f"{type(self).__name__} has an attribute {name!r} already")

    # Walking the tree

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module (called `prefix`) and all below it, parents first, by dotted name.

        A module that is used in several places comes once, under its first name, unless
        `remove_duplicate` is False. memo: the modules seen so far, which are left out.
        """
        memo = set() if memo is None else memo
        if remove_duplicate:
            if self in memo:
                return
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                path = f"{prefix}.{name}" if prefix else name
                yield from module.named_modules(memo, path, remove_duplicate)

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Names and parameters of this module and, if `recurse`, of all below it.

        A parameter that is used in several places comes once, under its first name, unless
        `remove_duplicate` is False.
        """
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Names and buffers, as `named_parameters`."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def _named(
        self, kind: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        """The registered tensors of one kind, in the order of `named_modules`."""
        seen: set[int] = set()
        below = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        for path, module in below if recurse else [(prefix, self)]:
            for name, tensor in getattr(module, kind).items():
                if tensor is None or id(tensor) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(tensor))
                yield (f"{path}.{name}" if path else name), tensor

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, each once. See `named_parameters`."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers, each once. See `named_buffers`."""
        return (tensor for _, tensor in self.named_buffers(recurse=recurse))

    def modules(self) -> Iterator[Module]:
        """This module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Names and modules directly below this one, each once."""
        seen: set[Module] = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """The modules directly below this one, each once."""
        return (module for _, module in self.named_children())

    def get_submodule(self, target: str) -> Module:
        """The module with this dotted name.

        Raises AttributeError, naming the part that is not there.
        """
        module = self
        for name in target.split(".") if target else []:
            found = module._modules.get(name)
            if found is None:
                raise AttributeError(
                    f"{type(module).__name__} has no module {name!r} (looking for {target!r})"
                )
            module = found
        return module

    # State

    def state_dict(self, prefix: str = "") -> dict[str, Tensor]:
        """All parameters and persistent buffers by dotted name, detached: they share the module's
        memory.

        prefix: what every name begins with. A module's parameters come first, then its buffers,
        then what is in its parts. A parameter that is used in several places appears under each of
        its names, as in PyTorch.
        """
        state: dict[str, Tensor] = OrderedDict()
        buffers = [(name, x) for name, x in self._buffers.items() if name not in self._not_saved]
        for name, tensor in (*self._parameters.items(), *buffers):
            if tensor is not None:
                state[prefix + name] = tensor.detach()
        for name, module in self._modules.items():
            if module is not None:
                state.update(module.state_dict(f"{prefix}{name}."))
        return state

    def load_state_dict(
        self, state: Mapping[str, Tensor | Array], strict: bool = True
    ) -> IncompatibleKeys:
        """Copy the values in `state` into this module's parameters and buffers, in place.

        state: tensors or arrays by dotted name. The copy takes the module's dtypes. Raises
        RuntimeError, before anything is written, for values that are no tensors or whose shapes do
        not fit and, if `strict`, for names that are missing or not expected; the message lists all
        of them. Returns those names.
        """
        own = self.state_dict()
        missing = [name for name in own if name not in state]
        unexpected = [name for name in state if name not in own]
        given = {name: state[name] for name in own if name in state}
        no_tensors = [
            f"{name}: a {type(value).__name__}"
            for name, value in given.items()
            if not isinstance(value, Tensor | np.ndarray)
        ]
        misshaped = [
            f"{name}: {value.shape} given, {own[name].shape} expected"
            for name, value in given.items()
            if isinstance(value, Tensor | np.ndarray) and value.shape != own[name].shape
        ]
        complaints = {"no tensor": no_tensors, "of another shape": misshaped}
        if strict:
            complaints |= {"missing": missing, "not expected": unexpected}
        lines = [f"  {what}: {', '.join(names)}" for what, names in complaints.items() if names]
        if lines:
            raise RuntimeError(
                "\n".join([f"the state does not fit {type(self).__name__}:", *lines])
            )
        values = {name: Tensor(value) for name, value in given.items()}
        for name, value in values.items():
            own[name].copy_(value)
        return IncompatibleKeys(missing, unexpected)

    # Modes, and doing something to all

    def train(self: M, mode: bool = True) -> M:
        """Set training mode (`mode` True) or evaluation mode for this module and all below it;
        return it.

        Layers that behave differently while learning (dropout, batch norm) ask `self.training`.
        Each part is told by its own `train`, so that one may decide for itself and what is below
        it. Raises ValueError unless `mode` is True or False.
        """
        if not isinstance(mode, bool):
            raise ValueError(f"train: mode is True or False, not a {type(mode).__name__}")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self: M) -> M:
        """Set evaluation mode: `train(False)`."""
        return self.train(False)

    def apply(self: M, function: Callable[[Module], Any]) -> M:
        """Call `function` on all modules, children before their parent; return this one.

        A module that is a part of several others is met in each of them.
        """
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        If not `set_to_none`, those that are there become zeros instead, in their own memory.
        """
        for parameter in self.parameters():
            if set_to_none or parameter.grad is None:
                parameter.grad = None
            else:
                parameter.grad = parameter.grad.detach().zero_()

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Say whether gradients of the parameters are wanted (False freezes them)."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def to(self: M, dtype: Any) -> M:
        """Cast all floating parameters, their gradients and floating buffers; return the module.

        The parameters stay the same objects, with new memory. Raises TypeError for a dtype that is
        not floating.
        """
        if not empty(0, dtype=dtype).is_floating_point():
            raise TypeError(f"to: parameters must stay floating, and {dtype} is not")
        for tensor in (*self.parameters(), *self.buffers()):
            if tensor.is_floating_point():
                tensor.data = tensor.detach().to(dtype)
            if tensor.grad is not None:
                tensor.grad = tensor.grad.detach().to(dtype)
        return self

    def float(self: M) -> M:
        """As float32."""
        return self.to("float32")

    def double(self: M) -> M:
        """As float64."""
        return self.to("float64")

    def half(self: M) -> M:
        """As float16."""
        return self.to("float16")

    # How it is shown

    def extra_repr(self) -> str:
        """What stands in brackets behind the class's name.

        Subclasses tell their sizes and options.
        """
        return ""

    def __repr__(self) -> str:
        options = self.extra_repr().splitlines()
        parts = self._repr_of_parts()
        if not parts and len(options) <= 1:
            return f"{type(self).__name__}({''.join(options)})"
        body = "\n  ".join([*options, *(part.replace("\n", "\n  ") for part in parts)])
        return f"{type(self).__name__}(\n  {body}\n)"

    def _repr_of_parts(self) -> list[str]:
        return [f"({name}): {module!r}" for name, module in self._modules.items()]
