"""The way back: reverse-mode differentiation of what was recorded.

For a number L, every call receives g = ∂L/∂(its result), complete, because everything that used the
result has had its turn. The operation's rule turns g into the gradients of the inputs, and each
goes along its edge, where it is added to what has come there by other ways:

    ∂L/∂x = Σ ∂L/∂y · ∂y/∂x,  over the calls y = f(x, …)

The cost is that of running each rule once. Gradients are NumPy arrays on the way; only where
gradients of gradients are wanted are they tensors, so that the way back is recorded, too.
Linnainmaa 1970; Rumelhart, Hinton & Williams 1986; Baydin et al., "Automatic differentiation in
machine learning: a survey" (2018).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from sys import getrefcount
from typing import Any

import numpy as np

from tinytorch.tensor import Tensor
from tinytorch.tensor.rule import unbroadcast

from .graph import Node, Output, Target
from .modes import set_grad_enabled
from .order import leading_to, newest_first
from .second_order import arrays_of, is_first_order, lifted_values, without_second_order
from .usable import check_usable

Waiting = dict[int, Any]
"""Gradients by the id of the node or leaf at which they wait."""


def gradients_at(
    roots: Sequence[tuple[Target, Any]],
    wanted: Sequence[Target] | None,
    *,
    retain_graph: bool,
    create_graph: bool,
) -> list[tuple[Any, Any]]:
    """Go back from `roots`; give each of `wanted` that a gradient reached, and its gradient.

    roots: where to begin, and the gradient that arrives there. wanted: nodes or leaves; None for
    every leaf. No rule runs that is on no way to one of them.
    """
    nodes = newest_first(target for target, _ in roots)
    on_the_way = None if wanted is None else leading_to(nodes, wanted)
    if wanted is None:
        wanted = leaves_of([target for target, _ in roots], nodes)
    asked = {id(target): target for target in wanted}
    waiting: Waiting = {}
    for target, gradient in roots:
        deliver(waiting, target, gradient)
    with set_grad_enabled(create_graph):
        found = go_back(nodes, waiting, asked.keys(), on_the_way, retain_graph, create_graph)
    return [(asked[key], taken(found, key)) for key in asked if key in found]


def go_back(
    nodes: Sequence[Any],
    waiting: Waiting,
    asked: Set[int],
    on_the_way: set[int] | None,
    retain_graph: bool,
    create_graph: bool,
) -> Waiting:
    """Let every node pass on the gradient that waits there; give the gradients of those `asked`.

    nodes: the newest first. asked, on_the_way: ids; None for every node. Unless `retain_graph`,
    each call lets go of what it has kept as soon as it has had its turn.
    """
    found: Waiting = {}
    for node in nodes:
        g = waiting.pop(id(node), None)
        if g is None or not (on_the_way is None or id(node) in on_the_way):
            continue
        if id(node) in asked:
            found[id(node)] = g
        pass_on(node, g, waiting, on_the_way, create_graph)
        if not retain_graph:
            free(node)
    for key in asked & waiting.keys():
        found[key] = waiting.pop(key)
    return found


def taken(found: Waiting, key: int) -> Any:
    """A gradient, out of `found`, as memory that belongs to nobody else.

    A rule may have passed on what it got, or a view of it: for a + b one array is both gradients,
    and clipping one in place would clip the other. Such an array is copied.
    """
    gradient = found.pop(key)
    if isinstance(gradient, Tensor):
        return gradient
    # Two references: the name `gradient`, and the argument of getrefcount.
    if type(gradient) is not np.ndarray or gradient.base is not None or getrefcount(gradient) > 2:
        return np.array(gradient)
    return gradient


def leaves_of(roots: Sequence[Target], nodes: Sequence[Any]) -> list[Tensor]:
    """The leaves among `roots` and the edges of `nodes`, each once."""
    leaves = [root for root in roots if isinstance(root, Tensor)]
    leaves += [edge for node in nodes for edge in node.edges if isinstance(edge, Tensor)]
    return list({id(leaf): leaf for leaf in leaves}.values())


def pass_on(
    node: Any, g: Any, waiting: Waiting, on_the_way: set[int] | None, create_graph: bool
) -> None:
    """Send the gradient that has arrived at `node` along its edges."""
    if isinstance(node, Output):
        keep_among_results(node, g, waiting)
        return
    check_usable(node)
    if node.results > 1:
        g = with_zeros(g, node, create_graph)
    for i, gradient in input_gradients(node, g, on_the_way, create_graph):
        if gradient is not None and node.edges[i] is not None:
            deliver(waiting, node.edges[i], gradient)


def input_gradients(
    node: Node, g: Any, on_the_way: set[int] | None, create_graph: bool
) -> Iterator[tuple[int, Any]]:
    """Which input, and its gradient, for those on the way; tensors where the way is recorded."""
    if not create_graph:
        yield from run_rule(node, g, node.kept, on_the_way)
    elif not is_first_order(node):
        yield from run_rule(node, g, lifted_values(node), on_the_way)
    else:
        for i, gradient in run_rule(node, arrays_of(g), node.kept, on_the_way):
            yield i, without_second_order(gradient, node, g)


def run_rule(
    node: Node, g: Any, kept: Any, on_the_way: set[int] | None
) -> Iterator[tuple[int, Any]]:
    """Run the functions of the operation's rule, but for those whose inputs are on no way.

    Each takes g and what it picks from `kept`, and gives one gradient, or several for
    `pull.inputs`.
    """
    for pull in node.plan.pulls:
        if on_the_way is not None and not any(id(node.edges[i]) in on_the_way for i in pull.inputs):
            continue
        given = pull.function(g, *pull.pick(kept))
        several = isinstance(given, tuple | list)
        yield from zip(pull.inputs, given if several else (given,), strict=True)


def deliver(waiting: Waiting, target: Any, gradient: Any) -> None:
    """Add `gradient` to what waits at `target`, in the shape and dtype that things have there.

    What was broadcast on the way forward was used many times: its gradient is summed. The first
    gradient is kept as it is, not copied; so an array may wait at several places, and none of them
    may write to it.
    """
    if gradient.shape != target.shape:
        gradient = unbroadcast(gradient, target.shape)
    if gradient.dtype != target.dtype:
        lifted = isinstance(gradient, Tensor)
        gradient = gradient.to(target.dtype) if lifted else gradient.astype(target.dtype)
    before = waiting.get(id(target))
    waiting[id(target)] = gradient if before is None else before + gradient


def keep_among_results(output: Output, g: Any, waiting: Waiting) -> None:
    """Let `g` wait at the call, in the place of this one of its results."""
    node = output.edges[0]
    gradients = waiting.setdefault(id(node), [None] * node.results)
    before = gradients[output.index]
    gradients[output.index] = g if before is None else before + g


def with_zeros(gradients: Sequence[Any], node: Node, create_graph: bool) -> tuple[Any, ...]:
    """The gradients of all results of a call; of those that nothing used, zeros."""
    filled = []
    for g, shape, dtype in zip(gradients, node.shape, node.dtype, strict=True):
        if g is None:
            g = np.zeros(shape, dtype)
            g = Tensor(g) if create_graph else g
        filled.append(g)
    return tuple(filled)


def free(node: Any) -> None:
    """Let go of what a call has kept for the way back."""
    if isinstance(node, Node) and node.kept:
        node.kept = None
