"""What the built wheels and source distributions hold.

A wheel may only hold its package's own folder and its metadata. One `tinytorch/__init__.py` in any
of them would hide every other module of the namespace, and pip would not notice.
"""

from __future__ import annotations

import argparse
import tarfile
import zipfile
from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path

from check_material import check_material
from workspace import ROOT, Package, Workspace


def check_wheel(package: Package, wheel: Path) -> Iterator[str]:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        metadata_name = f"{dist_info(package)}/METADATA"
        metadata = archive.read(metadata_name) if metadata_name in names else b""
    yield from check_paths(package, names)
    yield from check_metadata(package, metadata)


def check_paths(package: Package, names: list[str]) -> Iterator[str]:
    root = (package.import_name or "").replace(".", "/")
    metadata = f"{dist_info(package)}/"
    for name in names:
        own = bool(root) and name.startswith(f"{root}/")
        if not (own or name.startswith(metadata)):
            place = f"outside {root}/ and {metadata}" if root else "but a metapackage ships nothing"
            yield f"the wheel holds {name}, {place}"
    if root and f"{root}/__init__.py" not in names:
        yield f"the wheel holds no {root}/__init__.py"
    if root and f"{root}/py.typed" not in names:
        yield f"the wheel holds no {root}/py.typed: type checkers would ignore its annotations"


def check_metadata(package: Package, text: bytes) -> Iterator[str]:
    metadata = BytesParser().parsebytes(text)
    if metadata["Version"] != str(package.version):
        yield f"the wheel says version {metadata['Version']}, pyproject.toml {package.version}"
    if not (metadata.get_payload() or metadata["Description"]):
        yield 'the wheel has no description: set readme = "README.md"'


def check_source_distribution(package: Package, archive: Path) -> Iterator[str]:
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        if name not in names:
            yield f"the source distribution holds no {name}"


def check_folder(package: Package) -> Iterator[str]:
    for name in ("README.md", "CHANGELOG.md"):
        if not (package.folder / name).is_file():
            yield f"{name} is missing"


def dist_info(package: Package) -> str:
    return f"{file_name(package)}-{package.version}.dist-info"


def file_name(package: Package) -> str:
    return package.distribution.replace("-", "_")


def check_package(workspace: Workspace, package: Package, wheelhouse: Path) -> Iterator[str]:
    yield from check_folder(package)
    stem = f"{file_name(package)}-{package.version}"
    wheel, source = wheelhouse / f"{stem}-py3-none-any.whl", wheelhouse / f"{stem}.tar.gz"
    for path, check in ((wheel, check_wheel), (source, check_source_distribution)):
        if path.is_file():
            yield from check(package, path)
        else:
            yield f"{path.name} was not built"
    if package.has_build_hook and wheel.is_file():
        yield from check_material(workspace, wheel)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheelhouse", type=Path)
    parser.add_argument("--root", type=Path, default=ROOT)
    options = parser.parse_args()
    workspace = Workspace.load(options.root)
    packages = workspace.packages
    problems = [
        f"{package.folder.name}: {problem}"
        for package in packages
        for problem in check_package(workspace, package, options.wheelhouse)
    ]
    print(*problems, f"{len(packages)} packages built, {len(problems)} problems", sep="\n")
    return int(bool(problems))


if __name__ == "__main__":
    raise SystemExit(main())
