"""A machine with small references, installed by pip from wheels, and students' projects beside it.

Nothing here can reach a network.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from tinytorch_course.swapping import build
from tinytorch_course.swapping.wheel import Wheel

sys.path.insert(0, str(Path(__file__).parent))  # pytest's importlib mode adds nothing to the path
collect_ignore = ["test_layouts.py"] if os.name == "nt" else []  # those are POSIX's layouts

BUILD = """\
import os, sys
from hatchling.build import build_wheel
for project in sys.argv[2:]:
    os.chdir(project)
    build_wheel(sys.argv[1])
"""
REFERENCES = {
    "tensor": {
        "__init__.py": """\
            from tinytorch.tensor.memory import strides

            __all__ = ["Tensor", "strides", "zeros"]


            class Tensor:
                whose = "reference"


            def zeros():
                return Tensor()
            """,
        "memory.py": "def strides():\n    return ()\n",
        "py.typed": "",
    },
    "activations": {
        "__init__.py": """\
            from tinytorch.tensor import Tensor, zeros

            __all__ = ["WHOSE"]
            WHOSE = Tensor.whose
            zeros()
            """,
    },
    "setup": {"__init__.py": ""},
    "layers": {"__init__.py": "import tinytorch.activations\n"},
    "networks": {"__init__.py": "import tinytorch.layers\n"},
    "xornet": {
        "__init__.py": "import tinytorch.activations\n",
        "__main__.py": "import tinytorch.activations\n\nprint(tinytorch.activations.WHOSE)\n",
    },
}
DEPENDS = {
    "tensor": [],
    "activations": ["tinytorch-tensor>=0.1,<0.2"],
    "setup": [],
    "layers": ["tinytorch-activations>=0.1,<0.2"],
    "networks": ["tinytorch-layers>=0.1,<0.2"],
    "xornet": ["tinytorch-networks>=0.1,<0.2"],
}
MINE = """\
from tinytorch.tensor.memory import strides


class Tensor:
    whose = "mine"


def zeros():
    return Tensor()
"""


def write_project(
    folder: Path, name: str, version: str, files: dict[str, str], changes: dict[str, str]
) -> Path:
    """A package as the course has them. `changes` replace text in its pyproject.toml."""
    capstone = name == "xornet"
    import_name = f"tinytorch_{name}" if capstone else f"tinytorch.{name}"
    text = dedent(f"""\
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"

        [project]
        name = "tinytorch-{name}"
        version = "{version}"
        dependencies = {json.dumps(DEPENDS[name])}

        [project.entry-points."tinytorch.{"capstones" if capstone else "modules"}"]
        {name} = "{import_name}"

        [tool.hatch.build.targets.wheel]
        packages = ["src/{"tinytorch_xornet" if capstone else "tinytorch"}"]
        """)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    package = folder.joinpath("src", *import_name.split("."))
    package.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    for file, code in files.items():
        (package / file).write_text(dedent(code), encoding="utf-8", newline="\n")
    return folder


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheelhouse")
    projects = [
        write_project(folder / name, name, "0.1.0", files, {}) for name, files in REFERENCES.items()
    ]
    subprocess.run([sys.executable, "-c", BUILD, folder, *projects], check=True)
    return folder


@pytest.fixture(scope="session")
def installed_references(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site-packages of an environment in which pip has installed them, and nothing else."""
    root = tmp_path_factory.mktemp("pip")
    venv.EnvBuilder().create(root)
    python, site = places(root)
    names = [f"tinytorch-{name}" for name in REFERENCES]
    options = ["--no-index", "--no-deps", "--quiet", "--find-links", str(wheelhouse)]
    pip(python, "install", *options, *names)
    return site


def places(root: Path) -> tuple[str, Path]:
    scheme = {"base": str(root), "platbase": str(root)}
    scripts = Path(sysconfig.get_path("scripts", "venv", scheme))
    return str(scripts / Path(sys.executable).name), Path(
        sysconfig.get_path("purelib", "venv", scheme)
    )


def pip(python: str, *arguments: str) -> str:
    """pip of the tests' own environment, at work on another."""
    command = [REAL_PYTHON, "-m", "pip", "--python", python, *arguments]
    options = ["--disable-pip-version-check", "--no-input"]
    return succeed([*command, *options])


def uv(python: str, *arguments: str) -> str:
    return succeed([REAL_PYTHON, "-m", "uv", "--no-cache", "pip", *arguments, "--python", python])


def succeed(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


REAL_PYTHON = sys.executable
"""Before the machine's is put in its place."""
LOOK = """\
import importlib.metadata, tinytorch.tensor
print(tinytorch.tensor.Tensor.whose, importlib.metadata.version("tinytorch-tensor"))
"""


@dataclass
class Desk:
    """The machine, and what the tests do and look at on it."""

    machine: object
    home: Path

    @property
    def site(self) -> Path:
        return self.machine.site

    def project(self, where: str = "tensor", version: str = "0.1.0+student", **options) -> Path:
        files = {**REFERENCES["tensor"], "__init__.py": MINE, **options.pop("files", {})}
        folder = self.machine.root / "my work" / where
        return write_project(folder, "tensor", version, files, options.pop("changes", {}))

    def swap(self, *arguments: object):
        return self.machine.invoke("swap", "tensor", *map(str, arguments))

    def restore(self, *arguments: object):
        return self.machine.invoke("restore", *map(str, arguments or ("tensor",)))

    def pip(self, *arguments: str) -> str:
        return pip(self.machine.python, *arguments)

    def uv(self, *arguments: str) -> str:
        return uv(self.machine.python, *arguments)

    def python(self, code: str, *arguments: str) -> str:
        command = [self.machine.python, "-P", "-c", code, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return (done.stdout + done.stderr[-500:]).strip()

    def runs(self) -> str:
        """Whose tensor a new Python imports, and what its metadata says."""
        return self.python(LOOK)

    def state(self, name: str = "tensor") -> str:
        told = self.machine.json("status")
        return next(each.state for each in told.modules if each.name == name)

    def files(self) -> dict[str, str]:
        """Every file of the environment's packages but bytecode, with its hash."""
        return snapshot(self.site)

    def kept(self, kind: str) -> list[Path]:
        return sorted(self.home.rglob(f"{kind}/tensor/*/*.whl"))


def snapshot(site: Path) -> dict[str, str]:
    found = {}
    for file in site.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            name = file.relative_to(site).as_posix()
            found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


@pytest.fixture(scope="session")
def built() -> dict[tuple[tuple[str, str], ...], tuple[str, bytes]]:
    """Wheels that hatchling has built, by the files of their projects."""
    return {}


@pytest.fixture
def build_once(built, monkeypatch) -> None:
    """Most tests swap the same project, whose wheel is the same each time."""
    really = build.build

    def build_or_remember(project, folder: Path) -> Wheel:
        files = tuple(sorted(snapshot(project.folder).items()))
        if files not in built:
            wheel = really(project, folder).file
            built[files] = wheel.name, wheel.read_bytes()
        name, data = built[files]
        (folder / name).write_bytes(data)
        return Wheel(folder / name)

    monkeypatch.setattr(build, "build", build_or_remember)


@pytest.fixture
def place(machine, installed_references, build_once, tmp_path, monkeypatch) -> Desk:
    no_bytecode = shutil.ignore_patterns("__pycache__")
    shutil.copytree(installed_references, machine.site, ignore=no_bytecode, dirs_exist_ok=True)
    machine.install_numpy()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    monkeypatch.setenv("TINYTORCH_HOME", str(tmp_path / "kept"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "no kernels"))
    for name in ("JPY_PARENT_PID", "JPY_SESSION_NAME", "JUPYTER_SERVER_URL", "COLAB_RELEASE_TAG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    return Desk(machine, tmp_path / "kept")
