"""Asking for gradients: `backward`, `grad` and `value_and_grad`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any

import numpy as np

from tinytorch.tensor import Tensor

from .engine import gradients_at
from .graph import Target, target_of
from .modes import enable_grad, recording, set_grad_enabled
from .structure import rebuilt, tensors_in

Tensors = Tensor | Sequence[Tensor]
Gradients = Tensor | Sequence[Tensor | None] | None


def backward(
    tensors: Tensors,
    grad_tensors: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    """Add the gradient of Σ grad_tensors·tensors to the `.grad` of every leaf behind `tensors`.

    tensors: one or several, which require a gradient. grad_tensors: of their shapes; None stands
    for 1, and only where a tensor is a single number.
    retain_graph: whether what the calls have kept stays for another way back; if not given, as
    create_graph. create_graph: whether the way back is recorded, so that the gradients have
    gradients.

    A leaf's `.grad` owns its memory. Raises RuntimeError where nothing was recorded or is there no
    longer, NotImplementedError where an operation has no rule.
    """
    retain = create_graph if retain_graph is None else retain_graph
    roots = starting_points("backward", tensors, grad_tensors, create_graph)
    before = recording.set(create_graph)
    try:
        found = gradients_at(roots, None, retain_graph=retain, create_graph=create_graph)
        with _adding:
            for leaf, gradient in found:
                add_to_grad(leaf, gradient)
    finally:
        recording.reset(before)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of Σ grad_outputs·outputs with respect to `inputs`, one for each; no `.grad` is
    touched.

    inputs: leaves, or results on the way. The rest as in `backward`; only what lies between inputs
    and outputs is gone through. Raises RuntimeError where an input has no part in the outputs,
    unless `allow_unused`, which gives None for it.
    """
    retain = create_graph if retain_graph is None else retain_graph
    asked = _as_list("grad", inputs)
    for i, x in enumerate(asked):
        if not x.requires_grad:
            raise RuntimeError(f"grad: input {i}, of shape {x.shape}, does not require a gradient")
    roots = starting_points("grad", outputs, grad_outputs, create_graph)
    targets = [target_of(x) for x in asked]
    with set_grad_enabled(create_graph):
        found = dict(gradients_at(roots, targets, retain_graph=retain, create_graph=create_graph))
    unused = [i for i, target in enumerate(targets) if target not in found]
    if unused and not allow_unused:
        raise RuntimeError(
            f"grad: the outputs do not depend on input {unused[0]}, of shape "
            f"{asked[unused[0]].shape}; with allow_unused=True its gradient is None"
        )
    return tuple(_as_tensor(found[t]) if t in found else None for t in targets)


def value_and_grad(
    function: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """A function that gives what `function` gives, and its gradient with respect to an argument.

        loss, gradients = value_and_grad(loss_of)(weights, x, y)

    function: its result is a single number; with `has_aux` it is a pair, of which the first is.
    argnums: the argument, by its position; a tensor or a list, tuple or dict of them. The gradient
    has the same form; for several arguments it is a tuple of gradients. Zeros stand for what the
    result does not depend on.
    The arguments themselves are left alone: no `.grad` changes, and none need require a gradient.
    Raises ValueError for an argument that was not given by position, RuntimeError if the result is
    not a single number or depends on none of the arguments. The idea is JAX's.
    """

    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        numbers = _positions(argnums, len(args))
        fresh = {n: [x.detach().requires_grad_() for x in tensors_in(args[n])] for n in numbers}
        given = [rebuilt(x, fresh[n]) if n in fresh else x for n, x in enumerate(args)]
        with enable_grad():
            result = function(*given, **kwargs)
        value = result[0] if has_aux else result
        flat = [x for n in numbers for x in fresh[n]]
        found = iter(grad(value, flat, allow_unused=True))
        gradients = tuple(
            rebuilt(args[n], [_or_zeros(next(found), x) for x in fresh[n]]) for n in numbers
        )
        value = (value.detach(), result[1]) if has_aux else value.detach()
        return value, gradients[0] if isinstance(argnums, int) else gradients

    return both


def starting_points(
    name: str, outputs: Tensors, gradients: Gradients, create_graph: bool
) -> list[tuple[Target, Any]]:
    """Where the way back begins, with the gradients that arrive there."""
    tensors = _as_list(name, outputs)
    if gradients is None:
        given: list[Any] = [None] * len(tensors)
    else:
        given = list(gradients) if isinstance(gradients, list | tuple) else [gradients]
    if len(given) != len(tensors):
        raise ValueError(f"{name}: {len(tensors)} tensors, but {len(given)} gradients for them")
    roots = []
    for tensor, gradient in zip(tensors, given, strict=True):
        g = starting_gradient(name, tensor, gradient)
        roots.append((target_of(tensor), g if create_graph else g.array))
    return roots


def starting_gradient(name: str, tensor: Tensor, gradient: Tensor | None) -> Tensor:
    """What arrives at `tensor`: the given gradient, or 1 at a single number."""
    if not tensor.requires_grad:
        raise RuntimeError(
            f"{name}: this tensor of shape {tensor.shape} requires no gradient: nothing that it "
            "was computed from does, or it was computed inside no_grad()"
        )
    if gradient is None:
        if tensor.array.size != 1:
            raise RuntimeError(
                f"{name}: a tensor of shape {tensor.shape} is not a single number; reduce it "
                "first, by .sum() or .mean(), or give the gradient that arrives at it"
            )
        one = np.empty_like(tensor.array)
        one.fill(1)
        return Tensor(one)
    if not isinstance(gradient, Tensor):
        raise TypeError(
            f"{name}: the gradient that arrives must be a tensor or None, not {gradient!r:.60}"
        )
    if gradient.shape != tensor.shape:
        raise ValueError(
            f"{name}: the gradient that arrives has the shape {gradient.shape}, but the tensor has "
            f"{tensor.shape}"
        )
    return gradient


_adding = Lock()


def add_to_grad(leaf: Tensor, gradient: Any) -> None:
    """Add to the leaf's `.grad`, in place where the sum need not be recorded."""
    before = leaf._grad
    if before is None:
        leaf._grad = _as_tensor(gradient)
    elif isinstance(gradient, Tensor) or before.requires_grad:
        leaf.grad = before + gradient
    else:
        before.array += gradient
        before.version[0] += 1


def _as_list(name: str, tensors: Tensors) -> list[Tensor]:
    if isinstance(tensors, Tensor):
        return [tensors]
    if not isinstance(tensors, Iterable) or isinstance(tensors, str):
        raise TypeError(f"{name}: expected a tensor, or several in a list, but got {tensors!r:.60}")
    listed = list(tensors)
    for x in listed:
        if not isinstance(x, Tensor):
            raise TypeError(f"{name}: expected a tensor, but got {x!r:.60}")
    return listed


def _positions(argnums: int | Sequence[int], count: int) -> tuple[int, ...]:
    """`argnums` counted from the front, of `count` arguments."""
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for n in numbers:
        if not -count <= n < count:
            raise ValueError(
                f"value_and_grad: there is no argument {n}: {count} were given by position"
            )
    return tuple(n % count for n in numbers)


def _as_tensor(gradient: Any) -> Tensor:
    return gradient if isinstance(gradient, Tensor) else Tensor(gradient)


def _or_zeros(gradient: Tensor | None, x: Tensor) -> Tensor:
    return Tensor(np.zeros_like(x.array)) if gradient is None else gradient
