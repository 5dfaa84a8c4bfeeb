"""Running a notebook's cells in the kernel of another Python than this one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

RESTART = "restart-kernel"
"""The tag of a cell before which a reader restarts the kernel: it runs in a new one."""
LIMIT = 600
"""Seconds that one cell may take."""


def run(
    notebook: Any, python: Path, folder: Path, settings: Mapping[str, str] | None = None
) -> None:
    """Run all cells in `folder` and put their outputs into them; a cell that raises stops it.

    settings: the kernel's environment variables; this process's without any.
    """
    for cells in between_restarts(notebook.cells):
        part = type(notebook)({**notebook, "cells": cells})
        run_in_one_kernel(part, python, folder, settings)


def between_restarts(cells: list[Any]) -> Iterator[list[Any]]:
    starts = [n for n, each in enumerate(cells) if RESTART in each.metadata.get("tags", [])]
    for start, end in zip([0, *starts], [*starts, len(cells)], strict=True):
        yield cells[start:end]


def run_in_one_kernel(
    notebook: Any, python: Path, folder: Path, settings: Mapping[str, str] | None
) -> None:
    from jupyter_client.manager import KernelManager
    from nbclient import NotebookClient

    manager: Any = KernelManager(kernel_name="python3")
    manager.kernel_spec.argv[:] = [str(python), *manager.kernel_spec.argv[1:], "--log-level=ERROR"]
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, km=manager, timeout=LIMIT, resources=resources)
    try:
        client.execute(**({} if settings is None else {"env": dict(settings)}))
    finally:
        manager.shutdown_kernel(now=True)
