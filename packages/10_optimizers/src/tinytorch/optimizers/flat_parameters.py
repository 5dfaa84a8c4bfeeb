"""Parameters side by side in one stretch of memory, and updated there block by block.

A network has dozens of parameters, most of them small, and a rule of ten NumPy calls for each costs
more in calls than in arithmetic. So an optimizer moves them into one flat array, of which each
parameter's array becomes a view, and what it remembers of them lies in flat arrays beside it. A
rule then sees a *block*: a few thousand numbers, of one parameter or of many, that stay in the
processor's cache, with all that is computed on the way, until the rule is done with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from tinytorch.tensor import Array, Tensor

BLOCK = 32_768
"""Numbers in a block: those of Adam and what it computes on the way are 768 KiB in float32."""

Update = Callable[[Array, Array, Mapping[str, Array], int, dict[str, Any]], None]
"""update(parameter, gradient, state, step, group) changes all but the gradient in place."""


class Block(NamedTuple):
    """What a rule sees at once. members: the parameters, by number. part: of which numbers, or None
    for all of every member. values, state: their stretches of the flat arrays.
    """

    members: Sequence[int]
    part: slice | None
    values: Array
    state: dict[str, Array]


class FlatParameters:
    """Parameters of one dtype, each with a slot in one flat array.

    parameters: leaves. moves: whether their arrays become views of the flat array. Memory that two
    of them share must stay where it is; its values are then fetched for each step and put back.

    A parameter whose memory runs in another order, such as channels last, keeps that order.
    steps: how many updates each has had. state: flat arrays by name, laid out as the values.
    float16 is worked on as float32, and its state is float32.
    """

    def __init__(self, parameters: Sequence[Tensor], *, moves: bool = True) -> None:
        arrays = [parameter.array for parameter in parameters]
        ends = np.cumsum([0, *(array.size for array in arrays)]).tolist()
        self.parameters = list(parameters)
        self.moves = moves
        self.shapes = [array.shape for array in arrays]
        self.stretches = [slice(*pair) for pair in pairwise(ends)]
        self.orders = [memory_order(array) for array in arrays]
        self.values: Array = np.empty(ends[-1], arrays[0].dtype)
        self.slots = [self.shaped(self.values, i) for i in range(len(arrays))]
        self.work_dtype = np.result_type(self.values.dtype, np.float32)
        self.steps = [0] * len(arrays)
        self.state: dict[str, Array] = {}
        self._gathered: Array = np.empty(min(ends[-1], BLOCK), self.values.dtype)
        self._skipped: list[bool] = []
        self._blocks: list[Block] = []
        self._of_state: list[str] = []
        for parameter, slot in zip(self.parameters, self.slots, strict=True):
            np.copyto(slot, parameter.array)
            if moves:
                parameter.array = slot

    def __deepcopy__(self, memo: dict[int, Any]) -> FlatParameters:
        """Over the copied parameters: copied views would no longer be views."""
        twin = FlatParameters(deepcopy(self.parameters, memo), moves=self.moves)
        twin.steps = list(self.steps)
        twin.state = {name: values.copy() for name, values in self.state.items()}
        return twin

    # What is where

    def shaped(self, flat: Array, i: int) -> Array:
        """What belongs to parameter i in a flat array, as a view of its shape."""
        stretch, order, shape = flat[self.stretches[i]], self.orders[i], self.shapes[i]
        if order is None:
            return stretch.reshape(shape)
        inverse = np.argsort(order)
        return stretch.reshape([shape[axis] for axis in order]).transpose(inverse)

    def _flattened(self, array: Array, i: int) -> Array:
        """The numbers of an array of parameter i's shape, in the order of its slot.

        Where they lie in that order already, the memory is shared.
        """
        order = self.orders[i]
        return (array if order is None else array.transpose(order)).ravel()

    def displaced(self) -> list[int]:
        """The parameters that have been given other memory than their slot."""
        if self.moves:
            pairs = enumerate(zip(self.parameters, self.slots, strict=True))
            return [i for i, (parameter, slot) in pairs if parameter.array is not slot]
        return [i for i in range(len(self.slots)) if not self.fits(i)]

    def fits(self, i: int) -> bool:
        """Whether parameter i still has the shape and the dtype of its slot."""
        array, slot = self.parameters[i].array, self.slots[i]
        return array.shape == slot.shape and array.dtype == slot.dtype

    def take_back(self, i: int) -> None:
        """Move parameter i, which fits, into its slot, with the values that it has."""
        np.copyto(self.slots[i], self.parameters[i].array)
        self.parameters[i].array = self.slots[i]

    # A step

    def step(self, update: Update, initial: Mapping[str, float], group: dict[str, Any]) -> None:
        """Update every parameter that has a gradient.

        initial: what state the rule wants, and the number that it begins with. Where it wants none,
        no updates are counted.
        """
        gradients = [parameter.grad for parameter in self.parameters]
        skipped = [gradient is None for gradient in gradients]
        self.remember(initial)
        if skipped != self._skipped or self._of_state != list(initial):
            self._skipped, self._of_state = skipped, list(initial)
            self._blocks = list(self._cut())
        if not self._blocks:
            return
        if not self.moves:
            self._fetch()
        counted = bool(initial)
        flat = {}
        for i, gradient in enumerate(gradients):
            if gradient is not None:
                flat[i] = self._flattened(gradient.array, i)
                self.steps[i] += counted
                self.parameters[i].version[0] += 1
        run = self._run if self.work_dtype == self.values.dtype else self._run_wider
        for block in self._blocks:
            run(update, block, self._gradient(block, flat), group)
        if not self.moves:
            self._put_back()

    def remember(self, initial: Mapping[str, float]) -> None:
        """Make room for state that is not there yet."""
        for name, value in initial.items():
            if name not in self.state:
                self.state[name] = np.full(self.values.size, value, self.work_dtype)

    def forget(self) -> None:
        """As if there had been no step yet."""
        self.steps = [0] * len(self.parameters)
        self.state = {}
        self._skipped = []

    def _cut(self) -> Iterator[Block]:
        """The blocks of all parameters that have a gradient.

        Those of a block have had the same number of updates. Large parameters are cut, small ones
        put together.
        """
        together: list[int] = []
        for i, is_skipped in enumerate(self._skipped):
            if is_skipped:
                continue
            size = self.slots[i].size
            if together and not self._fits(together, i):
                yield self._block(together, None)
                together = []
            if size <= BLOCK:
                together.append(i)
                continue
            for start in range(0, size, BLOCK):
                yield self._block([i], slice(start, min(size, start + BLOCK)))
        if together:
            yield self._block(together, None)

    def _fits(self, together: Sequence[int], i: int) -> bool:
        """Whether parameter i can be updated with those before it."""
        last = together[-1]
        length = self.stretches[i].stop - self.stretches[together[0]].start
        return last + 1 == i and self.steps[last] == self.steps[i] and length <= BLOCK

    def _block(self, members: Sequence[int], part: slice | None) -> Block:
        start, stop = self.stretches[members[0]].start, self.stretches[members[-1]].stop
        if part is not None:
            start, stop = start + part.start, start + part.stop
        state = {name: self.state[name][start:stop] for name in self._of_state}
        return Block(members, part, self.values[start:stop], state)

    def _gradient(self, block: Block, flat: Mapping[int, Array]) -> Array:
        """The gradient of a block: of one parameter a view, of several a copy side by side."""
        if len(block.members) > 1:
            out = self._gathered[: block.values.size]
            return np.concatenate([flat[i] for i in block.members], out=out, casting="same_kind")
        gradient = flat[block.members[0]]
        part = gradient if block.part is None else gradient[block.part]
        return part if part.dtype == self.values.dtype else part.astype(self.values.dtype)

    def _run(self, update: Update, block: Block, gradient: Array, group: dict[str, Any]) -> None:
        update(block.values, gradient, block.state, self.steps[block.members[0]], group)

    def _run_wider(
        self, update: Update, block: Block, gradient: Array, group: dict[str, Any]
    ) -> None:
        values, wide = block.values.astype(self.work_dtype), gradient.astype(self.work_dtype)
        update(values, wide, block.state, self.steps[block.members[0]], group)
        block.values[...] = values

    def _fetch(self) -> None:
        for parameter, slot in zip(self.parameters, self.slots, strict=True):
            np.copyto(slot, parameter.array)

    def _put_back(self) -> None:
        for parameter, slot in zip(self.parameters, self.slots, strict=True):
            if parameter.grad is not None:
                np.copyto(parameter.array, slot)


def memory_order(array: Array) -> tuple[int, ...] | None:
    """The axes from the longest step in memory to the shortest; None if that is their own order."""
    if array.flags.c_contiguous:
        return None
    order = tuple(sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis])))
    return None if order == tuple(range(array.ndim)) else order


def arrange(parameters: Sequence[Tensor], sharing: set[int]) -> list[FlatParameters]:
    """Give parameters their slots: together with all of their dtype, in their order.

    sharing: the ids of those that must stay where they are; each is by itself.
    """
    by_dtype: dict[np.dtype[Any], list[Tensor]] = {}
    alone = []
    for parameter in parameters:
        if id(parameter) in sharing:
            alone.append(FlatParameters([parameter], moves=False))
        else:
            by_dtype.setdefault(parameter.dtype, []).append(parameter)
    return [*map(FlatParameters, by_dtype.values()), *alone]


def that_share_memory(parameters: Sequence[Tensor]) -> set[int]:
    """The ids of the parameters whose memory meets that of another one."""
    bounds = np.lib.array_utils.byte_bounds
    placed = sorted((*bounds(p.array), id(p)) for p in parameters if p.array.size)
    found: set[int] = set()
    reached, owner = 0, 0
    for start, end, which in placed:
        if start < reached:
            found |= {owner, which}
        if end > reached:
            reached, owner = end, which
    return found
