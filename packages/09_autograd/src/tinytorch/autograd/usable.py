"""When there is no way back through a call, and what to do then."""

from __future__ import annotations

from typing import Any

from .second_order import OnlyFirstOrder


def check_usable(node: Any) -> None:
    """Raise an error that names the operation, if the gradient cannot be found there.

    NotImplementedError where there is no rule (or no second order), RuntimeError where what it
    needs is gone.
    """
    if isinstance(node, OnlyFirstOrder) or node.plan is None or node.kept is None:
        raise no_way_back(node)
    for counter, seen in node.versions:
        if counter[0] != seen:
            raise RuntimeError(
                f"backward: {node.name} needs a value that has been written to in place since then "
                f"(it was at write {seen} and is at write {counter[0]}); write to a clone() instead"
            )


def no_way_back(node: Any) -> Exception:
    """Why what is needed at a call is not there."""
    name = node.name
    if isinstance(node, OnlyFirstOrder):
        return NotImplementedError(
            f"backward: the gradient rule of {name} works on arrays, so that its gradient has no "
            "gradient of its own; compose it of other operations where you need the second order"
        )
    if node.operation.rule is None:
        return NotImplementedError(
            f"backward: {name} has no gradient rule; give it one with {name}.define_rule(...)"
        )
    if node.plan is None:
        return RuntimeError(
            f"backward: {name} got its gradient rule after this call, which has kept nothing for "
            "it; compute again"
        )
    return RuntimeError(
        f"backward: what {name} had kept was freed by an earlier way back; take that one with "
        "retain_graph=True, or compute again"
    )
