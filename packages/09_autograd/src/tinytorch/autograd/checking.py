"""Gradients against central differences: the check that needs no trust in any rule.

    ∂f/∂xᵢ ≈ (f(x + h·eᵢ) − f(x − h·eᵢ)) / 2h

has an error of order h² from the formula and of order 1/h from rounding. In float64 h = 10⁻⁶ leaves
about ten digits; in float32 nothing would be left to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinytorch.tensor import Array, Tensor

from .gradients import grad
from .modes import enable_grad

Function = Callable[..., Any]


def gradcheck(
    func: Function,
    inputs: Tensor | Sequence[Any],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Whether the gradients of `func` at `inputs` agree with central differences: |a − n| ≤ atol +
    rtol·|n| for every entry of every Jacobian.

    func: takes the inputs, gives a tensor or several; floating ones are looked at. An output that
    requires no gradient must not depend on the inputs. inputs: those that require a gradient must
    be float64. eps: the step h.
    Raises AssertionError where they do not agree (`raise_exception=False`: gives False), ValueError
    if nothing requires a gradient or something that does is not float64.
    """
    given = _checked_inputs("gradcheck", inputs)
    with enable_grad():
        outputs = _outputs_of(func, given)
    try:
        for which, x in enumerate(given):
            if isinstance(x, Tensor) and x.requires_grad and x.numel():
                expected = numerical_jacobian(_of_one(func, given, which), x.array, eps)
                _compare_each(outputs, x, which, expected, atol, rtol)
    except AssertionError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Function,
    inputs: Tensor | Sequence[Any],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    seed: int = 0,
) -> bool:
    """`gradcheck` of the gradients: whether gradients of gradients are right.

    The arguments are those of `gradcheck`. What arrives at the outputs is drawn at random, and is
    one of the inputs of what is checked.
    """
    given = _checked_inputs("gradgradcheck", inputs)
    wanted = [i for i, x in enumerate(given) if isinstance(x, Tensor) and x.requires_grad]
    rng = np.random.default_rng(seed)
    with enable_grad():
        arriving = [
            Tensor(rng.standard_normal(out.shape), requires_grad=True)
            for out in _outputs_of(func, given)
            if out.requires_grad
        ]

    def gradients(*values: Any) -> tuple[Tensor, ...]:
        inside, g = values[: len(given)], values[len(given) :]
        outputs = [out for out in _outputs_of(func, inside) if out.requires_grad]
        asked = [inside[i] for i in wanted]
        found = grad(outputs, asked, g, create_graph=True, allow_unused=True)
        return tuple(x * 0 if d is None else d for x, d in zip(asked, found, strict=True))

    return gradcheck(gradients, (*given, *arriving), eps, atol, rtol, raise_exception)


def numerical_jacobian(
    function: Callable[[Array], list[Array]], x: Array, eps: float
) -> list[Array]:
    """∂outputs/∂x by central differences: for each output an array (its size, size of x).

    function: takes an array like x, gives a list of new arrays. Column j is
    (f(x + h·eⱼ) − f(x − h·eⱼ)) / 2h, h = eps; x itself is left alone.
    """
    x = x.copy()
    jacobians = [np.zeros((output.size, x.size)) for output in function(x)]
    for j, index in enumerate(np.ndindex(*x.shape)):
        here = x[index]
        x[index] = here + eps
        above = function(x)
        x[index] = here - eps
        below = function(x)
        x[index] = here
        for jacobian, a, b in zip(jacobians, above, below, strict=True):
            jacobian[:, j] = (a - b).reshape(-1) / (2 * eps)
    return jacobians


def analytical_jacobian(output: Tensor, x: Tensor) -> Array:
    """∂output/∂x by the way back, one for each number of the output: (size of output, size of x).

    Row i is the gradient of output number i: what comes to x if 1 arrives there and 0 elsewhere.
    """
    rows = np.zeros((output.array.size, x.array.size))
    for i in range(len(rows)):
        one = np.zeros(output.array.size)
        one[i] = 1
        (found,) = grad(
            output, x, Tensor(one.reshape(output.shape)), retain_graph=True, allow_unused=True
        )
        if found is not None:
            rows[i] = found.array.reshape(-1)
    return rows


def _compare_each(
    outputs: Sequence[Tensor],
    x: Tensor,
    which: int,
    expected: list[Array],
    atol: float,
    rtol: float,
) -> None:
    for k, output in enumerate(outputs):
        found = analytical_jacobian(output, x) if output.requires_grad else 0 * expected[k]
        close = np.isclose(found, expected[k], rtol=rtol, atol=atol)
        if not close.all():
            i, j = (int(n) for n in np.argwhere(~close)[0])
            at = tuple(int(n) for n in np.unravel_index(i, output.shape))
            by = tuple(int(n) for n in np.unravel_index(j, x.shape))
            raise AssertionError(
                f"gradcheck: the derivative of output {k} at {at} by input {which} at {by} is "
                f"{found[i, j]:.6g} on the way back, and {expected[k][i, j]:.6g} by central "
                f"differences; {(~close).sum()} of {close.size} differ"
            )


def _checked_inputs(name: str, inputs: Tensor | Sequence[Any]) -> tuple[Any, ...]:
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    wanted = [x for x in given if isinstance(x, Tensor) and x.requires_grad]
    if not wanted:
        raise ValueError(f"{name}: no input requires a gradient")
    for x in wanted:
        if x.dtype != np.float64:
            raise ValueError(f"{name}: an input is {x.dtype}; differences need .double()")
    return given


def _outputs_of(func: Function, inputs: Sequence[Any]) -> tuple[Tensor, ...]:
    result = func(*inputs)
    outputs = (result,) if isinstance(result, Tensor) else tuple(result)
    return tuple(output for output in outputs if output.is_floating_point())


def _of_one(func: Function, inputs: Sequence[Any], which: int) -> Callable[[Array], list[Array]]:
    """`func` as a function on arrays, of one of its inputs alone.

    What required a gradient does so here, too: the function may ask for gradients itself.
    """

    def function(values: Array) -> list[Array]:
        fresh = [
            x.detach().requires_grad_() if isinstance(x, Tensor) and x.requires_grad else x
            for x in inputs
        ]
        fresh[which] = Tensor(values, requires_grad=True)
        with enable_grad():
            return [output.array.copy() for output in _outputs_of(func, fresh)]

    return function
