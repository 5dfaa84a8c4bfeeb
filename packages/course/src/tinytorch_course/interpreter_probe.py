"""Run by `interpreter.py` in a Python of its own: says in one line of JSON what that Python is, and
where it would import `tinytorch` and the names given as arguments from.

The finders are asked directly, as `import` asks them, editable installs' finders included. Nothing
is imported (`importlib.util.find_spec("tinytorch.tensor")` would run a `tinytorch/__init__.py`).
"""

from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType


def find(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    for finder in sys.meta_path:
        find_spec = getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = find_spec(name, path) if find_spec else None
        if spec is not None:
            return spec
    return None


def origin(spec: ModuleSpec | None) -> str | None:
    """The file; None for what is not there, and for a folder without an `__init__.py`."""
    return spec.origin if spec is not None else None


def stand_in(portions: list[str]) -> None:
    """The finders look up a module's parent in `sys.modules`, where no import has put it."""
    parent = ModuleType("tinytorch")
    parent.__path__ = portions
    sys.modules["tinytorch"] = parent


def origins(names: Sequence[str], portions: Sequence[str]) -> dict[str, str | None]:
    return {
        name: origin(find(name, portions if name.startswith("tinytorch.") else None))
        for name in names
    }


def answer(names: Sequence[str]) -> dict[str, object]:
    namespace = find("tinytorch", None)
    locations = namespace.submodule_search_locations if namespace is not None else None
    portions = list(locations or ())
    stand_in(portions)
    marker = Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
    return {
        "version": sys.version.split()[0],
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "path": sys.path,
        "externally_managed": marker.is_file(),
        "hidden_by": origin(namespace),
        "origins": origins(names, portions),
    }


if __name__ == "__main__":
    print(json.dumps(answer(sys.argv[1:])))
