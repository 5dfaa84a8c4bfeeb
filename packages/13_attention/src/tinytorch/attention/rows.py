"""Attention on arrays: what is computed, what is kept of it, and the way back."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array

from .exponentials import softmax_rows


def attend(q: Array, k: Array, v: Array, addend: Array | None = None) -> tuple[Array, Array]:
    """softmax(q kᵀ + addend) v, and the weights, which the way back needs.

    q: (…, L, D), scaled already; k: (…, S, D); v: (…, S, Dv): float32 or float64. addend: as in
    `softmax_rows`. The results: (…, L, Dv) and (…, L, S).
    """
    weights = softmax_rows(q @ k.mT, addend)
    return weights @ v, weights


def attend_gradient(
    g: Array, q: Array, k: Array, v: Array, weights: Array
) -> tuple[Array, Array, Array, Array]:
    """∂L/∂ of q, k, v and the scores, for g = ∂L/∂out, and q, k, v, weights of `attend`.

    With P the weights and G = g vᵀ, the gradient that comes to them, the scores get

        S' = P · (G − Σ_j G P)

    since to raise all scores of a row changes nothing; then ∂L/∂q = S' k, ∂L/∂k = S'ᵀ q, and
    ∂L/∂v = Pᵀ g.
    """
    scores = g @ v.mT
    scores -= np.einsum("...ij,...ij->...i", scores, weights)[..., None]
    scores *= weights
    return scores @ k, scores.mT @ q, weights.mT @ g, scores
