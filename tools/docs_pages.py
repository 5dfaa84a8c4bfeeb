"""Write the pages of the site that follow from the packages: lessons, reference, capstones.

Run in an environment where the packages are installed: the reference lists what `__all__` names.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from execute_lesson import notebook_path
from workspace import ROOT, Package, Workspace

PART_TITLES = {
    1: "Part I: from arrays to networks",
    2: "Part II: learning to see",
    3: "Part III: learning to write",
}


def write_pages(workspace: Workspace, docs: Path) -> None:
    for name in ("packages", "capstones"):
        shutil.rmtree(docs / name, ignore_errors=True)
    write(docs / "lessons" / "index.md", lessons_page(workspace, docs))
    write(docs / "packages" / "index.md", packages_page(workspace))
    write(docs / "capstones" / "index.md", capstones_page(workspace))
    for package in workspace.packages:
        folder = page_folder(package, docs)
        write(folder / "index.md", package_page(workspace, package, docs))
        write(folder / "changelog.md", linked(package, package.folder / "CHANGELOG.md", docs))
        if package.kind in ("module", "capstone"):
            write(folder / "api.md", api_page(package))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def page_folder(package: Package, docs: Path) -> Path:
    return docs / ("capstones" if package.kind == "capstone" else "packages") / package.name


def lessons_page(workspace: Workspace, docs: Path) -> str:
    """The chapters in order, part by part."""
    lines = [
        "# Lessons",
        "",
        "A chapter for each module. Every number and picture in them was computed when this site",
        "was built, with only what a reader who has come so far has written.",
    ]
    for part, title in PART_TITLES.items():
        chapters = [
            f"{package.settings['number']:02} {package.settings['title']} <{package.folder.name}>"
            for package in workspace.of_kind("module")
            if package.settings.get("part") == part and notebook_path(package, docs).is_file()
        ]
        if chapters:
            lines += ["", f"## {title}", "", *toctree(chapters, depth=1)]
    return "\n".join([*lines, ""])


def packages_page(workspace: Workspace) -> str:
    groups = {
        "Modules": workspace.of_kind("module"),
        "The command": workspace.of_kind("command"),
        "Parts": workspace.of_kind("part"),
    }
    lines = ["# Packages", "", "Every module is a package of its own, with its own version."]
    for title, packages in groups.items():
        pages = [f"{package.name}/index" for package in packages]
        lines += ["", f"## {title}", "", *toctree(pages, depth=1)]
    return "\n".join([*lines, ""])


def capstones_page(workspace: Workspace) -> str:
    pages = [f"{package.name}/index" for package in workspace.of_kind("capstone")]
    words = "Each part ends in a program that works, written on the packages of that part alone."
    return "\n".join(["# Capstones", "", words, "", *toctree(pages, depth=1), ""])


def toctree(pages: list[str], depth: int) -> list[str]:
    return ["```{toctree}", f":maxdepth: {depth}", "", *pages, "```"]


def package_page(workspace: Workspace, package: Package, docs: Path) -> str:
    """The README, what the package stands on, and its further pages."""
    pages = ["changelog"]
    if package.kind in ("module", "capstone"):
        pages.insert(0, "api")
    facts = [f"Version {package.version}"]
    if package.kind == "module" and notebook_path(package, docs).is_file():
        facts.append(f"[lesson](/lessons/{package.folder.name}.ipynb)")
    if package.our_requirements:
        names = (r.name.removeprefix("tinytorch-") for r in package.our_requirements)
        found = [needed for name in names if (needed := workspace.named(name))]
        facts.append("builds on " + ", ".join(page_link(needed) for needed in found))
    readme = linked(package, package.folder / "README.md", docs)
    title, _, body = readme.partition("\n")
    toc = ["```{toctree}", ":hidden:", "", *pages, "```"]
    return "\n".join([title, "", " · ".join(facts), "", body.strip("\n"), "", *toc, ""])


def page_link(package: Package) -> str:
    place = "capstones" if package.kind == "capstone" else "packages"
    return f"[{package.name}](/{place}/{package.name}/index.md)"


def linked(package: Package, source: Path, docs: Path) -> str:
    """A Markdown file of a package, with its relative links and pictures leading somewhere here."""

    def replace(match: re.Match[str]) -> str:
        picture, text, target = match.groups()
        if re.match(r"[a-z]+:|#|/", target):
            return match[0]
        path = (source.parent / target.partition("#")[0]).resolve()
        if picture and path.is_file():
            destination = page_folder(package, docs) / path.name
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, destination)
            return f"![{text}]({path.name})"
        if path == package.lesson and notebook_path(package, docs).is_file():
            return f"[{text}](/lessons/{package.folder.name}.ipynb)"
        if path == package.folder / "CHANGELOG.md":
            return f"[{text}](changelog.md)"
        return text

    return re.sub(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", replace, source.read_text("utf-8"))


def api_page(package: Package) -> str:
    """The public names of a package, those of its public submodules after them."""
    module = importlib.import_module(str(package.import_name))
    lines = [f"# API of `{module.__name__}`", ""]
    lines += module_section(module)
    for name in public_names(module):
        member = getattr(module, name)
        if inspect.ismodule(member):
            lines += [f"## `{member.__name__}`", "", *module_section(member)]
    return "\n".join([*lines, ""])


def module_section(module: ModuleType) -> list[str]:
    """A summary table and the documentation of a module's public names, as reStructuredText."""
    lines = ["```{eval-rst}", f".. automodule:: {module.__name__}", ""]
    lines += [f".. currentmodule:: {module.__name__}", ""]
    for title, names in grouped(module):
        lines += [f".. rubric:: {title}", "", ".. autosummary::", "   :nosignatures:", ""]
        lines += [*(f"   {name}" for name in names), ""]
    for _, names in grouped(module):
        for name in names:
            lines += [*entry(module, name), ""]
    return [*lines, "```", ""]


def grouped(module: ModuleType) -> Iterator[tuple[str, list[str]]]:
    kinds: dict[str, list[str]] = {"Classes": [], "Functions": [], "Values": []}
    for name in public_names(module):
        member = getattr(module, name)
        if not inspect.ismodule(member):
            kinds[kind_of(member)].append(name)
    yield from ((title, names) for title, names in kinds.items() if names)


def kind_of(member: object) -> str:
    if inspect.isclass(member):
        return "Classes"
    is_alias = hasattr(member, "__origin__")
    return "Functions" if callable(member) and not is_alias else "Values"


def public_names(module: ModuleType) -> list[str]:
    return list(getattr(module, "__all__", []))


def entry(module: ModuleType, name: str) -> list[str]:
    member = getattr(module, name)
    directive = {"Classes": "autoclass", "Functions": "autofunction"}.get(
        kind_of(member), "autodata"
    )
    options = {"autoclass": ["   :members:"], "autodata": ["   :no-value:"]}.get(directive, [])
    return [f".. {directive}:: {name}", *options]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT)
    root = parser.parse_args().root
    write_pages(Workspace.load(root), root / "docs")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
