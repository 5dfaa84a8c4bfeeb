"""Formulas as MathML, which browsers draw themselves: the site needs no script for them."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert

NAMED_FUNCTION = re.compile(r"(<mi>(?:arg max|cos|exp|lim|log|max|min|sin|tanh)</mi>)")


def mathml(formula: str, display: str = "inline") -> str:
    """A formula as MathML, with the thin space behind `log` that TeX would put there."""
    return NAMED_FUNCTION.sub(r'\1<mspace width="0.17em"/>', convert(formula, display=display))


def visit_inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def visit_block(translator: Any, node: nodes.math_block) -> None:
    number = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
    formula = mathml(node.astext(), display="block")
    ids = "".join(f' id="{name}"' for name in node["ids"][:1])
    translator.body.append(f'<div class="math"{ids}>{number}{formula}</div>\n')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
