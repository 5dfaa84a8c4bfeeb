"""Gradients of matrix products and of sums of products in Einstein's notation."""

from __future__ import annotations

from string import ascii_letters
from typing import Any

import numpy as np

from tinytorch.tensor import broadcast_to, einsum, matmul
from tinytorch.tensor.matrix_product import contract

from .attaching import attach


def matmul_a(g: Any, a_shape: tuple[int, ...], b: Any) -> Any:
    """∂L/∂A = g Bᵀ. A 1-d b is a column, and a 1-d a a row."""
    if b.ndim == 1:
        return g[..., None] * b
    if len(a_shape) == 1:
        return (b @ g[..., None])[..., 0]
    return g @ b.mT


def matmul_b(g: Any, a: Any, b_shape: tuple[int, ...]) -> Any:
    """∂L/∂B = Aᵀ g, summed over all matrices that met one B."""
    if a.ndim == 1:
        return g * a if len(b_shape) == 1 else a[:, None] * g[..., None, :]
    if len(b_shape) == 1:
        g = g[..., None]
        return rows(a).mT @ rows(g)[:, 0]
    return rows(a).mT @ rows(g) if len(b_shape) == 2 else a.mT @ g


def rows(x: Any) -> Any:
    """All rows of the matrices in x: (…, n, m) as one matrix."""
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


def contract_operands(g: Any, operands: list[Any], equation: str) -> list[Any]:
    """For each operand, a sum of products of g with the other operands.

    What an operand's letter stands for is summed in the result if neither it nor another operand
    has that letter: then every place has the same gradient.
    """
    terms, result = spelled_out(equation, [x.ndim for x in operands])
    return [_to_operand(g, operands, terms, result, which) for which in range(len(operands))]


def _to_operand(g: Any, operands: list[Any], terms: list[str], result: str, which: int) -> Any:
    wanted, shape = terms[which], operands[which].shape
    others = [(t, x) for i, (t, x) in enumerate(zip(terms, operands, strict=True)) if i != which]
    known = set(result).union(*(t for t, _ in others))
    present = "".join(letter for letter in dict.fromkeys(wanted) if letter in known)
    names = ",".join([result, *(t for t, _ in others)])
    found = einsum(f"{names}->{present}", g, *(x for _, x in others))
    # A letter that nothing else has: the same gradient at each of its places.
    single = "".join(dict.fromkeys(wanted))
    sizes = dict(zip(wanted, shape, strict=True))
    place = {letter: found.shape[i] for i, letter in enumerate(present)}
    found = found.reshape(tuple(place.get(letter, 1) for letter in single))
    found = broadcast_to(found, tuple(max(place.get(c, 1), sizes[c]) for c in single))
    if len(single) == len(wanted):
        return found
    return _on_diagonal(found, single, wanted, sizes)


def _on_diagonal(found: Any, single: str, wanted: str, sizes: dict[str, int]) -> Any:
    """A letter that occurs twice in an operand reads its diagonal; elsewhere the gradient is 0."""
    spare = iter(letter for letter in ascii_letters if letter not in wanted)
    names, eyes = [], []
    seen: set[str] = set()
    for letter in wanted:
        if letter not in seen:
            seen.add(letter)
            names.append(letter)
            continue
        names.append(next(spare))
        eyes.append((letter + names[-1], np.eye(sizes[letter], dtype=found.dtype)))
    terms = ",".join([single, *(term for term, _ in eyes)])
    return einsum(f"{terms}->{''.join(names)}", found, *(eye for _, eye in eyes))


def spelled_out(equation: str, ranks: list[int]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, with `...` and a missing `->` written out."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    free = [letter for letter in ascii_letters if letter not in equation]
    named = [term.replace("...", "") for term in terms]
    extra = [rank - len(letters) for rank, letters in zip(ranks, named, strict=True)]
    leading = "".join(free[: max(extra, default=0)])
    # Leading dimensions are matched from the right, as in broadcasting.
    ends = [leading[len(leading) - n :] for n in extra]
    named = [term.replace("...", end) for term, end in zip(terms, ends, strict=True)]
    if not arrow:
        letters = left.replace(",", "").replace("...", "")
        right = "..." + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    return named, right.replace("...", leading)


attach(matmul, a=matmul_a, b=matmul_b)
attach(contract, operands=contract_operands)
