"""What the command's wheel brings of each module: complete, and with no solution in it."""

from __future__ import annotations

import ast
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from overlay import Function, definitions, is_docstring
from starter import messages
from workspace import Package, Workspace

INSIDE = "tinytorch_course/material"
SHORTEST_SOLUTION = 40
"""Characters. A body that is shorter, such as `return a + b`, may stand anywhere by chance; for it,
that its own function is empty is all that can be said."""


def check_material(workspace: Workspace, wheel: Path) -> Iterator[str]:
    with zipfile.ZipFile(wheel) as archive:
        texts = {
            name: archive.read(name).decode()
            for name in archive.namelist()
            if name.startswith(f"{INSIDE}/")
        }
    for package in workspace.of_kind("module"):
        own = {name: text for name, text in texts.items() if is_of(package, name)}
        yield from check_complete(package, own)
        yield from check_emptied(package, own)
        yield from check_no_solution(package, texts)


def is_of(package: Package, name: str) -> bool:
    return name.startswith(f"{INSIDE}/{package.name}/")


def check_complete(package: Package, texts: Mapping[str, str]) -> Iterator[str]:
    root = f"{INSIDE}/{package.name}"
    description = json.loads(texts.get(f"{root}/module.json", "{}"))
    if description.get("version") != str(package.version):
        yield f"the material of {package.name} is not of version {package.version}"
    for name in ("starter/pyproject.toml", "starter/README.md"):
        if f"{root}/{name}" not in texts:
            yield f"the material of {package.name} has no {name}"
    source = f"{root}/starter/src/tinytorch/"
    for name in texts:
        if name.startswith(source) and not name.startswith(f"{source}{package.name}/"):
            yield f"the starter of {package.name} holds {name.removeprefix(source)}"


def check_emptied(package: Package, texts: Mapping[str, str]) -> Iterator[str]:
    """Each function of a task, and each helper of it, does nothing but raise."""
    root = f"{INSIDE}/{package.name}/starter/src/tinytorch/{package.name}"
    for place in messages(package):
        found = definitions(ast.parse(texts.get(f"{root}/{place.path.as_posix()}", "")))
        if place.name not in found:
            yield f"the starter of {package.name} has no {place.name} in {place.path}"
        elif not is_emptied(found[place.name]):
            yield f"the starter of {package.name} holds the body of {place.name}"


def is_emptied(function: Function) -> bool:
    body = function.body[1:] if is_docstring(function.body[0]) else function.body
    return len(body) == 1 and isinstance(body[0], ast.Raise)


def check_no_solution(package: Package, texts: Mapping[str, str]) -> Iterator[str]:
    """No emptied body, of the reference or of the alternative, stands in any file."""
    everything = {name: squeezed(text) for name, text in texts.items()}
    for what, body in solutions(package):
        for name, text in everything.items():
            if body in text:
                yield f"{name} holds the solution of {what}"


def solutions(package: Package) -> Iterator[tuple[str, str]]:
    for place in messages(package):
        for folder in (package.source_root, package.alternative):
            file = folder / place.path
            text = file.read_text("utf-8") if file.is_file() else ""
            function = definitions(ast.parse(text)).get(place.name)
            if function and len(body := squeezed(body_of(function, text))) >= SHORTEST_SOLUTION:
                yield f"{package.name}.{place.path.stem}.{place.name}", body


def body_of(function: Function, text: str) -> str:
    statements = [each for each in function.body if not is_docstring(each)]
    if not statements:
        return ""
    return "\n".join(text.splitlines()[statements[0].lineno - 1 : function.end_lineno])


def squeezed(text: str) -> str:
    """Without any space, so that neither indentation nor line breaks hide a copy; the escapes of
    JSON are undone, since a notebook is one.
    """
    return re.sub(r"\s+|\\n|\\(?=\")", "", text)
