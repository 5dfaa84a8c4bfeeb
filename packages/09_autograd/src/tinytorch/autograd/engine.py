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

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinytorch.tensor import Tensor
from tinytorch.tensor.rule import unbroadcast
from tinytorch.tensor.shapes import cast

from .graph import Node, Output, Target
from .order import leading_to, newest_first
from .second_order import arrays_of, is_first_order, lifted_values, without_second_order
from .usable import check_usable


def gradients_at(
    roots: Sequence[tuple[Target, Any]],
    wanted: Sequence[Target] | None,
    *,
    retain_graph: bool,
    create_graph: bool,
) -> list[tuple[Any, Any]]:
    """Go back from `roots`; give each of `wanted` that a gradient reached, and its gradient.

    roots: where to begin, and the gradient that arrives there. wanted: nodes or leaves; None for
    every leaf. No rule runs that is on no way to one of them. What is given belongs to nobody else.
    Recording must be on if the way back is to be recorded (`create_graph`), else off.
    """
    starts = [target for target, _ in roots]
    nodes = newest_first(starts)
    on_the_way = None if wanted is None else leading_to(nodes, wanted)
    asked = dict.fromkeys(leaves_of(starts, nodes) if wanted is None else wanted)
    way = WayBack(asked.keys(), on_the_way, retain_graph, create_graph)
    for target, gradient in roots:
        way.deliver(target, gradient)
    found = way.go(nodes)
    return [(target, owned(found.pop(target))) for target in asked if target in found]


@dataclass(slots=True)
class WayBack:
    """One way back.

    asked: the nodes and leaves whose gradients are wanted.
    on_the_way: the nodes that lead there, and what is asked itself; None if everything does.
    retain_graph: whether calls keep what they have kept. Else each lets go of it after its turn.
    create_graph: whether gradients are tensors, and what happens to them is recorded.
    waiting: the gradients that have come to a node or leaf so far.
    """

    asked: Set[Any]
    on_the_way: Set[Any] | None
    retain_graph: bool
    create_graph: bool
    waiting: dict[Any, Any] = field(default_factory=dict)

    def go(self, nodes: Sequence[Any]) -> dict[Any, Any]:
        """Let every node pass on the gradient that waits at it; give those that were asked for.

        nodes: the newest first, so that a node's gradient is complete when its turn comes. It has
        none if no gradient has come to it, or none is wanted behind it.
        """
        found = {}
        for node in nodes:
            g = self.waiting.pop(node, None)
            if g is None:
                continue
            if node in self.asked:
                found[node] = g
            if self.leads_on(node):
                self.pass_on(node, g)
        for leaf in self.asked & self.waiting.keys():
            found[leaf] = self.waiting.pop(leaf)
        return found

    def leads_on(self, node: Any) -> bool:
        """Whether a gradient is wanted behind `node`."""
        return self.on_the_way is None or not self.on_the_way.isdisjoint(node.edges)

    def pass_on(self, node: Any, g: Any) -> None:
        """Send the gradient that has come to `node` along its edges."""
        if isinstance(node, Output):
            self.keep_among_results(node, g)
            return
        check_usable(node)
        if node.results > 1:
            g = self.with_zeros(node, g)
        edges = node.edges
        for i, gradient in self.input_gradients(node, g):
            target = edges[i]
            if gradient is None or target is None:
                continue
            try:
                self.deliver(target, gradient)
            except ValueError as error:
                raise RuntimeError(
                    f"backward: the gradient rule of {node.name} gave a gradient of shape "
                    f"{gradient.shape} for input {i}, which has the shape {target.shape}"
                ) from error
        if not self.retain_graph:
            free(node)

    def input_gradients(self, node: Node, g: Any) -> Iterable[tuple[int, Any]]:
        """The number of each input on the way, and its gradient: arrays, or tensors where the way
        back is recorded.
        """
        if not self.create_graph:
            return self.run_rule(node, g, node.kept)
        if not is_first_order(node):
            return self.run_rule(node, g, lifted_values(node))
        found = self.run_rule(node, arrays_of(g), node.kept)
        return [(i, without_second_order(gradient, node, g)) for i, gradient in found]

    def run_rule(self, node: Node, g: Any, kept: Any) -> Iterable[tuple[int, Any]]:
        """Run the functions of the operation's rule, but for those whose inputs are on no way.

        Each, `pull.function`, takes g and what `pull.pick` takes out of `kept`; it gives the
        gradient of the one input in `pull.inputs`, or a list or tuple of one for each. Raises
        ValueError if it gives another number of them.
        """
        found: list[tuple[int, Any]] = []
        on_the_way = self.on_the_way
        for pull in node.plan.pulls:
            if on_the_way is not None and not any(node.edges[i] in on_the_way for i in pull.inputs):
                continue
            given = pull.function(g, *pull.pick(kept))
            if type(given) is tuple or type(given) is list:
                found += zip(pull.inputs, given, strict=True)
            else:
                (i,) = pull.inputs
                found.append((i, given))
        return found

    def deliver(self, target: Any, gradient: Any) -> None:
        """Add `gradient` to what waits at `target`, in the shape and dtype that things have there.

        What was broadcast on the way forward was used many times: its gradient is summed. The first
        gradient is kept as it is, not copied; so an array may wait at several places, and none of
        them may write to it.
        """
        if gradient.shape != target.shape:
            gradient = unbroadcast(gradient, target.shape)
        if gradient.dtype != target.dtype:
            gradient = cast(gradient, dtype=target.dtype)
        before = self.waiting.get(target)
        self.waiting[target] = gradient if before is None else before + gradient

    def keep_among_results(self, output: Output, g: Any) -> None:
        """Let `g` wait at the call, in the place of this one of its results."""
        node = output.edges[0]
        gradients = self.waiting.setdefault(node, [None] * node.results)
        before = gradients[output.index]
        gradients[output.index] = g if before is None else before + g

    def with_zeros(self, node: Node, gradients: Sequence[Any]) -> tuple[Any, ...]:
        """The gradients of all results of a call; of those that nothing used, zeros."""
        filled = []
        for g, shape, dtype in zip(gradients, node.shape, node.dtype, strict=True):
            if g is None:
                g = np.zeros(shape, dtype)
                g = Tensor(g) if self.create_graph else g
            filled.append(g)
        return tuple(filled)


def leaves_of(roots: Sequence[Target], nodes: Sequence[Any]) -> list[Tensor]:
    """The leaves among `roots` and the edges of `nodes`; without those that have been told since
    that they need no gradient.
    """
    leaves = [root for root in roots if isinstance(root, Tensor)]
    leaves += [edge for node in nodes for edge in node.edges if isinstance(edge, Tensor)]
    return [leaf for leaf in leaves if leaf._requires_grad]


def owned(gradient: Any) -> Any:
    """`gradient` as memory that belongs to nobody else.

    A rule may have passed on what it got, or a view of it: for a + b one array is both gradients,
    and clipping one in place would clip the other.
    """
    return gradient.clone() if isinstance(gradient, Tensor) else np.array(gradient)


def free(node: Any) -> None:
    """Let go of what a call has kept for the way back, if there are arrays among it."""
    if any(map(holds_arrays, node.kept)):
        node.kept = None


def holds_arrays(value: Any) -> bool:
    """Whether a kept value is worth letting go of: shapes and numbers are not."""
    if isinstance(value, np.ndarray):
        return True
    of_many = type(value) is tuple or type(value) is list
    return of_many and any(isinstance(part, np.ndarray) for part in value)
