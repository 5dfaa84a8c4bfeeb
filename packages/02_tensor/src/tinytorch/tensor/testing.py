"""Checking a gradient rule against central differences.

Needs no autograd: it looks at one operation alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ._operation import Operation
from ._tensor import Tensor
from .dtypes import Array
from .rule import unbroadcast


def check_rule(
    operation: Operation[Any],
    *inputs: Any,
    eps: float = 1e-6,
    rtol: float = 1e-4,
    atol: float = 1e-6,
    seed: int = 0,
    **attributes: Any,
) -> None:
    """Raise AssertionError unless the gradient rule of `operation` agrees with central differences.

    inputs: the operation's tensor inputs (a variadic operation takes one list), tensors, arrays or
    numbers; floating ones are checked in float64, whatever they are, and should lie where the
    operation is smooth.
    attributes: as in a call. eps: the step h. rtol, atol: how far rule and differences may lie
    apart.

    For a random g of the result's shape, the rule's gradient of Σ g·f(x) is compared, entry by
    entry, with (Σ g·f(x + h) − Σ g·f(x − h)) / 2h. Where the rule can have a second order, it is
    also run on tensors, and must then give the same. No gradient for an input counts as zero.
    Raises ValueError if the operation has no rule.
    """
    rule = operation.rule
    if rule is None:
        raise ValueError(f"{operation.name} has no gradient rule to check")
    if operation.variadic and len(inputs) == 1:
        inputs = tuple(inputs[0])
    elif not operation.variadic:
        inputs, attributes = operation._bind(inputs, attributes)
    arrays = [_as_float64(x) for x in inputs]
    attributes = {k: v.array if isinstance(v, Tensor) else v for k, v in attributes.items()}
    needs = tuple(isinstance(x, np.ndarray) and x.dtype.kind == "f" for x in arrays)

    results, saved = _run(operation, arrays, attributes)
    floating = [r for r in results if r.dtype.kind == "f"]
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal(r.shape) for r in floating]
    g = _weights_of_all(results, weights)

    found = gradients_of(operation, needs, arrays, attributes, results, saved, g)

    def total(values: Sequence[Any]) -> float:
        outs, _ = _run(operation, values, attributes)
        outs = [r for r in outs if r.dtype.kind == "f"]
        return float(sum(np.vdot(w, r) for w, r in zip(weights, outs, strict=True)))

    for i, wanted in enumerate(needs):
        if wanted:
            expected = central_difference(total, arrays, i, eps)
            gradient = np.zeros(expected.shape) if found[i] is None else found[i]
            _compare(operation.name, _name_of(operation, i), gradient, expected, rtol, atol)

    if not rule.first_order:
        lifted = gradients_of(
            operation,
            needs,
            [_lift(x) for x in arrays],
            attributes,
            [_lift(r) for r in results],
            saved,
            _lift(g),
        )
        for i, wanted in enumerate(needs):
            if wanted and found[i] is not None:
                _compare(
                    operation.name, _name_of(operation, i), lifted[i].array, found[i], 1e-10, 1e-12
                )


def gradients_of(
    operation: Operation[Any],
    needs: tuple[bool, ...],
    arrays: Sequence[Any],
    attributes: dict[str, Any],
    results: Sequence[Any],
    saved: tuple[Any, ...],
    g: Any,
) -> list[Any]:
    """What the rule gives for each input, un-broadcast to its shape; None for no gradient."""
    assert operation.rule is not None
    plan = operation.rule.plan(sum(1 << i for i, need in enumerate(needs) if need), len(arrays))
    out = results[0] if len(results) == 1 else tuple(results)
    kept = plan.collect(arrays, saved, out, attributes)
    shapes = [getattr(x, "shape", ()) for x in arrays]
    found: list[Any] = [None] * len(arrays)
    for pull in plan.pulls:
        given = pull.function(g, *pull.pick(kept))
        for i, gradient in zip(pull.inputs, _each(given, pull.inputs), strict=True):
            if gradient is not None and needs[i]:
                try:
                    found[i] = unbroadcast(gradient, shapes[i])
                except ValueError as error:
                    raise AssertionError(
                        f"{operation.name}: the gradient of {_name_of(operation, i)} has the shape "
                        f"{gradient.shape}, but {_name_of(operation, i)} has {shapes[i]}"
                    ) from error
    return found


def central_difference(
    function: Callable[[Sequence[Any]], float], inputs: Sequence[Any], which: int, eps: float = 1e-6
) -> Array:
    """∂function/∂inputs[which], entry by entry: (f(x + h) − f(x − h)) / 2h, h = eps.

    function: takes the list of inputs, gives a number. inputs[which]: a float64 array; it is left
    as it was.
    """
    x = np.array(inputs[which])
    values = [x if i == which else value for i, value in enumerate(inputs)]
    gradient = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        here = x[index]
        x[index] = here + eps
        above = function(values)
        x[index] = here - eps
        below = function(values)
        x[index] = here
        gradient[index] = (above - below) / (2 * eps)
    return gradient


def _run(
    operation: Operation[Any], arrays: Sequence[Any], attributes: dict[str, Any]
) -> tuple[list[Array], tuple[Any, ...]]:
    returned = operation.forward(*arrays, **attributes)
    returned = returned if isinstance(returned, tuple) else (returned,)
    cut = len(returned) - len(operation.saves)
    return [np.asarray(r) for r in returned[:cut]], returned[cut:]


def _as_float64(x: Any) -> Any:
    array = x.array if isinstance(x, Tensor) else x
    if isinstance(array, np.ndarray) and array.dtype.kind == "f":
        return array.astype(np.float64)
    return array


def _lift(x: Any) -> Any:
    if isinstance(x, tuple):
        return tuple(_lift(part) for part in x)
    return Tensor(x) if isinstance(x, np.ndarray) else x


def _weights_of_all(results: Sequence[Array], weights: Sequence[Array]) -> Any:
    """One g for each result, zeros where there is no gradient; alone for a single result."""
    rest = iter(weights)
    g = tuple(next(rest) if r.dtype.kind == "f" else np.zeros(r.shape) for r in results)
    return g[0] if len(g) == 1 else g


def _each(given: Any, inputs: tuple[int, ...]) -> Sequence[Any]:
    return (given,) if len(inputs) == 1 and not isinstance(given, tuple | list) else given


def _name_of(operation: Operation[Any], i: int) -> str:
    return f"{operation.inputs[0]}[{i}]" if operation.variadic else operation.inputs[i]


def _compare(
    operation: str, name: str, found: Any, expected: Array, rtol: float, atol: float
) -> None:
    found = np.asarray(found)
    if found.shape != expected.shape:
        raise AssertionError(
            f"{operation}: the gradient of {name} has the shape {found.shape}, but {name} has "
            f"{expected.shape}"
        )
    close = np.isclose(found, expected, rtol=rtol, atol=atol)
    if close.all():
        return
    where = tuple(int(i) for i in np.argwhere(~close)[0])
    raise AssertionError(
        f"{operation}: the gradient of {name} is wrong in {(~close).sum()} of {close.size} "
        f"entries; at {where} the rule says {found[where]:.6g}, central differences say "
        f"{expected[where]:.6g}"
    )
