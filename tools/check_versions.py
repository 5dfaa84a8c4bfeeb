"""Whether every package that changed since its release has a new version and changelog entry.

A release is the tag `tinytorch-<name>-v<version>`. Before a package's first release, and in a clone
without tags, only this holds: its version and the newest entry of its CHANGELOG.md agree.
"""

from __future__ import annotations

import argparse
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from packaging.version import Version

from workspace import ROOT, Package, Workspace

SHIPPED = ("src", "pyproject.toml", "README.md")


def check_package(package: Package, releases: list[Version]) -> Iterator[str]:
    newest = newest_entry(package.folder / "CHANGELOG.md")
    if newest is None:
        yield 'CHANGELOG.md has no entry: its headings are "## 0.1.0" and so on, the newest first'
    elif newest != package.version:
        yield f"the version is {package.version}, the newest entry of CHANGELOG.md is {newest}"
    if not releases:
        return
    latest = max(releases)
    if package.version < latest:
        yield f"the version {package.version} is older than the release {latest}"
    elif package.version == latest and changed_since(package, latest):
        yield f"changed since its release {latest}: give it a new version and a changelog entry"


def newest_entry(changelog: Path) -> Version | None:
    """The version of the first `## ` heading: `## 0.1.0`, `## 0.1.0 (2026-01-31)`, `## [0.1.0]`."""
    if not changelog.is_file():
        return None
    heading = re.search(r"^## \[?v?(\d[\w.+]*)", changelog.read_text("utf-8"), flags=re.M)
    return Version(heading[1]) if heading else None


def tag(package: Package, version: Version) -> str:
    return f"{package.distribution}-v{version}"


def releases_of(package: Package, tags: list[str]) -> list[Version]:
    start = f"{package.distribution}-v"
    return [Version(name.removeprefix(start)) for name in tags if name.startswith(start)]


def changed_since(package: Package, version: Version) -> bool:
    difference = git(package.folder, "diff", "--quiet", tag(package, version), "--", *SHIPPED)
    return difference.returncode != 0


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def known_tags(root: Path) -> list[str]:
    """The tags of the repository; none outside of one, or where git is not installed."""
    try:
        return git(root, "tag", "--list", "tinytorch-*").stdout.split()
    except FileNotFoundError:
        return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT)
    workspace = Workspace.load(parser.parse_args().root)
    tags = known_tags(workspace.root)
    if not tags:
        print("No release tags here, or a shallow clone: comparing versions and changelogs only")
    problems = [
        f"{package.folder.relative_to(workspace.root)}: {problem}"
        for package in workspace.packages
        for problem in check_package(package, releases_of(package, tags))
    ]
    print(*problems, f"{len(workspace.packages)} packages, {len(problems)} problems", sep="\n")
    return int(bool(problems))


if __name__ == "__main__":
    raise SystemExit(main())
