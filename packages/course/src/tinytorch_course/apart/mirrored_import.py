"""`import tinytorch.…` in the judge: a mirror of what the respondent imports, never a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tinytorch_course.apart.dialogue import Dialogue
from tinytorch_course.apart.mirrors import MirroredModule

ROOT = "tinytorch"


class MirroredImport(MetaPathFinder, Loader):
    def __init__(self, dialogue: Dialogue) -> None:
        self.dialogue = dialogue

    def install(self) -> None:
        """In front of all others, which never hear of these names."""
        self.others = list(sys.meta_path)
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] != ROOT:
            return None
        if fullname != ROOT and self.dialogue.ask("exists", fullname) is not True:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return ModuleType(ROOT) if spec.name == ROOT else MirroredModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ != ROOT:
            self.dialogue.ask("import", module.__name__)


def real_modules() -> list[str]:
    """Modules of the course that were imported from files. There must be none."""
    found: list[Any] = [
        (name, module) for name, module in sys.modules.items() if name.startswith(f"{ROOT}.")
    ]
    return [name for name, module in found if not isinstance(module, MirroredModule)]
