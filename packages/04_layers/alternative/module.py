"""Modules, with a table of kinds, and with stacks and generators in the place of recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tinytorch.layers.module import IncompatibleKeys
from tinytorch.layers.parameter import Parameter
from tinytorch.tensor import Array, Tensor

# For each kind: the attribute that holds what is registered, and the method that registers.
KINDS = {
    "parameter": ("_parameters", "register_parameter"),
    "module": ("_modules", "add_module"),
    "buffer": ("_buffers", "register_buffer"),
}


class Module:
    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter):
            wanted = "parameter"
        elif isinstance(value, Module):
            wanted = "module"
        else:
            wanted = ""
        ready = "_modules" in vars(self)
        if wanted and not ready:
            raise RuntimeError(f"{name} needs super().__init__() to be called before")
        held = self._kind_under(name) if ready else ""
        if held == "parameter" and wanted == "module":
            raise TypeError(f"{name} holds a parameter, which a module cannot replace")
        if wanted:
            if wanted != held:
                if held or name in vars(self):
                    delattr(self, name)
                getattr(self, KINDS[wanted][1])(name, value)
            else:
                getattr(self, KINDS[wanted][0])[name] = value
        elif held:
            if value is not None and not (held == "buffer" and isinstance(value, Tensor)):
                raise TypeError(f"{name} holds a {held}, not a {type(value).__name__}")
            getattr(self, KINDS[held][0])[name] = value
        else:
            super().__setattr__(name, value)

    def _kind_under(self, name: str) -> str:
        """What is registered under a name: a key of KINDS, or ""."""
        return next((kind for kind, (held, _) in KINDS.items() if name in vars(self)[held]), "")

    def __getattr__(self, name: str) -> Any:
        own = object.__getattribute__(self, "__dict__")
        if "_modules" not in own:
            raise AttributeError(
                f"{type(self).__name__}.{name}: __init__ has not run super().__init__() yet"
            )
        for held, _ in KINDS.values():
            try:
                return own[held][name]
            except KeyError:
                continue
        raise AttributeError(f"{type(self).__name__} knows no {name}")

    def __delattr__(self, name: str) -> None:
        held = self._kind_under(name)
        if held:
            getattr(self, KINDS[held][0]).pop(name)
        else:
            super().__delattr__(name)

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        met = set() if memo is None else memo
        waiting: list[tuple[str, Module]] = [(prefix, self)]
        while waiting:
            path, module = waiting.pop()
            if remove_duplicate and module in met:
                continue
            met.add(module)
            yield path, module
            below = [(name, part) for name, part in module._modules.items() if part is not None]
            waiting += [(f"{path}.{name}".lstrip("."), part) for name, part in reversed(below)]

    def _tensors(
        self, held: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        met: list[Any] = []
        for path, module in self.named_modules(None, prefix, remove_duplicate):
            for name, tensor in vars(module)[held].items():
                known = any(tensor is other for other in met)
                if tensor is not None and not known:
                    if remove_duplicate:
                        met.append(tensor)
                    yield ".".join(filter(None, (path, name))), tensor
            if not recurse:
                return

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        yield from self._tensors("_parameters", prefix, recurse, remove_duplicate)

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        yield from self._tensors("_buffers", prefix, recurse, remove_duplicate)

    def state_dict(self, prefix: str = "") -> dict[str, Tensor]:
        state = {}
        for path, module in self.named_modules(remove_duplicate=False):
            start = f"{prefix}{path}." if path else prefix
            for name, parameter in module._parameters.items():
                state[start + name] = parameter
            for name in module._buffers.keys() - module._not_saved:
                state[start + name] = None
            for name, buffer in module._buffers.items():
                if start + name in state:
                    # Taken out and put in again, so that buffers come in their own order.
                    del state[start + name]
                    state[start + name] = buffer
        return {name: tensor.detach() for name, tensor in state.items() if tensor is not None}

    def load_state_dict(
        self, state: Mapping[str, Tensor | Array], strict: bool = True
    ) -> IncompatibleKeys:
        own = self.state_dict()
        result = IncompatibleKeys(
            [name for name in own if name not in state], [name for name in state if name not in own]
        )
        problems = []
        if strict:
            problems += [f"{name} is missing" for name in result.missing_keys]
            problems += [f"{name} is not known" for name in result.unexpected_keys]
        pairs = []
        for name in own.keys() & state.keys():
            try:
                shape = state[name].shape
            except AttributeError:
                problems.append(f"{name} is a {type(state[name]).__name__}")
                continue
            if tuple(shape) == own[name].shape:
                pairs.append((own[name], Tensor(state[name])))
            else:
                problems.append(f"{name} should be {own[name].shape}, but is {shape}")
        if problems:
            raise RuntimeError(f"{type(self).__name__} was not loaded: " + "; ".join(problems))
        for target, source in pairs:
            target[...] = source
        return result

    def train(self, mode: bool = True) -> Module:
        if mode is not True and mode is not False:
            raise ValueError(f"a mode is True or False, and this is a {type(mode).__name__}")
        for _, child in self.named_children():
            child.train(mode)
        self.__dict__["training"] = mode
        return self

    def apply(self, function: Callable[[Module], Any]) -> Module:
        # Parents last: a stack of what is open, each with the children that it has left.
        open_modules = [(self, self.children())]
        while open_modules:
            module, left = open_modules[-1]
            child = next(left, None)
            if child is not None:
                open_modules.append((child, child.children()))
            else:
                function(module)
                open_modules.pop()
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        for _, parameter in self.named_parameters():
            gradient = parameter.grad
            if gradient is None:
                continue
            parameter.grad = None
            if not set_to_none:
                kept = gradient.detach()
                kept.fill_(0)
                parameter.grad = kept
