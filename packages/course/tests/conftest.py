"""A machine to try things on: a real virtual environment that holds the command and what it needs.

What the tests' own environment holds of the course (nothing, or all of it) makes no difference.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from importlib_metadata import distribution
from packaging.requirements import Requirement

from tinytorch_course import journey
from tinytorch_course.cli import cli
from tinytorch_course.course import Capstone, Course, parse

sys.path.insert(0, str(Path(__file__).parent))  # pytest's importlib mode adds nothing to the path

import made_up

AMBIENT = (
    "COLUMNS",
    "FORCE_COLOR",
    "NO_COLOR",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONIOENCODING",
    "PYTHONPATH",
    "PYTHONUTF8",
    "VIRTUAL_ENV",
)
"""Settings of the tests' own surroundings that would change what the command does."""
COURSE = parse(Path(__file__).with_name("course.json").read_text(encoding="utf-8"))
"""The course as it was when only Part I was out: what the tests say stays true when more is."""
PART_1 = ("setup", "tensor", "activations", "layers", "networks", "xornet")


@dataclass
class Machine:
    root: Path
    python: str
    site: Path
    environment: dict[str, str] = field(default_factory=dict)

    def install(
        self,
        *names: str,
        version: str = "0.1.0",
        requires: Sequence[str] | None = None,
        code: str = "",
        main: str = "",
        files: bool = True,
        project: Path | None = None,
        editable: bool = False,
        distribution_name: str | None = None,
    ) -> None:
        """Installs modules and capstones as pip does, without building them."""
        for name in names:
            member = COURSE.member(name)
            if requires is None:
                needed = [f"tinytorch-{each}>=0.1,<0.2" for each in member.depends]
            if files:
                self.write_package(self.site, name, code, main)
            group = "capstones" if isinstance(member, Capstone) else "modules"
            self.write_metadata(
                distribution_name or f"tinytorch-{name}",
                version,
                needed if requires is None else requires,
                entry_points=f"[tinytorch.{group}]\n{name} = {member.import_name}\n",
                project=project,
                editable=editable,
            )

    def install_project(self, name: str, version: str = "0.1.0+student", code: str = "") -> Path:
        """A student's project, installed in editable mode."""
        project = self.root / "my work" / name
        self.write_package(project / "src", name, code)
        (self.site / f"_{name}.pth").write_text(f"{project / 'src'}\n", encoding="utf-8")
        self.install(name, version=version, files=False, project=project, editable=True)
        return project

    def install_numpy(self, version: str = "2.1.0", code: str = "") -> None:
        self.write(self.site / "numpy" / "__init__.py", code)
        self.write_metadata("numpy", version, [])

    def write_package(self, folder: Path, name: str, code: str = "", main: str = "") -> Path:
        package = folder.joinpath(*COURSE.member(name).import_name.split("."))
        self.write(package / "__init__.py", code)
        self.write(package / "__main__.py", main)
        return package

    def write_metadata(
        self,
        name: str,
        version: str,
        requires: Sequence[str],
        entry_points: str = "",
        project: Path | None = None,
        editable: bool = False,
    ) -> Path:
        info = self.site / f"{name.replace('-', '_')}-{version}.dist-info"
        lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {each}" for each in requires]
        self.write(info / "METADATA", "\n".join(lines) + "\n")
        self.write(info / "entry_points.txt", entry_points)
        if project is not None:
            origin = {"url": project.as_uri(), "dir_info": {"editable": editable}}
            self.write(info / "direct_url.json", json.dumps(origin))
        return info

    @staticmethod
    def write(file: Path, text: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def invoke(self, *arguments: str) -> Result:
        """The command in this process, looking at this machine."""
        return CliRunner().invoke(cli, arguments, prog_name="tinytorch")

    def json(self, *arguments: str) -> SimpleNamespace:
        result = self.invoke(*arguments, "--json")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        told = json.loads(result.stdout, object_hook=lambda each: SimpleNamespace(**each))
        told.exit_code = result.exit_code
        return told

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
        """The command in a process of its own."""
        command = [self.python, "-P", "-m", "tinytorch_course", *arguments]
        environment = {**os.environ, **self.environment}
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, **options
        )

    def run(self, *arguments: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
        process = self.start(*arguments, stdin=subprocess.PIPE)
        out, err = process.communicate(stdin, timeout=60)
        return process.returncode, out, err


def needed_distributions(name: str) -> set[str]:
    found = {name}
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found |= needed_distributions(requirement.name)
    return found


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed command and the libraries that it declares, and nothing else.

    NumPy is left out: only what grades imports it, and some tests are of machines without it.
    """
    folder = tmp_path_factory.mktemp("libraries")
    for name in needed_distributions("tinytorch-course") - {"numpy"}:
        files = distribution(name).files or ()
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            bring(Path(str(distribution(name).locate_file(top))), folder / top)
    compile_once(folder)
    return folder


def compile_once(folder: Path) -> None:
    """What a check imports; it writes no bytecode itself, and would compile all of it each time."""
    program = "import pytest, tinytorch_course.checking.child; pytest.main(['--version'])"
    settings = {"PYTHONPATH": str(folder), "PYTHONPYCACHEPREFIX": str(bytecode(folder))}
    command = [sys.executable, "-P", "-c", program]
    subprocess.run(command, env={**os.environ, **settings}, capture_output=True, check=True)


def bytecode(libraries: Path) -> Path:
    return libraries.with_name("bytecode")


def bring(source: Path, target: Path) -> None:
    if os.name == "posix":
        target.symlink_to(source)
    elif source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


@pytest.fixture
def machine(tmp_path: Path, libraries: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    root = tmp_path / "environment"
    venv.EnvBuilder(symlinks=os.name == "posix").create(root)
    scheme = {"base": str(root), "platbase": str(root)}
    site = Path(sysconfig.get_path("purelib", "venv", scheme))
    (site / "libraries.pth").write_text(f"import site; site.addsitedir({str(libraries)!r})\n")
    python = Path(sysconfig.get_path("scripts", "venv", scheme), Path(sys.executable).name)
    for name in AMBIENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode(libraries)))
    monkeypatch.setenv("TINYTORCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TINYTORCH_MATERIAL", str(tmp_path / "material"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(journey, "the_course", lambda: COURSE)
    return Machine(tmp_path, str(python), site)


@pytest.fixture
def writer(part_1: Machine) -> Machine:
    """Where Part I is installed, and two made-up modules stand for what there is to write."""
    made_up.write_material(part_1.root / "material")
    return part_1


@pytest.fixture
def project(writer: Machine) -> Path:
    """A project of the made-up tensor, just begun, in the current folder."""
    result = writer.invoke("start", "tensor")
    assert result.exit_code == 0, result.output
    return Path.cwd() / "tensor"


@pytest.fixture
def course() -> Course:
    """The course that the machine's command speaks of."""
    return COURSE


@pytest.fixture
def part_1(machine: Machine) -> Machine:
    """With the whole of Part I, from an index."""
    machine.install_numpy()
    machine.install(*PART_1)
    return machine
