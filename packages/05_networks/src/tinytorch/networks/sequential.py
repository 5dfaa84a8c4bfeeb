"""Layers in sequence: what one returns, the next one takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, overload

from tinytorch.layers import Module


class Function(Module):
    """A plain callable as a module, so that it has a place in the tree. It shows as the callable
    does.

    function: takes and returns what a layer does; an activation, say.
    """

    function: Callable[..., Any]

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Any, **options: Any) -> Any:
        return self.function(*inputs, **options)

    def __repr__(self) -> str:
        return getattr(self.function, "__name__", None) or repr(self.function)


class Sequential(Module):
    """Layers that are applied one after another.

    layers: modules and plain callables, in order; or one mapping from names to them. Without names
    they are called "0", "1", … Raises TypeError for what cannot be called.
    """

    def __init__(self, *layers: Any) -> None:
        super().__init__()
        if len(layers) == 1 and isinstance(layers[0], Mapping):
            named = dict(layers[0])
        else:
            named = {str(i): layer for i, layer in enumerate(layers)}
        for name, layer in named.items():
            self.add_module(name, as_module(layer))

    def forward(self, x: Any) -> Any:
        """x, passed through all layers in order; x itself if there are none."""
        for layer in self._modules.values():
            assert layer is not None
            x = layer(x)
        return x

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        """The layers as they were given, plain callables too."""
        return (as_given(module) for module in self._modules.values())

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...
    def __getitem__(self, index: int | slice) -> Any:
        """The layer at a position, as it was given; or a new `Sequential` of the same layers in a
        slice.

        A negative position counts from the end. A slice keeps the layers' names, and is a plain
        `Sequential` also of a subclass (PyTorch calls the subclass, which may want other
        arguments). Raises IndexError outside.
        """
        if isinstance(index, slice):
            return Sequential(dict(list(self._modules.items())[index]))
        return as_given(self._modules[self._name_at(index)])

    def __setitem__(self, index: int, layer: Any) -> None:
        """Put another layer in the place of one, under its name. Raises IndexError outside."""
        self.add_module(self._name_at(index), as_module(layer))

    def __delitem__(self, index: int | slice) -> None:
        """Take layers out. As in PyTorch, those that stay are then called "0", "1", …"""
        modules = list(self._modules.values())
        del modules[index]
        self._number(modules)

    def append(self, layer: Any) -> Sequential:
        """Put a layer at the end, named by its position; return the network.

        If that name is taken, as it may be in a slice, it is the next free number. (PyTorch then
        replaces the layer that has the name.)
        """
        number = len(self)
        while str(number) in self._modules:
            number += 1
        self.add_module(str(number), as_module(layer))
        return self

    def extend(self, layers: Iterable[Any]) -> Sequential:
        """Put layers at the end, one after another; return the network."""
        for layer in list(layers):
            self.append(layer)
        return self

    def insert(self, index: int, layer: Any) -> Sequential:
        """Put a layer before a position; all are then called "0", "1", … Return the network.

        Raises IndexError outside.
        """
        if not -len(self) <= index <= len(self):
            raise IndexError(f"Sequential: position {index} is outside {len(self)} layers")
        modules: list[Any] = list(self._modules.values())
        modules.insert(index, as_module(layer))
        self._number(modules)
        return self

    def _name_at(self, index: int) -> str:
        """The name of the layer at a position. Raises IndexError outside."""
        names = list(self._modules)
        try:
            return names[index]
        except IndexError:
            raise IndexError(
                f"Sequential: there is no layer {index}: it has {len(names)}, "
                "counted from 0, or from -1 backwards"
            ) from None

    def _number(self, modules: list[Any]) -> None:
        """Hold `modules`, named by their positions."""
        self._modules.clear()
        self._modules.update({str(i): module for i, module in enumerate(modules)})


def as_module(layer: Any) -> Module:
    """`layer` itself if it is a module, else a module around it.

    Raises TypeError if it cannot be called.
    """
    if isinstance(layer, Module):
        return layer
    if isinstance(layer, type):
        raise TypeError(
            f"Sequential: expected a module or a function, but got the class {layer.__name__}; "
            f"write {layer.__name__}()"
        )
    if isinstance(layer, list | tuple):
        raise TypeError(
            f"Sequential: expected a module or a function, but got a {type(layer).__name__}; "
            "give the layers one by one, or write Sequential(*layers)"
        )
    if not callable(layer):
        raise TypeError(
            f"Sequential: expected a module or a function, but got {layer!r}, which cannot be "
            "called"
        )
    return Function(layer)


def as_given(module: Any) -> Any:
    """What was given to `as_module`."""
    return module.function if isinstance(module, Function) else module
