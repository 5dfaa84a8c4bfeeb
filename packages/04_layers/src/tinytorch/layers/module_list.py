"""A list of modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import index as as_index
from typing import Any, overload

from .module import Module


class ModuleList(Module):
    """A list whose modules are registered under their positions. It computes nothing by itself.

    modules: what it holds at first.
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> ModuleList: ...
    def __getitem__(self, index: int | slice) -> Any:
        """The module at a position, or a new list of those in a slice.

        Raises IndexError outside.
        """
        modules = list(self)
        return ModuleList(modules[index]) if isinstance(index, slice) else modules[index]

    def __setitem__(self, index: int, module: Module) -> None:
        self.add_module(str(range(len(self))[as_index(index)]), module)

    def __delitem__(self, index: int | slice) -> None:
        modules = list(self)
        del modules[index]
        self._renumber(modules)

    def __iadd__(self, modules: Iterable[Module]) -> ModuleList:
        return self.extend(modules)

    def append(self, module: Module) -> ModuleList:
        """Put a module at the end; return the list."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> ModuleList:
        """Put modules at the end; return the list."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> None:
        """Put a module before position `index`, as `list.insert` does."""
        self.append(module)
        modules = list(self)
        modules.insert(index, modules.pop())
        self._renumber(modules)

    def pop(self, index: int = -1) -> Any:
        """Take the module at a position out of the list, and return it."""
        module = self[as_index(index)]
        del self[index]
        return module

    def _renumber(self, modules: Iterable[Module]) -> None:
        self._modules.clear()
        self.extend(modules)

    def _repr_of_parts(self) -> list[str]:
        """Neighbours that look alike in one line, as in PyTorch: twelve blocks are no news."""
        lines = []
        for text, group in groupby(self._modules, lambda name: repr(self._modules[name])):
            first, *more = group
            many = f"({first}-{more[-1]}): {len(more) + 1} x {text}" if more else ""
            lines.append(many or f"({first}): {text}")
        return lines
