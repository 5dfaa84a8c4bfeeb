"""The error function on arrays: by a hyperbolic tangent in float32, by quotients in float64.

NumPy has no erf, and SciPy is a large thing to install for one function.

In float32, erf(x) = tanh(x · p(x²)) with a polynomial p, since atanh(erf(x)) / x is smooth and
even, and NumPy's tanh is fast. The approximation of GELU by tanh is this with two terms.

In float64, W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of
Computation 23 (1969), gives three quotients of polynomials: in x² for |x| ≤ 0.46875, in |x| up to
4, and in 1/x² beyond. The last two approximate erfc; beyond 6, erf is 1 in double precision.

Either takes many passes over the numbers, so they are taken in blocks that stay in the cache.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .dtypes import Array, float16, float32

BLOCK = 1 << 15
"""How many numbers at a time."""

# All polynomials, numerators and denominators: highest power first.

# Fitted for x² ≤ 18 so that the relative error of erf is least: 7.1e-8 (least squares, reweighted
# until the largest errors are equal).
_ARGUMENT_OF_TANH = (
    5.42162781e-09, 2.75755496e-08, -4.79460138e-06, 8.45965735e-05, -6.14838236e-04,
    -1.95288154e-04, 1.02769864e-01, 1.12837925e+00,
)  # fmt: skip
_TANH_IS_1 = 4.25
"""From there on both erf and tanh are 1 in float32."""

_NEAR = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
     3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
     2.84423683343917062e3),
)  # fmt: skip
_MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
     1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
     1.23033935480374942e3),
)  # fmt: skip
_FAR = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
     1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1,
     6.05183413124413191e-2, 2.33520497626869185e-3),
)  # fmt: skip


def error_function(x: Array) -> Array:
    """erf(x) for a floating array of any shape, in its dtype (float16 by way of float32)."""
    if x.dtype == float16:
        return error_function(x.astype(float32)).astype(float16)
    erf = _by_tanh if x.dtype == float32 else _by_quotients
    walk = np.nditer(
        [x, None],
        ["external_loop", "buffered", "zerosize_ok"],
        [["readonly"], ["writeonly", "allocate"]],
        buffersize=BLOCK,
    )
    with walk:
        for block, out in walk:
            out[...] = erf(block)
        return walk.operands[1]


def _by_tanh(x: Array) -> Array:
    x = np.clip(x, -x.dtype.type(_TANH_IS_1), x.dtype.type(_TANH_IS_1))
    out = _horner(_ARGUMENT_OF_TANH, np.square(x))
    out *= x
    return np.tanh(out, out=out)


def _by_quotients(x: Array) -> Array:
    size = np.minimum(np.abs(x), x.dtype.type(6))
    near, far = size <= 0.46875, size > 4
    middle = ~(near | far)
    out = np.copysign(np.ones_like(x), x)
    out[np.isnan(x)] = np.nan
    out[near] = x[near] * _quotient(_NEAR, np.square(size[near]))
    out[middle] = np.copysign(1 - _erfc_middle(size[middle]), x[middle])
    out[far] = np.copysign(1 - _erfc_far(size[far]), x[far])
    return out


def _erfc_middle(x: Array) -> Array:
    return np.exp(-x * x) * _quotient(_MIDDLE, x)


def _erfc_far(x: Array) -> Array:
    inverse = 1 / (x * x)
    tail = inverse * _quotient(_FAR, inverse)
    return np.exp(-x * x) / x * (x.dtype.type(1 / np.sqrt(np.pi)) - tail)


def _quotient(polynomials: tuple[Sequence[float], Sequence[float]], x: Array) -> Array:
    above, below = (_horner(p, x) for p in polynomials)
    return above / below


def _horner(coefficients: Sequence[float], x: Array) -> Array:
    """The polynomial with these coefficients, highest power first, at x."""
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value *= x
        value += x.dtype.type(coefficient)
    return value
