# /// script
# requires-python = ">=3.11"
# dependencies = ["nox>=2025.5.1", "uv>=0.7", "packaging>=24"]
# ///
"""Every check of TinyTorch, one session each. `nox` runs the default ones, `nox -l` lists all.

Packages of ours are installed as wheels, built here into wheelhouse/ and never taken from an index;
no path of the repository is on `sys.path` when tests run. What exists is read from packages/ and
capstones/: a new module joins by its own files.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / "tools"
sys.path.insert(0, str(TOOLS))

import environments  # noqa: E402
import execute_lesson  # noqa: E402
import execute_page  # noqa: E402
from passed_tests import PassedTests  # noqa: E402
from workspace import Package, Workspace, third_party  # noqa: E402

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = [
    "lint",
    "types",
    "graph",
    "wheels",
    "alone",
    "together",
    "starters",
    "swap",
]

WORKSPACE = Workspace.load(ROOT)
WHEELHOUSE = ROOT / "wheelhouse"
BUILD = ROOT / "build"
DOCS = ROOT / "docs"
ENVIRONMENTS = ROOT / ".nox" / "environments"
PASSED = PassedTests()
atexit.register(PASSED.print)

TEST_LIBRARIES = ("pytest>=8.4", "hypothesis>=6.130")
XDIST = "pytest-xdist>=3.6"
NOT_PARITY = f"--ignore-glob={ROOT / '*' / 'test_parity_*.py'}"
SIDE_BY_SIDE = ("-n", "auto", "--dist", "worksteal")
PYTORCH = "torch==2.13.0"
LESSON_LIBRARIES = ("ipykernel>=6.29", "matplotlib>=3.9")
DOCS_LIBRARIES = (
    "sphinx>=9,<10",
    "myst-nb>=1.4",
    "furo",
    "sphinx-design>=0.7",
    "sphinx-copybutton",
    "latex2mathml",
    "jupytext>=1.16",
    "nbclient>=0.10",
    "packaging",
)
TESTED = WORKSPACE.importable
# The command's tests make environments of their own, so what lies around them is nothing to them:
# they run alone only.
SHARING = tuple(package for package in TESTED if package.kind != "command")
PARTS = WORKSPACE.of_kind("part")
each_tested_package = nox.parametrize("package", [nox.param(p, id=p.name) for p in TESTED])
MODULES = WORKSPACE.of_kind("module")
each_swap = nox.parametrize(
    "swapped", [*(nox.param([p], id=p.name) for p in MODULES), nox.param([], id="all")]
)


@nox.session
def lint(session: nox.Session) -> None:
    """Style of the code (ruff), and versions that agree with the changelogs."""
    session.install("ruff>=0.12", "packaging")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("python", "tools/check_versions.py")


@nox.session
def types(session: nox.Session) -> None:
    """Types of all packages and of the tools (mypy, strict)."""
    libraries = third_party(WORKSPACE.packages)
    session.install("mypy>=1.16", "nox", "packaging", "types-psutil", *TEST_LIBRARIES, *libraries)
    sources = [str(package.source) for package in TESTED]
    session.run("mypy", *sources, env={"MYPYPATH": os.pathsep.join(sources)})
    tools = os.pathsep.join(["tools", "tools/tests", *sources])
    session.run("mypy", "noxfile.py", "docs/conf.py", "tools", env={"MYPYPATH": tools})


@nox.session
def graph(session: nox.Session) -> None:
    """Metadata, imports and tasks against the course's graph (import-linter); the tools' tests."""
    libraries = third_party(WORKSPACE.packages)
    tools = ("import-linter>=2.3", "jupytext>=1.16", "packaging", "pytest>=8.4", XDIST)
    session.install(*tools, *libraries)
    session.run("python", "tools/check_graph.py")
    run_tests(session, [TOOLS / "tests"], [TOOLS, TOOLS / "tests"], SIDE_BY_SIDE)


@nox.session
def wheels(session: nox.Session) -> None:
    """Build all, look into the wheels, install each part from them into an empty environment."""
    environments.build(session, WORKSPACE, WORKSPACE.packages, WHEELHOUSE)
    session.install("packaging")
    session.run("python", "tools/check_wheels.py", str(WHEELHOUSE))
    for part in PARTS:
        environment = environments.Environment(session, ENVIRONMENTS / part.name)
        environments.install(environment, WORKSPACE, [part], WHEELHOUSE)
        environment.check()
        session.run(environment.python, "-c", LIST_OF_OURS, *names_with(part), external=True)
    for part in PARTS:
        command = f"pip install --find-links {WHEELHOUSE} {part.distribution}"
        session.log(f"to install from here: {command}")


LIST_OF_OURS = """
import importlib.metadata, sys
installed = {d.name for d in importlib.metadata.distributions() if d.name.startswith("tinytorch")}
expected = set(sys.argv[1:])
print("installed:", *sorted(installed))
if installed != expected:
    sys.exit(f"should not be there: {installed - expected}; missing: {expected - installed}")
"""


@nox.session
@each_tested_package
def alone(session: nox.Session, package: Package) -> None:
    """One package with only what it declares; then its contract on its alternative solution."""
    install(session, [package], *TEST_LIBRARIES, XDIST, *package.test_requirements)
    run_tests(session, [package.tests], options=(NOT_PARITY, *SIDE_BY_SIDE))
    if package.kind == "module":
        run_alternative(session, package)


def run_alternative(session: nox.Session, package: Package) -> None:
    """The contract must hold for a second right solution, laid over the installed reference."""
    with tempfile.TemporaryDirectory() as folder:
        tool = str(TOOLS / "overlay.py")
        session.run(sys.executable, tool, str(package.folder), folder, external=True)
        where = f"import {package.import_name} as module; print('judging', module.__file__)"
        session.run("python", "-P", "-c", where, env={"PYTHONPATH": folder})
        run_tests(session, [package.tests / "contract"], [Path(folder)], SIDE_BY_SIDE)


@nox.session
def together(session: nox.Session) -> None:
    """All packages in one environment: the tests of all."""
    install(session, SHARING, *TEST_LIBRARIES, XDIST, *test_requirements(SHARING))
    run_tests(session, [p.tests for p in SHARING], options=(NOT_PARITY, *SIDE_BY_SIDE))


@nox.session
def starters(session: nox.Session) -> None:
    """Each module as a student has it: an untouched starter scores 0, a right one 100; the same
    where no expectation is near the code that is judged.
    """
    modules = WORKSPACE.of_kind("module")
    command = WORKSPACE.named("course")
    assert command is not None
    install(session, [*modules, command])
    apart = (str(TOOLS / "try_apart.py"), *session.posargs)
    session.run("python", *apart, env={"PYTHONPATH": None})
    tool = str(TOOLS / "try_starters.py")
    tinytorch = shutil.which("tinytorch", path=session.bin)
    assert tinytorch is not None
    session.run(
        *(sys.executable, tool, tinytorch, *session.posargs),
        external=True,
        env={"PYTHONPATH": None},
    )


@nox.session(venv_backend="none")
@each_swap
def swap(session: nox.Session, swapped: list[Package]) -> None:
    """Other right solutions in a module's place, or in all: all that builds on it runs on them."""
    python = whole_course(session)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        names = [package.name for package in swapped]
        command = (sys.executable, str(TOOLS / "try_swaps.py"), "--report", str(report), python)
        try:
            session.run(*command, *names, env={"PYTHONPATH": None})
        finally:
            PASSED.add(report)


WHOLE_COURSE: list[environments.Environment] = []


def whole_course(session: nox.Session) -> str:
    """The Python of an environment that all swaps of a run of nox share: each leaves it as it was.

    It is made anew in each run, since installers take two wheels of one version for the same.
    """
    if not WHOLE_COURSE:
        environment = environments.Environment(session, ENVIRONMENTS / "whole-course")
        environments.build(session, WORKSPACE, WORKSPACE.packages, WHEELHOUSE)
        others = (*TEST_LIBRARIES, XDIST, "pip", *test_requirements(SHARING))
        environments.install(environment, WORKSPACE, TESTED, WHEELHOUSE, *others)
        WHOLE_COURSE.append(environment)
    return WHOLE_COURSE[0].python


@nox.session(default=False)
def notebooks(session: nox.Session) -> None:
    """A lesson's notebook as a student has it, in a real kernel: the reference, theirs, a swap."""
    session.install("nbclient>=0.10", "nbformat", "jupytext>=1.16", "packaging")
    install(session, [*MODULES, *WORKSPACE.of_kind("command")], *LESSON_LIBRARIES)
    tool = str(TOOLS / "try_notebooks.py")
    python = shutil.which("python", path=session.bin)
    assert python is not None
    session.run("python", tool, python, *session.posargs, env={"PYTHONPATH": None})


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Faults in the tasks' functions, for the contract tests to catch (`-- tensor` for one)."""
    modules = WORKSPACE.of_kind("module")
    command = WORKSPACE.named("course")
    assert command is not None
    install(session, [*modules, command], *TEST_LIBRARIES, *test_requirements(modules))
    tool = str(TOOLS / "mutants.py")
    session.run("python", tool, *session.posargs, env={"PYTHONPATH": None})


@nox.session(default=False)
def draws(session: nox.Session) -> None:
    """The contracts, each check a hundred times with other random numbers: none fails by chance."""
    modules = WORKSPACE.of_kind("module")
    install(session, modules, *TEST_LIBRARIES, XDIST, "pytest-repeat", *test_requirements(modules))
    contracts = [package.tests / "contract" for package in modules]
    run_tests(session, contracts, [TOOLS], ("-p", "salted_draws", "--count", "100", *SIDE_BY_SIDE))


@nox.session(default=False)
def journey(session: nox.Session) -> None:
    """What a newcomer does: install what there is, look around, run the capstones."""
    environments.build(session, WORKSPACE, WORKSPACE.packages, WHEELHOUSE)
    environments.install(session, WORKSPACE, PARTS, WHEELHOUSE)
    output = BUILD / "journey"
    output.mkdir(parents=True, exist_ok=True)
    with session.chdir(output):
        for name in ("cifar10-output", "tinygpt-output"):
            shutil.rmtree(name, ignore_errors=True)
        runs = (["run", "xornet"], ["run", "cifar10", "--dataset", "shapes"], ["run", "tinygpt"])
        for words in (["doctor"], ["status"], *runs):
            session.run("tinytorch", *words, env={"PYTHONPATH": None})
    for picture in sorted(output.rglob("*.png")):
        session.log(f"picture: {picture}")


@nox.session(default=False, venv_backend="virtualenv")
def parity(session: nox.Session) -> None:
    """The same work here and in PyTorch, with equal results. PyTorch is installed by pip."""
    tests = [path for p in TESTED for path in sorted(p.tests.rglob("test_parity_*.py"))]
    if not tests:
        session.error("no test_parity_*.py in any package")
    session.install(PYTORCH)
    others = {line for package in TESTED for line in package.parity_requirements}
    install(session, TESTED, *TEST_LIBRARIES, *test_requirements(TESTED), *sorted(others))
    session.run("python", "-P", "-c", "import torch; print('PyTorch', torch.__version__)")
    run_tests(session, tests)


@nox.session(default=False, venv_backend="virtualenv")
def bench(session: nox.Session) -> None:
    """TinyTorch beside PyTorch and plain NumPy: ratios from one interleaved run (`-- cnn xor`)."""
    session.install(PYTORCH)
    install(session, TESTED, "tokenizers>=0.20")
    output = ("--output", str(BUILD / "bench"))
    session.run("python", "-m", "bench", *output, *session.posargs, env={"PYTHONPATH": str(TOOLS)})


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """The site: each lesson run with only what its reader has, then Sphinx, warnings as errors."""
    session.install(*DOCS_LIBRARIES)
    install(session, TESTED)
    for package in WORKSPACE.of_kind("module"):
        if package.lesson.is_file() and execute_lesson.is_outdated(WORKSPACE, package, DOCS):
            run_lesson(session, package)
    for page in execute_page.sources(DOCS):
        if execute_page.is_outdated(WORKSPACE, page):
            run_page(session, page)
    session.run("python", "tools/docs_pages.py")
    site = DOCS / "_build" / "html"
    session.run("sphinx-build", "-W", "--keep-going", "-E", "-q", "-b", "html", "docs", str(site))
    session.log(f"the site: {site / 'index.html'}")


def run_lesson(session: nox.Session, package: Package) -> None:
    folder = ENVIRONMENTS / f"lesson-{package.name}"
    environment = environments.Environment(session, folder)
    used = execute_lesson.reads(WORKSPACE, package)
    environments.install(environment, WORKSPACE, used, WHEELHOUSE, *LESSON_LIBRARIES)
    tool = str(TOOLS / "execute_lesson.py")
    session.run("python", tool, package.name, environment.python, env={"PYTHONPATH": None})


def run_page(session: nox.Session, page: Path) -> None:
    """In an environment of which its reader has the kernel and libraries, and nothing of ours."""
    environment = environments.Environment(session, ENVIRONMENTS / f"page-{page.stem}")
    libraries = third_party(WORKSPACE.packages)
    environment.install("pip", "ipykernel>=6.29", *libraries)
    environments.build(session, WORKSPACE, WORKSPACE.packages, WHEELHOUSE)
    tool = str(TOOLS / "execute_page.py")
    where = (str(page), environment.python, str(WHEELHOUSE))
    session.run("python", tool, *where, env={"PYTHONPATH": None})


def install(session: nox.Session, packages: Iterable[Package], *others: str) -> None:
    """Packages of ours from newly built wheels, what they declare, and other libraries."""
    wanted = list(packages)
    environments.build(session, WORKSPACE, WORKSPACE.closure(wanted), WHEELHOUSE)
    environments.install(session, WORKSPACE, wanted, WHEELHOUSE, *others)


def run_tests(
    session: nox.Session,
    tests: Iterable[Path],
    path: Iterable[Path] = (),
    options: Iterable[str] = (),
) -> None:
    """Run pytest from a temporary folder, `sys.path` being the environment's and `path`."""
    with tempfile.TemporaryDirectory() as folder, session.chdir(folder):
        report = Path(folder, "report.xml")
        try:
            session.run(
                *("python", "-P", "-m", "pytest", "-c", str(ROOT / "pyproject.toml")),
                *("-p", "no:cacheprovider", f"--junitxml={report}", *options),
                *(*map(str, tests), *session.posargs),
                env={"PYTHONPATH": os.pathsep.join(map(str, path)) or None},
            )
        finally:
            PASSED.add(report)


def test_requirements(packages: Iterable[Package]) -> list[str]:
    return sorted({line for package in packages for line in package.test_requirements})


def names_with(part: Package) -> list[str]:
    return [package.distribution for package in WORKSPACE.closure([part])]
