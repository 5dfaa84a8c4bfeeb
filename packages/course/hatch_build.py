"""Builds what the command brings of each module, out of the workspace around this package.

A source distribution has no workspace around it: there the material lies as it was built.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MaterialHook(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    @property
    def material(self) -> Path:
        return Path(self.root, "material")

    @property
    def tools(self) -> Path | None:
        """The tools of the workspace, if this is the package in it and not a copy."""
        tools = Path(self.root).resolve().parents[1] / "tools"
        return tools if (tools / "material.py").is_file() else None

    def dependencies(self) -> list[str]:
        if self.tools is None:
            return []
        material, workspace = self.import_tools(self.tools)
        libraries: list[str] = material.needed_to_write(workspace.Workspace.load())
        return libraries

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.tools is not None:
            material, workspace = self.import_tools(self.tools)
            material.write_material(workspace.Workspace.load(), self.material)
        if not self.material.is_dir():
            raise FileNotFoundError(
                f"{self.material} is missing: build in the repository, or from its sdist"
            )
        inside = "material" if self.target_name == "sdist" else "tinytorch_course/material"
        if version != "editable":  # an editable install reads it where it lies
            build_data["force_include"][str(self.material)] = inside

    def import_tools(self, tools: Path) -> tuple[Any, Any]:
        if str(tools) not in sys.path:
            sys.path.insert(0, str(tools))
        import material
        import workspace

        return material, workspace
