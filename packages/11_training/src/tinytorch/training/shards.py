"""A batch on several threads: each computes the gradients of a part of it, and they are summed.

NumPy lets go of Python's lock while it computes, so threads compute at the same time. Sharing one
matrix product among all cores, as BLAS does, gains little where the matrices are small; giving each
core a part of the batch, and everything that is to be done for it, gains on all operations alike.
It is data parallelism, as with many machines, in one process. Li et al., "PyTorch Distributed"
(2020), section 3.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from tinytorch.layers import Module, Parameter
from tinytorch.tensor import Tensor, default_generator, drawing_from

from .batches import Batch, in_parts
from .counted_targets import counted_targets
from .training_step import LossFunction, backward


class Shards:
    """Computes gradients with `shards` threads, in a training loop or in the `Trainer`.

        sharded = Shards(model, loss_fn, 2)
        optimizer.zero_grad()
        loss = sharded.backward(x, y)
        optimizer.step()

    The batch is cut into contiguous parts. The first belongs to the model itself and the thread
    that calls; each other one to a *replica*, with a graph of its own: a copy of the model whose
    parameters share the memory of the model's, and whose gradients are its own. The result is the
    same in every run, to the bit, since gradients are added in the order of the shards; it is not
    that of one shard to the bit, because floating numbers are added in another order.

    Buffers, such as the running statistics of batch normalisation, are copied to the replicas
    before each batch, and those of the model go on by what the first shard sees; and a batch
    is normalised by the statistics of its part. Each part's loss counts by its targets.
    Meanwhile BLAS uses one thread a shard.

    What the first shard draws, as dropout does, comes from the default generator or from the
    generators that modules have as attributes. Each other shard has generators of its own in their
    place, made anew for each batch from the numbers that they would give next: so the state of
    these is still all that the next batch depends on. A module must not draw from a generator that
    it reaches in another way: whose turn it is would be left to chance.

    Raises ValueError for less than 1 shard, and for a loss with parameters, which would be shared.
    """

    def __init__(self, model: Module, loss_fn: LossFunction, shards: int = 2) -> None:
        if shards < 1:
            raise ValueError(f"Shards: there must be 1 or more, not {shards}")
        if isinstance(loss_fn, Module) and any(True for _ in loss_fn.parameters()):
            raise ValueError("Shards: a loss with parameters cannot be divided among threads")
        self.model = model
        self.loss_fn = loss_fn
        self.shards = shards
        self.replicas: list[Replica] = []
        self._threads = ThreadPoolExecutor(max(1, shards - 1), "shard")
        self._blas = ThreadpoolController().select(user_api="blas")

    def backward(self, *batch: Any, share: float = 1.0) -> float:
        """Add `share` times the gradients of a batch's loss to those of the model's parameters.

        batch: the model's inputs, and the target, tensors with an example for each index of their
        first dimension. Returns the loss, which `share` does not change; nan where no target
        counts. What a shard raises is raised here when all have ended, with its own traceback; the
        gradients are of no use then.
        """
        parts = in_parts(batch, self.shards)
        counts = [counted_targets(self.loss_fn, part[-1]) for part in parts]
        counted = [(part, count) for part, count in zip(parts, counts, strict=True) if count]
        total = sum(counts)
        if not total:
            return float("nan")
        self._follow_the_model()
        with self._blas.limit(limits=1):
            losses = self._in_threads([(part, share * count / total) for part, count in counted])
        for replica in self.replicas:
            replica.hand_over_gradients()
        return sum(count / total * loss for (_, count), loss in zip(counted, losses, strict=True))

    def close(self) -> None:
        """End the threads. Without it they end with the program, or with this object."""
        self._threads.shutdown()

    def __enter__(self) -> Shards:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def _in_threads(self, parts: Sequence[tuple[Batch, float]]) -> list[float]:
        """The loss of each part, whose gradients, times its share, are now at its model."""
        (part, share), *others = parts
        begun = []
        for number, (other, its_share) in enumerate(others, start=1):
            work = partial(self._backward_at, number, other, its_share)
            begun.append(self._threads.submit(copy_context().run, work))
        try:
            first = self._backward_of(0, self.model, part, share)
        finally:
            wait(begun)
        return [first, *(future.result() for future in begun)]

    def _backward_at(self, number: int, part: Batch, share: float) -> float:
        """What shard `number`, above 0, does in its thread."""
        replica = self.replicas[number - 1]
        with drawing_from(replica.generator):
            return self._backward_of(number, replica.model, part, share)

    def _backward_of(self, number: int, model: Module, part: Batch, share: float) -> float:
        with saying_which(number, self.shards):
            return backward(model, self.loss_fn, *part, share=share)

    def _follow_the_model(self) -> None:
        """Make replicas, if there are none or the model has been given other parts; and let them
        see the model's memory, modes, buffers and generators as they are now."""
        if not all(replica.is_of(self.model) for replica in self.replicas) or not self.replicas:
            self.replicas = [Replica(self.model, number) for number in range(1, self.shards)]
        for replica in self.replicas:
            replica.follow()


class Replica:
    """A copy of a model that computes with the same parameters and has gradients of its own.

    number: of the shard, above 0. generator: what its thread draws from where it is told nothing.
    """

    def __init__(self, original: Module, number: int) -> None:
        self.parameters = [(p, twin_of(p)) for p in original.parameters()]
        memo: dict[int, Any] = {id(p): twin for p, twin in self.parameters}
        self.modules = list(original.modules())
        self.model = copy.deepcopy(original, memo)
        self._twins = list(self.model.modules())
        self._original = original
        self._number = number
        self.generator = default_generator()

    def is_of(self, model: Module) -> bool:
        """Whether the model has the same modules and parameters as when the copy was made."""
        modules, parameters = list(model.modules()), list(model.parameters())
        return same(modules, self.modules) and same(parameters, [p for p, _ in self.parameters])

    def follow(self) -> None:
        """Take over where the parameters lie, for an optimizer may have moved them; whether they
        are frozen; the modes; the values of the buffers; and where the generators stand."""
        for parameter, twin in self.parameters:
            twin.array, twin.version = parameter.array, parameter.version
            twin.requires_grad = parameter.requires_grad
            twin.grad = None
        for module, twin_module in zip(self.modules, self._twins, strict=True):
            twin_module.training = module.training
        buffers = zip(self._original.buffers(), self.model.buffers(), strict=True)
        for buffer, copied in buffers:
            copied.array = buffer.array.copy()
        self._follow_generators()

    def _follow_generators(self) -> None:
        """A generator made of the default one, and one of each that modules have: those that share
        one share what is made of it, too."""
        self.generator = offspring(default_generator(), self._number)
        made: dict[int, np.random.Generator] = {}
        for module, twin_module in zip(self.modules, self._twins, strict=True):
            for name, generator in generators_of(module):
                if id(generator) not in made:
                    made[id(generator)] = offspring(generator, self._number)
                setattr(twin_module, name, made[id(generator)])

    def hand_over_gradients(self) -> None:
        """Add the gradients to those of the originals."""
        for parameter, twin in self.parameters:
            if twin.grad is None:
                continue
            if parameter.grad is None:
                parameter.grad = twin.grad
            else:
                gradient = parameter.grad.array
                np.add(gradient, twin.grad.array, out=gradient)
                parameter.grad.version[0] += 1
            twin.grad = None


def twin_of(parameter: Parameter) -> Tensor:
    """A parameter around the same array."""
    return Parameter(parameter.detach(), requires_grad=parameter.requires_grad)


def same(these: Sequence[object], those: Sequence[object]) -> bool:
    """Whether they are the same objects in the same order."""
    return len(these) == len(those) and all(a is b for a, b in zip(these, those, strict=True))


def generators_of(module: Module) -> list[tuple[str, np.random.Generator]]:
    """The generators among a module's attributes, by name."""
    attributes = vars(module).items()
    return [(name, each) for name, each in attributes if isinstance(each, np.random.Generator)]


def offspring(generator: np.random.Generator, number: int) -> np.random.Generator:
    """A generator of the same kind, made of `number` and of what `generator` would give next,
    which still will: it stays where it is."""
    ahead = copy.deepcopy(generator)
    seed = int(ahead.integers(2**63))
    return np.random.Generator(type(generator.bit_generator)([seed, number]))


@contextmanager
def saying_which(number: int, shards: int) -> Iterator[None]:
    """Lets what is raised inside go on, with a note that says in which shard it was."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This was in shard {number} of {shards}, counted from 0.")
        raise
