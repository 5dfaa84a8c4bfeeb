"""A module: a part of a network that knows its parameters and its parts.

Assigning is registering: `self.weight = Parameter(…)` and `self.inner = Linear(…)` in `__init__`
are all that it takes for `parameters()`, `state_dict()`, `train()` and the rest to find them,
however deep they lie.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias, TypeVar

from tinytorch.tensor import Tensor

from .parameter import Parameter

M = TypeVar("M", bound="Module")
Hook: TypeAlias = Callable[["Module", tuple[Any, ...], Any], Any]


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` did not find in the state, and what it had no use for."""

    missing_keys: list[str]
    unexpected_keys: list[str]


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

        Raises RuntimeError before `super().__init__()` was called, TypeError where a registered
        parameter, module or buffer would be replaced by something else (None takes it away but
        keeps the name).
        """
        if "_parameters" not in self.__dict__:
            if isinstance(value, Parameter | Module):
                raise RuntimeError(
                    f"{type(self).__name__}: call super().__init__() before assigning {name}"
                )
            object.__setattr__(self, name, value)
            return
        kinds: tuple[tuple[dict[str, Any], type], ...] = (
            (self._parameters, Parameter),
            (self._modules, Module),
            (self._buffers, Tensor),
        )
        for registered, kind in kinds[:2]:
            if isinstance(value, kind):
                self._forget(name)
                registered[name] = value
                return
        for registered, kind in kinds:
            if name in registered:
                if value is not None and not isinstance(value, kind):
                    raise TypeError(
                        f"{type(self).__name__}.{name} is a {kind.__name__}; it cannot become a "
                        f"{type(value).__name__}. Delete it first, or assign None"
                    )
                registered[name] = value
                return
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        """A registered parameter, buffer or module.

        Raises AttributeError if there is none so called.
        """
        for kind in ("_parameters", "_buffers", "_modules"):
            registered = self.__dict__.get(kind, {})
            if name in registered:
                return registered[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        """Delete an attribute, registered or not."""
        if not self._forget(name):
            object.__delattr__(self, name)

    def _forget(self, name: str) -> bool:
        """Take `name` out of wherever it is; say whether it was anywhere."""
        self._not_saved.discard(name)
        found = False
        for registered in (self._parameters, self._buffers, self._modules, self.__dict__):
            if name in registered:
                del registered[name]
                found = True
        return found

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._parameters, *self._buffers, *self._modules})

    def register_parameter(self, name: str, parameter: Parameter | None) -> None:
        """Register a parameter; None reserves the name, as for a layer without bias."""
        self._check_name(name)
        if parameter is not None and not isinstance(parameter, Parameter):
            raise TypeError(f"{name}: expected a Parameter, but got a {type(parameter).__name__}")
        self._parameters[name] = parameter

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Register a tensor that belongs to the state but is not learnt, as running statistics are.

        persistent: whether `state_dict` holds it.
        """
        self._check_name(name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"{name}: expected a Tensor, but got a {type(tensor).__name__}")
        self._buffers[name] = tensor
        if not persistent:
            self._not_saved.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Register a module under a name: for names made by a program, such as numbers."""
        self._check_name(name)
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{name}: expected a Module, but got a {type(module).__name__}")
        self._modules[name] = module

    def _check_name(self, name: str) -> None:
        if not name or "." in name:
            raise KeyError(f"a name must not be empty or hold a dot, as {name!r} does")
        if hasattr(self, name) and name not in (*self._parameters, *self._buffers, *self._modules):
            raise KeyError(f"{type(self).__name__} has an attribute {name!r} already")

    # Walking the tree

    def named_modules(
        self, prefix: str = "", seen: set[Module] | None = None
    ) -> Iterator[tuple[str, Module]]:
        """This module (called "") and all below it, each once, parents first, by dotted name."""
        seen = set() if seen is None else seen
        if self in seen:
            return
        seen.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(f"{prefix}.{name}" if prefix else name, seen)

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
        modules = self.named_modules(prefix) if recurse else iter([(prefix, self)])
        for path, module in modules:
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
        for name in filter(None, target.split(".")):
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

        A parameter that is used in several places appears under each of its names, as in PyTorch.
        """
        state: dict[str, Tensor] = OrderedDict()
        for name, tensor in (*self._parameters.items(), *self._buffers.items()):
            if tensor is not None and name not in self._not_saved:
                state[prefix + name] = tensor.detach()
        for name, module in self._modules.items():
            if module is not None:
                state.update(module.state_dict(f"{prefix}{name}."))
        return state

    def load_state_dict(self, state: Mapping[str, Tensor], strict: bool = True) -> IncompatibleKeys:
        """Copy the values in `state` into this module's parameters and buffers, in place.

        The copy takes the module's dtypes. Raises RuntimeError, before anything is written, for
        tensors whose shapes do not fit and, if `strict`, for names that are missing or not
        expected; the message lists all of them. Returns those names.
        """
        own = self.state_dict()
        missing = [name for name in own if name not in state]
        unexpected = [name for name in state if name not in own]
        misshaped = [
            f"{name}: {state[name].shape} given, {tensor.shape} expected"
            for name, tensor in own.items()
            if name in state and state[name].shape != tensor.shape
        ]
        complaints = {"of another shape": misshaped}
        if strict:
            complaints |= {"missing": missing, "not expected": unexpected}
        lines = [f"  {what}: {', '.join(names)}" for what, names in complaints.items() if names]
        if lines:
            raise RuntimeError(
                "\n".join([f"the state does not fit {type(self).__name__}:", *lines])
            )
        for name, tensor in own.items():
            if name in state:
                tensor.copy_(state[name])
        return IncompatibleKeys(missing, unexpected)

    # Modes, and doing something to all

    def train(self: M, mode: bool = True) -> M:
        """Set training mode (`mode` True) or evaluation mode for this module and all below it;
        return it.

        Layers that behave differently while learning (dropout, batch norm) ask `self.training`.
        """
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: M) -> M:
        """Set evaluation mode: `train(False)`."""
        return self.train(False)

    def apply(self: M, function: Callable[[Module], Any]) -> M:
        """Call `function` on all modules, children before their parent; return this one."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters; if not `set_to_none`, make them zeros instead."""
        for parameter in self.parameters():
            if set_to_none or parameter.grad is None:
                parameter.grad = None
            else:
                parameter.grad.zero_()

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Say whether gradients of the parameters are wanted (False freezes them)."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def to(self: M, dtype: Any) -> M:
        """Cast all floating parameters and buffers to `dtype`; return the module."""
        for tensor in (*self.parameters(), *self.buffers()):
            if tensor.is_floating_point():
                tensor.data = tensor.detach().to(dtype)
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
        lines = [
            f"({name}): " + repr(module).replace("\n", "\n  ")
            for name, module in self._modules.items()
        ]
        extra = self.extra_repr()
        if not lines:
            return f"{type(self).__name__}({extra})"
        body = "\n  ".join([*filter(None, [extra]), *lines])
        return f"{type(self).__name__}(\n  {body}\n)"
