"""Jupyter kernels that still hold the old code: a module that was imported stays as it was."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

AROUND_US = ("JPY_PARENT_PID", "JPY_SESSION_NAME", "JUPYTER_SERVER_URL", "COLAB_RELEASE_TAG")
"""Set for what a notebook's kernel or a terminal of JupyterLab starts."""


def advice() -> str | None:
    """What to do about them, in one line; None when no kernel is to be seen."""
    if any(name in os.environ for name in AROUND_US):
        return "Restart the kernel of your notebook: until then it runs the old code."
    number = sum(map(_answers, _connection_files()))
    if not number:
        return None
    are = "A Jupyter kernel is" if number == 1 else f"{number} Jupyter kernels are"
    return f"{are} running: what has imported the old code needs a restart."


def _connection_files() -> list[Path]:
    """Each kernel has one while it runs; a killed one leaves it behind."""
    folder = _runtime_folder()
    return sorted(folder.glob("kernel-*.json")) if folder.is_dir() else []


def _runtime_folder() -> Path:
    """Where Jupyter has them (docs.jupyter.org, Directories)."""
    if named := os.environ.get("JUPYTER_RUNTIME_DIR"):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Jupyter" / "runtime"
    if os.name == "nt":
        return Path(os.environ.get("APPDATA", Path.home())) / "jupyter" / "runtime"
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "jupyter" / "runtime"


def _answers(file: Path) -> bool:
    """Whether somebody listens at the kernel's heartbeat."""
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
        address = str(table["ip"]), int(table["hb_port"])
        with socket.create_connection(address, timeout=0.2):
            return True
    except (OSError, ValueError, KeyError, TypeError):
        return False
