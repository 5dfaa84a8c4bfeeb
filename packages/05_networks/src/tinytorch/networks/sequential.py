"""Layers in sequence: what one returns, the next one takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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

        A negative position counts from the end. A slice keeps the layers' names. Raises IndexError
        outside.
        """
        items = list(self._modules.items())
        if isinstance(index, slice):
            return Sequential(dict(items[index]))
        return as_given(items[index][1])

    def append(self, layer: Any) -> Sequential:
        """Put a layer at the end, named by its position; return the network."""
        self.add_module(str(len(self)), as_module(layer))
        return self


def as_module(layer: Any) -> Module:
    """`layer` itself if it is a module, else a module around it.

    Raises TypeError if it cannot be called.
    """
    if isinstance(layer, Module):
        return layer
    if isinstance(layer, type) or not callable(layer):
        raise TypeError(
            f"Sequential: expected a module or a function, but got {layer!r}"
            + (f"; write {layer.__name__}()" if isinstance(layer, type) else "")
        )
    return Function(layer)


def as_given(module: Any) -> Any:
    """What was given to `as_module`."""
    return module.function if isinstance(module, Function) else module
