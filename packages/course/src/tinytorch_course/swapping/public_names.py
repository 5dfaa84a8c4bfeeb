"""The public names of a module, read from its source without running it."""

from __future__ import annotations

import ast


def public_names(source: str) -> tuple[str, ...]:
    """The strings in `__all__`; empty where there is none, or it is not written out."""
    for node in ast.parse(source).body:
        value = _assigned(node)
        if isinstance(value, ast.List | ast.Tuple):
            return tuple(
                each.value
                for each in value.elts
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )
    return ()


def _assigned(node: ast.stmt) -> ast.expr | None:
    """What `__all__ = …` or `__all__: list[str] = …` gives."""
    if isinstance(node, ast.Assign):
        targets: list[ast.expr] = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    else:
        return None
    named = any(isinstance(each, ast.Name) and each.id == "__all__" for each in targets)
    return node.value if named else None
