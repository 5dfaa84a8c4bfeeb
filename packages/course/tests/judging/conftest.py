"""A courtroom: small references, installed; the environment made of them; the sandboxes that work.

The environment is built once. Every submission is judged in it as `tinytorch grade` does.
"""

from __future__ import annotations

import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import made_up
import pytest
from importlib_metadata import distribution
from made_up_submissions import REFERENCE

from tinytorch_course import journey
from tinytorch_course.checking.judging import Limits
from tinytorch_course.course import parse
from tinytorch_course.grading import assignment, environment, submission
from tinytorch_course.grading.environment import Environment
from tinytorch_course.grading.grade import Grade
from tinytorch_course.grading.judging import Courtroom
from tinytorch_course.grading.sandbox import choosing
from tinytorch_course.grading.sandbox.enclosure import Sandbox
from tinytorch_course.grading.submission import Rules
from tinytorch_course.swapping import record

COURSE = parse(Path(__file__).parents[1].joinpath("course.json").read_text(encoding="utf-8"))
USABLE = [each for each in choosing.STRONGEST_FIRST if choosing.why_unusable(each) is None]


def pytest_report_header() -> str:
    return "sandboxes that work here: " + ", ".join(each.name for each in USABLE)


@dataclass(frozen=True)
class Court:
    site: Path
    """Where the references are installed."""
    environment: Environment


@pytest.fixture(scope="session")
def court(tmp_path_factory: pytest.TempPathFactory, libraries: Path) -> Iterator[Court]:
    root = tmp_path_factory.mktemp("court")
    venv.EnvBuilder(symlinks=True).create(root / "venv")
    scheme = {"base": str(root / "venv"), "platbase": str(root / "venv")}
    site = Path(sysconfig.get_path("purelib", "venv", scheme))
    (site / "libraries.pth").write_text(f"import site; site.addsitedir({str(libraries)!r})\n")
    python = Path(sysconfig.get_path("scripts", "venv", scheme), Path(sys.executable).name)
    bring_numpy(site)
    for name, files in REFERENCE.items():
        install(site, name, files)
    made_up.write_material(root / "material")
    made_up.write_milestone(root / "material")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(python))
        patch.setattr(journey, "the_course", lambda: COURSE)
        patch.setenv("TINYTORCH_MATERIAL", str(root / "material"))
        patch.delenv("PYTHONPATH", raising=False)
        here = journey.read()
        built = environment.build(root / "environment", here, ["tensor", "xornet"])
        yield Court(site, built)


def bring_numpy(site: Path) -> None:
    """The real one: what is judged apart sends arrays."""
    files = distribution("numpy").files or ()
    for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
        (site / top).symlink_to(str(distribution("numpy").locate_file(top)))


def install(site: Path, name: str, files: dict[str, str]) -> None:
    """As pip does, RECORD included."""
    member = COURSE.member(name)
    info = f"tinytorch_{name}-0.1.0.dist-info"
    needs = [f"Requires-Dist: tinytorch-{each}" for each in member.depends]
    needs += ["Requires-Dist: numpy"] if name == "tensor" else []
    metadata = ["Metadata-Version: 2.4", f"Name: tinytorch-{name}", "Version: 0.1.0", *needs]
    folder = member.import_name.replace(".", "/")
    texts = {f"{folder}/{file}": text for file, text in files.items()}
    texts[f"{info}/METADATA"] = "\n".join(metadata) + "\n"
    for path, text in texts.items():
        made_up.write(site / path, text)
    lines = [record.line(path, text.encode()) for path, text in texts.items()]
    lines.append(record.Line(f"{info}/RECORD", "", ""))
    made_up.write(site / info / "RECORD", record.spell(lines))


@pytest.fixture
def room(court: Court) -> Courtroom:
    return Courtroom(court.environment, USABLE[0], Limits(check=4.0, total=120.0), salt=1)


@pytest.fixture(params=USABLE, ids=[each.name for each in USABLE])
def every_sandbox(request: pytest.FixtureRequest) -> Sandbox:
    found: Sandbox = request.param
    return found


@pytest.fixture
def rules(room: Courtroom) -> Rules:
    return Rules(assignment.of_module(COURSE, "tensor"), room, room.limits)


@pytest.fixture
def graded(rules: Rules) -> Callable[..., Grade]:
    """Grades a folder or an archive as a submission of `tensor`."""

    def grade(source: Path, sandbox: Sandbox | None = None) -> Grade:
        chosen = rules
        if sandbox:
            chosen = replace(rules, room=replace(rules.room, sandbox=sandbox))
        return submission.grade(source, source.name, chosen)

    return grade
