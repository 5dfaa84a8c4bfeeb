"""A second right solution of task 5.1: the network as a fold over its layers."""

from functools import reduce
from itertools import islice
from operator import index as whole_number
from typing import Any


class Sequential:
    def forward(self, x: Any) -> Any:
        """x, passed through all layers in order; x itself if there are none."""
        return reduce(lambda value, layer: layer(value), self._modules.values(), x)

    def __getitem__(self, index: int | slice) -> Any:
        """The layer at a position, or a network of the same layers in a slice."""
        names = tuple(self._modules)
        if isinstance(index, slice):
            chosen = [names[i] for i in range(*index.indices(len(names)))]
            return Sequential({name: self._modules[name] for name in chosen})
        position = whole_number(index)
        if position < 0:
            position += len(names)
        if position not in range(len(names)):
            raise IndexError(f"layer {index} of a network of {len(names)}")
        return next(islice(self, position, None))
