"""Task 13.3 by other ways: its own softmax, and Σ G P found as g · out."""

from __future__ import annotations

import numpy as np

from tinytorch.tensor import Array


def attend(q: Array, k: Array, v: Array, addend: Array | None = None) -> tuple[Array, Array]:
    scores = np.einsum("...ld,...sd->...ls", q, k)
    if addend is not None and addend.shape[-1]:
        scores[..., -addend.shape[-1] :] += addend
    if scores.shape[-1]:
        highest = scores.max(axis=-1, keepdims=True)
        highest = np.where(np.isneginf(highest), 0, highest).astype(q.dtype)
        scores = np.exp(scores - highest)
        sums = scores.sum(axis=-1, keepdims=True)
        scores = scores / np.where(sums == 0, 1, sums).astype(q.dtype)
    return np.matmul(scores, v), scores


def attend_gradient(
    g: Array, q: Array, k: Array, v: Array, weights: Array
) -> tuple[Array, Array, Array, Array]:
    out = np.matmul(weights, v)
    along = (g * out).sum(axis=-1, keepdims=True)
    scores = weights * (np.einsum("...ld,...sd->...ls", g, v) - along)
    to_q = np.matmul(scores, k)
    to_k = np.matmul(np.moveaxis(scores, -1, -2), q)
    to_v = np.matmul(np.moveaxis(weights, -1, -2), g)
    return to_q, to_k, to_v, scores
