"""A folder that looks like site-packages, filled as pip fills it; nothing is really installed."""

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

NOBODY_MAY_RUN_THIS = 'raise RuntimeError("the code of an installed module was run")\n'


class Site:
    """A folder to put on the search path. Methods return it or paths in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder.resolve()

    @property
    def path(self) -> list[str]:
        return [str(self.folder)]

    def code(self, module: str) -> Path:
        """The code of a module (or, for `tinytorch_x`, a capstone): it must not be run."""
        file = self.folder / ("" if module.startswith("tinytorch_") else "tinytorch") / module
        file.mkdir(parents=True)
        (file / "__init__.py").write_text(NOBODY_MAY_RUN_THIS)
        (file / "rest.py").write_text("answer = 42\n")
        return file / "__init__.py"

    def metadata(
        self,
        distribution: str,
        version: str = "0.1.0",
        *,
        requires: Sequence[str] = (),
        direct_url: dict[str, object] | None = None,
        entry_points: str = "",
    ) -> Path:
        """The dist-info folder that pip would write, recording the code that is there."""
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        lines = ["Metadata-Version: 2.4", f"Name: {distribution}", f"Version: {version}"]
        lines += [f"Requires-Dist: {line}" for line in requires]
        (info / "METADATA").write_text("\n".join(lines) + "\n")
        (info / "entry_points.txt").write_text(entry_points)
        if direct_url is not None:
            (info / "direct_url.json").write_text(json.dumps(direct_url))
        self.record(info, distribution)
        return info

    def record(self, info: Path, distribution: str) -> None:
        module = distribution.removeprefix("tinytorch-")
        code = [self.folder / "tinytorch" / module, self.folder / f"tinytorch_{module}"]
        files = [file for folder in code for file in sorted(folder.rglob("*.py"))]
        rows = [
            f"{file.relative_to(self.folder).as_posix()},sha256={checksum(file)}," for file in files
        ]
        (info / "RECORD").write_text("\n".join([*rows, f"{info.name}/RECORD,,"]) + "\n")

    def wheel(self, module: str, version: str = "0.1.0", requires: Sequence[str] = ()) -> Path:
        """A module as pip installs it from an index."""
        file = self.code(module)
        self.metadata(f"tinytorch-{module.removeprefix('tinytorch_')}", version, requires=requires)
        return file

    def editable(self, module: str, project: "Site", version: str = "0.1.0") -> Path:
        """A module installed with `pip install -e` from `project`; its code lies there."""
        file = project.code(module)
        self.metadata(
            f"tinytorch-{module}",
            version,
            direct_url={"url": project.folder.as_uri(), "dir_info": {"editable": True}},
        )
        (self.folder / f"_tinytorch_{module}.pth").write_text(str(project.folder))
        return file


def checksum(file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site-packages")


@pytest.fixture
def new_site() -> type[Site]:
    """To make such folders elsewhere."""
    return Site


@pytest.fixture
def elsewhere(tmp_path: Path) -> Site:
    """A second folder, such as a student's project or one that got onto the path by accident."""
    return Site(tmp_path / "my project" / "src")
