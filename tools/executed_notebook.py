"""A page that was executed: a notebook that knows from which text and packages it came."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import wheelhouse
from workspace import Package, Workspace

STAMP = "tinytorch-source"


def fingerprint(workspace: Workspace, source: Path, packages: Iterable[Package]) -> str:
    """A hash of the text and of all of ours that it runs on."""
    digest = hashlib.sha256(source.read_bytes())
    for package in packages:
        digest.update(wheelhouse.fingerprint(workspace, package).encode())
    return digest.hexdigest()


def is_stamped(path: Path, stamp: str) -> bool:
    """Whether the notebook is there and came from what has this fingerprint."""
    if not path.is_file():
        return False
    metadata = json.loads(path.read_text("utf-8"))["metadata"]
    return bool(metadata.get(STAMP) == stamp)


def write(notebook: Any, stamp: str, path: Path) -> None:
    notebook.metadata = {
        STAMP: stamp,
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
