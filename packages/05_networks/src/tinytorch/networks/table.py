"""A network's summary as a table of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report import Summary

HEAD = ("layer", "kind", "output", "parameters", "FLOPs", "param bytes", "output bytes")


def table(report: Summary) -> str:
    """A line for each layer, and one for the sums; FLOPs that nobody counted are "?"."""
    rows = [
        (
            layer.name or "(network)",
            layer.kind,
            str(layer.output_shape),
            f"{layer.parameters:,}",
            "?" if layer.flops is None else f"{layer.flops:,}",
            f"{layer.parameter_bytes:,}",
            f"{layer.activation_bytes:,}",
        )
        for layer in report.layers
    ]
    total = (
        "total",
        "",
        "",
        f"{report.parameters:,}",
        ("at least " if report.uncounted else "") + f"{report.flops:,}",
        f"{report.parameter_bytes:,}",
        f"{report.activation_bytes:,}",
    )
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, total, strict=True)]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join(
        [_line(HEAD, widths), rule, *(_line(r, widths) for r in rows), rule, _line(total, widths)]
    )


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    """Texts to the left, numbers to the right."""
    texts = [cell.ljust(width) for cell, width in zip(cells[:3], widths[:3], strict=True)]
    numbers = [cell.rjust(width) for cell, width in zip(cells[3:], widths[3:], strict=True)]
    return "  ".join([*texts, *numbers]).rstrip()
