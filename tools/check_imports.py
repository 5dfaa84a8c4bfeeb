"""Whether packages import only what they declare, or what that in turn declares.

Imports among the modules of the course are import-linter's work: a contract for each package
forbids the ones it does not declare. Imports of other libraries are read from the sources here.
"""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from packaging.utils import canonicalize_name

from workspace import Package, Workspace


def check_portions(workspace: Workspace) -> Iterator[str]:
    """No package imports one of ours that it does not declare (import-linter)."""
    config = linter_config(workspace)
    if not config:
        return
    output = run_import_linter(workspace, config)
    if output.returncode and "BROKEN" not in output.stdout:
        yield f"import-linter failed: {output.stdout}{output.stderr}"
        return
    for importer, imported, lines in broken_imports(output.stdout):
        yield (
            f"{importer} imports {imported} (line {lines}), which its package does not declare: "
            "add it to tools/course.toml and to dependencies, or do without"
        )


def linter_config(workspace: Workspace) -> str:
    """A forbidden contract for each package that leaves something undeclared."""
    names = [package.import_name for package in workspace.importable]
    contracts = []
    for package in workspace.importable:
        allowed = {reachable.import_name for reachable in workspace.closure([package])}
        forbidden = [name for name in names if name and name not in allowed]
        if forbidden:
            contracts.append(
                f"[importlinter:contract:{package.name}]\n"
                f"name = {package.distribution} imports what it declares\n"
                "type = forbidden\n"
                "allow_indirect_imports = true\n"
                f"source_modules = {package.import_name}\n"
                f"forbidden_modules = {indented(forbidden)}\n"
            )
    if not contracts:
        return ""
    roots = indented([name for name in names if name])
    return "\n".join([f"[importlinter]\nroot_packages = {roots}\n", *contracts])


def indented(names: list[str]) -> str:
    return "".join(f"\n    {name}" for name in names)


def run_import_linter(workspace: Workspace, config: str) -> subprocess.CompletedProcess[str]:
    sources = os.pathsep.join(str(package.source) for package in workspace.importable)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "importlinter.ini")
        path.write_text(config, encoding="utf-8")
        program = "from importlinter.cli import lint_imports_command as main; main()"
        return subprocess.run(
            [sys.executable, "-c", program, "--config", str(path), "--no-cache"],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": sources, "PYTHONUTF8": "1", "NO_COLOR": "1"},
        )


def broken_imports(report: str) -> list[tuple[str, str, str]]:
    """The forbidden imports that import-linter lists: who, whom, on which lines."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", report)
    found = re.findall(r"^\s*-\s+([\w.]+) -> ([\w.]+) \((l\.[\d, l.]+)\)", text, flags=re.M)
    return [(who, whom, lines.replace("l.", "")) for who, whom, lines in found]


def check_third_party(workspace: Workspace) -> Iterator[str]:
    """No package imports a library that neither it nor what it depends on declares."""
    providers = importlib.metadata.packages_distributions()
    portions = {package.import_name for package in workspace.importable}
    for package in workspace.importable:
        declared = declared_libraries(workspace, package)
        for path in sorted(package.source.rglob("*.py")):
            for line, name in imported_names(path):
                where = f"{path.relative_to(workspace.root)}:{line}"
                if name.startswith("tinytorch"):
                    if name not in portions:
                        yield f"{where}: imports {name}, which no package of the workspace provides"
                    continue
                known = providers.get(name, [name])
                if declared.isdisjoint(map(canonicalize_name, known)):
                    yield f"{where}: imports {name}: add {known[0]} to dependencies, or do without"


def declared_libraries(workspace: Workspace, package: Package) -> set[str]:
    return {
        canonicalize_name(requirement.name)
        for reachable in workspace.closure([package])
        for requirement in (*reachable.requirements, *reachable.optional_requirements)
    }


def imported_names(path: Path) -> Iterator[tuple[int, str]]:
    """Libraries and portions that a file imports, with the line; not the standard library."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = imported_from(node)
        else:
            continue
        for module in modules:
            if (name := portion_or_library(module)) not in sys.stdlib_module_names:
                yield node.lineno, name


def imported_from(node: ast.ImportFrom) -> list[str]:
    """`from tinytorch import tensor` imports a portion; other forms import the module they name."""
    if node.module == "tinytorch":
        return [f"tinytorch.{alias.name}" for alias in node.names]
    return [node.module or ""]


def portion_or_library(module: str) -> str:
    names = module.split(".")
    return ".".join(names[:2]) if names[0] == "tinytorch" else names[0]
